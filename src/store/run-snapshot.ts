import { LogError, toLogError } from '../core/errors.ts';
import { cutoffsOf } from './cutoffs.ts';
import { lastSeqOf } from './run-catalog.ts';
import { isSound, type RunRecord, unsoundError } from './run-record.ts';
import { bytesIn, type JournalRecord, type StoreName } from './schema.ts';
import type { Reading } from './store-backend.ts';
import type { StoreContext } from './store-context.ts';

/** What a transaction has to reach that reads the points of a run. */
export const pointStores: readonly StoreName[] = ['runs', 'tags', 'journal', 'units', 'packs', 'summaries'];

/** A run as one transaction sees it. */
export interface RunSnapshot {
  readonly record: RunRecord;
  /** The last chunk that is in packs; -1 when none is. What comes after it is in the journal. */
  readonly compactedTo: number;
  /** The last chunk of the run; -1 when it has none. */
  readonly lastSeq: number;
  /** For a chunk's number the step from which on its points are superseded. */
  cutoffOf(seq: number): number;
}

/** Undefined for a run that is not there or was deleted; throws `bad-data` when its record is damaged. The transaction must reach `runs` and `journal`. */
export async function readSnapshot(tx: Reading, runId: string): Promise<RunSnapshot | undefined> {
  const record = await tx.get('runs', runId);
  if (record === undefined || record.deletedAt !== undefined || record.isPurging === true) return undefined;
  if (!isSound(record)) throw unsoundError(runId);
  return { record, compactedTo: record.compactedTo ?? -1, lastSeq: await lastSeqOf(tx, record), cutoffOf: cutoffsOf(record) };
}

// A young run has many small chunks, a fast one few large ones; either way a batch is about this large.
const batchBytes = 1_000_000;
const firstBatch = 16;
const most = 512;

/** The journal of a run from a chunk that is not compacted to its last one, about a megabyte at a time and one read ahead. */
export async function* journalBatches(
  tx: Reading,
  context: Pick<StoreContext, 'onDamage'>,
  run: RunSnapshot,
  fromSeq: number,
): AsyncGenerator<readonly JournalRecord[], void, undefined> {
  const { lastSeq } = run;
  const runId = run.record.id;
  const read = (from: number, count: number): Promise<readonly JournalRecord[]> =>
    tx.getAll('journal', { from: [runId, from], to: [runId, lastSeq] }, count);
  let next = fromSeq;
  let ahead = next > lastSeq ? undefined : read(next, firstBatch);
  while (ahead !== undefined) {
    const records: readonly JournalRecord[] = await ahead;
    for (const { seq } of records) {
      if (seq > next) reportMissing(context, runId, next, seq - 1);
      next = seq + 1;
    }
    ahead = next > lastSeq || records.length === 0 ? undefined : read(next, batchFor(records.map(bytesIn)));
    // A failure is told to whoever asks for the next batch; nobody may.
    ahead?.catch(() => {});
    yield records;
  }
}

/** How many records of these sizes make a batch. */
export function batchFor(sizes: readonly number[], fewest = 4): number {
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return Math.max(fewest, Math.min(most, Math.ceil((batchBytes / Math.max(1, bytes)) * sizes.length)));
}

/** What `read` makes of something stored; undefined, and reported, when that is damaged. */
export function readable<Result>(context: Pick<StoreContext, 'onDamage'>, place: string, read: () => Result): Result | undefined {
  try {
    return read();
  } catch (thrown) {
    context.onDamage(toLogError(thrown, 'bad-data', `reading ${place}`), place);
    return undefined;
  }
}

/** Reports chunks that are not to be found. */
export function reportMissing(context: Pick<StoreContext, 'onDamage'>, runId: string, fromSeq: number, throughSeq: number): void {
  const place = chunksPlace(runId, fromSeq, throughSeq);
  context.onDamage(new LogError('bad-data', `${place} cannot be found. Their points are left out; all others are read.`), place);
}

/** How damage reports name chunks. */
export function chunksPlace(runId: string, fromSeq: number, throughSeq: number = fromSeq): string {
  return `${fromSeq === throughSeq ? `chunk ${fromSeq}` : `chunks ${fromSeq} to ${throughSeq}`} of run '${runId}'`;
}
