import { LogError } from '../core/errors.ts';
import type { Buckets } from './bucket-columns.ts';
import { readBuckets } from './bucket-pack.ts';
import type { Part } from './merge-parts.ts';
import { readPackTag } from './point-pack.ts';
import type { PointColumns } from './points.ts';
import { type Extent, pointsWithin, reachOf, shareWithin, type Window } from './series.ts';
import type { StoreContext } from './store-context.ts';
import { bucketSize, type PackKey, type Stretch } from './unit-directory.ts';
import { readPackOf, type StoredUnit } from './unit-reader.ts';

/** Gets packs of one transaction. */
export interface PackSource {
  readonly context: StoreContext;
  get(key: PackKey): Promise<ArrayBuffer | undefined>;
}

/** What a window shows of a tag in one unit. */
export interface TagSlice {
  /** At least and at most so many points, and about how many. Unknown where the tag has too few points in the unit to be listed. */
  readonly size: { readonly most: number; readonly about: number } | undefined;
  /** In log order: points on level 0, else buckets of that level or the next lower one there is, and points at the edges of the window. */
  read(level: number): Promise<readonly Part[]>;
}

interface View {
  readonly packs: PackSource;
  readonly unit: StoredUnit;
  readonly tag: number;
  readonly window: Window;
  /** By key: many buckets of one pack may need its points. */
  readonly unpacked: Map<PackKey, Promise<PointColumns | undefined>>;
}

/** Undefined when the window shows nothing of it. */
export function tagSlice(packs: PackSource, unit: StoredUnit, tag: number, bounds: Window['bounds']): TagSlice | undefined {
  const window: Window = { bounds, cutoff: unit.cutoff };
  const view: View = { packs, unit, tag, window, unpacked: new Map() };
  const range = unit.tagRange(tag);
  if (range === undefined) return unit.keysOf(tag, 0).length === 0 ? undefined : { size: undefined, read: () => readWhole(view) };
  const reach = reachOf(range, window);
  if (reach === 'none') return undefined;
  return {
    size: { most: range.count, about: reach === 'all' ? range.count : range.count * shareWithin(range, window) },
    read: (wanted) => {
      const level = Math.min(wanted, unit.levelsOf(tag));
      return level === 0 ? readRows(view, 0, range.count) : readLevel(view, level);
    },
  };
}

async function readWhole({ packs, unit, tag, window }: View): Promise<readonly PointColumns[]> {
  const read = unit.keysOf(tag, 0).map((key) => readPackOf(packs.context, key, packs.get, (bytes) => readPackTag(bytes, tag)));
  const parts = await Promise.all(read);
  return parts.filter((points) => points !== undefined).map((points) => pointsWithin(points, window));
}

async function readLevel(view: View, level: number): Promise<readonly Part[]> {
  const { unit, tag, window } = view;
  const stretches = unit.stretches(tag, level).filter((stretch) => reachOf(stretch, window) !== 'none');
  const parts = await Promise.all(stretches.map((stretch) => readStretch(view, level, stretch)));
  return parts.flat();
}

// Buckets that lie within the window as they are; those at its edges from their points.
async function readStretch(view: View, level: number, stretch: Stretch): Promise<readonly Part[]> {
  const { packs, tag, window } = view;
  const { from, count, key } = stretch;
  const buckets = await readPackOf(packs.context, key, packs.get, (bytes) => {
    const found = readBuckets(bytes, tag);
    const counted = found?.count.reduce((sum, one) => sum + one, 0) ?? 0;
    if (counted !== count) throw mismatch(counted, tag, count);
    return found;
  });
  if (buckets === undefined) return readRows(view, from, from + count);
  if (reachOf(stretch, window) === 'all') return [buckets];
  const size = bucketSize(level);
  const rows = buckets.count.length;
  const reaches = Array.from({ length: rows }, (_, row) => reachOf(extentAt(buckets, row), window));
  const parts: Promise<readonly Part[]>[] = [];
  for (let row = 0; row < rows;) {
    const first = row;
    const reach = reaches[first];
    while (row < rows && reaches[row] === reach) row += 1;
    if (reach === 'all') parts.push(Promise.resolve([sliceBuckets(buckets, first, row)]));
    else if (reach === 'some') parts.push(readRows(view, from + first * size, from + row * size));
  }
  return (await Promise.all(parts)).flat();
}

// Of a tag that is listed: some of its points in the unit, counted from its first one there.
async function readRows(view: View, from: number, end: number): Promise<readonly PointColumns[]> {
  const { unit, tag, window } = view;
  const parts = await Promise.all(
    unit
      .stretches(tag, 0)
      .filter((stretch) => stretch.from < end && stretch.from + stretch.count > from && reachOf(stretch, window) !== 'none')
      .map(async (stretch) => {
        const points = await unpack(view, stretch);
        return points && pointsWithin(sliceRows(points, Math.max(0, from - stretch.from), end - stretch.from), window);
      }),
  );
  return parts.filter((points) => points !== undefined);
}

function unpack({ packs, tag, unpacked }: View, { key, count }: Stretch): Promise<PointColumns | undefined> {
  const known = unpacked.get(key);
  if (known !== undefined) return known;
  const points = readPackOf(packs.context, key, packs.get, (bytes) => {
    const found = readPackTag(bytes, tag);
    if (found?.value.length !== count) throw mismatch(found?.value.length ?? 0, tag, count);
    return found;
  });
  unpacked.set(key, points);
  return points;
}

function mismatch(found: number, tag: number, listed: number): LogError {
  return new LogError(
    'bad-data',
    `it holds ${found} points of tag ${tag}, its directory lists ${listed}. They are left out; all else is read.`,
  );
}

function sliceRows({ step, epoch, wallTime, value }: PointColumns, from: number, end: number): PointColumns {
  return {
    step: step.subarray(from, end),
    epoch: epoch.subarray(from, end),
    wallTime: wallTime.subarray(from, end),
    value: value.subarray(from, end),
  };
}

function sliceBuckets(buckets: Buckets, from: number, end: number): Buckets {
  const entries = Object.entries(buckets) as [keyof Buckets, Float64Array][]; // every column is one of its own
  return Object.fromEntries(entries.map(([name, column]) => [name, column.subarray(from, end)])) as unknown as Buckets; // the same names
}

function extentAt({ lowStep, highStep, lowWallTime, highWallTime }: Buckets, row: number): Extent {
  return {
    lowStep: lowStep[row] as number,
    highStep: highStep[row] as number,
    lowWallTime: lowWallTime[row] as number,
    highWallTime: highWallTime[row] as number,
  };
}
