import { describe, expect, test } from 'vitest';
import * as metrics from '../../../../src/metrics/index.ts';
import { close, type Example, type Expected, expectOf, four, labels, plain, two } from './examples.ts';

// Worked by hand from the definitions; they are the numbers of torchmetrics for the same data.
type Worked = readonly [what: string, metric: unknown, example: Example, expected: Expected];

const of4 = { numClasses: 4 } as const;
const labels3 = { numLabels: 3 } as const;
const each = { average: 'none' } as const;
const micro = { average: 'micro' } as const;
const weighted = { average: 'weighted' } as const;
const without2 = { ...of4, ignoreIndex: 2 };
const quiet = { onWarning: (): void => {} };
const [third, thirds] = [0.333333, 0.666667];

const tables: Readonly<Record<string, readonly Worked[]>> = {
  'confusion matrix': [
    [
      'two classes',
      new metrics.BinaryConfusionMatrix(),
      two,
      [
        [2, 2],
        [1, 3],
      ],
    ],
    [
      'two classes, shares of all',
      new metrics.BinaryConfusionMatrix({ normalize: 'all' }),
      two,
      [
        [0.25, 0.25],
        [0.125, 0.375],
      ],
    ],
    [
      'two classes, shares of what is predicted',
      new metrics.BinaryConfusionMatrix({ ...quiet, normalize: 'pred' }),
      two,
      [
        [thirds, 0.4],
        [third, 0.6],
      ],
    ],
    [
      'four classes',
      new metrics.MulticlassConfusionMatrix(of4),
      four,
      [
        [2, 1, 0, 0],
        [0, 1, 1, 0],
        [1, 0, 2, 0],
        [0, 0, 0, 0],
      ],
    ],
    [
      'four classes, shares of what is true',
      new metrics.MulticlassConfusionMatrix({ ...of4, ...quiet, normalize: 'true' }),
      four,
      [
        [thirds, third, 0, 0],
        [0, 0.5, 0.5, 0],
        [third, 0, thirds, 0],
        [0, 0, 0, 0],
      ],
    ],
    [
      'four classes without class 2',
      new metrics.MulticlassConfusionMatrix(without2),
      four,
      [
        [2, 1, 0, 0],
        [0, 1, 1, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ],
    ],
    [
      'labels',
      new metrics.MultilabelConfusionMatrix(labels3),
      labels,
      [
        [
          [0, 1],
          [0, 2],
        ],
        [
          [1, 0],
          [1, 1],
        ],
        [
          [2, 0],
          [1, 0],
        ],
      ],
    ],
  ],
  'Jaccard index': [
    ['two classes', new metrics.BinaryJaccardIndex(), two, 0.5],
    ['each class', new metrics.MulticlassJaccardIndex({ ...of4, ...each }), four, [0.5, third, 0.5, 0]],
    ['macro, without the absent class', new metrics.MulticlassJaccardIndex(of4), four, 0.444444],
    ['micro', new metrics.MulticlassJaccardIndex({ ...of4, ...micro }), four, 0.454545],
    ['weighted', new metrics.MulticlassJaccardIndex({ ...of4, ...weighted }), four, 0.458333],
    ['macro without class 2', new metrics.MulticlassJaccardIndex(without2), four, 0.5],
    ['micro without class 2', new metrics.MulticlassJaccardIndex({ ...without2, ...micro }), four, 0.5],
    ['weighted without class 2', new metrics.MulticlassJaccardIndex({ ...without2, ...weighted }), four, 0.533333],
    ['each label', new metrics.MultilabelJaccardIndex({ ...labels3, ...each }), labels, [thirds, 0.5, 0]],
    ['0/0 is 1', new metrics.BinaryJaccardIndex({ zeroDivision: 1 }), { preds: [0, 0], target: [0, 0] }, 1],
  ],
  'Matthews correlation': [
    ['two classes', new metrics.BinaryMatthewsCorrCoef(), two, 0.258199],
    ['four classes', new metrics.MulticlassMatthewsCorrCoef(of4), four, 0.428571],
    ['all right', new metrics.BinaryMatthewsCorrCoef(), { preds: [1, 1], target: [1, 1] }, 1],
    ['all wrong', new metrics.BinaryMatthewsCorrCoef(), { preds: [0, 1], target: [1, 0] }, -1],
    // The limit: (3 − 2) / √((3 + 2) · 3 · 2).
    ['only ones predicted', new metrics.BinaryMatthewsCorrCoef(), { preds: [1, 1, 1, 1, 1], target: [1, 1, 0, 1, 0] }, 0.182574],
    // (3 − 2) / √(3 · (3 + 2) · 2); (1 − 3) / √(4 · 3 · 1); (3 − 1) / √(3 · 4 · 1).
    ['only ones in truth', new metrics.BinaryMatthewsCorrCoef(), { preds: [1, 1, 1, 0, 0], target: [1, 1, 1, 1, 1] }, 0.182574],
    ['only zeros in truth', new metrics.BinaryMatthewsCorrCoef(), { preds: [1, 1, 1, 0], target: [0, 0, 0, 0] }, -0.57735],
    ['only zeros predicted', new metrics.BinaryMatthewsCorrCoef(), { preds: [0, 0, 0, 0], target: [0, 0, 0, 1] }, 0.57735],
    ['one class of four predicted', new metrics.MulticlassMatthewsCorrCoef(of4), { preds: [0, 0, 0], target: [0, 1, 2] }, 0],
    // All elements: 3 true positives, 1 false one, 3 true negatives, 2 false ones.
    ['labels', new metrics.MultilabelMatthewsCorrCoef(labels3), labels, (3 * 3 - 1 * 2) / Math.sqrt(4 * 5 * 4 * 5)],
  ],
  'Cohen’s kappa': [
    ['two classes', new metrics.BinaryCohenKappa(), two, 0.25],
    ['four classes', new metrics.MulticlassCohenKappa(of4), four, 0.428571],
    ['four classes, linear weights', new metrics.MulticlassCohenKappa({ ...of4, weights: 'linear' }), four, 0.466667],
    ['four classes, quadratic weights', new metrics.MulticlassCohenKappa({ ...of4, weights: 'quadratic' }), four, 0.5],
    ['only one class', new metrics.BinaryCohenKappa(), { preds: [1, 1], target: [1, 1] }, NaN],
  ],
};

describe.each(Object.entries(tables))('%s', (_, rows) => {
  test.each(rows)('%s', async (_what, metric, example, expected) => {
    await expectOf(metric, example, expected);
  });
});

test('a share of nothing in a confusion matrix is 0, with one warning', async () => {
  const warnings: string[] = [];
  const matrix = new metrics.MulticlassConfusionMatrix({ numClasses: 3, normalize: 'pred', onWarning: ({ text }) => warnings.push(text) });
  matrix.update([0, 1], [0, 0]);
  expect(plain(await matrix.compute())).toEqual(
    close([
      [1, 1, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]),
  );
  expect(warnings).toEqual([expect.stringContaining('are 0')]);
});
