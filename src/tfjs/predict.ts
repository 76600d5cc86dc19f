import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { describe, LogError } from '../core/errors.ts';

/** One weight of a model, as numbers. */
export interface WeightValues {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Samples per forward pass: bounds the memory that activations take. */
const predictBatch = 512;

/** Runs a model forward over all samples and reads the outputs back once. */
export async function predict(model: tfl.LayersModel, input: Float32Array | tf.Tensor): Promise<Float32Array> {
  const sample = model.inputs[0]?.shape.slice(1) ?? [];
  const outputs = tf.tidy(() => {
    const rows = input instanceof tf.Tensor ? checkTensor(input, sample) : toTensor(input, sample);
    const count = rows.shape[0] ?? 0;
    const parts: tf.Tensor[] = [];
    for (let start = 0; start < count; start += predictBatch) {
      const size = Math.min(predictBatch, count - start);
      const part = tf.slice(rows, [start, ...sample.map(() => 0)], [size, ...rows.shape.slice(1)]);
      const output = model.call(part, { training: false });
      parts.push(Array.isArray(output) ? (output[0] as tf.Tensor) : output); // System takes models of one output
    }
    return parts.length === 1 ? (parts[0] as tf.Tensor) : tf.concat(parts); // the length was just looked at
  });
  try {
    return Float32Array.from(await outputs.data());
  } finally {
    outputs.dispose();
  }
}

/** Reads all weights of a model. */
export async function readWeights(model: tfl.LayersModel): Promise<WeightValues[]> {
  return Promise.all(
    model.weights.map(async (weight) => {
      // A copy of the handle: training may replace the weight's own tensor while this one is being read.
      const tensor = tf.clone(weight.read());
      try {
        return { name: weight.originalName, shape: [...tensor.shape], values: Float32Array.from(await tensor.data()) };
      } finally {
        tensor.dispose();
      }
    }),
  );
}

function toTensor(values: Float32Array, sample: tfl.Shape): tf.Tensor {
  let each = 1;
  for (const dimension of sample) each *= dimension ?? NaN;
  if (!ArrayBuffer.isView(values) || !(each > 0) || values.length === 0 || values.length % each !== 0) {
    throw new LogError(
      'bad-data',
      `system.predict(): got ${describe(values)}, which does not split into samples of shape [${sample.map((d) => d ?? 'any').join(', ')}]. Give a tensor, or whole samples.`,
    );
  }
  return tf.tensor(values, [values.length / each, ...sample.map((dimension) => dimension ?? 1)]);
}

function checkTensor(input: tf.Tensor, sample: tfl.Shape): tf.Tensor {
  const fits = input.rank === sample.length + 1 && sample.every((dimension, i) => dimension == null || dimension === input.shape[i + 1]);
  if (fits && input.size > 0) return input;
  throw new LogError(
    'bad-data',
    `system.predict(): got a tensor of shape [${input.shape.join(', ')}], the model takes [samples, ${sample.map((d) => d ?? 'any').join(', ')}]. Reshape it.`,
  );
}
