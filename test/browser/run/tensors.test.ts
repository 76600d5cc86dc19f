import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgpu';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogError } from '../../../src/core/errors.ts';
import { startRun } from '../../../src/run/index.ts';
import { memoryStore } from '../../../src/store/index.ts';

let k: tf.Tensor1D;

beforeAll(async () => {
  await tf.setBackend('webgpu');
  k = tf.tensor1d([1, 2]);
});

afterAll(() => k.dispose());

test('tensors logged inside a tidy without an engine are all read, and none is left', async () => {
  const errors: LogError[] = [];
  const store = memoryStore('tidy-without-engine');
  const run = await startRun({ store, onError: (error) => errors.push(error), onWarning: () => {} });
  const before = tf.memory().numTensors;
  for (let i = 0; i < 5; i++) tf.tidy(() => run.log('t', tf.mean(tf.mul(k, i)), { step: i }));
  await run.finish();
  expect(errors).toEqual([]);
  const series = await store.series(run.id, 't');
  expect(series.kind === 'points' && [...series.value]).toEqual([0, 1.5, 3, 4.5, 6]);
  expect(tf.memory().numTensors).toBe(before);
});
