import type { Extent, PointRows } from './columns.ts';
import type { TagPlace } from '../core/tag-card.ts';
import { isHeld } from './grouping.ts';
import type { XAxis } from './options.ts';
import type { SeriesColumns } from './series-columns.ts';

/** One line of a card with everything needed to draw and to read it. */
export interface CardSeries {
  readonly runId: string;
  readonly runName: string;
  readonly tag: string;
  readonly place: TagPlace;
  readonly color: string;
  /** Seconds since the Unix epoch. */
  readonly startedAt: number;
  readonly columns: SeriesColumns;
  /** The same with the part that the card shows in it finer, if it was read. */
  readonly detail?: SeriesColumns | undefined;
  /** The newest point of the run, of whatever tag: until there the last value of a setting is in force. */
  readonly newest?: Newest;
}

/** How far a run has got. */
export interface Newest {
  readonly step: number;
  /** Seconds since the Unix epoch. */
  readonly wallTime: number;
}

/** What one line says at an x. */
export interface Reading {
  readonly series: CardSeries;
  readonly step: number;
  readonly wallTime: number;
  readonly value: number;
  /** Undefined where the line is not smoothed. */
  readonly smoothed: number | undefined;
}

/** The x column of an axis; to be shifted by {@link axisShift}. */
export function axisColumn(rows: PointRows, axis: XAxis): Float64Array {
  return axis === 'step' ? rows.step : rows.wallTime;
}

/** What to take off a row's x: the run's start on the relative axis, else nothing. */
export function axisShift(series: CardSeries, axis: XAxis): number {
  return axis === 'relative' ? series.startedAt : 0;
}

/** The row nearest to `x`; the later one of two. -1 when there is none. */
export function nearestRow(column: Float64Array, length: number, isSorted: boolean, x: number): number {
  if (length === 0) return -1;
  if (!isSorted) {
    let best = 0;
    for (let row = 1; row < length; row++) if (Math.abs((column[row] ?? NaN) - x) <= Math.abs((column[best] ?? NaN) - x)) best = row;
    return best;
  }
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((column[middle] ?? NaN) <= x) low = middle;
    else high = middle - 1;
  }
  const next = column[low + 1] ?? NaN;
  return low + 1 < length && next - x < x - (column[low] ?? NaN) ? low + 1 : low;
}

/** Epoch values are means already and far apart, settings hold until they change: both are drawn as they are. */
export function isSmoothable({ place }: CardSeries): boolean {
  return place.rhythm !== 'epoch' && !isHeld(place.card);
}

/** Where a line ends on the x axis, before {@link axisShift}: a setting that holds goes on to the newest point of its run. */
export function lineEnd({ place, columns, newest }: CardSeries, axis: XAxis): number {
  const { max } = axis === 'step' ? columns.drawn.stepExtent : columns.drawn.wallExtent;
  if (!newest || !isHeld(place.card)) return max;
  return Math.max(max, axis === 'step' ? newest.step : newest.wallTime);
}

/** Reads all lines at `x`. A line that ends more than `tolerance` before it, or starts as far after it, is left out. */
export function readAt(lines: readonly CardSeries[], axis: XAxis, x: number, tolerance: number, smoothing: number): readonly Reading[] {
  const readings: Reading[] = [];
  for (const series of lines) {
    const { drawn } = series.columns;
    const extent = axis === 'step' ? drawn.stepExtent : drawn.wallExtent;
    const own = x + axisShift(series, axis);
    if (drawn.length === 0 || own < extent.min - tolerance || own > lineEnd(series, axis) + tolerance) continue;
    const column = axisColumn(drawn, axis);
    const nearest = nearestRow(column, drawn.length, extent.isSorted, own);
    const isAhead = nearest > 0 && extent.isSorted && (column[nearest] ?? NaN) > own;
    const row = isAhead && isHeld(series.place.card) ? nearest - 1 : nearest;
    readings.push({
      series,
      step: drawn.step[row] ?? NaN,
      wallTime: drawn.wallTime[row] ?? NaN,
      value: drawn.value[row] ?? NaN,
      smoothed: smoothing > 0 && isSmoothable(series) ? smoothedAt(series, axis, smoothing, own) : undefined,
    });
  }
  return readings;
}

function smoothedAt(series: CardSeries, axis: XAxis, smoothing: number, own: number): number {
  const line = series.columns.smoothed(smoothing);
  const extent: Extent = axis === 'step' ? line.stepExtent : line.wallExtent;
  return line.value[nearestRow(axisColumn(line, axis), line.length, extent.isSorted, own)] ?? NaN;
}
