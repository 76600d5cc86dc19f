import { describe, LogError } from '../core/errors.ts';
import { mergePoints } from './merge-points.ts';
import type { Series, SeriesQuery } from './metric-store.ts';
import type { PointColumns } from './pack.ts';

/** Throws `bad-options` when a query makes no sense. */
export function checkSeriesQuery(query: SeriesQuery, call: string): void {
  const { from, to, axis, maxPoints } = query;
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
}

/** Keeps the points whose x lies within the query, in their order. `startedAt` is where relative time begins. */
export function withinQuery(points: PointColumns, query: SeriesQuery, startedAt: number): PointColumns {
  const { from = -Infinity, to = Infinity, axis = 'step' } = query;
  if (query.from === undefined && query.to === undefined) return points;
  const x = axis === 'step' ? points.step : points.wallTime;
  const origin = axis === 'relative' ? startedAt : 0;
  const rows: number[] = [];
  for (let row = 0; row < x.length; row++) {
    const at = (x[row] as number) - origin;
    if (at >= from && at <= to) rows.push(row);
  }
  if (rows.length === x.length) return points;
  const pick = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row] as number);
  return { step: pick(points.step), epoch: pick(points.epoch), wallTime: pick(points.wallTime), value: pick(points.value) };
}

/** Puts the parts of a tag together: points, or buckets where there are more than `maxPoints`. */
export function toSeries(
  id: { readonly runId: string; readonly tag: string; readonly throughSeq: number },
  parts: readonly PointColumns[],
  maxPoints: number | undefined,
): Series {
  const points: PointColumns = {
    step: joined(parts, 'step'),
    epoch: joined(parts, 'epoch'),
    wallTime: joined(parts, 'wallTime'),
    value: joined(parts, 'value'),
  };
  if (maxPoints === undefined || points.value.length <= maxPoints) return { kind: 'points', ...id, ...points };
  return { kind: 'buckets', ...id, ...mergePoints(points, maxPoints) };
}

function joined(parts: readonly PointColumns[], name: keyof PointColumns): Float64Array {
  const column = new Float64Array(parts.reduce((sum, part) => sum + part[name].length, 0));
  let offset = 0;
  for (const part of parts) {
    column.set(part[name], offset);
    offset += part[name].length;
  }
  return column;
}
