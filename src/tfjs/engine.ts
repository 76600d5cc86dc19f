import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../core/engine.ts';
import { readTensors } from './read-tensors.ts';
import { refuseNoScalar } from './scalar-check.ts';
import { refuseSecondCopy } from './two-copies.ts';

/** Kept scalars that their maker gives away: the engine takes them as they are instead of cloning them. */
const givenAway = new WeakSet<tf.Tensor>();

/**
 * Reads tensors of TensorFlow.js in batches: `startRun({ engine: tfjsEngine() })`. `System` brings it along by itself.
 * A tensor logged may be disposed right after the call.
 */
export function tfjsEngine(): Engine<tf.Tensor> {
  return { name: 'tfjs', owns, retain, read, release };
}

/** Logs nothing itself: marks a kept scalar as one that the engine may take over. */
export function giveAway(scalar: tf.Tensor): void {
  givenAway.add(scalar);
}

/** Disposes of a scalar that no engine has taken over. */
export function takeBack(scalar: tf.Tensor): void {
  if (givenAway.delete(scalar)) scalar.dispose();
}

function owns(value: unknown): value is tf.Tensor {
  return value instanceof tf.Tensor;
}

function retain(value: tf.Tensor, call: string): tf.Tensor {
  refuseSecondCopy(value, call);
  refuseNoScalar(value, call);
  if (givenAway.delete(value)) return value;
  // One type, so that all of them can be put in one row; kept, so that the caller's tidy leaves it alone.
  return tf.tidy(() => tf.keep(value.dtype === 'float32' ? tf.clone(value) : tf.cast(value, 'float32')));
}

async function read(values: readonly tf.Tensor[]): Promise<Float64Array> {
  return Float64Array.from(await readTensors(values), (numbers) => numbers[0] ?? NaN);
}

function release(values: readonly tf.Tensor[]): void {
  tf.dispose([...values]);
}
