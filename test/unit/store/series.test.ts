import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PointColumns } from '../../../src/store/points.ts';
import { boundsOf, checkSeriesQuery, pointsWithin, reachOf, shareWithin, type Window } from '../../../src/store/series.ts';

const x = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constantFrom(0.5, -Infinity, Infinity));
const window: fc.Arbitrary<Window> = fc.record({
  bounds: fc.option(fc.record({ from: x, to: x, isTime: fc.boolean(), origin: fc.constantFrom(0, 7) }), { nil: undefined }),
  cutoff: fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constant(Infinity)),
});
const points = fc.array(fc.tuple(fc.integer({ min: -25, max: 25 }), fc.integer({ min: -25, max: 25 })), { minLength: 1, maxLength: 12 });

test('what is said about the reach of a window is true of the points', () => {
  fc.assert(
    fc.property(points, window, (list, seen) => {
      const step = Float64Array.from(list, ([one]) => one);
      const wallTime = Float64Array.from(list, ([, one]) => one);
      const columns: PointColumns = { step, wallTime, epoch: step, value: step };
      const extent = {
        lowStep: Math.min(...step),
        highStep: Math.max(...step),
        lowWallTime: Math.min(...wallTime),
        highWallTime: Math.max(...wallTime),
      };
      const { bounds, cutoff } = seen;
      const expected = list.filter(([one, time]) => {
        const at = (bounds?.isTime === true ? time : one) - (bounds?.origin ?? 0);
        return one < cutoff && (bounds === undefined || (at >= bounds.from && at <= bounds.to));
      });
      const found = pointsWithin(columns, seen);
      expect(Array.from(found.step, (one, row) => [one, found.wallTime[row]])).toEqual(expected);
      const reach = reachOf(extent, seen);
      if (reach === 'all') expect(expected.length).toBe(list.length);
      if (reach === 'none') expect(expected.length).toBe(0);
      const share = shareWithin(extent, seen);
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
      if (reach === 'all') expect(share).toBe(1);
    }),
    { numRuns: 500 },
  );
});

test('half a window of regular points holds half of them', () => {
  const extent = { lowStep: 0, highStep: 1000, lowWallTime: 5000, highWallTime: 6000 };
  const bounds = boundsOf({ axis: 'relative', from: 250, to: 750 }, 5000);
  expect(shareWithin(extent, { bounds, cutoff: Infinity })).toBe(0.5);
  expect(shareWithin(extent, { bounds: undefined, cutoff: 100 })).toBe(0.1);
});

test('queries that make no sense are refused, with the call and what was found', () => {
  for (const [query, found] of [
    [{ maxPoints: 0 }, 'maxPoints is the number 0'],
    [{ maxPoints: 1.5 }, 'maxPoints is the number 1.5'],
    [{ from: NaN }, 'from is the number NaN'],
    [{ axis: 'time' as 'wall' }, 'axis is the string "time"'],
    [{ x: 3 as unknown as string }, 'x is the number 3'],
  ] as const) {
    expect(() => checkSeriesQuery(query, 'series()')).toThrow(`series(): ${found}`);
  }
  expect(() => checkSeriesQuery({ from: -Infinity, to: 3, axis: 'wall', maxPoints: 1, x: 'lr' }, 'series()')).not.toThrow();
});
