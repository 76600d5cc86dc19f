import type { TaggedPoints } from './points.ts';
import type { Summary } from './summary-pack.ts';

const names = ['count', 'nanCount', 'last', 'lastStep', 'lastEpoch', 'lastWallTime', 'min', 'minStep', 'max', 'maxStep'] as const;

/** What is counted of each tag, in columns by the number of the tag; a tag without points has the count 0. */
export type Tally = Record<(typeof names)[number], Float64Array<ArrayBuffer>>;

/** A tally with room for so many tags: empty, or what another one has. */
export function newTally(tags: number, from?: Tally): Tally {
  const column = (name: (typeof names)[number]): Float64Array<ArrayBuffer> => {
    const values = new Float64Array(Math.max(tags, from?.count.length ?? 0));
    if (from !== undefined) values.set(from[name]);
    return values;
  };
  return Object.fromEntries(names.map((name) => [name, column(name)])) as Tally; // every name has its column
}

/**
 * Adds points, each tag's in log order, that come after those that are in. Those at and past the step `cutoff` (Infinity: none), and
 * those of other tags than `only`, are left out.
 */
export function addPoints(tally: Tally, points: TaggedPoints, cutoff: number, only?: ReadonlySet<number>): void {
  const { tag, step, epoch, wallTime, value } = points;
  for (let row = 0; row < tag.length; row++) {
    const at = step[row] as number;
    const name = tag[row] as number;
    if ((at >= cutoff && cutoff !== Infinity) || only?.has(name) === false) continue;
    const number = value[row] as number;
    addOne(tally, name, 1, Number.isNaN(number) ? 1 : 0, number, at, number, at);
    setLast(tally, name, number, at, epoch[row] as number, wallTime[row] as number);
  }
}

/** Adds one row of the summary of points that come after those that are in. */
export function addRow(tally: Tally, rows: Summary, row: number): void {
  const at = (name: keyof Tally): number => rows[name][row] as number;
  const tag = rows.tag[row] as number;
  addOne(tally, tag, at('count'), at('nanCount'), at('min'), at('minStep'), at('max'), at('maxStep'));
  setLast(tally, tag, at('last'), at('lastStep'), at('lastEpoch'), at('lastWallTime'));
}

/** Adds to the counts alone. */
export function addCounts(tally: Tally, tags: Uint32Array, counts: Uint32Array): void {
  tags.forEach((tag, row) => {
    tally.count[tag] = (tally.count[tag] as number) + (counts[row] as number);
  });
}

function addOne(
  tally: Tally,
  tag: number,
  count: number,
  nanCount: number,
  min: number,
  minStep: number,
  max: number,
  maxStep: number,
): void {
  const hadPoints = (tally.count[tag] as number) > 0;
  const hadNumbers = (tally.count[tag] as number) > (tally.nanCount[tag] as number);
  const hasNumbers = count > nanCount;
  // The first of equals; without any number the extremes are NaN and lie at the first point.
  if (!hadPoints || (hasNumbers && (!hadNumbers || min < (tally.min[tag] as number)))) {
    tally.min[tag] = min;
    tally.minStep[tag] = minStep;
  }
  if (!hadPoints || (hasNumbers && (!hadNumbers || max > (tally.max[tag] as number)))) {
    tally.max[tag] = max;
    tally.maxStep[tag] = maxStep;
  }
  tally.count[tag] = (tally.count[tag] as number) + count;
  tally.nanCount[tag] = (tally.nanCount[tag] as number) + nanCount;
}

function setLast(tally: Tally, tag: number, value: number, step: number, epoch: number, wallTime: number): void {
  tally.last[tag] = value;
  tally.lastStep[tag] = step;
  tally.lastEpoch[tag] = epoch;
  tally.lastWallTime[tag] = wallTime;
}
