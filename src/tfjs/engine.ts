import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../core/engine.ts';
import { LogError } from '../core/errors.ts';
import { backendOf, deviceLoss, isHostBackend, refuseIfBeingLost, refuseLostDevice } from './device.ts';
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
  if (value.isDisposed) {
    throw new LogError(
      'bad-value',
      `${call}: got a tensor that has been disposed. Log it before it is disposed, or inside the tidy that makes it.`,
    );
  }
  if (value.size !== 1) {
    throw new LogError(
      'bad-value',
      `${call}: got a tensor of ${value.size} values (shape [${value.shape.join(', ')}]), need one. Take the mean, e.g. tf.mean(value).`,
    );
  }
  if (value.dtype === 'string' || value.dtype === 'complex64') {
    throw new LogError('bad-value', `${call}: got a tensor of type ${value.dtype}, need a number. Log a real number taken from it.`);
  }
  if (givenAway.delete(value)) return value;
  // One type, so that all of them can be put in one row; kept, so that the caller's tidy leaves it alone.
  return tf.tidy(() => tf.keep(value.dtype === 'float32' ? tf.clone(value) : tf.cast(value, 'float32')));
}

async function read(values: readonly tf.Tensor[]): Promise<Float64Array> {
  const numbers = new Float64Array(values.length);
  const reads = [...byBackend(values)].map(([backend, positions]) => readGroup(backend, positions, values, numbers));
  // All of them settle before the values may be released.
  const failed = (await Promise.allSettled(reads)).find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return numbers;
}

/** Positions by the backend that holds the numbers there: the active one may have changed since they were logged. */
function byBackend(values: readonly tf.Tensor[]): Map<unknown, number[]> {
  const groups = new Map<unknown, number[]>();
  values.forEach((value, i) => {
    const backend = backendOf(value);
    const group = groups.get(backend);
    if (group === undefined) groups.set(backend, [i]);
    else group.push(i);
  });
  return groups;
}

async function readGroup(
  backend: unknown,
  positions: readonly number[],
  values: readonly tf.Tensor[],
  numbers: Float64Array,
): Promise<void> {
  const group = positions.map((position) => values[position] as tf.Tensor); // positions are those of values
  if (isHostBackend(backend)) {
    group.forEach((value, i) => (numbers[positions[i] ?? 0] = Number(value.dataSync()[0])));
    return;
  }
  refuseLostDevice(backend);
  // A kernel of the active backend would have to wait for the numbers of another one, and WebGPU cannot.
  const data = backend === tf.backend() ? readRow(group) : Promise.all(group.map(readOne));
  try {
    const read = await (deviceLoss(backend)?.orLost(data) ?? data);
    refuseLostDevice(backend);
    positions.forEach((position, i) => (numbers[position] = read[i] ?? NaN));
  } catch (thrown) {
    await refuseIfBeingLost(backend);
    throw thrown;
  }
}

/** One round trip for values of the active backend. */
async function readRow(group: readonly tf.Tensor[]): Promise<ArrayLike<number>> {
  // Kept: a read may begin within the caller's tidy, and ends after it.
  const row = tf.tidy(() => tf.keep(tf.concat1d(group.map((value) => tf.reshape(value, [1])))));
  try {
    return await row.data();
  } finally {
    // Not before the read has settled: tfjs's WebGPU backend does not wait with disposing.
    row.dispose();
  }
}

async function readOne(value: tf.Tensor): Promise<number> {
  return Number((await value.data())[0]);
}

function release(values: readonly tf.Tensor[]): void {
  tf.dispose([...values]);
}
