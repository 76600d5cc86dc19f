import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CatMetric,
  MaxMetric,
  MeanMetric,
  MinMetric,
  type NanStrategy,
  RunningMean,
  RunningSum,
  SumMetric,
} from '../../../../src/metrics/index.ts';

describe('the mean', () => {
  test('weighs values', async () => {
    const metric = new MeanMetric();
    metric.update([0.7, 0.8], [256, 256]);
    metric.update(0.9, 10);
    expect(await metric.compute()).toBeCloseTo(0.752874, 6);
    expect(await metric([1, 2], 3)).toBe(1.5);
  });

  test('repeats weights along missing and unit axes', async () => {
    const metric = new MeanMetric();
    metric.update(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [[1], [3]],
    );
    // (1 + 2 + 3) · 1 and (4 + 5 + 6) · 3, over 12.
    expect(await metric.compute()).toBe(51 / 12);
    metric.reset();
    metric.update(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [1, 0, 2],
    );
    expect(await metric.compute()).toBe((1 + 6 + 4 + 12) / 6);
  });

  test('refuses weights of another shape', () => {
    expect(() => new MeanMetric().update([1, 2, 3], [1, 2])).toThrow(
      'MeanMetric.update(): a weight of shape [2] does not go with values of shape [3].',
    );
    expect(() => new MeanMetric().update('3' as unknown as number)).toThrow('MeanMetric.update(): got the string "3".');
  });

  test('of nothing is NaN', async () => {
    const metric = new MeanMetric({ onWarning: () => {} });
    expect(await metric.compute()).toBeNaN();
    metric.update([]);
    expect(await metric.compute()).toBeNaN();
  });
});

test('sum, least, greatest and all values in order', async () => {
  const metrics = [new SumMetric(), new MinMetric(), new MaxMetric(), new CatMetric()];
  for (const metric of metrics) {
    metric.update([3, 1]);
    metric.update(new Float32Array([[2], [-1]].flat()));
    metric.update([]);
  }
  expect(await Promise.all(metrics.map((metric) => metric.compute()))).toEqual([5, -1, 3, Float64Array.of(3, 1, 2, -1)]);
  for (const metric of metrics) metric.reset();
  expect(metrics.map(({ metricState }) => metricState)).toEqual([{ value: 0 }, { value: Infinity }, { value: -Infinity }, { value: [] }]);
});

describe('NaN', () => {
  const meanWith = async (nanStrategy: NanStrategy | undefined, warnings: string[] = []): Promise<number> => {
    const metric = new MeanMetric({ ...(nanStrategy !== undefined && { nanStrategy }), onWarning: ({ text }) => warnings.push(text) });
    metric.update([1, NaN, 3], [1, 5, 3]);
    metric.update([5, 6], [NaN, 1]);
    return metric.compute();
  };

  test('is left out with one warning by default', async () => {
    const warnings: string[] = [];
    expect(await meanWith(undefined, warnings)).toBe((1 + 9 + 6) / 5);
    expect(warnings).toEqual([expect.stringContaining('MeanMetric: got NaN, which is left out')]);
  });

  test('is left out silently, counted, or replaced with weight 1', async () => {
    const warnings: string[] = [];
    expect(await meanWith('ignore', warnings)).toBe((1 + 9 + 6) / 5);
    expect(await meanWith('disable', warnings)).toBeNaN();
    expect(await meanWith(10, warnings)).toBe((1 + 10 + 9 + 10 + 6) / 7);
    expect(warnings).toEqual([]);
  });

  test('is an error when asked for, which leaves what was counted', async () => {
    await expect(meanWith('error')).rejects.toThrow('MeanMetric.update(): got NaN.');
    const metric = new SumMetric({ nanStrategy: 'error' });
    metric.update(2);
    expect(() => metric.update([1, NaN])).toThrow(expect.objectContaining({ code: 'bad-metric' }));
    expect(await metric.compute()).toBe(2);
  });

  test('counted makes least and greatest NaN', async () => {
    const metrics = [new MinMetric({ nanStrategy: 'disable' }), new MaxMetric({ nanStrategy: 'disable' })];
    for (const metric of metrics) metric.update([1, NaN, 3]);
    expect(await Promise.all(metrics.map((metric) => metric.compute()))).toEqual([NaN, NaN]);
  });

  test('needs a strategy that exists', () => {
    expect(() => new SumMetric({ nanStrategy: 'drop' as 'warn' })).toThrow(
      expect.objectContaining({
        code: 'bad-options',
        message: expect.stringContaining('new SumMetric(): nanStrategy is the string "drop"'),
      }),
    );
  });
});

describe('running aggregators', () => {
  test('count the last batches only, and give the batch by forward', async () => {
    const mean = new RunningMean({ window: 3 });
    const sum = new RunningSum({ window: 2 });
    const seen: number[][] = [];
    for (const value of [1, 2, 3, 4, 5]) {
      mean.update(value);
      const own = await sum(value);
      seen.push([await mean.compute(), own, await sum.compute()]);
    }
    expect(seen).toEqual([
      [1, 1, 1],
      [1.5, 2, 3],
      [2, 3, 5],
      [3, 4, 7],
      [4, 5, 9],
    ]);
    expect(mean.updateCount).toBe(5);
    mean.reset();
    mean.update(7);
    expect(await mean.compute()).toBe(7);
  });

  test('weigh, take a NaN strategy, and a window of five by default', async () => {
    const mean = new RunningMean({ nanStrategy: 'ignore' });
    for (const value of [100, 1, NaN, 2, 3]) mean.update(value, 2);
    mean.update(4, 6);
    expect(await mean.compute()).toBe((2 * (1 + 2 + 3) + 24) / 12);
    expect(() => new RunningSum({ window: 0 })).toThrow('new RunningSum(): window is the number 0');
  });
});

test('however values are cut and merged, the aggregate is that of all', async () => {
  const values = fc.array(
    fc.integer({ min: -1000, max: 1000 }).map((n) => n / 8),
    { minLength: 1, maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(values, fc.nat(30), async (all, at) => {
      for (const make of [
        () => new MeanMetric(),
        () => new SumMetric(),
        () => new MinMetric(),
        () => new MaxMetric(),
        () => new CatMetric(),
      ]) {
        const [whole, one, two] = [make(), make(), make()];
        whole.update(all);
        one.update(all.slice(0, at));
        two.update(all.slice(at));
        one.mergeState(structuredClone(two.metricState), two.updateCount);
        expect(await one.compute()).toEqual(await whole.compute());
      }
    }),
    { numRuns: 100, seed: 7 },
  );
});

test('values that are all kept are warned about once, when they are many', () => {
  const warnings: string[] = [];
  const large = new Float64Array(2 ** 24);
  const metric = new CatMetric({ onWarning: ({ text }) => warnings.push(text) });
  // 128 MB that are listed three times, as if another thread had sent them.
  metric.mergeState({ value: Array.from({ length: 3 }, () => large) });
  expect(warnings).toEqual([]);
  metric.update(1);
  metric.update(2);
  expect(warnings).toEqual(['CatMetric: it holds all values, now 384 MB. Reset it more often, or take a metric that holds sums only.']);
});
