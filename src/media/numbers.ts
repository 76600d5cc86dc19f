import { describe, toLogError } from '../core/errors.ts';
import type { NumberTypedArray } from '../core/number-array.ts';
import { isTensorLike, readTensorValues } from '../core/tensor-like.ts';
import { badValue } from './record-body.ts';

/** Numbers that were taken from a user: copied, or on their way from the accelerator. */
export interface TakenNumbers {
  readonly size: number;
  /** Of a tensor. */
  readonly shape: readonly number[] | undefined;
  /** Bytes kept until they have been read. */
  readonly bytes: number;
  /** Whether they are true or false, as those of a tensor of booleans. */
  readonly isBool: boolean;
  read(): Promise<ArrayLike<number>>;
}

/** Copies numbers, or begins to read a tensor of them. Throws `bad-value` quoting `call`. */
export function takeNumbers(values: unknown, call: string): TakenNumbers {
  if (isTensorLike(values)) {
    const { shape, dtype } = values as { readonly shape?: readonly number[]; readonly dtype?: string }; // not all engines have these
    if (dtype === 'string' || dtype === 'complex64') {
      throw badValue(call, `got a tensor of ${dtype} values, need numbers.`);
    }
    const reading = readTensorValues(values, call).catch((thrown: unknown) => {
      throw toLogError(thrown, 'read-failed', `${call}: reading a tensor back failed`);
    });
    // Awaited later; until then a rejection must not count as unhandled.
    reading.catch(() => {});
    return { size: values.size, shape, bytes: 4 * values.size, isBool: dtype === 'bool', read: () => reading };
  }
  const copy = copyNumbers(values, call);
  return { size: copy.length, shape: undefined, bytes: copy.byteLength, isBool: false, read: () => Promise.resolve(copy) };
}

function copyNumbers(values: unknown, call: string): NumberTypedArray {
  if (ArrayBuffer.isView(values) && !(values instanceof DataView)) {
    const column = values as NumberColumn; // the other views
    if (!(column instanceof BigInt64Array) && !(column instanceof BigUint64Array)) return column.slice();
  } else if (Array.isArray(values)) {
    const wrong = values.findIndex((value) => typeof value !== 'number');
    if (wrong < 0) return Float64Array.from(values as readonly number[]); // each was looked at
    throw badValue(call, `value ${wrong} is ${describe(values[wrong])}, need numbers.`);
  }
  throw badValue(call, `got ${describe(values)}, need numbers: an array, a typed array or a tensor.`);
}

type NumberColumn = NumberTypedArray | BigInt64Array | BigUint64Array;
