import { LogError } from '../core/errors.ts';
import type { PointColumns } from './points.ts';
import type { PointSeries, SeriesQuery } from './series-types.ts';

/** A join holds both tags in memory; with more points than this it is refused. */
export const mostJoinedPoints = 200_000;

/** The error for a tag that is too long to be joined. */
export function tooLargeError(call: string, tag: string): LogError {
  return new LogError(
    'query-too-large',
    `${call}: tag '${tag}' has more than ${mostJoinedPoints.toLocaleString('en')} points, which is the most that can be joined with another tag. ` +
      'Leave x out, and ask for buckets with maxPoints.',
  );
}

/** Gives each point the value that `x` has at the same step, the last one of several; points without one are left out. */
export function joinPoints(
  points: PointColumns,
  x: PointColumns,
  query: Pick<SeriesQuery, 'from' | 'to'>,
): PointColumns & Required<Pick<PointSeries, 'x'>> {
  const at = new Map<number, number>();
  for (let row = 0; row < x.step.length; row++) at.set(x.step[row] as number, x.value[row] as number);
  const isAll = query.from === undefined && query.to === undefined;
  const { from = -Infinity, to = Infinity } = query;
  const rows: number[] = [];
  const found: number[] = [];
  for (let row = 0; row < points.step.length; row++) {
    const value = at.get(points.step[row] as number);
    if (value === undefined || !(isAll || (value >= from && value <= to))) continue;
    rows.push(row);
    found.push(value);
  }
  return { ...pickRows(points, rows), x: Float64Array.from(found) };
}

/** Some rows, in this order. */
export function pickRows(points: PointColumns, rows: ArrayLike<number>): PointColumns {
  const pick = (column: Float64Array): Float64Array => {
    const picked = new Float64Array(rows.length);
    for (let i = 0; i < picked.length; i++) picked[i] = column[rows[i] as number] as number;
    return picked;
  };
  return { step: pick(points.step), epoch: pick(points.epoch), wallTime: pick(points.wallTime), value: pick(points.value) };
}
