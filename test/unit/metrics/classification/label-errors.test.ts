import { describe, expect, test } from 'vitest';
import { LogError } from '../../../../src/core/errors.ts';
import * as metrics from '../../../../src/metrics/index.ts';
import type { NumberArray } from '../../../../src/metrics/index.ts';

function caught(work: () => unknown): LogError {
  try {
    work();
  } catch (error) {
    if (error instanceof LogError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

type Taking = { update(preds: NumberArray, target: NumberArray): void };

describe('what does not fit is refused, and the metric keeps what it had', () => {
  const rows: readonly (readonly [what: string, metric: Taking, preds: NumberArray, target: NumberArray, message: RegExp])[] = [
    [
      'fewer scores',
      new metrics.BinaryAccuracy(),
      [0.1],
      [0, 1],
      /BinaryAccuracy\.update\(\): preds are \[1\] and target \[2\], need as many/,
    ],
    ['a target of 2', new metrics.BinaryF1Score(), [0.1, 0.2], [0, 2], /BinaryF1Score\.update\(\): target holds 2, .* 0 to 1.*ignoreIndex/],
    ['a label of 3', new metrics.BinaryRecall(), Int32Array.of(3), [1], /preds holds 3/],
    ['a fraction as class', new metrics.MulticlassAccuracy({ numClasses: 3 }), [0.5], [1], /preds holds 0\.5, .* 0 to 2.*scores as floats/],
    ['a class too many', new metrics.MulticlassConfusionMatrix({ numClasses: 3 }), [0, 1], [0, 3], /target holds 3/],
    ['a class below 0', new metrics.MulticlassConfusionMatrix({ numClasses: 3, ignoreIndex: -1 }), [-1], [0], /preds holds -1/],
    ['not a number', new metrics.MulticlassJaccardIndex({ numClasses: 3 }), [0], [NaN], /target holds NaN/],
    [
      'scores of other classes',
      new metrics.MulticlassAccuracy({ numClasses: 3 }),
      [[0.1, 0.9]],
      [1],
      /\[1, 2\] and target \[1\], need .*3 classes/,
    ],
    [
      'targets as one-hot rows',
      new metrics.MulticlassCohenKappa({ numClasses: 2 }),
      [[0.1, 0.9]],
      [
        [0, 1],
        [1, 0],
      ],
      /need classes of one shape/,
    ],
    ['classes for topK', new metrics.MulticlassAccuracy({ numClasses: 3, topK: 2 }), [1, 2], [1, 2], /topK is 2/],
    ['other labels', new metrics.MultilabelPrecision({ numLabels: 3 }), [[1, 0]], [[1, 0]], /need both \[N, 3\]/],
    ['one axis', new metrics.MulticlassAccuracy({ numClasses: 3, multidimAverage: 'samplewise' }), [1], [1], /samplewise/],
    [
      'two axes of labels',
      new metrics.MultilabelExactMatch({ numLabels: 2, multidimAverage: 'samplewise' }),
      [[1, 0]],
      [[1, 0]],
      /samplewise/,
    ],
    ['samples of other shapes', new metrics.BinaryAccuracy({ multidimAverage: 'samplewise' }), [[1, 0]], [[1], [0]], /as many/],
  ];

  test.each(rows)('%s', (_, metric, preds, target, message) => {
    const before = JSON.stringify((metric as metrics.BinaryAccuracy).metricState);
    const error = caught(() => metric.update(preds, target));
    expect(error.code).toBe('bad-metric');
    expect(error.message).toMatch(message);
    expect(JSON.stringify((metric as metrics.BinaryAccuracy).metricState)).toBe(before);
  });

  test('the rest of a batch with a bad target is not counted either', async () => {
    const metric = new metrics.MulticlassStatScores({ numClasses: 2, average: 'micro' });
    metric.update([0, 1], [0, 0]);
    caught(() => metric.update([0, 1], [0, 2]));
    expect([...(await metric.compute())]).toEqual([1, 1, 1, 1, 2]);
  });
});

describe('options that say nothing sensible are refused', () => {
  const wrong = (value: unknown): never => value as never; // what types would not let through
  const rows: readonly (readonly [make: () => unknown, message: RegExp])[] = [
    [() => new metrics.MulticlassAccuracy({ numClasses: 1 }), /new MulticlassAccuracy\(\): numClasses is the number 1, need .* at least 2/],
    [() => new metrics.MulticlassAccuracy(wrong({})), /numClasses is undefined/],
    [() => new metrics.MultilabelAccuracy({ numLabels: 1.5 }), /numLabels is the number 1\.5/],
    [() => new metrics.BinaryAccuracy({ threshold: 1.5 }), /new BinaryAccuracy\(\): threshold is the number 1\.5/],
    [() => new metrics.BinaryAccuracy({ threshold: NaN }), /threshold is the number NaN/],
    [() => new metrics.BinaryAccuracy({ ignoreIndex: 0.5 }), /ignoreIndex is the number 0\.5/],
    [() => new metrics.MulticlassRecall({ numClasses: 3, topK: 4 }), /topK is the number 4, need a whole number from 1 to 3/],
    [() => new metrics.MulticlassRecall({ numClasses: 3, topK: 0 }), /topK is the number 0/],
    [() => new metrics.MulticlassRecall({ numClasses: 3, average: wrong('mean') }), /average is .*need one of 'macro', 'micro'/],
    [() => new metrics.BinaryPrecision({ multidimAverage: wrong('all') }), /multidimAverage is/],
    [() => new metrics.BinaryPrecision({ zeroDivision: wrong(2) }), /new BinaryPrecision\(\): zeroDivision is/],
    [() => new metrics.BinaryFBetaScore({ beta: 0 }), /new BinaryFBetaScore\(\): beta is the number 0/],
    [() => new metrics.MultilabelFBetaScore(wrong({ numLabels: 2 })), /beta is undefined/],
    [() => new metrics.BinaryConfusionMatrix({ normalize: wrong('rows') }), /normalize is .*'true', 'pred', 'all'/],
    [() => new metrics.MulticlassCohenKappa({ numClasses: 3, weights: wrong('cubic') }), /weights is .*'linear', 'quadratic'/],
    [() => new metrics.MulticlassJaccardIndex({ numClasses: 3, average: wrong('mean') }), /average is/],
    [() => new metrics.BinaryAccuracy(wrong({ average: 'macro' })), /new BinaryAccuracy\(\): there is no option 'average'/],
    [() => new metrics.MulticlassAccuracy(wrong({ numClasses: 3, treshold: 0.5 })), /no option 'treshold'/],
    [
      () => metrics.accuracy(wrong({ task: 'regression' })),
      /accuracy\(\): task is the string "regression", need one of 'binary', 'multiclass', 'multilabel'/,
    ],
    [
      () => metrics.cohenKappa(wrong({ task: 'multilabel', numLabels: 3 })),
      /cohenKappa\(\): task is .*need one of 'binary', 'multiclass'\./,
    ],
  ];

  test.each(rows)('%s', (make, message) => {
    const error = caught(make);
    expect(error.code).toBe('bad-options');
    expect(error.message).toMatch(message);
  });
});
