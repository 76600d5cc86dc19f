import type { Batch } from './follow.ts';
import { openChunk } from './pack.ts';
import { readPack, type TaggedPack } from './point-pack.ts';
import type { TaggedPoints } from './points.ts';
import { regroup } from './regroup.ts';
import { batchFor, chunksPlace, pointStores, readable, readSnapshot, reportMissing, type RunSnapshot } from './run-snapshot.ts';
import { identityOf } from './run-record.ts';
import { beforeCutoff, pointsWhere, toScalarChunk } from './scalar-chunk.ts';
import { bytesIn, type JournalRecord } from './schema.ts';
import type { ScalarChunk } from './series-types.ts';
import type { Reading } from './store-backend.ts';
import type { StoreContext } from './store-context.ts';
import { notFoundError } from './store-error.ts';
import type { RunTags, TagNames } from './tag-names.ts';
import type { PackKey } from './unit-directory.ts';
import { readPackOf, readUnitAt, type StoredUnit } from './unit-reader.ts';
import { type Offer, pointsBehind, type Unsaved } from './unsaved.ts';

/** Where a reader is: at a chunk that it has not read, or within a unit whose packs it has read in part. */
interface Place {
  /** What comes before has been read, also when it has become part of a unit since. */
  readonly seq: number;
  readonly inside?: { readonly unit: StoredUnit; readonly keys: readonly PackKey[] } | undefined;
}

/** What one transaction found at a place. */
interface Load {
  chunks(): readonly ScalarChunk[];
  /** Undefined at the end. */
  readonly after: Place | undefined;
}

// In memory, with its tag and chunk.
const bytesAPoint = 44;

/** Reads a run from front to back: in pieces as they are stored, or chunk by chunk as they were appended. */
export class ChunkReader {
  readonly #context: StoreContext;
  readonly #names: TagNames;
  readonly #unsaved: Unsaved;
  /** How many records of the journal, and how many packs, make about a megabyte. */
  #records = 4;
  #packs = 1;

  constructor(context: StoreContext, names: TagNames, unsaved: Unsaved) {
    this.#context = context;
    this.#names = names;
    this.#unsaved = unsaved;
  }

  /**
   * All points from chunk `fromSeq` up to what is committed now, then those that could not be saved; without those that are
   * superseded now unless `withSuperseded`. One pack or about a megabyte of the journal at a time: the run may be compacted meanwhile.
   */
  chunks(runId: string, fromSeq: number, withSuperseded = false): AsyncIterable<ScalarChunk> {
    const start = this.#start(runId, withSuperseded);
    // Told to whoever iterates; nobody may.
    start.catch(() => {});
    return { [Symbol.asyncIterator]: () => this.#iterate(runId, fromSeq, start) };
  }

  /** Some whole chunks from `fromSeq` on, as they were appended but for the order of tags; without superseded points. */
  async chunkBatch(runId: string, fromSeq: number): Promise<Batch<ScalarChunk>> {
    return this.#context.backend.read(pointStores, async (tx) => {
      const run = await readSnapshot(tx, runId);
      if (run === undefined) return { items: [], next: fromSeq };
      const identity = identityOf(run.record);
      const [unit, tags] = await Promise.all([this.#unitAt(tx, run, fromSeq), this.#names.read(tx, run.record)]);
      if (unit === undefined) {
        const records = await this.#readRecords(tx, run, fromSeq);
        const items = records.flatMap((record) => this.#fromRecord(record, run, tags));
        return { items, identity, next: (records.at(-1)?.seq ?? fromSeq - 1) + 1 };
      }
      const packs = await Promise.all(unit.packKeys(0).map((key) => this.#readPack(tx, key)));
      const items: ScalarChunk[] = [];
      for (const [seq, points] of regroup(packs.filter(isThere), Math.max(fromSeq, unit.unit), unit.throughSeq)) {
        items.push(...toPieces(runId, seq, beforeCutoff(points, unit.cutoff), tags));
      }
      return { items, identity, next: unit.throughSeq + 1 };
    });
  }

  async *#iterate(
    runId: string,
    fromSeq: number,
    start: Promise<readonly [RunSnapshot | undefined, readonly Offer[]]>,
  ): AsyncGenerator<ScalarChunk, void, undefined> {
    const [run, unsaved] = await start;
    if (run === undefined) return;
    let ahead = fromSeq > run.lastSeq ? undefined : this.#load(run, { seq: fromSeq });
    while (ahead !== undefined) {
      const { chunks, after }: Load = await ahead;
      // The database reads on while the caller works on this. A failure is told to whoever asks for what comes next; nobody may.
      ahead = after && this.#load(run, after);
      ahead?.catch(() => {});
      yield* chunks();
    }
    for (const points of pointsBehind(unsaved, run.lastSeq, run.record.resumes?.at(-1)?.fromSeq)) {
      if (points.seq >= fromSeq) yield { runId, ...points };
    }
  }

  async #start(runId: string, withSuperseded: boolean): Promise<readonly [RunSnapshot | undefined, readonly Offer[]]> {
    // In this order, what is saved meanwhile is among the stored, and left out of the unsaved.
    const unsaved = await this.#unsaved.collect(runId);
    const run = await this.#context.backend.read(['runs', 'journal'], (tx) => readSnapshot(tx, runId));
    return [run && withSuperseded ? { ...run, cutoffOf: () => Infinity } : run, unsaved];
  }

  #load(begun: RunSnapshot, place: Place): Promise<Load> {
    const { id } = begun.record;
    return this.#context.backend.read(pointStores, async (tx) => {
      const record = await tx.get('runs', id);
      // A deleted run can be restored until it is purged; until then a reader that has begun goes on.
      if (record === undefined || identityOf(record) !== identityOf(begun.record) || record.isPurging === true)
        throw notFoundError(`chunks('${id}')`, id);
      const now = { ...begun, record, compactedTo: record.compactedTo ?? -1 };
      const tags = await this.#names.read(tx, record);
      const unit = place.inside === undefined ? await this.#unitAt(tx, now, place.seq) : place.inside.unit;
      if (unit === undefined) return this.#loadRecords(tx, now, place.seq, tags);
      return this.#loadPacks(tx, begun, place, unit, tags);
    });
  }

  async #loadRecords(tx: Reading, run: RunSnapshot, seq: number, tags: RunTags): Promise<Load> {
    const records = await this.#readRecords(tx, run, seq);
    const next = (records.at(-1)?.seq ?? run.lastSeq) + 1;
    return {
      chunks: () => records.flatMap((record) => this.#fromRecord(record, run, tags)),
      after: next > run.lastSeq ? undefined : { seq: next },
    };
  }

  async #loadPacks(tx: Reading, run: RunSnapshot, { seq: fromSeq, inside }: Place, unit: StoredUnit, tags: RunTags): Promise<Load> {
    const keys = inside?.keys ?? unit.packKeys(0);
    const count = this.#packs;
    const packs = (await Promise.all(keys.slice(0, count).map((key) => this.#readPack(tx, key)))).filter(isThere);
    const rest = keys.slice(count);
    this.#packs = batchFor(
      packs.map(({ tag }) => tag.length * bytesAPoint),
      1,
    );
    const through = Math.min(unit.throughSeq, run.lastSeq);
    const isWhole = fromSeq <= unit.unit && through === unit.throughSeq;
    const isWanted = (seq: number): boolean => seq >= fromSeq && seq <= through;
    const next = through < run.lastSeq ? { seq: through + 1 } : undefined;
    return {
      chunks: () =>
        packs.flatMap((pack) => {
          const points = isWhole ? pack : pointsWhere(pack, (row) => isWanted(pack.seq[row] as number));
          return toPieces(run.record.id, through, beforeCutoff(points, unit.cutoff), tags);
        }),
      after: rest.length > 0 ? { seq: fromSeq, inside: { unit, keys: rest } } : next,
    };
  }

  // Undefined for chunks of the journal.
  async #unitAt(tx: Reading, run: RunSnapshot, seq: number): Promise<StoredUnit | undefined> {
    return seq > run.compactedTo ? undefined : readUnitAt(tx, this.#context, run, seq);
  }

  async #readRecords(tx: Reading, run: RunSnapshot, fromSeq: number): Promise<readonly JournalRecord[]> {
    const { id } = run.record;
    const from = Math.max(fromSeq, run.compactedTo + 1);
    if (from > run.lastSeq) return [];
    const records = await tx.getAll('journal', { from: [id, from], to: [id, run.lastSeq] }, this.#records);
    const [first] = records;
    if (first === undefined) return [];
    if (first.seq > from) reportMissing(this.#context, id, from, first.seq - 1);
    this.#records = Math.min(batchFor(records.map(bytesIn)), 4 * this.#records);
    return records;
  }

  #readPack(tx: Reading, key: PackKey): Promise<TaggedPack | undefined> {
    return readPackOf(this.#context, key, async () => (await tx.get('packs', key))?.bytes, readPack);
  }

  #fromRecord({ runId, seq, bytes }: JournalRecord, run: RunSnapshot, tags: RunTags): readonly ScalarChunk[] {
    const points = readable(this.#context, chunksPlace(runId, seq), () => {
      const chunk = openChunk(bytes);
      return { tag: chunk.tags(tags.numberOf), ...chunk.columns() };
    });
    return points === undefined ? [] : toPieces(runId, seq, beforeCutoff(points, run.cutoffOf(seq)), tags);
  }
}

// None, when nothing is left.
function toPieces(runId: string, seq: number, points: TaggedPoints, tags: RunTags): readonly ScalarChunk[] {
  const chunk = toScalarChunk(runId, seq, points, tags);
  return chunk.tag.length === 0 ? [] : [chunk];
}

function isThere(pack: TaggedPack | undefined): pack is TaggedPack {
  return pack !== undefined;
}
