import type { NewRun } from './metric-store.ts';
import { isSamePack } from './pack.ts';
import { defaultProject, newRunRecord, type RunRecord } from './run-record.ts';
import type { JournalRecord, TagRecord } from './schema.ts';
import type { SeriesPlace, StoreBackend } from './store-backend.ts';
import { closedError, existsError, notFoundError, wrongSeqError } from './store-error.ts';

interface StoredRun {
  record: RunRecord;
  readonly journal: JournalRecord[];
  readonly tags: Map<string, TagRecord>;
}

/** What all memory stores of one name share. */
export interface MemoryRecords {
  readonly runs: Map<string, StoredRun>;
  nextOrder: number;
}

/** Records in this thread's memory, packed as in the database. */
export class MemoryBackend implements StoreBackend {
  readonly #records: MemoryRecords;
  #isClosed = false;

  constructor(records: MemoryRecords) {
    this.#records = records;
  }

  async listRuns(filter: { readonly project?: string | undefined; readonly status?: 'running' }): Promise<readonly RunRecord[]> {
    const records = [...this.#open().values()].map((run) => run.record);
    return records.filter(
      (record) =>
        (filter.project === undefined || record.project === filter.project) &&
        (filter.status === undefined || record.status === filter.status),
    );
  }

  async getRun(runId: string): Promise<RunRecord | undefined> {
    return this.#open().get(runId)?.record;
  }

  async addRun(run: NewRun, runId: string): Promise<RunRecord> {
    const runs = this.#open();
    if (runs.has(runId)) throw existsError(runId);
    const others = [...runs.values()].map((other) => other.record).filter((other) => other.project === (run.project ?? defaultProject));
    const record = structuredClone(newRunRecord(run, runId, this.#records.nextOrder, others));
    this.#records.nextOrder += 1;
    runs.set(runId, { record, journal: [], tags: new Map() });
    return record;
  }

  async changeRun(runId: string, change: (record: RunRecord) => RunRecord): Promise<RunRecord | undefined> {
    const run = this.#open().get(runId);
    if (run === undefined) return undefined;
    run.record = structuredClone(change(run.record));
    return run.record;
  }

  async removeRun(runId: string): Promise<boolean> {
    return this.#open().delete(runId);
  }

  async append(record: JournalRecord, tags: readonly string[]): Promise<void> {
    const { runId, seq } = record;
    const call = `append(run '${runId}', chunk ${seq})`;
    const run = this.#open().get(runId);
    if (run === undefined) throw notFoundError(call, runId);
    const stored = run.journal[seq];
    if (stored !== undefined && isSamePack(stored.bytes, record.bytes)) return;
    if (seq !== run.journal.length) throw wrongSeqError(call, seq, run.journal.length - 1);
    run.journal.push(record);
    for (const tag of tags) if (!run.tags.has(tag)) run.tags.set(tag, { runId, tag, order: run.tags.size, firstSeq: seq });
  }

  async readJournal(runId: string, fromSeq: number, throughSeq: number, most: number): Promise<readonly JournalRecord[]> {
    return (
      this.#open()
        .get(runId)
        ?.journal.slice(fromSeq, Math.min(throughSeq + 1, fromSeq + most)) ?? []
    );
  }

  async lastSeq(runId: string): Promise<number> {
    return (this.#open().get(runId)?.journal.length ?? 0) - 1;
  }

  async listTags(runId: string): Promise<readonly TagRecord[]> {
    return [...(this.#open().get(runId)?.tags.values() ?? [])];
  }

  async locate(runId: string, tag: string): Promise<SeriesPlace> {
    const run = this.#open().get(runId);
    return { startedAt: run?.record.startedAt ?? 0, firstSeq: run?.tags.get(tag)?.firstSeq, lastSeq: (run?.journal.length ?? 0) - 1 };
  }

  suspend(): void {}

  close(): void {
    this.#isClosed = true;
  }

  #open(): Map<string, StoredRun> {
    if (this.#isClosed) throw closedError('memoryStore()');
    return this.#records.runs;
  }
}
