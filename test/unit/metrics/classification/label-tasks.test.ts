import { expect, test } from 'vitest';
import * as metrics from '../../../../src/metrics/index.ts';
import { expectOf, four, labels, two } from './examples.ts';

const fronts = [
  ['accuracy', 'Accuracy', {}],
  ['precision', 'Precision', { zeroDivision: 1 }],
  ['recall', 'Recall', { zeroDivision: 1 }],
  ['f1Score', 'F1Score', {}],
  ['fBetaScore', 'FBetaScore', { beta: 2 }],
  ['specificity', 'Specificity', {}],
  ['negativePredictiveValue', 'NegativePredictiveValue', {}],
  ['hammingDistance', 'HammingDistance', {}],
  ['statScores', 'StatScores', {}],
] as const;

type Made = Parameters<typeof expectOf>[0];
const all = metrics as unknown as Record<string, new (options: object) => Made>; // by name
const functions = metrics as unknown as Record<string, (options: object) => Made>; // by name

test.each(fronts)('%s() makes the class of the task, with micro as average', async (front, name, own) => {
  const tasks = [
    ['Binary', { ...own }, two],
    ['Multiclass', { numClasses: 4, ...own }, four],
    ['Multilabel', { numLabels: 3, ...own }, labels],
  ] as const;
  for (const [task, options, { preds, target }] of tasks) {
    const made = functions[front]!({ task: task.toLowerCase(), ...options }) as metrics.BinaryAccuracy;
    const Class = all[`${task}${name}`]!;
    const same = new Class({ ...options, ...(task === 'Binary' ? {} : { average: 'micro' }) }) as metrics.BinaryAccuracy;
    expect(made).toBeInstanceOf(Class);
    made.update(preds as number[], target as number[]);
    same.update(preds as number[], target as number[]);
    expect(await made.compute()).toEqual(await same.compute());
  }
});

test('an average that is given is used', async () => {
  await expectOf(metrics.accuracy({ task: 'multiclass', numClasses: 4, average: 'macro' }), four, 0.611111);
  await expectOf(metrics.accuracy({ task: 'multiclass', numClasses: 4 }), four, 0.625);
});

test('metrics of a confusion matrix have no average, or macro', async () => {
  await expectOf(metrics.jaccardIndex({ task: 'multiclass', numClasses: 4 }), four, 0.444444);
  await expectOf(metrics.matthewsCorrCoef({ task: 'binary' }), two, 0.258199);
  await expectOf(metrics.cohenKappa({ task: 'multiclass', numClasses: 4, weights: 'linear' }), four, 0.466667);
  await expectOf(metrics.exactMatch({ task: 'multilabel', numLabels: 3 }), labels, 0);
  await expectOf(metrics.balancedAccuracy({ task: 'binary' }), two, 0.625);
  const matrix = [
    [2, 2],
    [1, 3],
  ];
  await expectOf(metrics.confusionMatrix({ task: 'binary' }), two, matrix);
});

test('metrics say whether more is better', () => {
  expect(new metrics.BinaryAccuracy().higherIsBetter).toBe(true);
  expect(new metrics.MulticlassCohenKappa({ numClasses: 3 }).higherIsBetter).toBe(true);
  expect(new metrics.BinaryHammingDistance().higherIsBetter).toBe(false);
  expect(new metrics.BinaryStatScores().higherIsBetter).toBe(undefined);
  expect(new metrics.BinaryConfusionMatrix().higherIsBetter).toBe(undefined);
});
