import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-webgpu';
import plainWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';

export type BackendName = 'wasm' | 'webgpu';

/** A model, and data of the right shape to train it on. */
export interface Workload {
  makeModel(): tf.LayersModel;
  makeOptimizer(): tf.Optimizer;
  makeData(samples: number): [tf.Tensor, tf.Tensor];
  readonly loss: string;
  /** With the loss they make four scalars a step. */
  readonly metrics: readonly string[];
  readonly batchSize: number;
}

export const workloads: Readonly<Record<'mlp' | 'tiny', Workload>> = {
  /** A hidden layer over images of 28 × 28: computing dominates. */
  mlp: {
    makeModel: () =>
      tf.sequential({
        layers: [
          tf.layers.dense({ inputShape: [784], units: 128, activation: 'relu' }),
          tf.layers.dense({ units: 10, activation: 'softmax' }),
        ],
      }),
    makeOptimizer: () => tf.train.adam(1e-3),
    makeData: (samples) => [
      tf.randomUniform([samples, 784], 0, 1, 'float32', 1),
      tf.tidy(() => tf.oneHot(tf.randomUniform([samples], 0, 10, 'int32', 2) as tf.Tensor1D, 10).toFloat()),
    ],
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy', 'mse', 'mae'],
    batchSize: 64,
  },
  /** Two numbers in, one out: what surrounds the computing dominates. */
  tiny: {
    makeModel: () =>
      tf.sequential({
        layers: [tf.layers.dense({ inputShape: [2], units: 16, activation: 'tanh' }), tf.layers.dense({ units: 1 })],
      }),
    makeOptimizer: () => tf.train.sgd(0.05),
    makeData: (samples) => {
      const inputs = tf.randomUniform([samples, 2], -1, 1, 'float32', 3);
      return [inputs, tf.tidy(() => inputs.prod(1, true))];
    },
    loss: 'meanSquaredError',
    metrics: ['mae', 'mape', 'cosine'],
    batchSize: 32,
  },
};

/** Makes a backend the active one. wasm runs with one thread, as it does in pages that are not cross-origin isolated. */
export async function startBackend(backend: BackendName): Promise<void> {
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plainWasm,
    'tfjs-backend-wasm-simd.wasm': simdWasm,
    'tfjs-backend-wasm-threaded-simd.wasm': threadedWasm,
  });
  setThreadsCount(1);
  if (!(await tf.setBackend(backend))) throw new Error(`bench: the backend ${backend} does not start.`);
  await tf.ready();
}
