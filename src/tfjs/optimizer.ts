import * as tf from '@tensorflow/tfjs-core';
import type { Json } from '../core/run-info.ts';

/** Settings of an optimizer that are logged, by tag; those it lacks are left out. */
export function optimizerStats(optimizer: tf.Optimizer): Readonly<Record<string, number>> {
  const config: Readonly<Record<string, unknown>> = optimizer.getConfig();
  const stats: Record<string, number> = {};
  for (const [key, tag] of statTags) {
    const value = config[key];
    if (typeof value === 'number') stats[tag] = value;
  }
  return stats;
}

const statTags: readonly (readonly [key: string, tag: string])[] = [
  ['learningRate', 'train/lr'],
  ['momentum', 'train/momentum'],
  ['beta1', 'train/beta1'],
  ['beta2', 'train/beta2'],
];

/** Changes the learning rate from the next step on. */
export function setLearningRate(optimizer: tf.Optimizer, learningRate: number): void {
  if ('setLearningRate' in optimizer && typeof optimizer.setLearningRate === 'function') {
    optimizer.setLearningRate(learningRate);
    return;
  }
  // All other optimizers of tfjs read this property in every step; it is protected, and there is no setter.
  (optimizer as unknown as { learningRate: number }).learningRate = learningRate;
}

/** What a run's config says about an optimizer. */
export function optimizerHyperparameters(optimizer: tf.Optimizer | string | (() => tf.Optimizer)): Record<string, Json> {
  if (typeof optimizer === 'string') return { optimizer };
  if (!(optimizer instanceof tf.Optimizer)) return {};
  const lr = optimizerStats(optimizer)['train/lr'];
  return { optimizer: optimizer.getClassName(), ...(lr === undefined ? {} : { lr }) };
}
