import type { NewRecord } from '../core/records.ts';
import type { RunInfo } from '../core/run-info.ts';
import type { RecordQuery, StoredRecord } from './record-types.ts';
import type { NewRun, ResumedRun, ResumeOptions, RunChange, RunFilter, StoreSpace } from './run-types.ts';
import type { LastValue, ScalarChunk, Series, SeriesQuery, TagInfo, TagSummary, UnsavedPoints } from './series-types.ts';

export type * from './record-types.ts';
export type * from './run-types.ts';
export type * from './series-types.ts';

/** Where runs are kept. `openStore()` and `memoryStore()` make one; both keep the same promises. */
export interface MetricStore extends AsyncDisposable {
  /** What `openStore(name)` was called with. A worker opens the same store by this name. */
  readonly name: string;
  /** `memory` is gone with the page; `port` lives in another thread. */
  readonly kind: 'indexeddb' | 'memory' | 'port';
  /** Bytes that all runs together may take, in our own count; undefined where there is no limit. */
  readonly maxBytes?: number | undefined;

  /** All runs but archived ones, oldest first, or those that the filter names. */
  runs(filter?: RunFilter): Promise<readonly RunInfo[]>;
  /** One run, archived or not, or undefined. */
  run(runId: string): Promise<RunInfo | undefined>;
  /** Writes a new run's record. Rejects with `run-exists` when the id is taken. */
  createRun(run: NewRun): Promise<RunInfo>;
  /** Changes a run's record. Rejects with `run-not-found`. */
  updateRun(runId: string, change: RunChange): Promise<RunInfo>;
  /**
   * Takes a run out of sight, with all it holds. For ten seconds, or until {@link MetricStore.maintain} is called, it can be
   * restored; then it is removed in small pieces. A writer may go on until then. Where the disk is so full that not even this can
   * be noted, it is gone at once. Does nothing when it is not there.
   */
  deleteRun(runId: string): Promise<void>;
  /** Undoes {@link MetricStore.deleteRun}. Rejects with `run-not-found` when it is too late. */
  restoreRun(runId: string): Promise<RunInfo>;
  /**
   * Opens a run again for the writer that holds its lock: it is `running` from now on and a new generation begins, with an empty
   * chunk in the place to which a writer before would append next, so that it is refused with `run-locked`. Rejects with
   * `run-not-found`, `bad-options`.
   */
  resumeRun(runId: string, options: ResumeOptions): Promise<ResumedRun>;
  /** Brings back what a continuation superseded: default, the latest. Rejects with `run-not-found`, `bad-options`. */
  bringBack(runId: string, generation?: number): Promise<RunInfo>;

  /** Resolves when the chunk's transaction has committed. Rejects with `store-full`, `store-failed`, `run-not-found`, `run-locked`. */
  append(chunk: ScalarChunk): Promise<void>;
  /**
   * All points from chunk `fromSeq` (default 0) up to what was committed when the call was made, without superseded ones, one
   * pack at a time; with them if `withSuperseded`. Where a writer has to be asked for what it could not store, up to what was committed when it had answered.
   */
  chunks(runId: string, fromSeq?: number, withSuperseded?: boolean): AsyncIterable<ScalarChunk>;
  /** The tags of a run in the order in which they first appeared. */
  tags(runId: string): Promise<readonly TagInfo[]>;
  /** Count, last value and extremes of each tag, in the same order. */
  summary(runId: string): Promise<readonly TagSummary[]>;
  /** The newest point of each tag, in the same order. */
  lastValues(runId: string): Promise<readonly LastValue[]>;
  series(runId: string, tag: string, query?: SeriesQuery): Promise<Series>;

  /**
   * Offers to exporters what the store has refused for lack of room: `chunks()` gives it after what is stored, also in other
   * tabs and threads. Gives back its undo.
   */
  offerUnsaved(runId: string, read: () => readonly UnsavedPoints[] | Promise<readonly UnsavedPoints[]>): () => void;

  /** Stores things beside numbers. Resolves when they are committed. Rejects with `store-full`, `store-failed`, `run-not-found`. */
  addRecords(runId: string, records: readonly NewRecord[]): Promise<void>;
  /** Records in the order in which they were stored, without superseded ones unless the query asks for them. */
  records(runId: string, query?: RecordQuery): Promise<readonly StoredRecord[]>;
  /** The content of a record; undefined when it has none. Rejects with `bad-data` when it is lost or damaged. */
  content(record: StoredRecord): Promise<Blob | undefined>;

  /**
   * Hands over each chunk from `fromSeq` (default 0) exactly once, in order, without superseded points: first what is stored, then
   * what is committed later, by whichever tab or worker. Gives back its undo.
   */
  follow(runId: string, listener: (chunk: ScalarChunk) => void, fromSeq?: number): () => void;
  /**
   * Hands over each record from `fromIndex` (default 0) exactly once, in the order in which they were stored, without superseded ones:
   * first what is stored, then what is committed later, by whichever tab or worker. Gives back its undo.
   */
  followRecords(runId: string, listener: (record: StoredRecord) => void, fromIndex?: number): () => void;
  /** Calls back, at most ten times a second, after runs were made, changed, deleted or given up. Gives back its undo. */
  watchRuns(listener: () => void): () => void;

  /**
   * Takes the single-writer lock of a run that is being created or continued. Rejects with `run-locked` when somebody
   * holds it. The lock ends with {@link RunLock.release}, or with the thread that holds it.
   */
  lockRun(runId: string): Promise<RunLock>;
  /**
   * Says that the thread which wrote a run has been ended by this one, so that the run reads interrupted at once. Only over plain http do
   * browsers not tell by themselves.
   */
  freeRun?(runId: string): Promise<void>;

  /** How much room there is. */
  space(): Promise<StoreSpace>;
  /** Does what is due in the background now: compacts, removes deleted runs (without further delay). Resolves when it is done. */
  maintain(): Promise<void>;

  /** Lets go of the database. Later calls reject with `store-closed`. */
  close(): Promise<void>;
}

/** Held by the one writer of a run. */
export interface RunLock {
  release(): void;
}
