import { describe, expect, test } from 'vitest';
import {
  BinaryBrierScore,
  BinaryCalibrationError,
  BinaryHingeLoss,
  BinaryLogLoss,
  MulticlassBrierScore,
  MulticlassCalibrationError,
  MulticlassHingeLoss,
  MulticlassLogLoss,
  MultilabelBrierScore,
  MultilabelLogLoss,
  Perplexity,
} from '../../../../src/metrics/classification/index.ts';
import { expectEveryWay, expectNumberEveryWay } from './every-way.ts';

const eight = { preds: [0.9, 0.8, 0.7, 0.6, 0.55, 0.4, 0.3, 0.2], target: [1, 1, 0, 1, 0, 0, 1, 0] };
const classes = {
  preds: [
    [0.7, 0.2, 0.1],
    [0.1, 0.6, 0.3],
    [0.4, 0.5, 0.1],
    [0.2, 0.2, 0.6],
  ],
  target: [0, 1, 0, 2],
};

describe('calibration error', () => {
  test.each([
    ['l1', 0.20625],
    ['l2', 0.2153],
    ['max', 0.283333],
  ] as const)('of two classes, norm %s', async (norm, expected) => {
    await expectNumberEveryWay(new BinaryCalibrationError({ nBins: 4, norm }), eight.preds, eight.target, expected);
  });

  test('of several classes looks at the best one', async () => {
    await expectNumberEveryWay(new MulticlassCalibrationError({ numClasses: 3, nBins: 4 }), classes.preds, classes.target, 0.15);
  });

  test('a confidence of exactly 1 has a bin of its own', async () => {
    // One bin [0, 1) with |1 − 0.5|, one of 1 with |0 − 1|; in one bin it would be |0.5 − 0.75| = 0.25.
    await expectNumberEveryWay(new BinaryCalibrationError({ nBins: 1 }), [0.5, 1], [1, 0], 0.75);
  });
});

describe('hinge loss', () => {
  test('of two classes', async () => {
    await expectNumberEveryWay(new BinaryHingeLoss(), [0.9, 0.2, 0.4], [1, 0, 1], 1.9 / 3);
    await expectNumberEveryWay(new BinaryHingeLoss({ squared: true }), [0.9, 0.2, 0.4], [1, 0, 1], (0.01 + 1.44 + 0.36) / 3);
  });

  test('of several classes: against the best other, or one for each class', async () => {
    // Margins 0.5, 0.3, -0.1, 0.4.
    await expectNumberEveryWay(new MulticlassHingeLoss({ numClasses: 3 }), classes.preds, classes.target, (0.5 + 0.7 + 1.1 + 0.6) / 4);
    const each = new MulticlassHingeLoss({ numClasses: 3, multiclassMode: 'one-vs-all' });
    await expectEveryWay(each, classes.preds, classes.target, (losses) => {
      const expected = [(0.3 + 1.1 + 0.6 + 1.2) / 4, (1.2 + 0.4 + 1.5 + 1.2) / 4, (1.1 + 1.3 + 1.1 + 0.4) / 4];
      expect([...losses]).toEqual(expected.map((loss) => expect.closeTo(loss, 9) as number));
    });
  });
});

describe('log loss and Brier score', () => {
  test('of two classes', async () => {
    await expectNumberEveryWay(new BinaryLogLoss(), eight.preds, eight.target, 0.597469);
    await expectNumberEveryWay(new BinaryBrierScore(), eight.preds, eight.target, 0.211563);
  });

  test('of several classes', async () => {
    const logs = (Math.log(0.7) + Math.log(0.6) + Math.log(0.4) + Math.log(0.6)) / -4;
    await expectNumberEveryWay(new MulticlassLogLoss({ numClasses: 3 }), classes.preds, classes.target, logs);
    const squares = (0.09 + 0.04 + 0.01 + (0.01 + 0.16 + 0.09) + (0.36 + 0.25 + 0.01) + (0.04 + 0.04 + 0.16)) / 4;
    await expectNumberEveryWay(new MulticlassBrierScore({ numClasses: 3 }), classes.preds, classes.target, squares);
  });

  test('of several labels: over all elements that are not ignored', async () => {
    const [preds, target] = [
      [
        [0.8, 0.3],
        [0.6, 0.9],
      ],
      [
        [1, 0],
        [-1, 1],
      ],
    ];
    const options = { numLabels: 2, ignoreIndex: -1 };
    await expectNumberEveryWay(new MultilabelLogLoss(options), preds, target, -(Math.log(0.8) + Math.log(0.7) + Math.log(0.9)) / 3);
    await expectNumberEveryWay(new MultilabelBrierScore(options), preds, target, (0.04 + 0.09 + 0.01) / 3);
  });

  test('a wrong certainty costs a lot, but not everything', async () => {
    await expectNumberEveryWay(new BinaryLogLoss(), [1, 0], [0, 0], (-Math.log(1e-7) - Math.log(1 - 1e-7)) / 2);
  });
});

describe('perplexity', () => {
  const certainty = [0.7, 0.8, 0.3];
  const rows = certainty.map((p) => [[Math.log(p), Math.log(1 - p)]]);

  test('of logits', async () => {
    await expectNumberEveryWay(new Perplexity(), rows, [[0], [0], [0]], 1.812301);
  });

  test('of probabilities, some tokens left out', async () => {
    const metric = new Perplexity({ fromLogits: false, ignoreIndex: -100 });
    const preds = certainty.map((p) => [
      [p, 1 - p],
      [0, 0],
    ]);
    await expectNumberEveryWay(
      metric,
      preds,
      [
        [0, -100],
        [0, -100],
        [0, -100],
      ],
      1.812301,
    );
  });

  test('says which shapes it needs', () => {
    expect(() => new Perplexity().update([[0.1, 0.2]], [[0, 1]])).toThrow(
      /preds are \[1, 2\] and target \[1, 2\], need scores \[batch, length, vocabulary\]/,
    );
  });
});
