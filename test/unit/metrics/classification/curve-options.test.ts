import { describe, expect, test } from 'vitest';
import type { Warning } from '../../../../src/core/warnings.ts';
import {
  auroc,
  averagePrecision,
  BinaryAUROC,
  BinaryCalibrationError,
  BinaryROC,
  calibrationError,
  MulticlassAUROC,
  MulticlassAveragePrecision,
  MulticlassHingeLoss,
  MulticlassPrecisionRecallCurve,
  MulticlassROC,
  MultilabelAUROC,
} from '../../../../src/metrics/classification/index.ts';
import { expectEveryWay, expectNumberEveryWay } from './every-way.ts';

const four = { preds: [0.1, 0.4, 0.35, 0.8], target: [0, 0, 1, 1] };
/** Class 2 has no samples. */
const three = {
  preds: [
    [0.7, 0.2, 0.1],
    [0.3, 0.6, 0.1],
    [0.4, 0.3, 0.3],
    [0.2, 0.5, 0.3],
  ],
  target: [0, 1, 1, 0],
};
const labels = {
  preds: [
    [0.8, 0.3],
    [0.6, 0.7],
    [0.9, 0.2],
    [0.1, 0.6],
  ],
  target: [
    [1, 0],
    [0, 1],
    [1, 1],
    [0, 0],
  ],
};

function warned(): { readonly texts: string[]; readonly onWarning: (warning: Warning) => void } {
  const texts: string[] = [];
  return { texts, onWarning: ({ text }) => void texts.push(text) };
}

describe('thresholds', () => {
  test('are 200 by default, evenly from 0 to 1', async () => {
    const curve = new BinaryROC();
    curve.update(four.preds, four.target);
    const { thresholds } = await curve.compute();
    expect(thresholds).toHaveLength(200);
    expect([thresholds[0], thresholds[199]]).toEqual([1, 0]);
    expect(thresholds[100]).toBeCloseTo(99 / 199, 6);
  });

  test('a score on a threshold reaches it, as float32', async () => {
    const curve = new BinaryROC({ thresholds: [0.1, 0.3, 0.7] });
    curve.update([0.1, 0.3, 0.7], [1, 1, 1]);
    expect([...(await curve.compute()).tpr]).toEqual([1 / 3, 2 / 3, 1]);
  });

  test.each([1, 0, 2.5, [0.5, 0.2], [-0.1, 0.5], [0.5, 1.1], [], [NaN], 'exact'])('%j are refused', (thresholds) => {
    expect(() => new BinaryAUROC({ thresholds: thresholds as number })).toThrow(
      /thresholds is .*, need how many \(at least 2\), an ascending array/,
    );
  });

  test('of logits count what the sigmoid of the scores would', async () => {
    const logits = four.preds.map((p) => Math.log(p / (1 - p)));
    await expectNumberEveryWay(new BinaryAUROC({ thresholds: [0.05, 0.2, 0.38, 0.6], fromLogits: true }), logits, four.target, 0.75);
    const guessed = new BinaryAUROC({ thresholds: [0.05, 0.2, 0.38, 0.6] });
    guessed.update(logits, four.target);
    expect(await guessed.compute()).toBeCloseTo(0.75, 9);
  });
});

describe('logits', () => {
  test('are guessed from a score outside [0, 1], and not where the caller says', async () => {
    const curve = (fromLogits?: boolean): BinaryROC =>
      new BinaryROC({ thresholds: null, ...(fromLogits === undefined ? {} : { fromLogits }) });
    const thresholds = async (metric: BinaryROC, preds: number[]): Promise<number[]> => {
      metric.update(preds, [0, 1]);
      return [...(await metric.compute()).thresholds];
    };
    const half = 1 / (1 + Math.exp(-0.5));
    expect(await thresholds(curve(), [0, 0.5])).toEqual([1, 0.5, 0]);
    expect(await thresholds(curve(true), [0, 0.5])).toEqual([1, half, 0.5]);
    expect(await thresholds(curve(), [0, 2])).toEqual([1, 1 / (1 + Math.exp(-2)), 0.5]);
    expect(await thresholds(curve(false), [0, 2])).toEqual([1, 2, 0]);
  });

  test('of classes go through softmax, row by row', async () => {
    const logits = three.preds.map((row) => row.map((p) => Math.log(p) + 5));
    const metric = new MulticlassROC({ numClasses: 3, thresholds: null });
    metric.update(logits, three.target);
    expect([...((await metric.compute())[0]?.thresholds ?? [])]).toEqual(
      [1, 0.7, 0.4, 0.3, 0.2].map((value) => expect.closeTo(value, 9) as number),
    );
  });
});

describe('AUROC', () => {
  test('up to a false positive rate is scaled so that guessing gives a half', async () => {
    // Area up to 0.5 is 0.25, between 0.125 of guessing and 0.5.
    await expectNumberEveryWay(new BinaryAUROC({ thresholds: null, maxFpr: 0.5 }), four.preds, four.target, 0.5 * (1 + 0.125 / 0.375));
    expect(() => new BinaryAUROC({ maxFpr: 0 })).toThrow('maxFpr is the number 0, need a number in (0, 1]');
  });

  test('of classes: each against the others', async () => {
    const options = { numClasses: 3, thresholds: null, onWarning: () => {} } as const;
    await expectEveryWay(new MulticlassAUROC({ ...options, average: 'none' }), three.preds, three.target, (areas) =>
      expect([...areas]).toEqual([0.5, 0.75, 0]),
    );
    await expectNumberEveryWay(new MulticlassAUROC(options), three.preds, three.target, 1.25 / 3);
    await expectNumberEveryWay(new MulticlassAUROC({ ...options, average: 'weighted' }), three.preds, three.target, 0.625);
  });

  test('of labels: each by itself, or all elements together', async () => {
    const options = { numLabels: 2, thresholds: null } as const;
    const each = new MultilabelAUROC({ ...options, average: 'none' });
    await expectEveryWay(each, labels.preds, labels.target, (areas) => expect([...areas]).toEqual([1, 0.5]));
    // How often a positive element scores higher than a negative one.
    const pairs = labels.preds.flat().flatMap((score, i) => (labels.target.flat()[i] === 1 ? [score] : []));
    const others = labels.preds.flat().flatMap((score, i) => (labels.target.flat()[i] === 0 ? [score] : []));
    const wins = pairs.flatMap((p) => others.map((n): number => (p > n ? 1 : p === n ? 0.5 : 0))).reduce((sum, win) => sum + win, 0);
    await expectNumberEveryWay(new MultilabelAUROC({ ...options, average: 'micro' }), labels.preds, labels.target, wins / 16);
  });

  test('leaves out what is ignored', async () => {
    const metric = new BinaryAUROC({ thresholds: null, ignoreIndex: -1 });
    await expectNumberEveryWay(metric, [0.9, ...four.preds, 0.05], [-1, ...four.target, -1], 0.75);
    const byLabel = new MultilabelAUROC({ numLabels: 2, thresholds: null, ignoreIndex: -1, average: 'none' });
    byLabel.update([...labels.preds, [0.99, 0.01]], [...labels.target, [-1, -1]]);
    expect([...(await byLabel.compute())]).toEqual([1, 0.5]);
  });

  test('of one class only is 0, with one warning for each kind', async () => {
    const { texts, onWarning } = warned();
    const metric = new BinaryAUROC({ thresholds: null, onWarning });
    for (let i = 0; i < 2; i++) {
      metric.update([0.1, 0.9], [1, 1]);
      expect(await metric.compute()).toBe(0);
    }
    expect(texts).toEqual([expect.stringContaining('no sample is negative')]);
  });

  test('a score that is not a number ranks first and harms no other', async () => {
    const metric = new BinaryROC({ thresholds: null, fromLogits: false });
    metric.update([NaN, 0.2, 0.8], [0, 0, 1]);
    const { fpr, tpr } = await metric.compute();
    expect([[...fpr], [...tpr]]).toEqual([
      [0, 0.5, 0.5, 1],
      [0, 0, 1, 1],
    ]);
  });
});

describe('curves of classes', () => {
  test('micro is the curve of all elements, macro that of the mean', async () => {
    const micro = new MulticlassROC({ numClasses: 3, thresholds: 5, average: 'micro' });
    const flat = new BinaryROC({ thresholds: 5 });
    micro.update(three.preds, three.target);
    flat.update(
      three.preds.flat(),
      three.target.flatMap((label) => [0, 1, 2].map((c) => Number(c === label))),
    );
    expect(await micro.compute()).toEqual([await flat.compute()]);
    const macro = new MulticlassPrecisionRecallCurve({ numClasses: 3, thresholds: 5, average: 'macro' });
    macro.update(three.preds, three.target);
    expect(await macro.compute()).toHaveLength(1);
  });

  test('a class without samples is left out of exact average precision, and warned about', async () => {
    const { texts, onWarning } = warned();
    const metric = new MulticlassAveragePrecision({ numClasses: 3, thresholds: null, onWarning });
    const each = new MulticlassAveragePrecision({ numClasses: 3, thresholds: null, average: 'none' });
    for (const one of [metric, each]) one.update(three.preds, three.target);
    const [first = 0, second = 0, third] = await each.compute();
    expect(third).toBeNaN();
    expect(await metric.compute()).toBeCloseTo((first + second) / 2, 12);
    expect(texts).toContainEqual(expect.stringContaining('left out of the macro average'));
  });

  test('the classes are the second axis, whatever comes behind', async () => {
    // Two samples of two places: [sample, class, place].
    const preds = [0, 2].map((start) => [0, 1, 2].map((c) => [three.preds[start]?.[c] ?? 0, three.preds[start + 1]?.[c] ?? 0]));
    const target = [
      [0, 1],
      [1, 0],
    ];
    const options = { numClasses: 3, thresholds: null, average: 'none', onWarning: () => {} } as const;
    await expectEveryWay(new MulticlassAUROC(options), preds, target, (areas) => expect([...areas]).toEqual([0.5, 0.75, 0]));
  });
});

describe('what does not fit is refused, and nothing of it is counted', () => {
  test.each([
    [
      'preds are [2, 2] and target [2], need scores of 3 classes as axis 1',
      [
        [0.1, 0.9],
        [0.5, 0.5],
      ],
      [0, 1],
    ],
    [
      'target holds 3, need whole numbers from 0 to 2',
      [
        [0.1, 0.8, 0.1],
        [0.5, 0.5, 0],
      ],
      [0, 3],
    ],
    [
      'target holds 0.5',
      [
        [0.1, 0.8, 0.1],
        [0.5, 0.5, 0],
      ],
      [0, 0.5],
    ],
  ])('%s', async (text, preds, target) => {
    const metric = new MulticlassAUROC({ numClasses: 3, thresholds: null, average: 'none', onWarning: () => {} });
    metric.update(three.preds, three.target);
    expect(() => metric.update(preds, target)).toThrow(text);
    expect([...(await metric.compute())]).toEqual([0.5, 0.75, 0]);
  });

  test('options, too', () => {
    expect(() => new MulticlassAUROC({ numClasses: 1 })).toThrow('numClasses is the number 1, need a whole number of at least 2');
    expect(() => new MulticlassAUROC({ numClasses: 3, average: 'micro' as 'macro' })).toThrow(
      "average is the string \"micro\", need one of 'macro', 'weighted', 'none'",
    );
    expect(() => new BinaryCalibrationError({ nBins: 0 })).toThrow('nBins is the number 0');
    expect(() => new MulticlassHingeLoss({ numClasses: 3, multiclassMode: 'all' as 'one-vs-all' })).toThrow(
      'multiclassMode is the string "all"',
    );
    expect(() => new BinaryROC({ threshold: 3 } as object)).toThrow("there is no option 'threshold'");
  });
});

test('a task names the class', () => {
  expect(auroc({ task: 'binary', maxFpr: 0.5 })).toBeInstanceOf(BinaryAUROC);
  expect(averagePrecision({ task: 'multiclass', numClasses: 3 })).toBeInstanceOf(MulticlassAveragePrecision);
  expect(() => calibrationError({ task: 'multilabel' as 'binary' })).toThrow(
    "calibrationError(): task is the string \"multilabel\", need one of 'binary', 'multiclass'.",
  );
});
