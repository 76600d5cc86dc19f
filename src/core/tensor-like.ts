import { LogError } from './errors.ts';

/** The shape of a tensor as far as reading one number from it goes. Every engine of the field has these. */
export interface TensorLike {
  readonly size: number;
  readonly isDisposed?: boolean;
  data(): Promise<ArrayLike<number>>;
  /** Marks a tensor of TensorFlow.js that outlives the tidy it was made in. */
  kept?: boolean;
  clone?(): TensorLike;
  dispose?(): void;
}

/** True for anything that can be read like a tensor. */
export function isTensorLike(value: unknown): value is TensorLike {
  if (typeof value !== 'object' || value === null) return false;
  const { size, data } = value as { readonly size?: unknown; readonly data?: unknown };
  return typeof size === 'number' && typeof data === 'function';
}

/** Begins to read the one number of a tensor; the caller may dispose of the tensor at once. Throws `bad-value`. */
export function readTensorLike(value: TensorLike, call: string): Promise<number> {
  if (value.size !== 1 && value.isDisposed !== true) {
    throw new LogError(
      'bad-value',
      `${call}: got a tensor of ${value.size} values, need one. Take the mean, or log the values under names of their own.`,
    );
  }
  return readTensorValues(value, call).then((values) => Number(values[0]));
}

/** Begins to read all numbers of a tensor; the caller may dispose of the tensor at once. Throws `bad-value` when it has done so. */
export function readTensorValues(value: TensorLike, call: string): Promise<ArrayLike<number>> {
  if (value.isDisposed === true) {
    throw new LogError(
      'bad-value',
      `${call}: got a tensor that has been disposed. Log it before it is disposed, or inside the tidy that makes it.`,
    );
  }
  const copy = value.clone?.() ?? value;
  // Inside a tidy the copy would be disposed of at its end, before it is read.
  if (copy !== value && 'kept' in copy) copy.kept = true;
  return readAll(copy, copy !== value);
}

async function readAll(tensor: TensorLike, isOurs: boolean): Promise<ArrayLike<number>> {
  try {
    return await tensor.data();
  } finally {
    if (isOurs) tensor.dispose?.();
  }
}
