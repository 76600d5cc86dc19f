import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, expect, test } from 'vitest';
import type { Logger, ModelGraph } from '../../../src/core/logger.ts';
import { modelGraph } from '../../../src/tfjs/model-graph.ts';
import { System } from '../../../src/tfjs/system.ts';
import { Trainer } from '../../../src/train/trainer.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test('a model with a branch becomes a graph of its layers', () => {
  const input = tfl.input({ shape: [4], name: 'pixels' });
  const left = tfl.layers.dense({ units: 3, activation: 'relu', name: 'left' }).apply(input) as tfl.SymbolicTensor;
  const right = tfl.layers.dense({ units: 3, name: 'right' }).apply(input) as tfl.SymbolicTensor;
  const sum = tfl.layers.add({ name: 'sum' }).apply([left, right]) as tfl.SymbolicTensor;
  const { nodes } = modelGraph(tfl.model({ inputs: input, outputs: sum, name: 'branched' }));
  expect(nodes.map(({ name, op, inputs }) => [name, op, inputs])).toEqual([
    ['pixels', 'InputLayer', []],
    ['left', 'Dense', ['pixels']],
    ['right', 'Dense', ['pixels']],
    ['sum', 'Add', ['left', 'right']],
  ]);
  expect(nodes[1]?.attributes).toMatchObject({ weights: '15', output_shape: '[null,3]', activation: 'relu', units: '3' });
});

test('a system gives its graph to loggers that take one, once', async () => {
  const graphs: ModelGraph[] = [];
  const logger: Logger = { name: 'graphs', logMetrics() {}, logHyperparams() {}, logGraph: (graph) => void graphs.push(graph) };
  const system = new System({
    model: () => tfl.sequential({ layers: [tfl.layers.dense({ inputShape: [2], units: 1, name: 'only' })] }),
    optimizer: 'sgd',
    loss: 'meanSquaredError',
    train: [tf.ones([4, 2]), tf.ones([4, 1])],
    backend: 'cpu',
  });
  await new Trainer({ maxEpochs: 2, loggers: [logger] }).fit(system, { store: false });
  expect(graphs.map(({ nodes }) => nodes.map(({ name }) => name))).toEqual([['only']]);
  system.dispose();
});
