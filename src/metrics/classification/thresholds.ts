import { describe, LogError } from '../../core/errors.ts';
import { at } from './scores.ts';

/** Thresholds of a binned curve: how many, evenly from 0 to 1; or which, ascending in [0, 1]; or null for every distinct score. */
export type Thresholds = number | readonly number[] | Float32Array | Float64Array | null;

/** Thresholds as float32, undefined for null. Throws `bad-options`. */
export function toThresholds(thresholds: Thresholds, call: string): Float32Array | undefined {
  if (thresholds === null) return undefined;
  if (typeof thresholds === 'number') {
    if (Number.isSafeInteger(thresholds) && thresholds >= 2) return evenlySpaced(thresholds);
  } else if (
    (Array.isArray(thresholds) || ArrayBuffer.isView(thresholds)) &&
    thresholds.length > 0 &&
    (thresholds as readonly number[]).every((value, i) => value >= (thresholds[i - 1] ?? 0) && value <= 1)
  ) {
    // arrays of both kinds have every
    return Float32Array.from(thresholds);
  }
  throw new LogError(
    'bad-options',
    `${call}: thresholds is ${describe(thresholds)}, need how many (at least 2), an ascending array of numbers in [0, 1], or null for exact curves.`,
  );
}

/** `count` numbers from 0 to 1, bit by bit those of `torch.linspace`. */
export function evenlySpaced(count: number): Float32Array {
  const step = Math.fround(1 / (count - 1));
  return Float32Array.from({ length: count }, (_, i) => (i < Math.floor(count / 2) ? step * i : 1 - step * (count - 1 - i)));
}

/** Thresholds for logits that say the same as those for probabilities, as float32; where sigmoid is 1 in float32, it counts as 1. */
export function toLogits(thresholds: Float32Array): Float32Array {
  return thresholds.map((p) => (p === 1 ? 24 * Math.LN2 : Math.log(p / (1 - p))));
}

/** How many of the ascending thresholds a score reaches, compared as float32: a score reaches those that are ≤ it. NaN reaches none. */
export function reached(score: number, thresholds: Float32Array): number {
  const value = Math.fround(score);
  const count = thresholds.length;
  // Evenly spaced from 0 to 1 it is this place or one beside it, which spares the search.
  const guess = Math.trunc(value * (count - 1));
  if (guess >= 0 && guess < count && at(thresholds, guess) <= value) {
    if (guess + 1 === count || at(thresholds, guess + 1) > value) return guess + 1;
    if (guess + 2 === count || at(thresholds, guess + 2) > value) return guess + 2;
  }
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(thresholds, middle) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
