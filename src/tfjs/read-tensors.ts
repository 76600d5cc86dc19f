import * as tf from '@tensorflow/tfjs-core';
import { backendOf, deviceLoss, isHostBackend, refuseIfBeingLost, refuseLostDevice } from './device.ts';

/** The numbers of tensors of one type, in order: one round trip for all that lie on the active backend's device. */
export async function readTensors(tensors: readonly tf.Tensor[]): Promise<ArrayLike<number>[]> {
  const numbers: ArrayLike<number>[] = [];
  const reads = [...byBackend(tensors)].map(([backend, positions]) => readGroup(backend, positions, tensors, numbers));
  // All of them settle before the tensors may be released.
  const failed = (await Promise.allSettled(reads)).find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return numbers;
}

/** Positions by the backend that holds the numbers there: the active one may have changed since they were computed. */
function byBackend(tensors: readonly tf.Tensor[]): Map<unknown, number[]> {
  const groups = new Map<unknown, number[]>();
  tensors.forEach((tensor, i) => {
    const backend = backendOf(tensor);
    const group = groups.get(backend);
    if (group === undefined) groups.set(backend, [i]);
    else group.push(i);
  });
  return groups;
}

async function readGroup(
  backend: unknown,
  positions: readonly number[],
  tensors: readonly tf.Tensor[],
  numbers: ArrayLike<number>[],
): Promise<void> {
  const group = positions.map((position) => tensors[position] as tf.Tensor); // positions are those of tensors
  if (isHostBackend(backend)) {
    group.forEach((tensor, i) => (numbers[positions[i] ?? 0] = tensor.dataSync()));
    return;
  }
  refuseLostDevice(backend);
  // A kernel of the active backend would have to wait for the numbers of another one, and WebGPU cannot.
  const data: Promise<ArrayLike<number>[]> =
    backend === tf.backend() ? readRow(group) : Promise.all(group.map((tensor) => tensor.data<'float32'>()));
  try {
    const read = await (deviceLoss(backend)?.orLost(data) ?? data);
    refuseLostDevice(backend);
    positions.forEach((position, i) => (numbers[position] = read[i] ?? []));
  } catch (thrown) {
    await refuseIfBeingLost(backend);
    throw thrown;
  }
}

/** One round trip for tensors of the active backend. */
async function readRow(group: readonly tf.Tensor[]): Promise<ArrayLike<number>[]> {
  // Kept: a read may begin within the caller's tidy, and ends after it.
  const row = tf.tidy(() => tf.keep(tf.concat1d(group.map((tensor) => tf.reshape(tensor, [tensor.size])))));
  try {
    const numbers = await row.data<'float32'>();
    let start = 0;
    return group.map(({ size }) => numbers.subarray(start, (start += size)));
  } finally {
    // Not before the read has settled: tfjs's WebGPU backend does not wait with disposing.
    row.dispose();
  }
}
