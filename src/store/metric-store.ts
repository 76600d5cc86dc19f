import type { Config, EndStatus, Json, RunInfo } from '../core/run-info.ts';

/**
 * Points in columns, in the order in which they were logged: the one shape of numbers from the store on.
 * All columns have the same length. A chunk is written in one transaction and read back whole.
 */
export interface ScalarChunk {
  readonly runId: string;
  /** Counts up from 0 within the run, without gaps. */
  readonly seq: number;
  /** The tags that occur in this chunk, each once. */
  readonly tags: readonly string[];
  /** For each point an index into `tags`. */
  readonly tag: Uint16Array | Uint32Array;
  readonly step: Float64Array;
  readonly epoch: Float64Array;
  /** Seconds since the Unix epoch. */
  readonly wallTime: Float64Array;
  /** NaN and ±Infinity are kept. */
  readonly value: Float64Array;
}

/** What a new run is made from; the store chooses `name`, and `id` unless it is given. */
export interface NewRun {
  readonly id?: string;
  /** Default `default`. */
  readonly project?: string;
  /** Made safe as a folder name and unique within the project. Default `<project>-<n>`. */
  readonly name?: string;
  readonly startedAt: number;
  readonly config?: Config;
  readonly facts?: Readonly<Record<string, Json>>;
}

/** A change of a run's record. */
export interface RunChange {
  readonly status?: EndStatus;
  readonly endedAt?: number;
  readonly failure?: string;
  /** Merged key by key into what is there. */
  readonly config?: Config;
  /** Merged key by key into what is there. */
  readonly facts?: Readonly<Record<string, Json>>;
}

/** What the store knows about one tag of a run. */
export interface TagInfo {
  readonly tag: string;
  /** Points stored. */
  readonly count: number;
}

/** Which part of a series is wanted, and how fine. */
export interface SeriesQuery {
  /** Smallest and largest x, both included, on `axis`. Default: all. */
  readonly from?: number;
  readonly to?: number;
  /** Default `step`. `relative` = seconds since the run started, `wall` = seconds since the Unix epoch. */
  readonly axis?: 'step' | 'relative' | 'wall';
  /** At most this many rows come back: above it points are merged to buckets. Default: no limit, always points. */
  readonly maxPoints?: number;
}

/** One tag of one run, in log order. For `points` each row is a point. */
export interface PointSeries {
  readonly kind: 'points';
  readonly runId: string;
  readonly tag: string;
  /** Everything up to and including this chunk is in here; -1 for an empty run. Follow on from `throughSeq + 1`. */
  readonly throughSeq: number;
  readonly step: Float64Array;
  readonly epoch: Float64Array;
  readonly wallTime: Float64Array;
  readonly value: Float64Array;
}

/** One tag of one run, merged: each row stands for `count` neighbouring points. */
export interface BucketSeries {
  readonly kind: 'buckets';
  readonly runId: string;
  readonly tag: string;
  readonly throughSeq: number;
  /** Step, epoch and wall time of the first point of each bucket. */
  readonly step: Float64Array;
  readonly epoch: Float64Array;
  readonly wallTime: Float64Array;
  /** Points in the bucket, NaNs included. */
  readonly count: Float64Array;
  readonly nanCount: Float64Array;
  /** Of the values that are not NaN; NaN when there is none. */
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly minStep: Float64Array;
  readonly minWallTime: Float64Array;
  readonly max: Float64Array;
  readonly maxStep: Float64Array;
  readonly maxWallTime: Float64Array;
  readonly first: Float64Array;
  readonly last: Float64Array;
  readonly lastStep: Float64Array;
  readonly lastWallTime: Float64Array;
}

export type Series = PointSeries | BucketSeries;

/** Where runs are kept. `openStore()` and `memoryStore()` make one; both keep the same promises. */
export interface MetricStore extends AsyncDisposable {
  /** What `openStore(name)` was called with. A worker opens the same store by this name. */
  readonly name: string;
  /** `memory` is gone with the page; `port` lives in another thread. */
  readonly kind: 'indexeddb' | 'memory' | 'port';

  /** All runs, oldest first, or those of one project. */
  runs(filter?: { readonly project?: string }): Promise<readonly RunInfo[]>;
  /** One run, or undefined. */
  run(runId: string): Promise<RunInfo | undefined>;
  /** Writes a new run's record. Rejects with `run-exists` when the id is taken. */
  createRun(run: NewRun): Promise<RunInfo>;
  /** Changes a run's record. Rejects with `run-not-found`. */
  updateRun(runId: string, change: RunChange): Promise<RunInfo>;
  /** Removes a run and all its points. Does nothing when it is not there. */
  deleteRun(runId: string): Promise<void>;

  /** Resolves when the chunk's transaction has committed. Rejects with `store-full`, `store-failed`, `run-not-found`. */
  append(chunk: ScalarChunk): Promise<void>;
  /** All chunks from `fromSeq` (default 0) up to what was committed when the call was made, one at a time. */
  chunks(runId: string, fromSeq?: number): AsyncIterable<ScalarChunk>;
  /** The tags of a run in the order in which they first appeared. */
  tags(runId: string): Promise<readonly TagInfo[]>;
  series(runId: string, tag: string, query?: SeriesQuery): Promise<Series>;

  /**
   * Hands over each chunk from `fromSeq` (default 0) exactly once, in order: first what is stored, then what is committed
   * later, by whichever tab or worker. Gives back its undo.
   */
  follow(runId: string, listener: (chunk: ScalarChunk) => void, fromSeq?: number): () => void;
  /** Calls back, at most ten times a second, after runs were made, changed, deleted or given up. Gives back its undo. */
  watchRuns(listener: () => void): () => void;

  /**
   * Takes the single-writer lock of a run that is being created or continued. Rejects with `run-locked` when somebody
   * holds it. The lock ends with {@link RunLock.release}, or with the thread that holds it.
   */
  lockRun(runId: string): Promise<RunLock>;

  /** Lets go of the database. Later calls reject with `store-closed`. */
  close(): Promise<void>;
}

/** Held by the one writer of a run. */
export interface RunLock {
  release(): void;
}
