import type { PointColumns } from './points.ts';
import type { BucketSeries } from './series-types.ts';

/** Buckets in columns: each row stands for `count` neighbouring points of one tag, in log order. */
export interface Buckets extends Omit<BucketSeries, 'kind' | 'runId' | 'tag' | 'throughSeq'> {
  /**
   * Smallest and largest step and wall time of all points of the bucket: other than those of the first and the last point where
   * steps do not rise. NaN when that of any point is NaN: nobody can say of the bucket as a whole whether it lies within a window.
   */
  readonly lowStep: Float64Array;
  readonly highStep: Float64Array;
  readonly lowWallTime: Float64Array;
  readonly highWallTime: Float64Array;
}

/** Buckets of so many rows, all zero. */
export function newBuckets(rows: number): Buckets {
  const column = (): Float64Array => new Float64Array(rows);
  return {
    step: column(),
    epoch: column(),
    wallTime: column(),
    count: column(),
    nanCount: column(),
    sum: column(),
    min: column(),
    minStep: column(),
    minWallTime: column(),
    max: column(),
    maxStep: column(),
    maxWallTime: column(),
    first: column(),
    last: column(),
    lastStep: column(),
    lastWallTime: column(),
    lowStep: column(),
    highStep: column(),
    lowWallTime: column(),
    highWallTime: column(),
  };
}

/**
 * Merges neighbouring points to buckets of `size` points, counted from the first row; the last one may be shorter. Extremes are
 * those of the values that are not NaN, the first of equals; without any they are NaN and lie at the first point.
 */
export function bucketsOf(points: PointColumns, size: number): Buckets {
  const total = points.value.length;
  const out = newBuckets(Math.ceil(total / size));
  for (let bucket = 0; bucket < out.step.length; bucket++)
    mergePointsInto(out, bucket, points, bucket * size, Math.min(total, (bucket + 1) * size));
  return out;
}

/** Merges the points of the rows `from` (included) to `end` (not included), at least one, to one bucket by the rules of {@link bucketsOf}. */
export function mergePointsInto(out: Buckets, bucket: number, points: PointColumns, from: number, end: number): void {
  const { value, step, epoch, wallTime } = points;
  let low = -1;
  let high = -1;
  let sum = 0;
  let nans = 0;
  let lowStep = Infinity;
  let highStep = -Infinity;
  let lowWallTime = Infinity;
  let highWallTime = -Infinity;
  for (let row = from; row < end; row++) {
    // One NaN makes the range NaN.
    const at = step[row] as number;
    lowStep = Math.min(lowStep, at);
    highStep = Math.max(highStep, at);
    const time = wallTime[row] as number;
    lowWallTime = Math.min(lowWallTime, time);
    highWallTime = Math.max(highWallTime, time);
    const number = value[row] as number;
    if (Number.isNaN(number)) {
      nans += 1;
      continue;
    }
    sum += number;
    if (low === -1 || number < (value[low] as number)) low = row;
    if (high === -1 || number > (value[high] as number)) high = row;
  }
  const isEmpty = low === -1;
  if (isEmpty) low = high = from;
  const last = end - 1;
  out.step[bucket] = step[from] as number;
  out.epoch[bucket] = epoch[from] as number;
  out.wallTime[bucket] = wallTime[from] as number;
  out.count[bucket] = end - from;
  out.nanCount[bucket] = nans;
  out.sum[bucket] = isEmpty ? NaN : sum;
  out.min[bucket] = value[low] as number;
  out.minStep[bucket] = step[low] as number;
  out.minWallTime[bucket] = wallTime[low] as number;
  out.max[bucket] = value[high] as number;
  out.maxStep[bucket] = step[high] as number;
  out.maxWallTime[bucket] = wallTime[high] as number;
  out.first[bucket] = value[from] as number;
  out.last[bucket] = value[last] as number;
  out.lastStep[bucket] = step[last] as number;
  out.lastWallTime[bucket] = wallTime[last] as number;
  out.lowStep[bucket] = lowStep;
  out.highStep[bucket] = highStep;
  out.lowWallTime[bucket] = lowWallTime;
  out.highWallTime[bucket] = highWallTime;
}

/**
 * Merges neighbouring buckets; `ends[i]` is the row behind the last one of group `i`, no group is empty. The result is what
 * merging their points would give, but for the rounding of sums.
 */
export function mergeBuckets(buckets: Buckets, ends: ArrayLike<number>): Buckets {
  const out = newBuckets(ends.length);
  let from = 0;
  for (let group = 0; group < ends.length; group++) {
    const end = ends[group] as number;
    mergeBucketsInto(out, group, buckets, from, end);
    from = end;
  }
  return out;
}

/** Merges the buckets of the rows `first` (included) to `end` (not included), at least one, to one, as {@link mergeBuckets} does. */
export function mergeBucketsInto(out: Buckets, group: number, from: Buckets, first: number, end: number): void {
  let low = -1;
  let high = -1;
  let sum = 0;
  let count = 0;
  let nans = 0;
  let lowStep = Infinity;
  let highStep = -Infinity;
  let lowWallTime = Infinity;
  let highWallTime = -Infinity;
  for (let row = first; row < end; row++) {
    lowStep = Math.min(lowStep, from.lowStep[row] as number);
    highStep = Math.max(highStep, from.highStep[row] as number);
    lowWallTime = Math.min(lowWallTime, from.lowWallTime[row] as number);
    highWallTime = Math.max(highWallTime, from.highWallTime[row] as number);
    count += from.count[row] as number;
    nans += from.nanCount[row] as number;
    if (from.nanCount[row] === from.count[row]) continue;
    sum += from.sum[row] as number;
    if (low === -1 || (from.min[row] as number) < (from.min[low] as number)) low = row;
    if (high === -1 || (from.max[row] as number) > (from.max[high] as number)) high = row;
  }
  const isEmpty = low === -1;
  if (isEmpty) low = high = first;
  const last = end - 1;
  out.step[group] = from.step[first] as number;
  out.epoch[group] = from.epoch[first] as number;
  out.wallTime[group] = from.wallTime[first] as number;
  out.count[group] = count;
  out.nanCount[group] = nans;
  out.sum[group] = isEmpty ? NaN : sum;
  out.min[group] = from.min[low] as number;
  out.minStep[group] = from.minStep[low] as number;
  out.minWallTime[group] = from.minWallTime[low] as number;
  out.max[group] = from.max[high] as number;
  out.maxStep[group] = from.maxStep[high] as number;
  out.maxWallTime[group] = from.maxWallTime[high] as number;
  out.first[group] = from.first[first] as number;
  out.last[group] = from.last[last] as number;
  out.lastStep[group] = from.lastStep[last] as number;
  out.lastWallTime[group] = from.lastWallTime[last] as number;
  out.lowStep[group] = lowStep;
  out.highStep[group] = highStep;
  out.lowWallTime[group] = lowWallTime;
  out.highWallTime[group] = highWallTime;
}
