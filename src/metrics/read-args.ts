import type { DeviceOps } from '../core/device-ops.ts';
import { describe, LogError, toLogError } from '../core/errors.ts';
import { checkAlive, isNdArray, isShapedTensor, type NdArray, readTensor, toOwnNdArray } from './nd-array.ts';

/** Begins to read the tensors among the arguments; their owner may dispose of them at once. Arrays are copied. */
export function readArgs(args: readonly unknown[], device: DeviceOps | undefined, call: string): Promise<unknown[]> {
  // Before the first read begins: nobody would wait for it.
  for (const arg of args) if (isShapedTensor(arg)) checkAlive(arg, call);
  const reads = args.map((arg): unknown => {
    if (device?.owns(arg) === true) return readThrough(device, arg);
    return isShapedTensor(arg) ? readTensor(arg) : toOwnNdArray(arg, call);
  });
  return Promise.all(reads).catch((thrown: unknown) => {
    throw toLogError(thrown, 'read-failed', `${call}: reading a tensor back failed`);
  });
}

/** All that is read in one turn shares a device round trip. */
function readThrough(device: DeviceOps, tensor: unknown): Promise<NdArray> {
  const shape = device.shapeOf(tensor);
  const kept = device.keep(tensor);
  const reading = device.read([kept]);
  device.release(kept);
  return reading.then(([values]) => ({ values: values ?? new Float64Array(0), shape }));
}

/**
 * Gives arguments to `apply`, which needs `least` of them. Where it stumbles over one that is missing or is no array of numbers, that
 * is what is told: `bad-metric`.
 */
export function applyTo(apply: (taken: readonly unknown[]) => void, taken: readonly unknown[], least: number, call: string): void {
  try {
    apply(taken);
  } catch (thrown) {
    if (!(thrown instanceof TypeError) || (taken.length >= least && taken.every(isNdArray))) throw thrown;
    const got = taken.map((arg) => (isNdArray(arg) ? 'numbers' : describe(arg))).join(' and ') || 'nothing';
    const need = 'Give numbers for each argument: arrays, typed arrays or tensors.';
    throw new LogError('bad-metric', `${call}: got ${got}. ${need}`, { cause: thrown });
  }
}
