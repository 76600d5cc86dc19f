import '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { fitCallback } from '../../../src/tfjs/fit.ts';
import { countMaps } from './count-maps.ts';
import { makeData, makeModel, settings, stepsOf, valuesOf, watchedRun } from './fit-pages.ts';

// The adapter of these tests is software and slow, so the model is tiny; counts do not depend on it.

beforeAll(async () => {
  expect(await tf.setBackend('webgpu'), 'this test needs a WebGPU adapter').toBe(true);
});

/** How many times a buffer of the GPU is read while `act` goes on. */
async function mapsOf(act: () => Promise<unknown>): Promise<number> {
  const maps = countMaps();
  await act().finally(maps.stop);
  return maps.count;
}

test('on WebGPU a fit is logged with at most two reads more than without it, and leaves no tensor behind', async () => {
  const { x, y } = makeData();
  const { run, rows, errors } = await watchedRun({ readEveryMs: 1e9 });
  const model = makeModel();
  const bare = await mapsOf(() => model.fit(x, y, settings));
  const { numTensors } = tf.memory();
  let history: tf.History['history'] = {};
  const logged = await mapsOf(async () => {
    ({ history } = await model.fit(x, y, { ...settings, callbacks: fitCallback(run, { tf }) }));
  });
  expect(bare).toBeGreaterThan(0);
  expect(logged - bare).toBeLessThanOrEqual(2);
  expect(tf.memory().numTensors).toBe(numTensors);
  expect(errors).toEqual([]);
  expect(stepsOf(rows, 'train/loss/step')).toHaveLength(12);
  expect(valuesOf(rows, 'train/loss/epoch')).toEqual(history['loss']);
  expect(run.info.facts).toMatchObject({ backend: 'webgpu' });
  tf.dispose([x, y]);
  model.dispose();
});
