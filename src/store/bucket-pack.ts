import type { Buckets } from './bucket-columns.ts';
import { milliseconds, openRecord, packRecord, readTable, type TableSpec } from './column-record.ts';
import { rowsOf, tagSpec } from './point-pack.ts';

const mark = { letter: 'B', version: 1, noun: 'pack of buckets' };

const stepNear = { near: 'step' };
const wallTimeNear = { perUnit: milliseconds, near: 'wallTime' };
const bucketSpec: TableSpec<keyof Buckets> = {
  step: {},
  epoch: {},
  wallTime: { perUnit: milliseconds },
  count: {},
  nanCount: {},
  sum: {},
  min: {},
  minStep: stepNear,
  minWallTime: wallTimeNear,
  max: {},
  maxStep: stepNear,
  maxWallTime: wallTimeNear,
  first: {},
  last: {},
  lastStep: stepNear,
  lastWallTime: wallTimeNear,
  lowStep: stepNear,
  highStep: { near: 'lastStep' },
  lowWallTime: wallTimeNear,
  highWallTime: { perUnit: milliseconds, near: 'lastWallTime' },
};

/** Packs buckets that are grouped by tag: `counts[i]` of the tag `tags[i]`, whose numbers rise. */
export function packBuckets(tags: Uint32Array, counts: Uint32Array, buckets: Buckets): ArrayBuffer {
  return packRecord(mark, [
    { spec: tagSpec, columns: { tags, counts } },
    { spec: bucketSpec, columns: { ...buckets } },
  ]);
}

/** The buckets of one tag of a pack, or undefined when it has none. Throws `bad-data`. */
export function readBuckets(bytes: ArrayBuffer, tag: number): Buckets | undefined {
  const [index, buckets] = openRecord(mark, bytes, [tagSpec, bucketSpec] as const);
  const rows = rowsOf(mark.noun, index, buckets.rows, tag);
  return rows && readTable(bucketSpec, buckets, rows);
}
