import { expect, test } from 'vitest';
import { smooth, startSmoothing } from '../../../src/panel/smoothing.ts';

const smoothed = (values: readonly number[], weight: number, counts?: readonly number[]): number[] => {
  const out = new Float64Array(values.length);
  smooth(Float64Array.from(values), 0, values.length, startSmoothing(weight), out, counts && Float64Array.from(counts));
  return [...out];
};

test('the average is corrected for its start', () => {
  // Weight 0.5. Averages from 0: 1, 3, 5.5. Divided by 1 - 0.5^n = 0.5, 0.75, 0.875.
  const [first, second, third] = smoothed([2, 5, 8], 0.5);
  expect(first).toBeCloseTo(2, 12);
  expect(second).toBeCloseTo(3 / 0.75, 12);
  expect(third).toBeCloseTo(5.5 / 0.875, 12);
});

test('weight 0 is the line itself', () => {
  expect(smoothed([3, -1, 4], 0)).toEqual([3, -1, 4]);
});

test('a constant stays what it is to the last digit, also at 0.99', () => {
  for (const weight of [0.3, 0.6, 0.9, 0.99]) {
    for (const constant of [0.03, 0.1, 0.9, -1 / 3]) {
      expect(new Set(smoothed(Array.from<number>({ length: 500 }).fill(constant), weight))).toEqual(new Set([constant]));
    }
  }
});

test('NaN and infinities are gaps that leave the average alone', () => {
  const [a, b, c, d] = smoothed([2, NaN, Infinity, 5], 0.5);
  expect(a).toBeCloseTo(2, 12);
  expect(b).toBeNaN();
  expect(c).toBeNaN();
  expect(d).toBeCloseTo(4, 12);
});

test('rows added later carry on where the line ended', () => {
  const values = Float64Array.from([2, 5, 8]);
  const state = startSmoothing(0.5);
  const out = new Float64Array(3);
  smooth(values, 0, 1, state, out);
  smooth(values, 1, 3, state, out);
  expect(out[2]).toBeCloseTo(5.5 / 0.875, 12);
});

test('a mean of three equal points weighs as much as the three points', () => {
  const points = smoothed([1, 4, 4, 4, 2], 0.8);
  const means = smoothed([1, 4, 2], 0.8, [1, 3, 1]);
  expect(means[1]).toBeCloseTo(points[3] ?? NaN, 12);
  expect(means[2]).toBeCloseTo(points[4] ?? NaN, 12);
});
