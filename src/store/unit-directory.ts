import { milliseconds, openRecord, packRecord, readTable, readWholes, type TableSpec } from './column-record.ts';
import type { UnitRecord } from './schema.ts';

/** Fewer points than this of a tag in a unit get no buckets. */
export const leastPoints = 128;
/** Points in each pack of a dense tag but the last. */
export const pointsPerStretch = 65_536;
/** Buckets in each pack of a dense tag but the last. */
export const bucketsPerStretch = 1024;

/** Points in a bucket of a level: 64, 128, 256, … for levels 1, 2, 3, …; on level 0 a row is a point. */
export function bucketSize(level: number): number {
  return level === 0 ? 1 : 32 * 2 ** level;
}

/** The highest level of a tag with so many points in a unit: the one on which it has one bucket. 0: points alone. */
export function topLevel(points: number): number {
  return points < leastPoints ? 0 : 32 - Math.clz32(Math.ceil(points / 32) - 1);
}

/** The key of a pack in its object store. */
export type PackKey = readonly [runId: string, unit: number, level: number, firstTag: number, stretch: number];

/** How many points there are, and between which steps and wall times: NaN when that of any point is NaN. */
export interface PointRange {
  readonly count: number;
  readonly lowStep: number;
  readonly highStep: number;
  readonly lowWallTime: number;
  readonly highWallTime: number;
}

/** A pack and the points of one tag that it stands for. */
export interface Stretch extends PointRange {
  readonly key: PackKey;
  /** The first of the points, counted within unit and tag. */
  readonly from: number;
}

/** The directory of one unit's packs. */
export interface Unit {
  readonly unit: number;
  readonly throughSeq: number;
  readonly points: number;
  readonly damaged: readonly number[];
  /** The highest level that a tag has; 0 when there are points alone. */
  readonly levels: number;
  /** The numbers of all tags with points in the unit, rising. */
  readonly tags: Uint32Array;
  /** For each of them its points. */
  readonly counts: Uint32Array;
  /** The highest level of a tag; 0 also when it has no points. */
  levelsOf(tag: number): number;
  /** The packs that hold a tag on a level, in log order; none when it has nothing there. */
  keysOf(tag: number, level: number): readonly PackKey[];
  /** Where the points of a tag lie; undefined for one with fewer than {@link leastPoints}. */
  tagRange(tag: number): PointRange | undefined;
  /** The packs that hold a tag on a level, in log order, with where their points lie; none for a tag with fewer than {@link leastPoints}. */
  stretches(tag: number, level: number): readonly Stretch[];
  /** All packs of a level in the order of their keys. */
  packKeys(level: number): readonly PackKey[];
}

/** For each pack in the order of their keys what tells it from others of the unit. */
export type PackTable = Readonly<Record<'level' | 'firstTag' | 'stretch', Uint32Array>>;

/** A row for each {@link pointsPerStretch} points of each tag that has at least {@link leastPoints}, tags and points in order. */
export type RangeTable = Readonly<Record<'tag' | keyof PointRange, Float64Array>>;

const mark = { letter: 'U', version: 1, noun: 'directory' };
const tagSpec = { tags: {}, counts: {} };
const packSpec: TableSpec<keyof PackTable> = { level: {}, firstTag: {}, stretch: {} };
const rangeSpec: TableSpec<keyof RangeTable> = {
  tag: {},
  count: {},
  lowStep: {},
  highStep: { near: 'lowStep' },
  lowWallTime: { perUnit: milliseconds },
  highWallTime: { perUnit: milliseconds, near: 'lowWallTime' },
};

/** Packs the directory of a unit: its tags and how many points each has, its packs, and where the points of its larger tags lie. */
export function packUnit(tags: Uint32Array, counts: Uint32Array, packs: PackTable, ranges: RangeTable): ArrayBuffer {
  return packRecord(mark, [
    { spec: tagSpec, columns: { tags, counts } },
    { spec: packSpec, columns: packs },
    { spec: rangeSpec, columns: ranges },
  ]);
}

/** Reads the directory of a unit. Throws `bad-data`. */
export function openUnit(record: UnitRecord): Unit {
  const { runId, unit, throughSeq, points, damaged } = record;
  const [tagTable, packTable, rangeTable] = openRecord(mark, record.bytes, [tagSpec, packSpec, rangeSpec] as const);
  const tags = readWholes(tagTable.columns.tags);
  const packs = readTable(packSpec, packTable);
  const ranges = readTable(rangeSpec, rangeTable);
  const levels: PackKey[][] = [[]];
  packs.level.forEach((level, row) => {
    (levels[level] ??= []).push([runId, unit, level, packs.firstTag[row] as number, packs.stretch[row] as number]);
  });
  // For each listed tag its first row among the ranges.
  const rowOf = new Map<number, number>();
  ranges.tag.forEach((tag, row) => {
    if (!rowOf.has(tag)) rowOf.set(tag, row);
  });
  const known = new Set(tags);

  const rangeOf = (tag: number, first: number, rows: number): PointRange => {
    const range = { count: 0, lowStep: Infinity, highStep: -Infinity, lowWallTime: Infinity, highWallTime: -Infinity };
    for (let row = first; row < first + rows && ranges.tag[row] === tag; row++) {
      range.count += ranges.count[row] as number;
      range.lowStep = Math.min(range.lowStep, ranges.lowStep[row] as number);
      range.highStep = Math.max(range.highStep, ranges.highStep[row] as number);
      range.lowWallTime = Math.min(range.lowWallTime, ranges.lowWallTime[row] as number);
      range.highWallTime = Math.max(range.highWallTime, ranges.highWallTime[row] as number);
    }
    return range;
  };
  const tagRange = (tag: number): PointRange | undefined => {
    const row = rowOf.get(tag);
    return row === undefined ? undefined : rangeOf(tag, row, Infinity);
  };
  const levelsOf = (tag: number): number => topLevel(tagRange(tag)?.count ?? 0);
  const keysOf = (tag: number, level: number): readonly PackKey[] => {
    if (!known.has(tag) || level > levelsOf(tag)) return [];
    const keys = levels[level] ?? [];
    // The last pack that begins with this tag or one before it; a tag in several packs begins each of them.
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((keys[middle] as PackKey)[3] <= tag) low = middle + 1;
      else high = middle;
    }
    let first = low - 1;
    while (first > 0 && (keys[first] as PackKey)[4] > 0) first -= 1;
    return keys.slice(Math.max(0, first), low);
  };
  return {
    unit,
    throughSeq,
    points,
    damaged,
    levels: levels.length - 1,
    tags,
    counts: readWholes(tagTable.columns.counts),
    levelsOf,
    keysOf,
    tagRange,
    stretches: (tag, level) => {
      const row = rowOf.get(tag);
      if (row === undefined) return [];
      // A pack of buckets stands for the points of so many packs of points.
      const rows = level === 0 ? 1 : (bucketSize(level) * bucketsPerStretch) / pointsPerStretch;
      return keysOf(tag, level).map((key, index) => ({
        key,
        from: index * rows * pointsPerStretch,
        ...rangeOf(tag, row + index * rows, rows),
      }));
    },
    packKeys: (level) => levels[level] ?? [],
  };
}
