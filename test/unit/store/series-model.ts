import { expect } from 'vitest';
import type { Series, SeriesQuery } from '../../../src/store/metric-store.ts';
import type { ModelPoint } from './plain-model.ts';

/** The points that a query should show, in their order. */
export function shownPoints(points: readonly ModelPoint[], query: SeriesQuery, startedAt: number): readonly ModelPoint[] {
  const { from = -Infinity, to = Infinity, axis = 'step' } = query;
  if (query.from === undefined && query.to === undefined) return points;
  return points.filter((point) => {
    const x = axis === 'step' ? point.step : axis === 'wall' ? point.wallTime : point.wallTime - startedAt;
    return x >= from && x <= to;
  });
}

/** Fails unless a series shows just these points: one by one, or when there are more than allowed in buckets of neighbours. */
export function expectShown(series: Series, points: readonly ModelPoint[], maxPoints = Infinity): void {
  if (points.length <= maxPoints) {
    expect(series.kind).toBe('points');
    if (series.kind !== 'points') return;
    const found = Array.from(series.value, (value, row) => ({
      step: series.step[row],
      epoch: series.epoch[row],
      wallTime: series.wallTime[row],
      value,
    }));
    expect(found).toEqual(points.map(({ step, epoch, wallTime, value }) => ({ step, epoch, wallTime, value })));
    return;
  }
  expect(series.kind).toBe('buckets');
  if (series.kind !== 'buckets') return;
  expect(series.count.length).toBeLessThanOrEqual(maxPoints);
  let from = 0;
  series.count.forEach((count, row) => {
    const inside = points.slice(from, from + count);
    const numbers = inside.filter(({ value }) => !Number.isNaN(value));
    const low = Math.min(...numbers.map(({ value }) => value));
    const high = Math.max(...numbers.map(({ value }) => value));
    // Without any number the extremes lie at the first point.
    const lowest = numbers.find(({ value }) => value === low) ?? inside[0];
    const highest = numbers.find(({ value }) => value === high) ?? inside[0];
    const last = inside.at(-1);
    const sum = numbers.reduce((total, { value }) => total + value, 0);
    const at = (column: Float64Array): number | undefined => column[row];
    expect({
      count,
      nanCount: at(series.nanCount),
      first: [at(series.step), at(series.epoch), at(series.wallTime), at(series.first)],
      last: [at(series.lastStep), at(series.lastWallTime), at(series.last)],
      min: [at(series.min), at(series.minStep), at(series.minWallTime)],
      max: [at(series.max), at(series.maxStep), at(series.maxWallTime)],
    }).toEqual({
      count: inside.length,
      nanCount: inside.length - numbers.length,
      first: [inside[0]?.step, inside[0]?.epoch, inside[0]?.wallTime, inside[0]?.value],
      last: [last?.step, last?.wallTime, last?.value],
      min: [lowest?.value, lowest?.step, lowest?.wallTime],
      max: [highest?.value, highest?.step, highest?.wallTime],
    });
    if (numbers.length === 0 || !Number.isFinite(sum)) expect(at(series.sum)).toBe(numbers.length === 0 ? NaN : sum);
    else expect(at(series.sum)).toBeCloseTo(sum, 6);
    from += count;
  });
  expect(from).toBe(points.length);
}
