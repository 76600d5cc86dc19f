import type { Reduction } from './log-options.ts';

/** A running fold of values to one number, in float64. */
export interface Fold {
  readonly reduction: Reduction;
  value: number;
  /** Sum of the weights; used by `mean` alone. */
  weight: number;
}

/** Starts a fold: 0 for mean and sum, +∞ for min, −∞ for max. */
export function startFold(reduction: Reduction): Fold {
  const value = reduction === 'min' ? Infinity : reduction === 'max' ? -Infinity : 0;
  return { reduction, value, weight: 0 };
}

/** Adds one value. `weight` counts for `mean` only. NaN poisons every reduction, as in PyTorch Lightning. */
export function addToFold(fold: Fold, value: number, weight: number): void {
  switch (fold.reduction) {
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
      fold.reduction satisfies never;
  }
}

/** The folded number. A mean of nothing, or with weight 0, is NaN. */
export function foldedValue(fold: Fold): number {
  return fold.reduction === 'mean' ? fold.value / fold.weight : fold.value;
}
