import { describe, LogError } from '../core/errors.ts';
import { pickRows } from './join.ts';
import type { PointColumns } from './points.ts';
import type { SeriesQuery } from './series-types.ts';

/** Throws `bad-options` when a query makes no sense. */
export function checkSeriesQuery(query: SeriesQuery, call: string): void {
  const { from, to, axis, maxPoints, x } = query;
  if (maxPoints !== undefined && !(Number.isSafeInteger(maxPoints) && maxPoints >= 1)) {
    throw new LogError('bad-options', `${call}: maxPoints is ${describe(maxPoints)}, need an integer of at least 1.`);
  }
  for (const [name, bound] of [['from', from] as const, ['to', to] as const]) {
    if (bound !== undefined && (typeof bound !== 'number' || Number.isNaN(bound))) {
      throw new LogError('bad-options', `${call}: ${name} is ${describe(bound)}, need a number on the axis, or leave it out.`);
    }
  }
  if (axis !== undefined && axis !== 'step' && axis !== 'relative' && axis !== 'wall') {
    throw new LogError('bad-options', `${call}: axis is ${describe(axis)}, need 'step', 'relative' or 'wall'.`);
  }
  if (x !== undefined && typeof x !== 'string') {
    throw new LogError('bad-options', `${call}: x is ${describe(x)}, need another tag of the run, or leave it out.`);
  }
}

/** Which points of a tag a reader gets to see. */
export interface Window {
  /** Bounds of x; undefined when everything is wanted. */
  readonly bounds: { readonly from: number; readonly to: number; readonly isTime: boolean; readonly origin: number } | undefined;
  /** Points at and past this step are superseded; Infinity: none is. */
  readonly cutoff: number;
}

/** The smallest and largest x of some points; NaN when that of any of them is NaN, which lies in no window and is superseded by nothing. */
export interface Extent {
  readonly lowStep: number;
  readonly highStep: number;
  readonly lowWallTime: number;
  readonly highWallTime: number;
}

/** The bounds of a query. `startedAt` is where relative time begins. */
export function boundsOf(query: SeriesQuery, startedAt: number): Window['bounds'] {
  const { from = -Infinity, to = Infinity, axis = 'step' } = query;
  if (query.from === undefined && query.to === undefined) return undefined;
  return { from, to, isTime: axis !== 'step', origin: axis === 'relative' ? startedAt : 0 };
}

/** The points within a window, in their order; the same columns when all are. */
export function pointsWithin(points: PointColumns, { bounds, cutoff }: Window): PointColumns {
  if (bounds === undefined && cutoff === Infinity) return points;
  const { from, to, origin, isTime } = bounds ?? { from: -Infinity, to: Infinity, origin: 0, isTime: false };
  const { step } = points;
  const x = isTime ? points.wallTime : step;
  const rows = new Uint32Array(x.length);
  let count = 0;
  for (let row = 0; row < x.length; row++) {
    const at = (x[row] as number) - origin;
    if (bounds !== undefined && !(at >= from && at <= to)) continue;
    if (cutoff !== Infinity && (step[row] as number) >= cutoff) continue;
    rows[count++] = row;
  }
  return count === x.length ? points : pickRows(points, rows.subarray(0, count));
}

/** Whether points of this extent lie within a window: all of them for certain, none of them for certain, or some perhaps, as where it is NaN. */
export function reachOf(extent: Extent, { bounds, cutoff }: Window): 'all' | 'some' | 'none' {
  const { lowStep, highStep, lowWallTime, highWallTime } = extent;
  if (cutoff !== Infinity && lowStep >= cutoff) return 'none';
  const isUncut = cutoff === Infinity || highStep < cutoff;
  if (bounds === undefined) return isUncut ? 'all' : 'some';
  const { from, to, isTime, origin } = bounds;
  const low = (isTime ? lowWallTime : lowStep) - origin;
  const high = (isTime ? highWallTime : highStep) - origin;
  if (low > to || high < from) return 'none';
  return isUncut && low >= from && high <= to ? 'all' : 'some';
}

/** About which share of points of this extent lies within a window, from 0 to 1. */
export function shareWithin(extent: Extent, { bounds, cutoff }: Window): number {
  const share = (low: number, high: number, from: number, to: number): number =>
    high > low ? Math.max(0, Math.min(high, to) - Math.max(low, from)) / (high - low) : 1;
  const uncut = share(extent.lowStep, extent.highStep, -Infinity, cutoff);
  if (bounds === undefined) return uncut;
  const { from, to, isTime, origin } = bounds;
  const low = isTime ? extent.lowWallTime : extent.lowStep;
  const high = isTime ? extent.highWallTime : extent.highStep;
  return Math.min(uncut, share(low - origin, high - origin, from, to));
}
