import { sum } from './formulas.ts';
import { at } from './scores.ts';

/** What a disagreement costs: 1, or the (squared) distance of the two classes. */
export type KappaWeights = 'none' | 'linear' | 'quadratic';

/** How often each class occurs, how often it is predicted, and how often both. */
export interface Margins {
  readonly truth: Float64Array;
  readonly predicted: Float64Array;
  readonly both: Float64Array;
}

/** Sums of a square confusion matrix. */
export function marginsOf(matrix: Float64Array): Margins {
  const size = Math.sqrt(matrix.length);
  const [truth, predicted, both] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  matrix.forEach((count, cell) => {
    const p = cell % size;
    const t = (cell - p) / size;
    truth[t] = at(truth, t) + count;
    predicted[p] = at(predicted, p) + count;
    if (t === p) both[t] = count;
  });
  return { truth, predicted, both };
}

/** Cohen's kappa: 1 − Σ w·observed / Σ w·expected. NaN where only one class occurs and is predicted. */
export function kappaOf(matrix: Float64Array, weights: KappaWeights): number {
  const { truth, predicted } = marginsOf(matrix);
  const total = sum(truth);
  let [observed, expected] = [0, 0];
  matrix.forEach((count, cell) => {
    const p = cell % truth.length;
    const t = (cell - p) / truth.length;
    const distance = Math.abs(t - p);
    const weight = weights === 'none' ? Math.sign(distance) : weights === 'linear' ? distance : distance ** 2;
    observed += weight * count;
    expected += (weight * at(truth, t) * at(predicted, p)) / total;
  });
  return 1 - observed / expected;
}

/**
 * Matthews' correlation coefficient of a confusion matrix. Where it is not defined it is 0, and of two classes the limit that
 * torchmetrics takes.
 */
export function matthewsOf(matrix: Float64Array): number {
  const { truth, predicted, both } = marginsOf(matrix);
  const total = sum(truth);
  const right = sum(both);
  if (matrix.length === 4) {
    if (right !== 0 && right === total) return 1;
    if (right === 0 && total !== 0) return -1;
  }
  const spread = (total ** 2 - squares(truth)) * (total ** 2 - squares(predicted));
  if (spread !== 0) return (right * total - truth.reduce((all, count, c) => all + count * at(predicted, c), 0)) / Math.sqrt(spread);
  return matrix.length === 4 ? matthewsLimit(at(matrix, 3), at(matrix, 1), at(matrix, 0), at(matrix, 2)) : 0;
}

/** One label never occurs or is never predicted: at least one sum of two neighbours is 0. */
function matthewsLimit(tp: number, fp: number, tn: number, fn: number): number {
  const tiny = 2 ** -23;
  const difference = fn + tn === 0 ? tp - fp : fp + tn === 0 ? tp - fn : tp + fn === 0 ? tn - fp : tn - fn;
  return (Math.sqrt(tiny) * difference) / Math.sqrt((tp + fp + tiny) * (tp + fn + tiny) * (tn + fp + tiny) * (tn + fn + tiny));
}

function squares(values: Float64Array): number {
  return values.reduce((all, value) => all + value ** 2, 0);
}
