import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ConcordanceCorrCoef,
  CosineSimilarity,
  ExplainedVariance,
  LogCoshError,
  MeanAbsoluteError,
  MeanSquaredError,
  NormalizedRootMeanSquaredError,
  PearsonCorrCoef,
  R2Score,
  SpearmanCorrCoef,
  WeightedMeanAbsolutePercentageError,
} from '../../../../src/metrics/index.ts';
import { expectClose, type OfRows } from '../every-way.ts';

describe('R²', () => {
  test('of one sample is refused, and says how many it has', async () => {
    const metric = new R2Score();
    metric.update([1], [2]);
    await expect(metric.compute()).rejects.toMatchObject({
      code: 'bad-metric',
      message: expect.stringContaining('got 1 samples, needs two'),
    });
    metric.update([2], [3]);
    await expect(metric.compute()).resolves.toBeTypeOf('number');
  });

  test('is 1 without errors and 0 for targets that do not vary', async () => {
    const metric = new R2Score();
    metric.update([5, 5, 5], [5, 5, 5]);
    expect(await metric.compute()).toBe(1);
    metric.update([6], [5]);
    expect(await metric.compute()).toBe(0);
  });

  test('is not adjusted, with a warning, when regressors are as many as samples', async () => {
    const warnings: string[] = [];
    const metric = new R2Score({ adjusted: 3, onWarning: ({ text }) => warnings.push(text) });
    metric.update([1.5, 1.5, 3.5, 5], [1, 2, 3, 4]);
    expectClose(await metric.compute(), 0.65);
    expect(warnings).toEqual([expect.stringContaining('too few to adjust for 3')]);
  });

  test('refuses another number of outputs than before, and keeps what it has', async () => {
    const metric = new R2Score({ multioutput: 'rawValues' });
    metric.update(
      [
        [1, 1],
        [2, 3],
      ],
      [
        [1, 1],
        [2, 2],
      ],
    );
    const before = metric.metricState;
    expect(() => metric.update([1, 2], [1, 2])).toThrow('R2Score.update(): got 1 outputs after 2 before');
    expect(metric.metricState).toEqual(before);
  });
});

test('explained variance is 1 for a constant error and 0 for constant targets', async () => {
  const metric = new ExplainedVariance();
  metric.update([1.1, 1.2, 1.3], [0.1, 0.2, 0.3]);
  expect(await metric.compute()).toBe(1);
  metric.reset();
  metric.update([1, 2], [0.3, 0.3]);
  metric.update([3], [0.3]);
  expect(await metric.compute()).toBe(0);
});

describe('correlation', () => {
  test.each([
    ['constant predictions', [0.1, 0.1, 0.1], [1, 2, 3]],
    ['constant targets', [1, 2, 3], [0.7, 0.7, 0.7]],
    ['rounding noise', [1e6, 1e6 + 1e-10, 1e6], [1, 2, 3]],
    ['one sample', [1], [2]],
  ])('of %s is NaN with a warning', async (_, preds, target) => {
    for (const Kind of [PearsonCorrCoef, ConcordanceCorrCoef]) {
      const warnings: string[] = [];
      const metric = new Kind({ onWarning: ({ text }) => warnings.push(text) });
      metric.update(preds, target);
      expect(await metric.compute()).toBeNaN();
      expect(warnings).toEqual([expect.stringContaining('hardly vary')]);
    }
  });

  test('of values far from zero stays exact over many batches', async () => {
    // The line y = 2x + 1 with x around 1e8: sums of squares would lose all digits.
    const whole = new PearsonCorrCoef();
    const concordance = new ConcordanceCorrCoef();
    for (let i = 0; i < 1000; i++) {
      whole.update([1e8 + i, 1e8 + 2 * i], [2 * (1e8 + i) + 1, 2 * (1e8 + 2 * i) + 1]);
      concordance.update([1e8 + i], [1e8 + i]);
    }
    expect(await whole.compute()).toBeCloseTo(1, 12);
    expect(await concordance.compute()).toBeCloseTo(1, 12);
  });

  test('never leaves [-1, 1]', async () => {
    const metric = new PearsonCorrCoef();
    metric.update([0.1, 0.2, 0.3], [-0.1, -0.2, -0.3]);
    expect(await metric.compute()).toBeGreaterThanOrEqual(-1);
  });

  test('of ranks shares the mean rank among equal values, and of one sample is 0', async () => {
    const metric = new SpearmanCorrCoef();
    metric.update([7], [3]);
    expect(await metric.compute()).toBe(0);
    metric.reset();
    // Ranks 2.5 2.5 1 4 and 1 2.5 2.5 4: products of deviations 0, 0, 0, 2.25, of squares 4.5 each.
    metric.update([5, 5, 1, 9], [1, 2, 2, 3]);
    expect(await metric.compute()).toBeCloseTo(0.5, 5);
  });
});

test('log-cosh of large errors does not overflow', async () => {
  const metric = new LogCoshError();
  metric.update([1e6], [-1e6]);
  expect(await metric.compute()).toBeCloseTo(2e6 - Math.LN2, 6);
});

test('a row of zeros has no angle', async () => {
  const metric = new CosineSimilarity();
  metric.update([[0, 0]], [[1, 2]]);
  expect(await metric.compute()).toBeNaN();
});

test('an empty batch adds nothing', async () => {
  for (const metric of [
    new MeanSquaredError(),
    new R2Score(),
    new PearsonCorrCoef(),
    new SpearmanCorrCoef(),
    new NormalizedRootMeanSquaredError(),
  ]) {
    metric.update([1, 2, 4], [1, 3, 5]);
    const before = await metric.compute();
    metric.update([], []);
    expect(await metric.compute()).toBe(before);
  }
});

describe('input that does not fit names the call, what was found and the next move', () => {
  test.each<[string, () => void, string]>([
    [
      'two shapes',
      () => new MeanSquaredError().update([1, 2], [1]),
      'MeanSquaredError.update(): preds have shape [2], target has [1]. Give both the same shape.',
    ],
    [
      'a string',
      () => new MeanAbsoluteError().update('0.5' as unknown as number, 1),
      'MeanAbsoluteError.update(): preds is the string "0.5". Give numbers',
    ],
    [
      'other outputs',
      () => new PearsonCorrCoef().update([[1, 2]], [[1, 2]]),
      'PearsonCorrCoef.update(): got shape [1, 2], need (N) or (N, 1). Set numOutputs',
    ],
    ['other outputs than told', () => new MeanSquaredError({ numOutputs: 3 }).update([1], [1]), 'got shape [1], need (N, 3)'],
    ['no rows', () => new CosineSimilarity().update([1, 2], [1, 2]), 'CosineSimilarity.update(): got 1 axes, need (N, D)'],
    [
      'ragged rows',
      () =>
        new MeanSquaredError().update(
          [[1, 2], [3]],
          [
            [1, 2],
            [3, 4],
          ],
        ),
      'found an array of 1 values among rows of 2 values',
    ],
    ['three axes', () => new R2Score().update([[[1]]], [[[1]]]), 'R2Score.update(): got 3 axes, need (N) or (N, outputs)'],
    [
      'a shape of other size',
      () => new MeanSquaredError().update({ values: new Float32Array(3), shape: [2, 2] }, 1),
      'got 3 values of shape [2, 2]',
    ],
  ])('%s', (_, update, message) => {
    expect(update).toThrow(expect.objectContaining({ name: 'LogError', code: 'bad-metric', message: expect.stringContaining(message) }));
  });

  test.each<[string, () => unknown, string]>([
    [
      'an unknown option',
      () => new MeanSquaredError({ squard: false } as object),
      "new MeanSquaredError(): there is no option 'squard'. There are: ",
    ],
    ['outputs', () => new MeanSquaredError({ numOutputs: 0 }), 'new MeanSquaredError(): numOutputs is the number 0'],
    [
      'an average',
      () => new R2Score({ multioutput: 'uniform' as 'rawValues' }),
      `new R2Score(): multioutput is the string "uniform". Give one of 'uniformAverage'`,
    ],
    ['an adjustment', () => new R2Score({ adjusted: 0.5 }), 'adjusted is the number 0.5'],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: 'bad-options', message: expect.stringContaining(message) }));
  });
});

const kinds: [string, () => OfRows<unknown>][] = [
  ['mean squared error', () => new MeanSquaredError()],
  ['weighted percentage error', () => new WeightedMeanAbsolutePercentageError()],
  ['R²', () => new R2Score()],
  ['explained variance', () => new ExplainedVariance()],
  ['Pearson', () => new PearsonCorrCoef({ onWarning: () => {} })],
  ['Spearman', () => new SpearmanCorrCoef()],
  ['concordance', () => new ConcordanceCorrCoef({ onWarning: () => {} })],
  ['RMSE over the standard deviation', () => new NormalizedRootMeanSquaredError({ normalization: 'std' })],
];

test.each(kinds)('however the batches of %s are cut and merged, the whole comes out', async (_, make) => {
  // Multiples of 1/8 from -100 to 100, so that nothing is lost by rounding.
  const eighths = fc.integer({ min: -800, max: 800 }).map((n) => n / 8);
  const pairs = fc.array(fc.tuple(eighths, eighths), { minLength: 2, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(pairs, fc.array(fc.tuple(fc.nat(40), fc.nat(2)), { maxLength: 6 }), async (rows, cuts) => {
      const whole = make();
      whole.update(
        rows.map(([pred]) => pred),
        rows.map(([, target]) => target),
      );
      const parts = [make(), make(), make()];
      const ends = [...cuts, [40, 0] as const].map(([at, part]) => [Math.min(at, rows.length), part] as const).sort(([a], [b]) => a - b);
      let from = 0;
      for (const [to, part] of ends) {
        if (to > from)
          parts[part]?.update(
            rows.slice(from, to).map(([pred]) => pred),
            rows.slice(from, to).map(([, target]) => target),
          );
        from = Math.max(from, to);
      }
      const merged = make();
      for (const part of parts) merged.mergeState(structuredClone(part.metricState), part.updateCount);
      const [expected, value] = [await whole.compute(), await merged.compute()] as [number, number];
      if (Number.isNaN(expected)) expect(value).toBeNaN();
      else expect(Math.abs(value - expected)).toBeLessThan(1e-9 * Math.max(1, Math.abs(expected)));
    }),
    { numRuns: 100, seed: 7 },
  );
});
