import type { Buckets } from '../../../src/store/bucket-columns.ts';
import type { SamplePoint } from './packing-samples.ts';

type Bucket = Record<keyof Buckets, number>;

/** One bucket by the words of its definition. */
export function bucketOf(points: readonly SamplePoint[]): Bucket {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) throw new Error('a bucket has points');
  const numbers = points.filter((point) => !Number.isNaN(point.value));
  const lowest = numbers.reduce((best, point) => (point.value < best.value ? point : best), numbers[0] ?? first);
  const highest = numbers.reduce((best, point) => (point.value > best.value ? point : best), numbers[0] ?? first);
  return {
    step: first.step,
    epoch: first.epoch,
    wallTime: first.wallTime,
    count: points.length,
    nanCount: points.length - numbers.length,
    sum: numbers.length === 0 ? NaN : numbers.reduce((sum, point) => sum + point.value, 0),
    min: lowest.value,
    minStep: lowest.step,
    minWallTime: lowest.wallTime,
    max: highest.value,
    maxStep: highest.step,
    maxWallTime: highest.wallTime,
    first: first.value,
    last: last.value,
    lastStep: last.step,
    lastWallTime: last.wallTime,
    lowStep: unsigned(points.reduce((low, { step }) => Math.min(low, step), Infinity)),
    highStep: unsigned(points.reduce((high, { step }) => Math.max(high, step), -Infinity)),
    lowWallTime: unsigned(points.reduce((low, { wallTime }) => Math.min(low, wallTime), Infinity)),
    highWallTime: unsigned(points.reduce((high, { wallTime }) => Math.max(high, wallTime), -Infinity)),
  };
}

// A range says nothing of the sign of zero.
const ranges: ReadonlySet<string> = new Set(['lowStep', 'highStep', 'lowWallTime', 'highWallTime']);

function unsigned(bound: number | undefined): number {
  return (bound ?? NaN) + 0;
}

/** The rows of bucket columns. */
export function rowsOf(buckets: Buckets | undefined): Bucket[] | undefined {
  if (buckets === undefined) return undefined;
  const names = Object.keys(buckets) as (keyof Buckets)[];
  return Array.from(
    buckets.step,
    (_, row) =>
      Object.fromEntries(names.map((name) => [name, ranges.has(name) ? unsigned(buckets[name][row]) : buckets[name][row]])) as Bucket,
  );
}

/** So many points to a bucket. */
export function inGroups<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, group) => items.slice(group * size, (group + 1) * size));
}
