import * as tf from '@tensorflow/tfjs-core';
import { describe, LogError } from '../core/errors.ts';

/** Inputs and targets of a batch; the first dimension of both counts the samples. */
export type Batch = readonly [inputs: tf.Tensor, targets: tf.Tensor];

/**
 * Training data that are made into tensors batch by batch, e.g. decoded from bytes, so that the whole set never lies in
 * memory as floats.
 */
export interface DataSource {
  /** Samples in all. */
  readonly size: number;
  /** The samples at these 0-based positions, in this order. Called within a tidy: the tensors are disposed by it. */
  batch(indices: Int32Array): Batch;
  /** The samples from `start` on, in order. Default: `batch` with their positions. */
  range?(start: number, count: number): Batch;
}

/** Plain numbers, all samples in one row. */
export interface PackedArray {
  /** `shape` of the first sample, then of the second … */
  readonly values: Float32Array | Float64Array | Uint8Array | Uint8ClampedArray | Int8Array | Uint16Array | Int16Array | Int32Array;
  /** Of one sample: `[28, 28, 1]`; `[]` for one number. */
  readonly shape: readonly number[];
  /** Multiplies each value as it becomes a float, e.g. `1 / 255`. Default 1. */
  readonly scale?: number;
}

/**
 * Data from typed arrays. Values become 32-bit floats batch by batch.
 *
 * ```ts
 * const train = arrayData({ values: pixels, shape: [28, 28, 1], scale: 1 / 255 }, { values: labels, shape: [] });
 * ```
 */
export function arrayData(inputs: PackedArray, targets: PackedArray): DataSource {
  const size = samplesIn(inputs, 'inputs');
  const targetCount = samplesIn(targets, 'targets');
  if (size !== targetCount) {
    throw new LogError('bad-data', `arrayData(): there are ${size} inputs and ${targetCount} targets. Give one target for each input.`);
  }
  return { size, batch: (indices) => [gather(inputs, indices), gather(targets, indices)] };
}

/** Data that lie in two tensors. They stay the caller's. */
export function tensorData(inputs: tf.Tensor, targets: tf.Tensor): DataSource {
  return {
    size: inputs.shape[0] ?? 0,
    batch: (indices) => (tf.getBackend() === 'cpu' ? gatherOnHost([inputs, targets], indices) : gatherOnDevice([inputs, targets], indices)),
    range: (start, count) => [sliceOf(inputs, start, count), sliceOf(targets, start, count)],
  };
}

function samplesIn({ values, shape }: PackedArray, name: string): number {
  const each = sizeOf(shape);
  if (!ArrayBuffer.isView(values) || !(each > 0) || values.length % each !== 0) {
    throw new LogError(
      'bad-data',
      `arrayData(): ${name} has ${describe(values)}, which does not split into samples of shape [${shape.join(', ')}]. Are the data complete?`,
    );
  }
  return values.length / each;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

function gather({ values, shape, scale = 1 }: PackedArray, indices: Int32Array): tf.Tensor {
  const each = sizeOf(shape);
  const floats = new Float32Array(indices.length * each);
  for (let row = 0; row < indices.length; row++) {
    const from = (indices[row] ?? 0) * each;
    const to = row * each;
    if (scale === 1) floats.set(values.subarray(from, from + each), to);
    else for (let i = 0; i < each; i++) floats[to + i] = (values[from + i] ?? 0) * scale;
  }
  return tf.tensor(floats, [indices.length, ...shape]);
}

function gatherOnDevice([inputs, targets]: Batch, indices: Int32Array): Batch {
  const positions = tf.tensor1d(indices, 'int32');
  return [tf.gather(inputs, positions), tf.gather(targets, positions)];
}

/** On the cpu backend numbers lie in reach, and copying rows is several times faster than its gather kernel. */
function gatherOnHost([inputs, targets]: Batch, indices: Int32Array): Batch {
  return [copyRows(inputs, indices), copyRows(targets, indices)];
}

function copyRows(tensor: tf.Tensor, indices: Int32Array): tf.Tensor {
  const values = tensor.dataSync();
  const each = tensor.size / (tensor.shape[0] ?? 1);
  const rows = tensor.dtype === 'float32' ? new Float32Array(indices.length * each) : new Int32Array(indices.length * each);
  for (let row = 0; row < indices.length; row++) {
    const from = (indices[row] ?? 0) * each;
    if (each === 1) rows[row] = values[from] ?? 0;
    else rows.set(values.subarray(from, from + each), row * each);
  }
  return tf.tensor(rows, [indices.length, ...tensor.shape.slice(1)], tensor.dtype);
}

function sliceOf(tensor: tf.Tensor, start: number, count: number): tf.Tensor {
  return tf.slice(tensor, [start, ...tensor.shape.slice(1).map(() => 0)], [count, ...tensor.shape.slice(1)]);
}
