import { isSmallDevice } from '../core/device-memory.ts';
import { nextTask } from '../core/next-task.ts';
import { buildUnit } from './build-unit.ts';
import { journalBatches } from './journal-batches.ts';
import { type MaintenanceTurn, TurnLost } from './maintenance-turn.ts';
import { deleteKeys } from './purge.ts';
import { lastSeqOf } from './run-catalog.ts';
import { identityOf, isSound, type RunRecord } from './run-record.ts';
import { bytesIn, type JournalRecord, type PackRecord, type SummaryRecord, type UnitRecord } from './schema.ts';
import { type KeyRange, keysUnder, type Writing } from './store-backend.ts';
import type { StoreContext } from './store-context.ts';

/** When the journal of a run is compacted. */
export interface CompactorOptions {
  /** Bytes of journal that make a unit. Default 8 MiB. */
  readonly unitBytes?: number;
  /** Chunks that make a unit, however small they are: deleting them takes time by their number. Default 2,048. */
  readonly unitChunks?: number;
  /** Points that make a unit, however few bytes they take: making one holds them in memory. Default 1,048,576. */
  readonly unitPoints?: number;
  /** A run with fewer points than this is left alone while it is written. Default 50,000. */
  readonly smallRun?: number;
  /** Fewer points than this stay in the journal when a run has ended. Default 5,000. */
  readonly smallTail?: number;
}

/** The defaults of {@link CompactorOptions}; a quarter of the larger ones on a device with little memory. */
export const compactorDefaults: Required<CompactorOptions> = {
  unitBytes: /* @__PURE__ */ isSmallDevice() ? 2 ** 21 : 2 ** 23,
  unitChunks: 2048,
  unitPoints: /* @__PURE__ */ isSmallDevice() ? 2 ** 18 : 2 ** 20,
  smallRun: 50_000,
  smallTail: 5000,
};

/** How much there is to compact. */
export interface Amount {
  readonly points: number;
  readonly bytes: number;
  readonly chunks: number;
}

// At most this much is written in one transaction, so that no append waits for long on a slow disk.
const writeBytes = 2 ** 20;
/** Milliseconds of work at a time: the page draws in between. */
const sliceMs = 8;
const unitStores = ['packs', 'units', 'summaries'] as const;

/** The chunks of a unit to be, and what comes after them. */
interface Tail {
  readonly records: readonly JournalRecord[];
  /** Numbers of chunks that should be among them and are not there. */
  readonly missing: readonly number[];
  /** Of everything from the first of them on that was looked at, but for a newest chunk that has to stay. */
  readonly seen: Amount;
  /** The newest chunk that was looked at; where there is none, the last one that is compacted. */
  readonly lastSeq: number;
}

/**
 * Turns the journal of a run, unit by unit, into packs sorted by tag. Packs, directory and summary are written in transactions
 * that leave the journal alone and that no reader looks at; one small transaction then moves the run's `compactedTo` on and deletes
 * the chunks. Whatever is broken off before it leaves orphans, which go first the next time.
 */
export class Compactor {
  readonly #context: StoreContext;
  readonly #limits: Required<CompactorOptions>;
  /** The tags of the run that was compacted last. */
  #numbers: { readonly runId: string; readonly identity: string; readonly byName: Map<string, number> } | undefined;

  constructor(context: StoreContext, options: CompactorOptions = {}) {
    this.#context = context;
    this.#limits = { ...compactorDefaults, ...options };
  }

  /** True when so much has been appended that it is worth looking at the run. */
  isDue({ bytes, chunks, points }: Amount): boolean {
    const { unitBytes, unitChunks, unitPoints } = this.#limits;
    return bytes >= unitBytes || chunks >= unitChunks || points >= unitPoints;
  }

  /** Makes one unit if one is due. Resolves with true while there may be more to do. */
  async compact(runId: string, turn: MaintenanceTurn): Promise<boolean> {
    const record = await turn.read(['runs'], (tx) => tx.get('runs', runId));
    // On a full disk a run is deleted at once, perhaps while a unit of it was being made.
    if (record === undefined) await removeOrphans(runId, 0, turn);
    if (record === undefined || record.deletedAt !== undefined || !isSound(record)) return false;
    const unit = (record.compactedTo ?? -1) + 1;
    await removeOrphans(runId, unit, turn);
    const isWritten = record.status === 'running' && (await this.#context.locks.live([record])).has(runId);
    const tail = await this.#readTail(record, unit, isWritten, turn);
    const isEnough = isWritten ? await this.#isWorthIt(runId, tail, turn) : tail.seen.points >= this.#limits.smallTail;
    if (!isEnough || tail.records.length === 0) {
      if (!isWritten && record.isSettled !== true) await settle(record, tail.lastSeq, turn);
      return false;
    }
    try {
      await this.#makeUnit(record, unit, tail, turn);
    } catch (thrown) {
      // On a full disk what was made in vain is the first thing to go.
      if (!(thrown instanceof TurnLost)) await removeOrphans(runId, unit, turn).catch(() => {});
      throw thrown;
    }
    return true;
  }

  // While somebody writes or may yet continue writing, the newest chunk stays: with it the next append proves that nothing is missing.
  async #readTail(record: RunRecord, unit: number, isWritten: boolean, turn: MaintenanceTurn): Promise<Tail> {
    const border = record.resumes?.find((resume) => resume.fromSeq > unit)?.fromSeq ?? Infinity;
    const records: JournalRecord[] = [];
    const missing: number[] = [];
    const taken = { points: 0, bytes: 0, chunks: 0 };
    let held: JournalRecord | undefined;
    const seen = { points: 0, bytes: 0, chunks: 0 };
    let isFull = false;
    const take = (chunk: JournalRecord): void => {
      add(seen, chunk);
      isFull ||= chunk.seq >= border || this.isDue(taken);
      if (isFull) return;
      const expected = (records.at(-1)?.seq ?? unit - 1) + 1;
      // Chunks are appended without gaps, so a gap is damage; a thousand of them tell enough.
      for (let seq = expected; seq < Math.min(chunk.seq, expected + 1000); seq++) missing.push(seq);
      add(taken, chunk);
      records.push(chunk);
    };
    const isKnown = (): boolean =>
      isFull && (isWritten ? this.isDue(seen) && seen.points >= this.#limits.smallRun : seen.points >= this.#limits.smallTail);
    for await (const batch of journalBatches(turn, record.id, unit)) {
      for (const chunk of batch) {
        if (held !== undefined) take(held);
        held = chunk;
      }
      if (isKnown()) break;
    }
    if (held !== undefined && record.status !== 'running') take(held);
    return { records, missing, seen, lastSeq: held?.seq ?? unit - 1 };
  }

  async #isWorthIt(runId: string, tail: Tail, turn: MaintenanceTurn): Promise<boolean> {
    if (!this.isDue(tail.seen)) return false;
    if (tail.seen.points >= this.#limits.smallRun) return true;
    const units = await turn.read(['units'], (tx) => tx.getAll('units', keysUnder(runId)));
    return units.reduce((sum, unit) => sum + unit.points, tail.seen.points) >= this.#limits.smallRun;
  }

  async #makeUnit(record: RunRecord, unit: number, tail: Tail, turn: MaintenanceTurn): Promise<void> {
    const runId = record.id;
    const byName = await this.#tagNumbers(record, turn);
    const made = await build(
      buildUnit({ runId, unit, records: tail.records, numberOf: (name) => byName.get(name) }),
      (packs) => turn.write(['packs'], (tx) => putAll(tx, packs)),
      () => turn.check(),
    );
    const { damaged } = made.unit;
    const whole = tail.missing.length === 0 ? made.unit : { ...made.unit, damaged: [...damaged, ...tail.missing].sort((a, b) => a - b) };
    await turn.write(['units', 'summaries'], async (tx) => {
      await Promise.all([tx.put('units', whole), tx.put('summaries', made.summary)]);
    });
    const { throughSeq } = whole;
    const compacted = rangesWithout(runId, unit, throughSeq, damaged);
    await turn.write(['runs', 'journal'], async (tx) => {
      const now = await tx.get('runs', runId);
      // Deleted at once for lack of room; perhaps its id has been used again.
      if (now === undefined || identityOf(now) !== identityOf(record)) return;
      // It was continued since it was looked at: what is its newest chunk must stay. The next turn sees it with other eyes.
      if (now.status === 'running' && (await lastSeqOf(tx, now)) <= throughSeq) return;
      const { isSettled: _isSettled, ...rest } = now;
      await Promise.all([...compacted.map((range) => tx.delete('journal', range)), tx.put('runs', { ...rest, compactedTo: throughSeq })]);
    });
  }

  // Chunks of the first version name their tags.
  async #tagNumbers(record: RunRecord, turn: MaintenanceTurn): Promise<ReadonlyMap<string, number>> {
    const { id } = record;
    const identity = identityOf(record);
    const before = this.#numbers;
    const known = before?.runId === id && before.identity === identity ? before.byName : new Map<string, number>();
    this.#numbers = { runId: id, identity, byName: known };
    const tags = await turn.read(['tags'], (tx) => tx.tagsFrom(id, known.size));
    for (const { tag, order: number } of tags) known.set(tag, number);
    return known;
  }
}

// Drives the making of a unit in short slices; writes packs whenever there are enough of them.
async function build(
  making: Generator<PackRecord | undefined, { readonly unit: UnitRecord; readonly summary: SummaryRecord }>,
  write: (packs: readonly PackRecord[]) => Promise<void>,
  check: () => void,
): Promise<{ readonly unit: UnitRecord; readonly summary: SummaryRecord }> {
  let packs: PackRecord[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (packs.length > 0) await write(packs);
    packs = [];
    bytes = 0;
  };
  let since = performance.now();
  for (;;) {
    const { done, value } = making.next();
    if (done === true) {
      await flush();
      return value;
    }
    if (value !== undefined) {
      if (bytes + value.bytes.byteLength > writeBytes) await flush();
      packs.push(value);
      bytes += value.bytes.byteLength;
    }
    if (performance.now() - since < sliceMs) continue;
    await nextTask();
    check();
    since = performance.now();
  }
}

async function putAll(tx: Writing, packs: readonly PackRecord[]): Promise<void> {
  await Promise.all(packs.map((pack) => tx.put('packs', pack)));
}

// Nothing refers to what lies beyond `compactedTo`: somebody died, or lost the turn, before it was made valid.
async function removeOrphans(runId: string, unit: number, turn: MaintenanceTurn): Promise<void> {
  const atOnce = 50;
  const range: KeyRange = { from: [runId, unit], to: [runId, []] };
  const found = await turn.read(unitStores, (tx) => Promise.all(unitStores.map((store) => tx.keys(store, range, 1))));
  for (const [index, store] of unitStores.entries()) {
    let isEmpty = found[index]?.length === 0;
    while (!isEmpty) {
      isEmpty = await turn.write([store], async (tx) => {
        const keys = await tx.keys(store, range, atOnce);
        await deleteKeys(tx, store, keys);
        return keys.length < atOnce;
      });
      await nextTask();
    }
  }
}

// Said in the record, so that the next start need not look into its journal. Not of a journal that has grown since it was looked at:
// whoever has appended to an ended run has the mark removed and the run looked at again.
async function settle(record: RunRecord, lastSeq: number, turn: MaintenanceTurn): Promise<void> {
  await turn.write(['runs', 'journal'], async (tx) => {
    const now = await tx.get('runs', record.id);
    if (now === undefined || now.status !== record.status || now.resumes?.length !== record.resumes?.length) return;
    if ((await lastSeqOf(tx, now)) === lastSeq) await tx.put('runs', { ...now, isSettled: true });
  });
}

// The chunks of a unit but for those that could not be read, which stay.
function rangesWithout(runId: string, from: number, through: number, damaged: readonly number[]): readonly KeyRange[] {
  const ranges: KeyRange[] = [];
  let start = from;
  for (const seq of [...damaged, through + 1]) {
    if (seq > start) ranges.push({ from: [runId, start], to: [runId, seq - 1] });
    start = seq + 1;
  }
  return ranges;
}

function add(to: { -readonly [Name in keyof Amount]: Amount[Name] }, chunk: JournalRecord): void {
  to.points += chunk.points;
  to.bytes += bytesIn(chunk);
  to.chunks += 1;
}
