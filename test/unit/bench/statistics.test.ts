import { describe, expect, test } from 'vitest';
import { bootstrapMedian95, median, pairedRatio, quantile, seededRandom } from '../../../bench/lib/statistics.mjs';

describe('median', () => {
  test('is the middle value of an odd count, in whatever order they come', () => {
    expect(median([9, 1, 4])).toBe(4);
  });

  test('is the mean of the two in the middle of an even count', () => {
    expect(median([10, 1, 3, 2])).toBe(2.5);
  });

  test('sorts by number, not by text', () => {
    expect(median([100, 9, 20])).toBe(20);
  });

  test('of nothing is not a number', () => {
    expect(median([])).toBeNaN();
  });

  test('leaves its input as it was', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('quantile', () => {
  test('takes the nearest rank: the 99th of 100 values, the 50th, the first', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(quantile(values, 0.99)).toBe(99);
    expect(quantile(values, 0.5)).toBe(50);
    expect(quantile(values, 0)).toBe(1);
    expect(quantile(values, 1)).toBe(100);
  });
});

describe('bootstrapMedian95', () => {
  // With n values the resampled median is at most the k-th smallest with the chance that at least (n + 1) / 2 of n draws fall
  // on the k smallest: P(Binomial(n, k / n) >= (n + 1) / 2).
  test('of five values is their whole range: the smallest is the median of 5.8 % of the resamples, more than 2.5 %', () => {
    // P(Bin(5, 0.2) >= 3) = 0.0512 + 0.0064 + 0.0003 = 0.0579
    expect(bootstrapMedian95([5, 1, 4, 2, 3])).toEqual([1, 5]);
  });

  test('of seven values leaves the smallest and largest out: each is the median of 1 % of the resamples only', () => {
    // P(Bin(7, 1/7) >= 4) = 0.0102, P(Bin(7, 2/7) >= 4) = 0.0976 + 0.0234 + 0.0031 + 0.0002 = 0.1243
    expect(bootstrapMedian95([70, 10, 60, 20, 50, 30, 40])).toEqual([20, 60]);
  });

  test('of equal values is that value', () => {
    expect(bootstrapMedian95([2, 2, 2])).toEqual([2, 2]);
  });

  test('gives the same interval for the same values', () => {
    const values = [3.1, 2.7, 2.9, 3.3, 2.8, 3.0];
    expect(bootstrapMedian95(values)).toEqual(bootstrapMedian95(values));
  });
});

describe('pairedRatio', () => {
  test('compares round with round, so a slow spell of the machine cancels out', () => {
    // Every round is twice as fast, while the machine itself is ten times slower in the last two: medians alone would say 200 / 100.
    expect(pairedRatio([200, 220, 240, 20, 22], [100, 110, 120, 10, 11])).toEqual({ ratio: 2, ci95: [2, 2] });
  });

  test('takes the median of the ratios and its interval', () => {
    // Ratios 1, 2, 3, 4, 5; the interval of five values is their range, see above.
    expect(pairedRatio([1, 4, 9, 16, 25], [1, 2, 3, 4, 5])).toEqual({ ratio: 3, ci95: [1, 5] });
  });

  test('refuses sides with different numbers of rounds', () => {
    expect(() => pairedRatio([1, 2], [1])).toThrow('2 rounds against 1');
  });
});

test('seededRandom repeats itself for a seed, differs between seeds, and stays within [0, 1)', () => {
  const draw = (seed: number): number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 1000 }, random);
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  const values = draw(7);
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  // The mean of 1,000 uniform draws has a standard deviation of 0.0091; five of them are allowed.
  expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / 1000 - 0.5)).toBeLessThan(0.046);
});
