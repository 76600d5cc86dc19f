import { LogError } from './errors.ts';
import { isTensorLike } from './tensor-like.ts';
import type { Warner } from './warnings.ts';
import { sayOfHooks } from './core-words.ts';

/** Nested deeper than this a batch is taken for one that refers back to itself. */
const deepest = 64;

/**
 * The number of samples in a batch, as PyTorch Lightning finds it: the first dimension of the first tensor met on a walk through maps,
 * lists and records, or the length of an array of numbers or, within another, of rows of numbers. Warns once when a later part differs. Throws `bad-options` when there is none.
 */
export function batchSizeOf(batch: unknown, call: () => string, warn: Warner): number {
  let size: number | undefined;
  for (const found of sizesIn(batch, 0, call)) {
    if (size === undefined) size = found;
    else if (found !== size) {
      warn('ambiguous-batch-size', sayOfHooks('ambiguous-batch-size', { call: call(), size }));
      break;
    }
  }
  if (size !== undefined) return size;
  throw new LogError('bad-options', `${call()}: the size of the batch could not be told. Pass { batchSize }.`);
}

function* sizesIn(value: unknown, depth: number, call: () => string): Generator<number | undefined> {
  if (depth > deepest) {
    throw new LogError(
      'bad-options',
      `${call()}: the batch is nested too deeply, or refers back to itself, to tell its size. Pass { batchSize }.`,
    );
  }
  if (isTensorLike(value)) {
    const { shape } = value as { readonly shape?: readonly number[] };
    yield shape === undefined ? value.size : (shape[0] ?? 1);
  } else if (ArrayBuffer.isView(value)) {
    yield 'length' in value ? Number(value.length) : value.byteLength;
  } else if (Array.isArray(value) && (typeof value[0] === 'number' || (depth > 0 && isNumbers(value)))) {
    yield value.length;
  } else if (value instanceof Map) {
    for (const item of value.values()) yield* sizesIn(item, depth + 1, call);
  } else if (typeof value === 'object' && value !== null) {
    const items: Iterable<unknown> = Symbol.iterator in value ? (value as Iterable<unknown>) : Object.values(value); // it has the method
    for (const item of items) yield* sizesIn(item, depth + 1, call);
  } else yield undefined;
}

/** Numbers, however deeply nested in arrays: a tensor written out. */
function isNumbers(value: unknown): boolean {
  let first = value;
  while (Array.isArray(first)) first = first[0];
  return typeof first === 'number';
}
