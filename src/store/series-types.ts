/**
 * Points in columns, in the order in which they were logged: the one shape of numbers from the store on.
 * All columns have the same length. A chunk is written in one transaction.
 */
export interface ScalarChunk {
  readonly runId: string;
  /**
   * The place in the run: appended chunks count up from 0 without gaps. `follow()` hands them over by these numbers. `chunks()`
   * gives what has been compacted in other pieces, each with several tags or a stretch of one: there `seq` is the last appended
   * chunk of the stretch, and several pieces in a row carry the same one. Points of a tag always come in log order.
   */
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

/** Points that are not stored yet; `seq` is the place they will have in the run if nothing is let go before them. */
export type UnsavedPoints = Omit<ScalarChunk, 'runId'>;

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
  /**
   * Another tag of the run that serves as x: each point gets the value which that tag had at the same step (the last one, when
   * there are several); points without one are left out. Always points, with an `x` column; `from` and `to` are bounds of it.
   * Rejects with `query-too-large` when either tag has more than 200,000 points.
   */
  readonly x?: string;
}

/** The newest point of a tag. */
export interface LastValue {
  readonly tag: string;
  readonly value: number;
  readonly step: number;
  readonly epoch: number;
  /** Seconds since the Unix epoch. */
  readonly wallTime: number;
}

/** One tag of a run in a few numbers. */
export interface TagSummary extends TagInfo {
  /** How many of the points are NaN. */
  readonly nanCount: number;
  /** The point that was logged last, NaN or not. */
  readonly last: LastValue;
  /** Of the values that are not NaN; NaN when there is none. The first of equals. */
  readonly min: number;
  readonly minStep: number;
  readonly max: number;
  readonly maxStep: number;
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
  /** Only for a query with `x`. */
  readonly x?: Float64Array;
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
