import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plainWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, expect, test } from 'vitest';
import { System } from '../../../src/tfjs/system.ts';
import { Trainer } from '../../../src/train/trainer.ts';

// The browser of these tests draws WebGPU and WebGL in software.

beforeAll(async () => {
  await tf.setBackend('cpu');
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plainWasm,
    'tfjs-backend-wasm-simd.wasm': simdWasm,
    'tfjs-backend-wasm-threaded-simd.wasm': threadedWasm,
  });
});

const dense = (): tfl.LayersModel =>
  tfl.sequential({
    layers: [tfl.layers.dense({ inputShape: [4], units: 8, activation: 'relu' }), tfl.layers.dense({ units: 2, activation: 'softmax' })],
  });

const convolutional = (): tfl.LayersModel =>
  tfl.sequential({
    layers: [
      tfl.layers.conv2d({ inputShape: [6, 6, 1], filters: 2, kernelSize: 3, activation: 'relu' }),
      tfl.layers.batchNormalization(),
      tfl.layers.maxPooling2d({ poolSize: 2 }),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });

function system(model: () => tfl.LayersModel, sample: number[]): System {
  const train: [tf.Tensor, tf.Tensor] = [tf.zeros([6, ...sample]), tf.tensor1d([0, 1, 0, 1, 0, 1], 'float32')];
  return new System({ model, optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'], train, batchSize: 4 });
}

test('without a GPU dense layers train on wasm', async () => {
  const digits = system(dense, [4]);
  expect(await new Trainer().fit(digits, { store: false })).toMatchObject({ status: 'finished', step: 2 });
  expect(digits.backend).toMatchObject({ backend: 'wasm', isSoftware: false });
  expect(digits.backend?.reason).toBe('wasm (SIMD): the fastest on the processor; webgpu and webgl would be drawn in software.');
  expect([...(await digits.predict(new Float32Array(4)))]).toHaveLength(2);
  digits.dispose();
});

test('without a GPU convolutions pass over wasm, which lacks a kernel of their gradient', async () => {
  const digits = system(convolutional, [6, 6, 1]);
  expect(await new Trainer().fit(digits, { store: false })).toMatchObject({ status: 'finished', step: 2 });
  expect(digits.backend).toMatchObject({ backend: 'webgl', isSoftware: true });
  expect(digits.backend?.reason).toContain('wasm has no kernel Conv2DBackpropFilter');
  digits.dispose();
});

test('the rehearsal that finds the kernels leaves the model as it was made', async () => {
  const digits = system(convolutional, [6, 6, 1]);
  const moving = (await digits.weights()).filter(({ name }) => name.includes('moving'));
  expect(moving.map(({ values }) => [...values])).toEqual([
    [0, 0],
    [1, 1],
  ]);
  digits.dispose();
});

test('asked for by name wasm refuses convolutions', async () => {
  const train: [tf.Tensor, tf.Tensor] = [tf.zeros([6, 6, 6, 1]), tf.zeros([6])];
  const digits = new System({ model: convolutional, optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', train, backend: 'wasm' });
  await expect(new Trainer().fit(digits, { store: false })).rejects.toMatchObject({
    code: 'no-backend',
    message: expect.stringContaining('Conv2DBackpropFilter'),
  });
});

test('a model that is there stays on the active backend; what that lacks is said', async () => {
  await tf.setBackend('wasm');
  const train: [tf.Tensor, tf.Tensor] = [tf.zeros([6, 6, 6, 1]), tf.zeros([6])];
  const digits = new System({ model: convolutional(), optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', train });
  await expect(new Trainer().fit(digits, { store: false })).rejects.toMatchObject({
    code: 'no-backend',
    message: expect.stringContaining('a function that makes the model'),
  });
  expect(digits.backend).toMatchObject({ backend: 'wasm' });
});
