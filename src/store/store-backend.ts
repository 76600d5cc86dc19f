import type { NewRun } from './metric-store.ts';
import type { RunRecord } from './run-record.ts';
import type { JournalRecord, TagRecord } from './schema.ts';

/** Where a series begins and ends, taken in one look. */
export interface SeriesPlace {
  readonly startedAt: number;
  /** Undefined when the run has no such tag. */
  readonly firstSeq: number | undefined;
  /** -1 for a run without chunks. */
  readonly lastSeq: number;
}

/** What a store needs from the place where its records are. Each call is atomic; errors may be the platform's own. */
export interface StoreBackend {
  listRuns(filter: { readonly project?: string | undefined; readonly status?: 'running' }): Promise<readonly RunRecord[]>;
  getRun(runId: string): Promise<RunRecord | undefined>;
  /** Chooses the name. Rejects with `run-exists`. */
  addRun(run: NewRun, runId: string): Promise<RunRecord>;
  /** Undefined when there is no such run. */
  changeRun(runId: string, change: (record: RunRecord) => RunRecord): Promise<RunRecord | undefined>;
  /** The run, its tags and its journal. False when there was nothing. */
  removeRun(runId: string): Promise<boolean>;

  /** Rejects with `run-not-found` and, for a chunk that does not continue the run, `bad-data`. The same chunk again is no error. */
  append(record: JournalRecord, tags: readonly string[]): Promise<void>;
  /** At most `most` records between two sequence numbers, both included. */
  readJournal(runId: string, fromSeq: number, throughSeq: number, most: number): Promise<readonly JournalRecord[]>;
  /** -1 for a run without chunks, or without a record. */
  lastSeq(runId: string): Promise<number>;
  /** In the order of first appearance. */
  listTags(runId: string): Promise<readonly TagRecord[]>;
  locate(runId: string, tag: string): Promise<SeriesPlace>;

  /** Lets the platform's resources go; the next call takes them again. */
  suspend(): void;
  close(): void;
}
