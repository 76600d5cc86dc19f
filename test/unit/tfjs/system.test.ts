import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { arrayData, type DataSource } from '../../../src/tfjs/data-source.ts';
import { System, type SystemOptions } from '../../../src/tfjs/system.ts';
import { Trainer, type TrainerOptions } from '../../../src/train/trainer.ts';
import { type RowLogger, rowLogger } from './row-logger.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const inputs = Float32Array.from({ length: 30 }, (_, i) => Math.sin(i * 1.7));
const labels = [0, 1, 2, 1, 0, 2, 2, 1, 0, 1];
const x = (): tf.Tensor2D => tf.tensor2d(inputs, [10, 3]);
const y = (): tf.Tensor1D => tf.tensor1d(labels, 'float32');

interface ModelShape {
  readonly units?: number;
  readonly activation?: 'softmax' | 'sigmoid' | 'linear';
  readonly l2?: number;
}

function network({ units = 3, activation = 'softmax', l2 }: ModelShape = {}): tfl.Sequential {
  const kernelRegularizer = l2 === undefined ? undefined : tfl.regularizers.l2({ l2 });
  const seeded = (seed: number) => tfl.initializers.glorotUniform({ seed });
  const model = tfl.sequential();
  model.add(
    tfl.layers.dense({
      units: 5,
      inputShape: [3],
      activation: 'tanh',
      kernelInitializer: seeded(1),
      ...(kernelRegularizer && { kernelRegularizer }),
    }),
  );
  model.add(tfl.layers.dense({ units, activation, kernelInitializer: seeded(2) }));
  return model;
}

const declared = {
  optimizer: 'adam',
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['accuracy'],
  batchSize: 4,
  shuffle: false,
} as const;

function classifier(options: Partial<SystemOptions> = {}): System {
  return new System({ model: network(), train: [x(), y()], ...declared, ...options });
}

async function train(system: System, options: TrainerOptions = {}): Promise<RowLogger> {
  const rows = rowLogger();
  await new Trainer(options).fit(system, { store: false, loggers: [rows] });
  return rows;
}

describe('the numbers of a training', () => {
  const oneHot = (): tf.Tensor => tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), 3), 'float32');
  const binary = (): tf.Tensor1D => tf.tensor1d(labels.map((label) => Number(label > 0)));
  const squared = (yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor => tf.squaredDifference(yTrue, yPred);
  function worst(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    return tf.max(tf.abs(tf.sub(yTrue, yPred)));
  }

  test.each([
    ['sparse classes', {}, 'sparseCategoricalCrossentropy', 'accuracy', 'acc', y],
    ['one-hot classes', {}, 'categoricalCrossentropy', 'accuracy', 'acc', oneHot],
    ['two classes', { units: 1, activation: 'sigmoid' }, 'binaryCrossentropy', 'accuracy', 'acc', binary],
    ['a weight penalty', { l2: 0.1 }, 'sparseCategoricalCrossentropy', 'accuracy', 'acc', y],
    ['functions as loss and metric', { units: 1, activation: 'linear' }, squared, worst, 'worst', binary],
  ] as const)('equal those of model.fit: %s', async (_name, shape, loss, metric, key, targets) => {
    const [vx, vy] = [tf.slice(x(), [0, 0], [6, 3]), tf.slice(targets(), 0, 6)];
    const oracle = network(shape);
    oracle.compile({ optimizer: tf.train.adam(0.05), loss, metrics: [metric] });
    const options = { epochs: 3, batchSize: 4, shuffle: false, validationData: [vx, vy], yieldEvery: 'never', verbose: 0 } as const;
    const { history } = await oracle.fit(x(), targets(), { ...options, validationData: [vx, vy] });
    const system = new System({
      ...declared,
      model: network(shape),
      optimizer: tf.train.adam(0.05),
      loss,
      metrics: [metric],
      train: [x(), targets()],
      validation: [vx, vy],
    });
    const rows = await train(system, { maxEpochs: 3 });
    const name = typeof metric === 'string' ? metric : metric.name;
    const pairs = {
      'train/loss/epoch': 'loss',
      [`train/metrics/${name}/epoch`]: key,
      'val/loss/epoch': 'val_loss',
      [`val/metrics/${name}/epoch`]: `val_${key}`,
    };
    for (const [tag, known] of Object.entries(pairs)) {
      expect(rows.values(tag), tag).toHaveLength(3);
      rows.values(tag).forEach((value, epoch) => expect(value, `${tag} of epoch ${epoch}`).toBeCloseTo(Number(history[known]?.[epoch]), 5));
    }
  });

  test('every step is there, and epoch values sit on the last step of their epoch', async () => {
    const rows = await train(classifier({ validation: [x(), y()] }), { maxEpochs: 2 });
    expect(rows.steps('train/loss/step')).toEqual([0, 1, 2, 3, 4, 5]);
    expect(rows.steps('train/metrics/accuracy/step')).toEqual([0, 1, 2, 3, 4, 5]);
    expect(rows.steps('train/loss/epoch')).toEqual([2, 5]);
    expect(rows.steps('val/loss/epoch')).toEqual([2, 5]);
    expect(rows.steps('train/lr')).toEqual([0, 3]);
    expect(rows.values('train/beta1')).toEqual([0.9, 0.9]);
    expect(rows.steps('train/steps_per_second')).toEqual([2, 5]);
    expect(rows.status).toBe('finished');
    expect(rows.config).toEqual({ optimizer: 'adam', batchSize: 4, loss: 'sparseCategoricalCrossentropy' });
  });

  test('an epoch mean weighs each batch by its samples: 4, 4 and the ragged 2', async () => {
    const rows = await train(classifier());
    const [a = 0, b = 0, c = 0] = rows.values('train/loss/step');
    expect(rows.values('train/loss/epoch')[0]).toBeCloseTo((4 * a + 4 * b + 2 * c) / 10, 10);
  });

  test('losses that are NaN are logged and do not stop it', async () => {
    const rows = await train(classifier({ train: [tf.mul(x(), NaN), y()] }));
    expect(rows.values('train/loss/step')).toEqual([NaN, NaN, NaN]);
    expect(rows.status).toBe('finished');
  });
});

describe('data', () => {
  test('typed arrays give the numbers that tensors give', async () => {
    const bytes = Uint8Array.from(inputs, (value) => Math.round((value + 1) * 100));
    const scaled = tf.tensor2d(
      Float32Array.from(bytes, (value) => value * 0.01),
      [10, 3],
    );
    const fromTensors = await train(classifier({ train: [scaled, y()] }), { maxEpochs: 2 });
    const train1 = arrayData({ values: bytes, shape: [3], scale: 0.01 }, { values: Uint8Array.from(labels), shape: [] });
    const fromArrays = await train(classifier({ train: train1 }), { maxEpochs: 2 });
    const losses = fromTensors.values('train/loss/step');
    expect(losses).toHaveLength(6);
    fromArrays.values('train/loss/step').forEach((loss, i) => expect(loss).toBeCloseTo(losses[i] ?? NaN, 6));
  });

  function recording(orders: number[][]): DataSource {
    const whole = arrayData({ values: inputs, shape: [3] }, { values: Uint8Array.from(labels), shape: [] });
    return {
      size: 10,
      batch(indices) {
        orders.push([...indices]);
        return whole.batch(indices);
      },
    };
  }

  test('a seed repeats the order, and every epoch has every sample once in an order of its own', async () => {
    const [first, second]: [number[][], number[][]] = [[], []];
    await train(classifier({ train: recording(first), shuffle: true, seed: 7 }), { maxEpochs: 2 });
    await train(classifier({ train: recording(second), shuffle: true, seed: 7 }), { maxEpochs: 2 });
    expect(first).toEqual(second);
    const epochs = [first.slice(-6, -3).flat(), first.slice(-3).flat()];
    for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(epochs[0]).not.toEqual(epochs[1]);
  });

  test('shuffled tensors come with their own targets', async () => {
    const seen: number[] = [];
    // Each sample holds ten times its label, so a mixed-up pair shows.
    const inputsOfLabels = tf.tensor2d(
      labels.flatMap((label) => [label * 10, label * 10, label * 10]),
      [10, 3],
    );
    function mixedUp(yTrue: tf.Tensor): tf.Tensor {
      seen.push(...(yTrue.dataSync() as Float32Array));
      return tf.scalar(0);
    }
    await train(classifier({ train: [inputsOfLabels, y()], shuffle: true, metrics: [mixedUp] }));
    const ascending = (a: number, b: number): number => a - b;
    expect(seen.toSorted(ascending)).toEqual(labels.toSorted(ascending));
    expect(seen).not.toEqual(labels);
  });
});

describe('the outside', () => {
  test('a changed learning rate takes effect and is logged', async () => {
    const system = classifier({ optimizer: tf.train.sgd(0.5), learningRate: 0.25, metrics: [] });
    const trainer = new Trainer({ maxEpochs: 2 });
    let before: Float32Array | undefined;
    trainer.on('epoch', ({ epoch }) => {
      if (epoch > 0) return;
      before = system.model?.getWeights()[0]?.dataSync().slice() as Float32Array;
      trainer.control.set({ lr: 0 });
    });
    const rows = rowLogger();
    await trainer.fit(system, { store: false, loggers: [rows] });
    expect(rows.values('train/lr')).toEqual([0.25, 0]);
    expect(rows.config).toMatchObject({ optimizer: 'SGD', lr: 0.25 });
    expect(before).toBeDefined();
    expect(system.model?.getWeights()[0]?.dataSync()).toEqual(before);
  });

  test('a setting it does not know is refused by an alert', async () => {
    const alerts: string[] = [];
    const trainer = new Trainer({ on: { alert: ({ text }) => alerts.push(text) } });
    trainer.control.set({ lr: NaN, dropout: 0.5 });
    await trainer.fit(classifier(), { store: false });
    expect(alerts).toEqual([
      'set({"lr":null,"dropout":0.5}): lr, dropout was not understood, or has a value that makes no sense; it is as before.',
    ]);
  });

  test("predictions and weights are the model's own, also from an array", async () => {
    const system = classifier();
    await train(system);
    const model = system.model ?? network();
    const expected = await (model.predict(x()) as tf.Tensor).data();
    expect([...(await system.predict(inputs))]).toEqual([...expected]);
    expect([...(await system.predict(x()))]).toEqual([...expected]);
    const weights = await system.weights();
    expect(weights.map(({ shape }) => shape)).toEqual([[3, 5], [5], [5, 3], [3]]);
    expect(weights[0]?.values).toEqual(model.getWeights()[0]?.dataSync());
  });

  test('training again goes on where it ended', async () => {
    const twice = classifier();
    const first = await train(twice);
    const second = await train(twice);
    const once = await train(classifier(), { maxEpochs: 2 });
    expect([...first.values('train/loss/step'), ...second.values('train/loss/step')]).toEqual(once.values('train/loss/step'));
  });
});

describe('memory', () => {
  test('no step and no epoch leaves a tensor behind, ragged batches and validation included', async () => {
    const counts: number[] = [];
    const system = classifier({ validation: [x(), y()], shuffle: true });
    await train(system, { maxEpochs: 4, on: { epoch: () => counts.push(tf.memory().numTensors) } });
    expect(new Set(counts)).toEqual(new Set([counts[0]]));
  });

  test('a system that made its model and optimizer leaves nothing after dispose', async () => {
    const data: [tf.Tensor, tf.Tensor] = [x(), y()];
    const before = tf.memory().numTensors;
    const system = new System({ ...declared, model: () => network(), optimizer: () => tf.train.adam(0.01), train: data });
    await train(system);
    await system.predict(inputs);
    system.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await expect(system.predict(inputs)).rejects.toMatchObject({ code: 'bad-model' });
  });

  test('disposed of while it trains it stops, and is freed then', async () => {
    const data: [tf.Tensor, tf.Tensor] = [x(), y()];
    const before = tf.memory().numTensors;
    const system = new System({ ...declared, model: () => network(), train: data });
    const trainer = new Trainer({ maxEpochs: 5, on: { epoch: ({ epoch }) => epoch === 1 && system.dispose() } });
    expect(await trainer.fit(system, { store: false })).toMatchObject({ status: 'stopped', epoch: 2 });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a run without the engine gets the numbers too, and nothing is left', async () => {
    const rows = rowLogger();
    const system = classifier();
    const { startRun } = await import('../../../src/run/start-run.ts');
    const run = await startRun({ store: false, loggers: [rows], onWarning: () => {} });
    await new Trainer().fit(system, { run });
    const before = tf.memory().numTensors;
    await new Trainer().fit(system, { run });
    await run.finish();
    expect(rows.values('train/loss/step')).toHaveLength(6);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('what is wrong is said', () => {
  test.each([
    ['inputs and targets that differ in number', () => classifier({ train: [x(), tf.zeros([9])] }), 'bad-data', '[10, 3]', '[9]'],
    ['no samples', () => classifier({ train: [tf.zeros([0, 3]), tf.zeros([0])] }), 'bad-data', 'at least one'],
    ['data that are missing', () => classifier({ train: undefined as never }), 'bad-data', 'undefined', 'arrayData'],
    ['half of a pair', () => classifier({ train: [x()] as never }), 'bad-data', 'two tensors'],
    [
      'a batch size of nothing',
      () => classifier({ batchSize: 0 }),
      'bad-options',
      'new System({ batchSize }): got the number 0, need a whole number of at least 1.',
    ],
    [
      'a truncated array',
      () => arrayData({ values: new Uint8Array(29), shape: [3] }, { values: new Uint8Array(10), shape: [] }),
      'bad-data',
      '29',
      'complete',
    ],
    [
      'fewer targets than inputs',
      () => arrayData({ values: inputs, shape: [3] }, { values: new Uint8Array(9), shape: [] }),
      'bad-data',
      '10 inputs and 9 targets',
    ],
  ] satisfies [string, () => unknown, string, ...string[]][])('at once: %s', (_name, make, code, ...parts: string[]) => {
    expect(make).toThrow(expect.objectContaining({ code, message: expect.stringContaining(parts[0] ?? '') }));
    for (const part of parts) expect(make).toThrow(part);
  });

  test.each([
    ['inputs that do not fit the model', () => classifier({ train: [tf.zeros([10, 4]), y()] }), 'bad-data', '[samples, 4]', '[samples, 3]'],
    ['class numbers for one-hot', () => classifier({ loss: 'categoricalCrossentropy' }), 'bad-data', 'sparseCategoricalCrossentropy'],
    ['one-hot for class numbers', () => classifier({ train: [x(), tf.zeros([10, 3])] }), 'bad-data', 'categoricalCrossentropy'],
    ['validation data that do not fit', () => classifier({ validation: [tf.zeros([2, 4]), tf.zeros([2])] }), 'bad-data', 'validation'],
    ['a loss nobody knows', () => classifier({ loss: 'crossed' }), 'bad-model', 'crossed'],
    ['an optimizer nobody knows', () => classifier({ optimizer: 'adamant' }), 'bad-model', 'adamant'],
    ['something that is no optimizer', () => classifier({ optimizer: {} as never }), 'bad-model', 'tf.train.adam'],
    ['something that is no model', () => classifier({ model: {} as never }), 'bad-model', 'tf.LayersModel'],
    [
      'a model of another copy of TensorFlow.js',
      () => classifier({ model: { trainableWeights: [] } as never }),
      'two-copies',
      'new System({ model })',
    ],
    [
      'an optimizer of another copy',
      () => classifier({ optimizer: { applyGradients() {} } as never }),
      'two-copies',
      'new System({ optimizer })',
    ],
    ['a model with nothing to train', () => classifier({ model: frozen() }), 'bad-model', 'trainable'],
    ['a model without layers', () => classifier({ model: tfl.sequential() }), 'bad-model', 'inputShape'],
    [
      'a source that gives other counts',
      () => classifier({ train: { size: 10, batch: () => [x(), y()] } }),
      'bad-data',
      'asked for 1 samples',
    ],
  ] satisfies [string, () => System, string, ...string[]][])('before the first step: %s', async (_name, make, code, ...parts: string[]) => {
    const rows = rowLogger();
    const caught: unknown = await new Trainer().fit(make(), { store: false, loggers: [rows] }).catch((thrown: unknown) => thrown);
    expect(caught).toMatchObject({ name: 'LogError', code });
    for (const part of parts) expect(String(caught)).toContain(part);
    expect(rows.status).toBe('failed');
  });

  function frozen(): tfl.Sequential {
    const model = network();
    for (const layer of model.layers) layer.trainable = false;
    return model;
  }

  test('a step that fails ends the run as failed, with everything logged before', async () => {
    let calls = 0;
    function failing(): tf.Tensor {
      calls += 1;
      if (calls === 3) throw new RangeError('out of paper');
      return tf.scalar(calls);
    }
    const rows = rowLogger();
    const before = tf.memory().numTensors;
    const system = classifier({ metrics: [failing], optimizer: tf.train.sgd(0.1) });
    const caught: unknown = await new Trainer().fit(system, { store: false, loggers: [rows] }).catch((thrown: unknown) => thrown);
    expect(caught).toBeInstanceOf(RangeError);
    expect(caught).toMatchObject({ message: 'out of paper' });
    expect(rows.status).toBe('failed');
    expect(rows.values('train/metrics/failing/step')).toEqual([1, 2]);
    // 2 tensors of data, 4 weights, 1 constant of the optimizer.
    expect(tf.memory().numTensors - before).toBe(7);
  });

  test.each([
    ['optimizer', { optimizer: undefined }, 'got undefined'],
    ['loss', { loss: undefined }, 'got undefined'],
    ['metrics', { metrics: 'accuracy' }, "['accuracy']"],
    ['metrics', { metrics: [5] }, 'the number 5'],
    ['metrics', { metrics: ['acc', 'accuracy'] }, "'accuracy'"],
  ])('at once: wrong %s, %o', (name, wrong, part) => {
    // What a program without types may give.
    const make = (): System => classifier(wrong as unknown as Partial<SystemOptions>);
    expect(make).toThrow(expect.objectContaining({ code: 'bad-options' }));
    for (const text of [`new System({ ${name} })`, part]) expect(make).toThrow(text);
  });

  test.each(['loss', 'metrics'])('a function in %s that gives a number', async (name) => {
    const three = (() => 3) as unknown as () => tf.Tensor; // against the types
    const system = classifier(name === 'loss' ? { loss: three, train: [x(), tf.zeros([10, 3])] } : { metrics: [three] });
    const failed = new Trainer().fit(system, { store: false });
    await expect(failed).rejects.toMatchObject({ code: 'bad-model', message: expect.stringContaining(`new System({ ${name} })`) });
    await expect(failed).rejects.toThrow("'three' gave the number 3");
  });

  test.each([
    ['a loss nobody knows', { loss: 'nope' }, 'nope'],
    [
      'a loss that fails',
      {
        backend: 'auto',
        train: [tf.zeros([10, 3]), tf.zeros([10, 3])],
        loss: () => {
          throw new Error('bang');
        },
      },
      'bang',
    ],
    ['a model with nothing to train', { model: frozen }, 'trainable'],
  ] satisfies [string, Partial<SystemOptions>, string][])(
    'a system that cannot be built leaves nothing behind: %s',
    async (_name, wrong: Partial<SystemOptions>, text: string) => {
      const system = classifier({ model: () => network(), optimizer: 'adam', ...wrong });
      const before = tf.memory().numTensors;
      await expect(new Trainer().fit(system, { store: false })).rejects.toThrow(text);
      await expect(new Trainer().fit(system, { store: false })).rejects.toThrow(text);
      system.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test('a wrong shape to predict', async () => {
    await expect(classifier().predict(new Float32Array(7))).rejects.toThrow('samples of shape [3]');
    await expect(classifier().predict(tf.zeros([2, 4]))).rejects.toThrow('[samples, 3]');
  });
});

describe("what is the caller's stays the caller's", () => {
  test('two systems of one model have an optimizer each', async () => {
    const model = network();
    const first = classifier({ model, optimizer: 'adam', learningRate: 0.25 });
    const second = classifier({ model, optimizer: 'adam', learningRate: 0.5 });
    await new Trainer().fit(first, { store: false });
    await new Trainer().fit(second, { store: false });
    expect([first.learningRate, second.learningRate]).toEqual([0.25, 0.5]);
    const rows = rowLogger();
    await new Trainer().fit(first, { store: false, loggers: [rows] });
    expect(rows.values('train/lr')).toEqual([0.25]);
    first.dispose();
    expect(await new Trainer().fit(second, { store: false })).toMatchObject({ status: 'finished' });
  });

  test('a tensor of its own that a metric gives, in training and validation', async () => {
    const own = tf.scalar(0.5);
    const rows = rowLogger();
    const system = classifier({
      metrics: [
        function constant() {
          return own;
        },
      ],
      validation: [x(), y()],
    });
    await new Trainer({ maxEpochs: 2 }).fit(system, { store: false, loggers: [rows] });
    expect(own.isDisposed).toBe(false);
    expect(rows.values('val/metrics/constant/epoch')).toEqual([0.5, 0.5]);
  });
});
