import { type Buckets, mergePointsInto, newBuckets } from './bucket-columns.ts';
import { milliseconds, openRecord, packRecord, readTable, type TableSpec } from './column-record.ts';
import { groupByTag } from './group-points.ts';
import type { TaggedPoints } from './points.ts';

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
  /** Smallest and largest step; Infinity and -Infinity when all are NaN. */
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
// Its keys are the columns of a summary.
const columnNames = Object.keys(summarySpec) as (keyof Summary)[];

function newSummary(rows: number): Summary {
  // One column for each name there is.
  return Object.fromEntries(columnNames.map((name) => [name, new Float64Array(rows)])) as unknown as Summary;
}

/** Packs a summary into one buffer. */
export function packSummary(summary: Summary): ArrayBuffer {
  return packRecord(mark, [{ spec: summarySpec, columns: { ...summary } }]);
}

/** Reads what {@link packSummary} made. Throws `bad-data`. */
export function readSummary(bytes: ArrayBuffer): Summary {
  const [table] = openRecord(mark, bytes, [summarySpec] as const);
  return readTable(summarySpec, table);
}

/** Sums points up, which need not be sorted by tag. */
export function summarize(unsorted: TaggedPoints): Summary {
  const { tags, counts, starts, points } = groupByTag(unsorted);
  const buckets = newBuckets(tags.length);
  tags.forEach((tag, row) => {
    const from = starts[tag] as number;
    mergePointsInto(buckets, row, points, from, from + (counts[row] as number));
  });
  return summaryOf(tags, counts, buckets, points.epoch);
}

/** A summary from one bucket for each tag, and the epochs of all points sorted by tag. */
export function summaryOf(tags: Uint32Array, counts: Uint32Array, buckets: Buckets, epoch: Float64Array): Summary {
  let end = 0;
  const lastEpoch = Float64Array.from(counts, (count) => epoch[(end += count) - 1] as number);
  return { ...buckets, tag: Float64Array.from(tags), lastEpoch };
}

/** Puts summaries of one run together; later ones hold what was logged later. */
export function mergeSummaries(list: readonly Summary[]): Summary {
  const tags = Float64Array.from(new Set(list.flatMap(({ tag }) => Array.from(tag)))).sort();
  const rows = new Map(Array.from(tags, (tag, row) => [tag, row]));
  const out = newSummary(tags.length);
  for (const summary of list) summary.tag.forEach((tag, from) => mergeRow(out, rows.get(tag) as number, summary, from)); // every tag has one
  return out;
}

function mergeRow(out: Summary, row: number, summary: Summary, from: number): void {
  const copy = (...names: (keyof Summary)[]): void => {
    for (const name of names) out[name][row] = summary[name][from] as number;
  };
  const had = out.count[row] as number;
  if (had === 0) {
    copy(...columnNames);
    return;
  }
  copy('last', 'lastStep', 'lastEpoch', 'lastWallTime');
  if (summary.nanCount[from] !== summary.count[from]) {
    const hadNone = out.nanCount[row] === had;
    if (hadNone || (summary.min[from] as number) < (out.min[row] as number)) copy('min', 'minStep');
    if (hadNone || (summary.max[from] as number) > (out.max[row] as number)) copy('max', 'maxStep');
  }
  out.count[row] = had + (summary.count[from] as number);
  out.nanCount[row] = (out.nanCount[row] as number) + (summary.nanCount[from] as number);
  out.lowStep[row] = Math.min(out.lowStep[row] as number, summary.lowStep[from] as number);
  out.highStep[row] = Math.max(out.highStep[row] as number, summary.highStep[from] as number);
}
