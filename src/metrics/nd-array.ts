import { describe, LogError } from '../core/errors.ts';
import type { NumberTypedArray } from '../core/number-array.ts';
import { isTensorLike, type TensorLike } from '../core/tensor-like.ts';

export type { NumberTypedArray };

/** Numbers in row-major order with their shape; `[]` is the shape of one number. What `updateState` of a metric gets. */
export interface NdArray {
  readonly values: NumberTypedArray;
  readonly shape: readonly number[];
}

/** Numbers in arrays of arrays, all rows of one length. */
export type NestedNumbers = number | boolean | NumberTypedArray | readonly NestedNumbers[];

/** A tensor of any engine that says its shape; those of TensorFlow.js do. */
export interface ShapedTensor extends TensorLike {
  readonly shape: readonly number[];
}

/** Every form in which a metric takes numbers. Truth values count as 0 and 1; a typed array has one dimension. */
export type NumberArray = NestedNumbers | NdArray | ShapedTensor;

/** What `updateState` gets for an argument of `update`: numbers as an {@link NdArray}, anything else as it is. */
export type Taken<Arg> = Arg extends NumberArray ? NdArray : Arg;

/** The arguments of `updateState` for those of `update`. */
export type TakenArgs<Args extends readonly unknown[]> = { [Index in keyof Args]: Taken<Args[Index]> };

/** True for numbers with a shape. */
export function isNdArray(value: unknown): value is NdArray {
  return typeof value === 'object' && value !== null && 'values' in value && 'shape' in value && isTypedArray(value.values);
}

/** True for a tensor that a metric can read. */
export function isShapedTensor(value: unknown): value is ShapedTensor {
  return isTensorLike(value) && 'shape' in value && Array.isArray(value.shape);
}

/** Numbers in any form but a tensor as an array with a shape; anything else is given back. Throws `bad-metric` for ragged rows. */
export function toNdArray(value: unknown, call: string): unknown {
  if (typeof value === 'number') return { values: Float64Array.of(value), shape: [] };
  if (typeof value === 'boolean') return { values: Float64Array.of(Number(value)), shape: [] };
  if (isTypedArray(value)) return { values: value, shape: [value.length] };
  if (Array.isArray(value)) return flatten(value, call);
  if (isNdArray(value) && value.shape.reduce((product, size) => product * size, 1) !== value.values.length) {
    throw new LogError(
      'bad-metric',
      `${call}: got ${value.values.length} values of shape [${value.shape.join(', ')}]. Give as many as the shape says.`,
    );
  }
  return value;
}

/** As {@link toNdArray}, for values that are used after the caller may have changed them. */
export function toOwnNdArray(value: unknown, call: string): unknown {
  const array = toNdArray(value, call);
  return isNdArray(array) ? { values: array.values.slice(), shape: [...array.shape] } : array;
}

/** Throws `bad-metric` for a tensor that has been disposed. */
export function checkAlive(tensor: ShapedTensor, call: string): void {
  if (tensor.isDisposed === true)
    throw new LogError('bad-metric', `${call}: got a tensor that has been disposed. Update the metric before the tensor is disposed.`);
}

/** Begins to read a tensor; the caller may dispose of it at once. */
export function readTensor(tensor: ShapedTensor): Promise<NdArray> {
  const copy = tensor.clone?.() ?? tensor;
  // Inside a tidy the copy would be disposed of at its end, before it is read.
  if (copy !== tensor && 'kept' in copy) copy.kept = true;
  return readValues(copy, tensor.shape, copy !== tensor);
}

async function readValues(tensor: TensorLike, shape: readonly number[], isOurs: boolean): Promise<NdArray> {
  try {
    const values = await tensor.data();
    return { values: isTypedArray(values) ? values : Float64Array.from(values), shape };
  } finally {
    if (isOurs) tensor.dispose?.();
  }
}

function isTypedArray(value: unknown): value is NumberTypedArray {
  return (
    ArrayBuffer.isView(value) && !(value instanceof DataView) && !(value instanceof BigInt64Array) && !(value instanceof BigUint64Array)
  );
}

function flatten(rows: readonly unknown[], call: string): NdArray {
  const shape: number[] = [];
  for (let row: unknown = rows; Array.isArray(row) || isTypedArray(row); row = row[0]) shape.push(row.length);
  const values = new Float64Array(shape.reduce((product, size) => product * size, 1));
  let at = 0;
  const take = (value: unknown, depth: number): void => {
    if (depth === shape.length && (typeof value === 'number' || typeof value === 'boolean')) {
      values[at++] = Number(value);
    } else if ((Array.isArray(value) || isTypedArray(value)) && value.length === shape[depth]) {
      for (const item of value) take(item, depth + 1);
    } else {
      const wanted = depth === shape.length ? 'a number' : `${shape[depth]} values`;
      throw new LogError('bad-metric', `${call}: found ${describe(value)} among rows of ${wanted}. Give rows of numbers of one length.`);
    }
  };
  take(rows, 0);
  return { values, shape };
}
