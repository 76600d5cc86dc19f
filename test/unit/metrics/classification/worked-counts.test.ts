import { describe, test } from 'vitest';
import * as metrics from '../../../../src/metrics/index.ts';
import { type Example, type Expected, expectOf, four, labels, missed, ranked, two } from './examples.ts';

// Worked by hand from the definitions; they are the numbers of torchmetrics for the same data.
type Worked = readonly [what: string, metric: unknown, example: Example, expected: Expected];

const of4 = { numClasses: 4 } as const;
const of3 = { numClasses: 3 } as const;
const labels3 = { numLabels: 3 } as const;
const each = { average: 'none' } as const;
const micro = { average: 'micro' } as const;
const weighted = { average: 'weighted' } as const;
const without2 = { ...of4, ignoreIndex: 2 };

const tables: Readonly<Record<string, readonly Worked[]>> = {
  'true and false positives and negatives': [
    ['two classes', new metrics.BinaryStatScores(), two, [3, 2, 2, 1, 4]],
    [
      'each of four classes',
      new metrics.MulticlassStatScores({ ...of4, ...each }),
      four,
      [
        [2, 1, 4, 1, 3],
        [1, 1, 5, 1, 2],
        [2, 1, 4, 1, 3],
        [0, 0, 8, 0, 0],
      ],
    ],
    ['four classes together', new metrics.MulticlassStatScores({ ...of4, ...micro }), four, [5, 3, 21, 3, 8]],
    ['the mean of four classes, absent ones too', new metrics.MulticlassStatScores(of4), four, [1.25, 0.75, 5.25, 0.75, 2]],
    [
      'four classes by support',
      new metrics.MulticlassStatScores({ ...of4, ...weighted }),
      four,
      [(3 * 2 + 2 + 3 * 2) / 8, 1, (3 * 4 + 2 * 5 + 3 * 4) / 8, 1, 22 / 8],
    ],
    [
      'each of three labels',
      new metrics.MultilabelStatScores({ ...labels3, ...each }),
      labels,
      [
        [2, 1, 0, 0, 2],
        [1, 0, 1, 1, 2],
        [0, 0, 2, 1, 1],
      ],
    ],
  ],
  accuracy: [
    ['two classes', new metrics.BinaryAccuracy(), two, 0.625],
    ['micro', new metrics.MulticlassAccuracy({ ...of4, ...micro }), four, 0.625],
    ['macro, without the absent class', new metrics.MulticlassAccuracy(of4), four, 0.611111],
    ['weighted', new metrics.MulticlassAccuracy({ ...of4, ...weighted }), four, 0.625],
    ['each class', new metrics.MulticlassAccuracy({ ...of4, ...each }), four, [0.666667, 0.5, 0.666667, 0]],
    ['micro without class 2', new metrics.MulticlassAccuracy({ ...without2, ...micro }), four, 0.6],
    ['macro without class 2, which is still predicted', new metrics.MulticlassAccuracy(without2), four, 0.388889],
    ['weighted without class 2', new metrics.MulticlassAccuracy({ ...without2, ...weighted }), four, 0.6],
    ['labels', new metrics.MultilabelAccuracy({ ...labels3, ...micro }), labels, 0.666667],
  ],
  'accuracy among the k best': [
    ['best, micro', new metrics.MulticlassAccuracy({ ...of3, ...micro }), ranked, 0.25],
    ['best, macro', new metrics.MulticlassAccuracy(of3), ranked, 0.111111],
    ['two best, micro', new metrics.MulticlassAccuracy({ ...of3, ...micro, topK: 2 }), ranked, 0.75],
    ['two best, macro without the class that never occurs', new metrics.MulticlassAccuracy({ ...of3, topK: 2 }), ranked, 0.833333],
    ['three best, micro', new metrics.MulticlassAccuracy({ ...of3, ...micro, topK: 3 }), ranked, 1],
    ['three best, macro', new metrics.MulticlassAccuracy({ ...of3, topK: 3 }), ranked, 1],
  ],
  precision: [
    ['two classes', new metrics.BinaryPrecision(), two, 0.6],
    ['macro', new metrics.MulticlassPrecision(of4), four, 0.611111],
    ['micro', new metrics.MulticlassPrecision({ ...of4, ...micro }), four, 0.625],
    ['each without class 2', new metrics.MulticlassPrecision({ ...without2, ...each }), four, [1, 0.5, 0, 0]],
    ['macro without class 2', new metrics.MulticlassPrecision(without2), four, 0.5],
    ['weighted without class 2', new metrics.MulticlassPrecision({ ...without2, ...weighted }), four, 0.8],
    ['0/0 is 0, macro', new metrics.MulticlassPrecision(of3), missed, 0.333333],
    ['0/0 is 0, weighted', new metrics.MulticlassPrecision({ ...of3, ...weighted }), missed, 0.666667],
    ['0/0 is 1, each', new metrics.MulticlassPrecision({ ...of3, ...each, zeroDivision: 1 }), missed, [1, 1, 0]],
    ['0/0 is 1, macro', new metrics.MulticlassPrecision({ ...of3, zeroDivision: 1 }), missed, 0.666667],
    ['0/0 is 1, weighted', new metrics.MulticlassPrecision({ ...of3, ...weighted, zeroDivision: 1 }), missed, 1],
  ],
  recall: [
    ['two classes', new metrics.BinaryRecall(), two, 0.75],
    ['macro', new metrics.MulticlassRecall(of4), four, 0.611111],
    ['0/0 is 1, each', new metrics.MulticlassRecall({ ...of3, ...each, zeroDivision: 1 }), missed, [1, 0, 1]],
    ['0/0 is 1, macro', new metrics.MulticlassRecall({ ...of3, zeroDivision: 1 }), missed, 0.666667],
  ],
  'F1 and F-beta': [
    ['two classes', new metrics.BinaryF1Score(), two, 0.666667],
    ['two classes, recall twice as important', new metrics.BinaryFBetaScore({ beta: 2 }), two, (5 * 3) / (5 * 3 + 4 * 1 + 2)],
    ['macro', new metrics.MulticlassF1Score(of4), four, 0.611111],
    ['each without class 2', new metrics.MulticlassF1Score({ ...without2, ...each }), four, [0.8, 0.5, 0, 0]],
    ['macro without class 2', new metrics.MulticlassF1Score(without2), four, 0.433333],
    ['weighted without class 2', new metrics.MulticlassF1Score({ ...without2, ...weighted }), four, 0.68],
    ['macro of missed classes', new metrics.MulticlassF1Score(of3), missed, 0.333333],
    ['the same, as there is no 0/0', new metrics.MulticlassF1Score({ ...of3, zeroDivision: 1 }), missed, 0.333333],
    ['each label', new metrics.MultilabelF1Score({ ...labels3, ...each }), labels, [0.8, 0.666667, 0]],
    ['labels, micro', new metrics.MultilabelF1Score({ ...labels3, ...micro }), labels, 0.666667],
    ['labels, macro', new metrics.MultilabelF1Score(labels3), labels, 0.488889],
    [
      'labels of which one is never right or wrong',
      new metrics.MultilabelF1Score({ numLabels: 2 }),
      {
        preds: [
          [1, 0],
          [1, 0],
        ],
        target: [
          [1, 0],
          [1, 0],
        ],
      },
      0.5,
    ],
    ['labels with beta 1', new metrics.MultilabelFBetaScore({ ...labels3, beta: 1 }), labels, 0.488889],
  ],
  'specificity and negative predictive value': [
    ['two classes', new metrics.BinarySpecificity(), two, 0.5],
    ['each class', new metrics.MulticlassSpecificity({ ...of4, ...each }), four, [0.8, 0.833333, 0.8, 1]],
    ['macro, without the absent class', new metrics.MulticlassSpecificity(of4), four, 0.811111],
    ['weighted', new metrics.MulticlassSpecificity({ ...of4, ...weighted }), four, 0.808333],
    ['micro', new metrics.MulticlassSpecificity({ ...of4, ...micro }), four, 0.875],
    ['negative predictive value', new metrics.BinaryNegativePredictiveValue(), two, 0.666667],
  ],
  'balanced accuracy': [
    ['two classes', new metrics.BinaryBalancedAccuracy(), two, 0.625],
    ['four classes', new metrics.MulticlassBalancedAccuracy(of4), four, 0.611111],
    // scikit-learn leaves out class 2, which is predicted but does not occur.
    ['three classes of which one is only predicted', new metrics.MulticlassBalancedAccuracy(of3), missed, 0.5],
    [
      'two classes of which one does not occur',
      new metrics.BinaryBalancedAccuracy(),
      { preds: [0.2, 0.9, 0.1], target: [0, 0, 0] },
      0.666667,
    ],
  ],
  'Hamming distance': [
    ['two classes', new metrics.BinaryHammingDistance(), two, 0.375],
    ['micro', new metrics.MulticlassHammingDistance({ ...of4, ...micro }), four, 0.375],
    ['macro', new metrics.MulticlassHammingDistance(of4), four, 0.388889],
    ['labels', new metrics.MultilabelHammingDistance({ ...labels3, ...micro }), labels, 0.333333],
  ],
  'exact match': [
    ['labels', new metrics.MultilabelExactMatch(labels3), labels, 0],
    [
      'labels, one of two rows',
      new metrics.MultilabelExactMatch(labels3),
      {
        preds: [
          [1, 0, 1],
          [1, 1, 0],
        ],
        target: [
          [1, 0, 1],
          [1, 0, 0],
        ],
      },
      0.5,
    ],
    [
      'classes',
      new metrics.MulticlassExactMatch(of3),
      {
        preds: [
          [0, 1],
          [1, 2],
          [2, 2],
        ],
        target: [
          [0, 1],
          [1, 1],
          [2, 2],
        ],
      },
      0.666667,
    ],
    [
      'what is left out counts as right',
      new metrics.MulticlassExactMatch({ ...of3, ignoreIndex: -1 }),
      {
        preds: [
          [0, 1],
          [1, 2],
        ],
        target: [
          [0, -1],
          [-1, 1],
        ],
      },
      0.5,
    ],
  ],
};

describe.each(Object.entries(tables))('%s', (_, rows) => {
  test.each(rows)('%s', async (_what, metric, example, expected) => {
    await expectOf(metric, example, expected);
  });
});
