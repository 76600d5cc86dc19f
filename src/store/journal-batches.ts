import { bytesIn, type JournalRecord } from './schema.ts';
import type { Reading } from './store-backend.ts';

/** Somebody who reads; each call is one transaction. */
export interface JournalSource {
  read<Result>(stores: readonly ['journal'], work: (tx: Reading) => Promise<Result>): Promise<Result>;
}

// Small enough not to hold up an append that waits for the end of the transaction.
const batchBytes = 2 ** 20;
const mostRecords = 128;

/** The stored chunks of a run from `fromSeq` on, in order, about a megabyte in each transaction. */
export async function* journalBatches(
  source: JournalSource,
  runId: string,
  fromSeq: number,
): AsyncGenerator<readonly JournalRecord[], void, undefined> {
  // How many make a megabyte is known from those before.
  let most = 1;
  for (let next = fromSeq; ;) {
    const from = next;
    const count = most;
    const records = await source.read(['journal'], (tx) => tx.getAll('journal', { from: [runId, from], to: [runId, []] }, count));
    const last = records.at(-1);
    if (last === undefined) return;
    yield records;
    next = last.seq + 1;
    const bytes = records.reduce((sum, record) => sum + bytesIn(record), 0);
    // Chunks get larger when a run has been going for a while, so the number grows with care.
    most = Math.min(mostRecords, 4 * records.length, Math.max(1, Math.floor((batchBytes * records.length) / Math.max(bytes, 1))));
  }
}
