import * as tf from '@tensorflow/tfjs-core';

/** A histogram may have this many bins: their indices and what is done with them is exact in float32. */
export const mostBins: number = 2 ** 21;
/** Numbers of an intermediate tensor at most. */
const mostNumbers = 2 ** 24;

/** How often each of 0 … bins - 1 occurs, as float32; greater values are left out. Values: whole float32 numbers from 0 to `bins`. */
export function histogram(values: tf.Tensor1D, bins: number): tf.Tensor1D {
  // The kernel of the WebGL backend reads its input back and counts on the processor.
  if (tf.getBackend() === 'webgl') return bySides(values, bins);
  return tf.denseBincount(tf.cast<tf.Tensor1D>(values, 'int32'), tf.tensor1d([], 'float32'), bins);
}

/** The bins as a square: a value's row and column as one-hot vectors, and counting is their product. */
export function bySides(values: tf.Tensor1D, bins: number): tf.Tensor1D {
  const side = Math.ceil(Math.sqrt(bins + 1));
  const stretch = Math.max(1, Math.floor(mostNumbers / side));
  let counts: tf.Tensor2D | undefined;
  for (let start = 0; start < values.size; start += stretch) {
    const some = tf.slice1d(values, start, Math.min(stretch, values.size - start));
    // Half a step keeps a division that is not exact on the right side of a whole number.
    const row = tf.floor(tf.div(tf.add(some, 0.5), side));
    const column = tf.sub(some, tf.mul(row, side));
    const oneHot = (index: tf.Tensor): tf.Tensor2D => tf.oneHot(tf.cast(index, 'int32') as tf.Tensor1D, side) as tf.Tensor2D; // of a row of indices
    const more: tf.Tensor2D = tf.matMul(oneHot(row), oneHot(column), true, false);
    counts = counts === undefined ? more : tf.add(counts, more);
  }
  return counts === undefined ? tf.zeros([bins]) : tf.slice1d(tf.reshape(counts, [side * side]), 0, bins);
}
