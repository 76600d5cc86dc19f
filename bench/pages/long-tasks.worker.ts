import * as tf from '@tensorflow/tfjs';
import { System } from 'tabtrain/tfjs';
import { exposeTrainer } from 'tabtrain/worker';
import { startBackend, workloads } from './models.ts';

/** Nine metrics and the loss: ten numbers of every step. */
const metrics = Array.from({ length: 9 }, (_, i) => {
  const metric = (targets: tf.Tensor, predictions: tf.Tensor): tf.Tensor => tf.mean(tf.abs(targets.sub(predictions))).mul(i + 1);
  Object.defineProperty(metric, 'name', { value: `error${i + 1}` });
  return metric;
});

export const api = exposeTrainer(async (config: { readonly samples: number }) => {
  await startBackend('wasm');
  const { makeModel, makeOptimizer, makeData, loss, batchSize } = workloads.tiny;
  return new System({
    model: makeModel,
    optimizer: makeOptimizer,
    loss,
    metrics,
    train: makeData(config.samples),
    batchSize,
    backend: 'wasm',
  });
});
