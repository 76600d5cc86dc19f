import type { Buckets } from './bucket-columns.ts';
import { milliseconds, openRecord, packRecord, readTable, type TableSpec } from './column-record.ts';

/** Tags in a few numbers each: a row for each tag, the numbers of the tags rising. */
export interface Summary {
  /** The number of the tag within the run. */
  readonly tag: Float64Array;
  readonly count: Float64Array;
  readonly nanCount: Float64Array;
  /** The point that was logged last, NaN or not. */
  readonly last: Float64Array;
  readonly lastStep: Float64Array;
  readonly lastEpoch: Float64Array;
  readonly lastWallTime: Float64Array;
  /** Of the values that are not NaN, the first of equals; without any NaN, with the step of the first point. */
  readonly min: Float64Array;
  readonly minStep: Float64Array;
  readonly max: Float64Array;
  readonly maxStep: Float64Array;
  /** Smallest and largest step; NaN when any is NaN. */
  readonly lowStep: Float64Array;
  readonly highStep: Float64Array;
}

const mark = { letter: 'S', version: 1, noun: 'summary' };
const lowNear = { near: 'lowStep' };
const summarySpec: TableSpec<keyof Summary> = {
  tag: {},
  count: {},
  nanCount: {},
  last: {},
  lowStep: {},
  highStep: lowNear,
  lastStep: { near: 'highStep' },
  lastEpoch: {},
  lastWallTime: { perUnit: milliseconds },
  min: {},
  minStep: lowNear,
  max: {},
  maxStep: lowNear,
};

/** Packs a summary into one buffer. */
export function packSummary(summary: Summary): ArrayBuffer {
  return packRecord(mark, [{ spec: summarySpec, columns: { ...summary } }]);
}

/** Reads what {@link packSummary} made. Throws `bad-data`. */
export function readSummary(bytes: ArrayBuffer): Summary {
  const [table] = openRecord(mark, bytes, [summarySpec] as const);
  return readTable(summarySpec, table);
}

/** A summary from one bucket for each tag, and the epochs of all points sorted by tag. */
export function summaryOf(tags: Uint32Array, counts: Uint32Array, buckets: Buckets, epoch: Float64Array): Summary {
  let end = 0;
  const lastEpoch = Float64Array.from(counts, (count) => epoch[(end += count) - 1] as number);
  return { ...buckets, tag: Float64Array.from(tags), lastEpoch };
}
