import { type LogError, toLogError } from '../core/errors.ts';
import type { ChunkBatch } from './follow.ts';
import type { ScalarChunk } from './metric-store.ts';
import { unpackChunk } from './pack.ts';
import type { JournalRecord } from './schema.ts';
import type { StoreBackend } from './store-backend.ts';

// A young run has many small chunks, a fast one few large ones; either way a batch is about this large.
const batchBytes = 1_000_000;
const fewest = 4;
const most = 512;

/** Reads the journal in batches of about a megabyte, and around records that are damaged. */
export class JournalReader {
  readonly #backend: StoreBackend;
  readonly #onDamage: (error: LogError, record: JournalRecord) => void;
  #batch = fewest;

  constructor(backend: StoreBackend, onDamage: (error: LogError, record: JournalRecord) => void) {
    this.#backend = backend;
    this.#onDamage = onDamage;
  }

  /** The records of a run from one chunk to another, both included, a batch at a time and one read ahead. */
  async *batches(runId: string, fromSeq: number, throughSeq: number): AsyncGenerator<readonly JournalRecord[], void, undefined> {
    if (fromSeq > throughSeq) return;
    let ahead = this.#read(runId, fromSeq, throughSeq);
    for (;;) {
      const records = await ahead;
      const last = records.at(-1);
      if (last === undefined) return;
      const next = last.seq + 1;
      if (next <= throughSeq) {
        // The database reads on while the caller works on this batch. A failure is told to whoever asks for the next one.
        ahead = this.#read(runId, next, throughSeq);
        ahead.catch(() => {});
      }
      yield records;
      if (next > throughSeq) return;
    }
  }

  /** A few whole chunks from `fromSeq` on. */
  async chunkBatch(runId: string, fromSeq: number): Promise<ChunkBatch> {
    const records = await this.#read(runId, fromSeq, Infinity);
    const chunks: ScalarChunk[] = [];
    for (const record of records) {
      const chunk = this.readable(record, () => unpackChunk(record.runId, record.seq, record.bytes));
      if (chunk !== undefined) chunks.push(chunk);
    }
    return { chunks, nextSeq: (records.at(-1)?.seq ?? fromSeq - 1) + 1 };
  }

  /** What `read` makes of a record; undefined, and reported, when the record is damaged. */
  readable<Result>(record: JournalRecord, read: () => Result): Result | undefined {
    try {
      return read();
    } catch (thrown) {
      this.#onDamage(toLogError(thrown, 'bad-data', `reading chunk ${record.seq} of run '${record.runId}'`), record);
      return undefined;
    }
  }

  async #read(runId: string, fromSeq: number, throughSeq: number): Promise<readonly JournalRecord[]> {
    const records = await this.#backend.readJournal(runId, fromSeq, throughSeq, this.#batch);
    const bytes = records.reduce((sum, record) => sum + record.bytes.byteLength, 0);
    if (records.length > 0)
      this.#batch = Math.max(fewest, Math.min(most, Math.ceil((batchBytes / bytes) * records.length), this.#batch * 2));
    return records;
  }
}
