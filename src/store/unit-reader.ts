import { LogError } from '../core/errors.ts';
import { chunksPlace, readable, reportMissing, type RunSnapshot } from './run-snapshot.ts';
import type { UnitRecord } from './schema.ts';
import { keysUnder, type Reading } from './store-backend.ts';
import type { StoreContext } from './store-context.ts';
import { openUnit, type PackKey, type Unit } from './unit-directory.ts';

/** A unit with its directory. Its chunks are all of one generation. Where the directory is damaged there are no `tags` and `counts`. */
export interface StoredUnit
  extends
    Pick<Unit, 'unit' | 'throughSeq' | 'tagRange' | 'keysOf' | 'levelsOf' | 'stretches' | 'packKeys'>,
    Partial<Pick<Unit, 'tags' | 'counts'>> {
  /** The step from which on its points are superseded; Infinity: none is. */
  readonly cutoff: number;
}

/** The units of a run from chunk `fromSeq`, where one begins, on. Those of a crash, which the run's record does not know, are no part of it. */
export async function readUnits(tx: Reading, context: StoreContext, run: RunSnapshot, fromSeq = 0): Promise<readonly StoredUnit[]> {
  const { compactedTo } = run;
  const runId = run.record.id;
  if (compactedTo < fromSeq) return [];
  const records = await tx.getAll('units', { from: [runId, fromSeq], to: [runId, compactedTo] });
  let next = fromSeq;
  const whole = records.filter((record) => {
    if (record.unit < next || !isPartOf(run, record)) return false;
    if (record.unit > next) reportMissing(context, runId, next, record.unit - 1);
    next = record.throughSeq + 1;
    return true;
  });
  if (next <= compactedTo) reportMissing(context, runId, next, compactedTo);
  return Promise.all(whole.map((record) => toUnit(tx, context, run, record)));
}

/** The unit that holds a compacted chunk. Without one, and that is reported, the first one after it, if any. */
export async function readUnitAt(tx: Reading, context: StoreContext, run: RunSnapshot, seq: number): Promise<StoredUnit | undefined> {
  const { compactedTo } = run;
  const runId = run.record.id;
  const key = await tx.lastKey('units', { from: [runId], to: [runId, seq] });
  const before = key === undefined ? undefined : await tx.get('units', key);
  if (before !== undefined && before.throughSeq >= seq && isPartOf(run, before)) return toUnit(tx, context, run, before);
  const after = (await tx.getAll('units', { from: [runId, seq], to: [runId, compactedTo] })).find((record) => isPartOf(run, record));
  reportMissing(context, runId, seq, after === undefined ? compactedTo : after.unit - 1);
  return after && toUnit(tx, context, run, after);
}

/** What is in a pack; undefined, and reported, when it is missing or damaged. */
export async function readPackOf<Result>(
  context: StoreContext,
  key: PackKey,
  get: (key: PackKey) => Promise<ArrayBuffer | undefined>,
  read: (bytes: ArrayBuffer) => Result,
): Promise<Result | undefined> {
  const bytes = await get(key);
  const [runId, ...place] = key;
  return readable(context, `pack ${place.join('/')} of run '${runId}'`, () => {
    if (bytes === undefined) throw new LogError('bad-data', 'it cannot be found. What it holds is left out; all else is read.');
    return read(bytes);
  });
}

function isPartOf({ compactedTo }: RunSnapshot, { unit, throughSeq }: UnitRecord): boolean {
  return throughSeq >= unit && throughSeq <= compactedTo;
}

async function toUnit(tx: Reading, context: StoreContext, run: RunSnapshot, record: UnitRecord): Promise<StoredUnit> {
  const { runId, unit, throughSeq } = record;
  const cutoff = run.cutoffOf(unit);
  for (const seq of record.damaged) reportMissing(context, runId, seq, seq);
  const directory = readable(context, `the directory of ${chunksPlace(runId, unit, throughSeq)}`, () => openUnit(record));
  return { ...(directory ?? withoutDirectory(unit, throughSeq, await pointKeys(tx, runId, unit))), cutoff };
}

async function pointKeys(tx: Reading, runId: string, unit: number): Promise<readonly PackKey[]> {
  return (await tx.keys('packs', keysUnder(runId, unit, 0))) as readonly unknown[] as readonly PackKey[]; // the keys of packs, says the schema
}

// The keys of its packs tell which of them can have a tag, so that its points are found all the same, if not its buckets.
function withoutDirectory(unit: number, throughSeq: number, keys: readonly PackKey[]): Omit<StoredUnit, 'cutoff'> {
  const firstTagFor = (tag: number): number => keys.reduce((found, key) => (key[3] <= tag ? Math.max(found, key[3]) : found), -1);
  return {
    unit,
    throughSeq,
    levelsOf: () => 0,
    tagRange: () => undefined,
    keysOf(tag, level) {
      if (level > 0) return [];
      const firstTag = firstTagFor(tag);
      return keys.filter((key) => key[3] === firstTag);
    },
    stretches: () => [],
    packKeys: (level) => (level === 0 ? keys : []),
  };
}
