import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../../src/config/read-config.ts';
import { LogError } from '../../../src/core/errors.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';
import { System } from '../../../src/tfjs/system.ts';
import { Trainer } from '../../../src/train/trainer.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const registry = {
  mlp: ({ units }: { units: number }) =>
    tfl.sequential({ layers: [tfl.layers.dense({ inputShape: [2], units, activation: 'relu' }), tfl.layers.dense({ units: 1 })] }),
  sgd: ({ lr }: { lr: number }) => tf.train.sgd(lr),
  points: () => [tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]), tf.tensor2d([1, 2, 3, 4], [4, 1])],
};

const text = `# four points
system:
  model: { _target_: mlp, _partial_: true, units: 3 }
  optimizer: { _target_: sgd, lr: 1e-3 }
  loss: meanSquaredError
  train: { _target_: points }
  batchSize: 2
trainer:
  maxEpochs: 2
`;

test('a system is built from a config text, trains, and keeps the text with the run', async () => {
  const config = readConfig(text);
  const system = System.fromConfig(config, registry);
  const store = memoryStore('from-config');
  const { maxEpochs } = config.values['trainer'] as { maxEpochs: number };
  const { runId, step } = await new Trainer({ maxEpochs }).fit(system, { store });
  expect(step).toBe(4);
  const run = await store.run(runId);
  expect(run?.config).toMatchObject({ lr: 0.001, batchSize: 2, trainer: { maxEpochs: 2 }, system: { loss: 'meanSquaredError' } });
  expect(run?.facts).toMatchObject({ 'config.text': text, 'config.format': 'yaml' });
  system.dispose();
});

test.each([
  ['a part that is missing', 'system: { model: { _target_: mlp, units: 1 }, loss: x, optimizer: sgd }', 'config.system.train is missing'],
  ['a part that is not known', text.replace('batchSize', 'batchsize'), "config.system.batchsize is not known. Did you mean 'batchSize'?"],
  [
    'a part that is nearly known, in a flat config',
    '{ model: 1, optimiser: adam, loss: x, train: 1 }',
    "config.optimiser is not known. Did you mean 'optimizer'?",
  ],
  [
    'a part that is written with an underscore, in a flat config',
    '{ model: 1, optimizer: a, loss: x, train: 1, batch_size: 2 }',
    "config.batch_size is not known. Did you mean 'batchSize'?",
  ],
  [
    'a value of the wrong kind',
    text.replace('batchSize: 2', 'batchSize: ten'),
    'config.system.batchSize is the string "ten", need a whole number of at least 1.',
  ],
  [
    'a value of the wrong kind, of a loss',
    text.replace('loss: meanSquaredError', 'loss: 3'),
    'config.system.loss is the number 3, need a name',
  ],
  [
    'a name that is not in the registry',
    text.replace('_target_: sgd', '_target_: adam'),
    'config.system.optimizer._target_ the string "adam" is not in the registry',
  ],
])('is refused with the path of %s', (_, wrong, message) => {
  try {
    System.fromConfig(readConfig(wrong), registry);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(LogError);
    expect((thrown as LogError).message).toContain(`System.fromConfig(): ${message}`);
    return;
  }
  throw new Error('nothing was thrown');
});

test('a flat config may have other things beside, also with names like those of options it gives', () => {
  const { system, trainer } = readConfig(text).values as Record<string, object>;
  const built = System.fromConfig({ ...system, batch_sizes: [2], text: 'a note', trainer }, registry);
  expect(built.hyperparameters).toMatchObject({ batchSize: 2, text: 'a note' });
  built.dispose();
});
