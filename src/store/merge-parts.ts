import { type Buckets, mergeBuckets, mergePointsInto, newBuckets } from './bucket-columns.ts';
import type { PointColumns } from './points.ts';
import type { BucketSeries } from './series-types.ts';

/** A stretch of a tag in log order: points, or buckets that stand for points. */
export type Part = PointColumns | Buckets;

/** The columns of a {@link BucketSeries}. */
export type BucketColumns = Omit<BucketSeries, 'kind' | 'runId' | 'tag' | 'throughSeq'>;

/** How many points a part stands for. */
export function pointsIn(part: Part): number {
  return isPoints(part) ? part.value.length : part.count.reduce((sum, count) => sum + count, 0);
}

/**
 * Merges neighbours, in log order, to at most `most` buckets of counts as equal as the parts allow: of points alone they differ by
 * at most one. Every number in the result, except the sums, is one that a point had.
 */
export function mergeParts(parts: readonly Part[], most: number): BucketColumns {
  const total = parts.reduce((sum, part) => sum + pointsIn(part), 0);
  const groups = Math.min(most, total);
  const pieces: { readonly points: PointColumns; readonly from: number; readonly end: number; readonly row: number }[] = [];
  const copies: { readonly buckets: Buckets; readonly row: number }[] = [];
  const ends: number[] = [];
  let group = 0;
  let groupEnd = Math.floor(total / groups);
  let position = 0;
  let row = 0;
  // What ends behind the group so far belongs to the next one; groups that a large bucket has swallowed are passed over.
  const place = (end: number): void => {
    if (end <= groupEnd) return;
    if (row > (ends.at(-1) ?? 0)) ends.push(row);
    while (end > groupEnd) groupEnd = Math.floor(((++group + 1) * total) / groups);
  };
  for (const part of joinPoints(parts)) {
    if (!isPoints(part)) {
      copies.push({ buckets: part, row });
      for (const count of part.count) {
        position += count;
        place(position);
        row += 1;
      }
      continue;
    }
    const length = part.value.length;
    for (let from = 0; from < length; row++) {
      place(position + 1);
      const end = Math.min(length, from + groupEnd - position);
      pieces.push({ points: part, from, end, row });
      position += end - from;
      from = end;
    }
  }
  if (row > (ends.at(-1) ?? 0)) ends.push(row);

  const rows = newBuckets(row);
  for (const { buckets, row: at } of copies) {
    // Buckets have the same columns everywhere.
    for (const name of Object.keys(rows) as (keyof Buckets)[]) rows[name].set(buckets[name], at);
  }
  for (const { points, from, end, row: at } of pieces) mergePointsInto(rows, at, points, from, end);
  const { lowStep: _low, highStep: _high, lowWallTime: _lowWall, highWallTime: _highWall, ...columns } = mergeBuckets(rows, ends);
  return columns;
}

/** Points in a row as one part; buckets as they are. Parts without rows are left out. */
function joinPoints(parts: readonly Part[]): readonly Part[] {
  const joined: Part[] = [];
  let points: PointColumns[] = [];
  const flush = (): void => {
    if (points.length > 0) joined.push(concatPoints(points));
    points = [];
  };
  for (const part of parts) {
    if (isPoints(part)) {
      if (part.value.length > 0) points.push(part);
    } else if (part.count.length > 0) {
      flush();
      joined.push(part);
    }
  }
  flush();
  return joined;
}

/** Puts points together, in their order. Always a copy, with buffers of its own. */
export function concatPoints(parts: readonly PointColumns[]): PointColumns {
  const length = parts.reduce((sum, part) => sum + part.value.length, 0);
  const column = (name: keyof PointColumns): Float64Array => {
    const values = new Float64Array(length);
    let offset = 0;
    for (const part of parts) {
      values.set(part[name], offset);
      offset += part[name].length;
    }
    return values;
  };
  return { step: column('step'), epoch: column('epoch'), wallTime: column('wallTime'), value: column('value') };
}

/** Tells points from buckets. */
export function isPoints(part: Part): part is PointColumns {
  return !('count' in part);
}
