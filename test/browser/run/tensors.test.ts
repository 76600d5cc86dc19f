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

test('pictures, sound and histograms of tensors made in a tidy are read after it, and none is left', async () => {
  const errors: LogError[] = [];
  const store = memoryStore('records-of-tensors');
  const run = await startRun({ store, onError: (error) => errors.push(error), onWarning: () => {} });
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    run.logImage('x', tf.div(tf.tensor3d([0, 1, 2, 3, 4, 5], [1, 2, 3]), 10));
    run.logHistogram('w', tf.mul(k, 2), { bins: 1 });
    run.logAudio('a', tf.zeros([4, 2]));
  });
  const image = tf.tensor3d([1, 2, 3], [1, 1, 3], 'int32');
  run.logImages('grid', [image, image]);
  image.dispose();
  await run.finish();
  expect(errors).toEqual([]);
  expect(tf.memory().numTensors).toBe(before);
  expect((await store.records(run.id)).map(({ tag, data }) => [tag, data])).toEqual([
    ['x', { width: 2, height: 1, channels: 3 }],
    ['w', expect.objectContaining({ min: 2, max: 4, counts: Float64Array.of(2) })],
    ['a', { sampleRate: 44_100, channels: 2, frames: 4 }],
    ['grid', { width: 2, height: 1, channels: 3, images: 2, columns: 2 }],
  ]);
});
