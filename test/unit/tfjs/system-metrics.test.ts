import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { MeanSquaredError, Metric, MetricCollection, type NdArray, type NumberArray } from '../../../src/metrics/index.ts';
import { BinaryAUROC, MulticlassAccuracy, MulticlassAUROC, MulticlassF1Score } from '../../../src/metrics/index.ts';
import { System, type SystemOptions } from '../../../src/tfjs/system.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { type RowLogger, rowLogger } from './row-logger.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

const size = 10;
const labels = [0, 1, 2, 1, 0, 2, 2, 1, 0, 1];
const x = tf.tidy(() =>
  tf.keep(
    tf.tensor2d(
      Float32Array.from({ length: 3 * size }, (_, i) => Math.sin(i * 1.7)),
      [size, 3],
    ),
  ),
);
const y = tf.tidy(() => tf.keep(tf.tensor1d(labels, 'float32')));

function network(units: number, activation: 'softmax' | 'sigmoid' | 'linear'): tfl.LayersModel {
  return tfl.sequential({
    layers: [tfl.layers.dense({ inputShape: [3], units, activation, kernelInitializer: tfl.initializers.glorotUniform({ seed: 3 }) })],
  });
}

/** With a learning rate of 0 the predictions stay, so that a whole epoch can be computed at once. */
function classifier(options: Partial<SystemOptions>): System {
  const system = new System({
    model: () => network(3, 'softmax'),
    optimizer: () => tf.train.sgd(0),
    loss: 'sparseCategoricalCrossentropy',
    train: [x, y],
    batchSize: 4,
    shuffle: false,
    ...options,
  });
  undo.push(() => system.dispose());
  return system;
}

async function train(system: System, maxEpochs = 2): Promise<RowLogger> {
  const rows = rowLogger();
  await new Trainer({ maxEpochs }).fit(system, { store: false, loggers: [rows] });
  return rows;
}

/** The value of all samples by the metric's own loops. */
async function expected<Out>(
  system: System,
  metric: Metric<[preds: NumberArray, target: NumberArray], Out, object>,
  columns = 3,
): Promise<Out> {
  const preds = await system.predict(x);
  metric.update({ values: preds, shape: columns === 1 ? [size] : [size, columns] }, labels);
  return metric.compute();
}

test('the epoch value of a metric object is computed from all samples, that of a step from its batch', async () => {
  const system = classifier({ metrics: ['accuracy', new MulticlassF1Score({ numClasses: 3 }), new MulticlassAUROC({ numClasses: 3 })] });
  const rows = await train(system);
  const f1 = await expected(system, new MulticlassF1Score({ numClasses: 3 }));
  expect(rows.values('train/metrics/MulticlassF1Score/epoch')).toEqual([f1, f1]);
  const auroc = await expected(system, new MulticlassAUROC({ numClasses: 3 }));
  expect(rows.values('train/metrics/MulticlassAUROC/epoch')).toEqual([auroc, auroc]);

  const preds = await system.predict(x);
  const batches = [0, 4, 8].map((start) => {
    const metric = new MulticlassF1Score({ numClasses: 3 });
    const part = preds.slice(start * 3, (start + 4) * 3);
    return metric({ values: part, shape: [part.length / 3, 3] }, labels.slice(start, start + 4));
  });
  const steps = await Promise.all(batches);
  expect(rows.values('train/metrics/MulticlassF1Score/step')).toEqual([...steps, ...steps]);
  // The mean of the batches would be another number.
  expect(f1).not.toBeCloseTo((steps[0]! * 4 + steps[1]! * 4 + steps[2]! * 2) / 10, 3);
});

test('validation has counts of its own, and values of epochs only', async () => {
  const system = classifier({
    metrics: { f1: new MulticlassF1Score({ numClasses: 3 }), accuracy: 'accuracy' },
    validation: [tf.slice(x, [0, 0], [5, 3]), tf.slice(y, 0, 5)],
  });
  const rows = await train(system);
  const metric = new MulticlassF1Score({ numClasses: 3 });
  metric.update({ values: (await system.predict(x)).slice(0, 15), shape: [5, 3] }, labels.slice(0, 5));
  const value = await metric.compute();
  expect(rows.values('val/metrics/f1/epoch')).toEqual([value, value]);
  expect(rows.values('train/metrics/f1/epoch')[1]).toBe(await expected(system, new MulticlassF1Score({ numClasses: 3 })));
  const tags = new Set(rows.rows.flatMap(({ metrics }) => Object.keys(metrics)));
  expect([...tags].filter((tag) => tag.includes('metrics')).toSorted()).toEqual([
    'train/metrics/accuracy/epoch',
    'train/metrics/accuracy/step',
    'train/metrics/f1/epoch',
    'train/metrics/f1/step',
    'val/metrics/accuracy/epoch',
    'val/metrics/f1/epoch',
  ]);
});

class Count extends Metric<[preds: NumberArray, target: NumberArray], number, { count: number }> {
  constructor() {
    super();
    this.addState('count', 0, 'sum');
  }

  protected updateState(state: { count: number }, _preds: NdArray, target: NdArray): void {
    state.count += target.values.length;
  }

  protected computeState({ count }: { count: number }): number {
    return count;
  }
}

test("each epoch begins anew, and the caller's metric stays as it was", async () => {
  const count = new Count();
  count.update([1], [1]);
  const rows = await train(classifier({ metrics: [count] }));
  expect(rows.values('train/metrics/Count/step')).toEqual([4, 4, 2, 4, 4, 2]);
  expect(rows.values('train/metrics/Count/epoch')).toEqual([10, 10]);
  expect(await count.compute()).toBe(1);
});

test('one-hot targets of a categorical loss count as classes', async () => {
  const oneHot = tf.tidy(() => tf.keep(tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), 3), 'float32')));
  undo.push(() => oneHot.dispose());
  const metrics = new MetricCollection([new MulticlassAccuracy({ numClasses: 3, average: 'micro' })]);
  const system = classifier({ metrics, loss: 'categoricalCrossentropy', train: [x, oneHot] });
  const rows = await train(system, 1);
  expect(rows.values('train/metrics/MulticlassAccuracy/epoch')).toEqual([
    await expected(system, new MulticlassAccuracy({ numClasses: 3, average: 'micro' })),
  ]);
});

test('one output a sample is scored as a row of numbers', async () => {
  const binary = tf.tidy(() => tf.keep(tf.tensor1d(labels.map((label) => Number(label > 0)))));
  undo.push(() => binary.dispose());
  const options = { model: () => network(1, 'sigmoid'), train: [x, binary], loss: 'binaryCrossentropy' } as const;
  const system = classifier({ ...options, metrics: [new BinaryAUROC({ thresholds: null }), new MeanSquaredError()] });
  const rows = await train(system, 1);
  const metric = new BinaryAUROC({ thresholds: null });
  const error = new MeanSquaredError();
  const preds = await system.predict(x);
  for (const one of [metric, error])
    one.update(
      preds,
      labels.map((label) => Number(label > 0)),
    );
  expect(rows.values('train/metrics/BinaryAUROC/epoch')).toEqual([await metric.compute()]);
  expect(rows.values('train/metrics/MeanSquaredError/epoch')[0]).toBeCloseTo(Number(await error.compute()), 6);
});

test('no tensor is left behind', async () => {
  const system = classifier({ metrics: [new MulticlassF1Score({ numClasses: 3 }), new Count()], validation: [x, y] });
  await train(system, 1);
  const before = tf.memory().numTensors;
  await train(system, 2);
  expect(tf.memory().numTensors).toBe(before);
});

test('what is no metric, and two of one name, are refused', () => {
  expect(() => classifier({ metrics: [new Count(), new Count()] })).toThrow("two of them would be logged as 'Count'");
  expect(() => classifier({ metrics: { count: new Count(), wrong: 3 as unknown as string } })).toThrow(
    'new System({ metrics }): got the number 3, need names, functions or metric objects.',
  );
});
