import { describe, expect, test } from 'vitest';
import {
  BinaryAUROC,
  BinaryAveragePrecision,
  BinaryPrecisionRecallCurve,
  BinaryROC,
} from '../../../../src/metrics/classification/index.ts';
import { expectEveryWay, expectNumberEveryWay } from './every-way.ts';

// Worked by hand, or documented by scikit-learn and torchmetrics for the same data.
const four = { preds: [0.1, 0.4, 0.35, 0.8], target: [0, 0, 1, 1] };
const tied = { preds: [0.5, 0.5, 0.9, 0.2], target: [1, 0, 1, 0] };
const eight = { preds: [0.9, 0.8, 0.7, 0.6, 0.55, 0.4, 0.3, 0.2], target: [1, 1, 0, 1, 0, 0, 1, 0] };

const close = (expected: readonly number[]) =>
  expected.map((value) => (Number.isNaN(value) ? value : (expect.closeTo(value, 5) as number)));

describe('of two classes', () => {
  test('the ROC curve begins at (0, 0) and goes through each distinct score', async () => {
    await expectEveryWay(new BinaryROC({ thresholds: null }), four.preds, four.target, ({ fpr, tpr, thresholds }) => {
      expect([...fpr]).toEqual([0, 0, 0.5, 0.5, 1]);
      expect([...tpr]).toEqual([0, 0.5, 0.5, 1, 1]);
      expect([...thresholds]).toEqual([1, 0.8, 0.4, 0.35, 0.1]);
    });
  });

  test('the precision-recall curve ends at precision 1 and recall 0', async () => {
    await expectEveryWay(
      new BinaryPrecisionRecallCurve({ thresholds: null }),
      four.preds,
      four.target,
      ({ precision, recall, thresholds }) => {
        expect([...precision]).toEqual(close([0.5, 0.666667, 0.5, 1, 1]));
        expect([...recall]).toEqual([1, 1, 0.5, 0.5, 0]);
        expect([...thresholds]).toEqual([0.1, 0.35, 0.4, 0.8]);
      },
    );
  });

  test('a binned precision-recall curve is undefined where nothing reaches the threshold', async () => {
    const curve = new BinaryPrecisionRecallCurve({ thresholds: 5 });
    await expectEveryWay(curve, [0, 0.5, 0.7, 0.8], [0, 1, 1, 0], ({ precision, recall, thresholds }) => {
      expect([...precision]).toEqual(close([0.5, 0.666667, 0.666667, 0, NaN, 1]));
      expect([...recall]).toEqual([1, 1, 1, 0, 0, 0]);
      expect([...thresholds]).toEqual([0, 0.25, 0.5, 0.75, 1]);
    });
  });

  test.each([
    ['four samples', four, 0.75],
    ['tied scores', tied, 0.875],
    ['eight samples', eight, 0.75],
  ])('AUROC of %s', async (_, { preds, target }, expected) => {
    await expectNumberEveryWay(new BinaryAUROC({ thresholds: null }), preds, target, expected);
  });

  test('AUROC with five thresholds', async () => {
    await expectNumberEveryWay(new BinaryAUROC({ thresholds: 5 }), eight.preds, eight.target, 0.78125);
    await expectNumberEveryWay(new BinaryAUROC({ thresholds: [0, 0.25, 0.5, 0.75, 1] }), eight.preds, eight.target, 0.78125);
  });

  test.each([
    ['four samples', four, 0.833333],
    ['tied scores', tied, 0.833333],
    ['eight samples', eight, 0.830357],
  ])('average precision of %s', async (_, { preds, target }, expected) => {
    await expectNumberEveryWay(new BinaryAveragePrecision({ thresholds: null }), preds, target, expected);
  });

  test('average precision with five thresholds', async () => {
    await expectNumberEveryWay(new BinaryAveragePrecision({ thresholds: 5 }), eight.preds, eight.target, 0.792857);
  });
});
