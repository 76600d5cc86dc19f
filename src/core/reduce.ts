import { describe, LogError } from './errors.ts';
import type { CustomReduction, Reduction } from './log-options.ts';

/** A running fold of values to one number, in float64. */
export interface Fold {
  readonly reduction: Reduction | CustomReduction;
  value: number;
  /** Sum of the weights; used by `mean` alone. */
  weight: number;
  /** For reductions of the caller's own. */
  kept?: KeptValues;
}

/** The newest values and their weights, in a ring once there are very many. */
interface KeptValues {
  values: Float64Array;
  weights: Float64Array;
  count: number;
}

/** More values than this are not kept for a reduction of the caller's own. */
const mostKept = 2 ** 20;

/** Starts a fold: 0 for mean and sum, +∞ for min, −∞ for max. */
export function startFold(reduction: Reduction | CustomReduction): Fold {
  const value = reduction === 'min' ? Infinity : reduction === 'max' ? -Infinity : 0;
  return { reduction, value, weight: 0 };
}

/** Adds one value. `weight` counts for `mean` and for reductions of one's own. NaN poisons every reduction, as in PyTorch Lightning. */
export function addToFold(fold: Fold, value: number, weight: number): void {
  const { reduction } = fold;
  switch (reduction) {
    case 'mean':
      fold.value += value * weight;
      fold.weight += weight;
      break;
    case 'sum':
      fold.value += value;
      break;
    case 'min':
      fold.value = Math.min(fold.value, value);
      break;
    case 'max':
      fold.value = Math.max(fold.value, value);
      break;
    default:
      keep((fold.kept ??= { values: new Float64Array(64), weights: new Float64Array(64), count: 0 }), value, weight);
  }
}

/**
 * The folded number. A mean of nothing, or with weight 0, is NaN. Never throws: undefined when a reduction of the caller's own has
 * nothing to reduce, throws, or gives no number, of which `onError` hears as `bad-options`, each time.
 *
 * @param call Quoted in the error, such as `run.log('loss')`.
 */
export function foldedValue(fold: Fold, call: () => string, onError: (error: LogError) => void): number | undefined {
  const { reduction, kept } = fold;
  if (reduction === 'mean') return fold.value / fold.weight;
  if (typeof reduction === 'string') return fold.value;
  if (kept === undefined) return undefined;
  const wrong = (what: string, cause?: unknown): void =>
    onError(new LogError('bad-options', `${call()}: reduceFx ${what}. This value is left out; all others are kept.`, { cause }));
  try {
    const value: unknown = reduction(inOrder(kept.values, kept.count), inOrder(kept.weights, kept.count));
    if (typeof value === 'number') return value;
    wrong(`gave ${describe(value)}, need a number`);
  } catch (thrown) {
    wrong(`threw: ${thrown instanceof Error ? thrown.message : String(thrown)}`, thrown);
  }
  return undefined;
}

function keep(kept: KeptValues, value: number, weight: number): void {
  const size = kept.values.length;
  if (kept.count === size && size < mostKept) {
    kept.values = grown(kept.values);
    kept.weights = grown(kept.weights);
  }
  const at = kept.count % kept.values.length;
  kept.values[at] = value;
  kept.weights[at] = weight;
  kept.count += 1;
}

function grown(values: Float64Array): Float64Array {
  const wide = new Float64Array(values.length * 2);
  wide.set(values);
  return wide;
}

function inOrder(ring: Float64Array, count: number): Float64Array {
  if (count <= ring.length) return ring.slice(0, count);
  const oldest = count % ring.length;
  const values = new Float64Array(ring.length);
  values.set(ring.subarray(oldest));
  values.set(ring.subarray(0, oldest), ring.length - oldest);
  return values;
}
