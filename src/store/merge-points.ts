import type { BucketSeries } from './metric-store.ts';
import type { PointColumns } from './pack.ts';

/** The columns of a {@link BucketSeries}. */
export type BucketColumns = Omit<BucketSeries, 'kind' | 'runId' | 'tag' | 'throughSeq'>;

/**
 * Merges neighbouring points, in log order, to at most `mostBuckets` buckets of nearly equal counts. Every number in the
 * result, except the sums, is one that a point had.
 */
export function mergePoints(points: PointColumns, mostBuckets: number): BucketColumns {
  const total = points.value.length;
  const buckets = Math.min(mostBuckets, total);
  const column = (): Float64Array => new Float64Array(buckets);
  const out = {
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
  };
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = Math.floor((bucket * total) / buckets);
    const end = Math.floor(((bucket + 1) * total) / buckets);
    mergeRange(points, from, end, out, bucket);
  }
  return out;
}

function mergeRange(points: PointColumns, from: number, end: number, out: BucketColumns, bucket: number): void {
  const { value, step, epoch, wallTime } = points;
  let low = -1;
  let high = -1;
  let sum = 0;
  let nans = 0;
  for (let row = from; row < end; row++) {
    const number = value[row] as number;
    if (Number.isNaN(number)) {
      nans += 1;
      continue;
    }
    sum += number;
    if (low === -1 || number < (value[low] as number)) low = row;
    if (high === -1 || number > (value[high] as number)) high = row;
  }
  // Without a single number the extremes are NaN and lie at the first point.
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
}
