import type { CutCounts } from './curve-counts.ts';
import { at } from './scores.ts';

/** Points of a ROC curve, by descending threshold. */
export interface RocCurve {
  /** False positive rate at each threshold. */
  readonly fpr: Float64Array;
  /** True positive rate at each threshold. */
  readonly tpr: Float64Array;
  readonly thresholds: Float64Array;
}

/** Points of a precision-recall curve, by ascending threshold; a last one, precision 1 and recall 0, has no threshold. */
export interface PrecisionRecallPoints {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  readonly thresholds: Float64Array;
}

/** The exact curve begins at (0, 0) with threshold 1. A rate of nothing is 0. */
export function rocOf(cuts: CutCounts): RocCurve {
  const lead = cuts.isExact ? 1 : 0;
  const size = cuts.tps.length + lead;
  const [fpr, tpr, thresholds] = [new Float64Array(size), new Float64Array(size), new Float64Array(size).fill(1)];
  thresholds.set(cuts.thresholds, lead);
  for (let i = lead; i < size; i++) {
    fpr[i] = cuts.negatives > 0 ? at(cuts.fps, i - lead) / cuts.negatives : 0;
    tpr[i] = cuts.positives > 0 ? at(cuts.tps, i - lead) / cuts.positives : 0;
  }
  return { fpr, tpr, thresholds };
}

/** Precision where nothing reaches the threshold is NaN. `recallOfNone`: recall where no sample is positive. */
export function precisionRecallOf(cuts: CutCounts, recallOfNone: number): PrecisionRecallPoints {
  const { tps, fps, positives } = cuts;
  const count = tps.length;
  const precision = new Float64Array(count + 1);
  const recall = new Float64Array(count + 1);
  for (let i = 0; i < count; i++) {
    precision[count - 1 - i] = at(tps, i) / (at(tps, i) + at(fps, i));
    recall[count - 1 - i] = positives === 0 ? recallOfNone : at(tps, i) / positives;
  }
  precision[count] = 1;
  return { precision, recall, thresholds: cuts.thresholds.slice().reverse() };
}

/** The mean of curves over all of their x values: every curve is interpolated there, as torchmetrics does it. */
export function meanRoc(curves: readonly RocCurve[]): RocCurve {
  const fpr = sorted(curves.map((curve) => curve.fpr));
  const tpr = meanOfCurves(
    fpr,
    curves.map((curve) => [curve.fpr, curve.tpr]),
  );
  return { fpr, tpr, thresholds: sorted(curves.map((curve) => curve.thresholds)).reverse() };
}

/** As {@link meanRoc}: recall over all precisions. */
export function meanPrecisionRecall(curves: readonly PrecisionRecallPoints[]): PrecisionRecallPoints {
  const precision = sorted(curves.map((curve) => curve.precision));
  const recall = meanOfCurves(
    precision,
    curves.map((curve) => [curve.precision, curve.recall]),
  );
  return { precision, recall, thresholds: sorted(curves.map((curve) => curve.thresholds)) };
}

/** Area under a ROC curve by the trapezoidal rule, over its first `points` points. */
export function areaUnder({ fpr, tpr }: RocCurve, points: number = fpr.length): number {
  let area = 0;
  for (let i = 1; i < points; i++) area += trapezoid(at(fpr, i - 1), at(tpr, i - 1), at(fpr, i), at(tpr, i));
  return area;
}

/**
 * Area up to a false positive rate, scaled so that guessing gives 0.5 and perfection 1 (McClish 1989, Analyzing a portion of the ROC
 * curve). The whole area if a rate is 0 everywhere.
 */
export function partialAreaUnder(curve: RocCurve, maxFpr: number): number {
  const { fpr, tpr } = curve;
  if (maxFpr === 1 || fpr.every((rate) => rate === 0) || tpr.every((rate) => rate === 0)) return areaUnder(curve);
  let stop = 0;
  while (stop < fpr.length && at(fpr, stop) <= maxFpr) stop++;
  // A binned curve may leave out its ends, which are (0, 0) and (1, 1).
  const [x0, y0] = stop === 0 ? [0, 0] : [at(fpr, stop - 1), at(tpr, stop - 1)];
  const [x1, y1] = stop === fpr.length ? [1, 1] : [at(fpr, stop), at(tpr, stop)];
  const y = y0 + ((maxFpr - x0) / (x1 - x0)) * (y1 - y0);
  const area = areaUnder(curve, stop) + trapezoid(x0, y0, maxFpr, y);
  const least = 0.5 * maxFpr ** 2;
  return 0.5 * (1 + (area - least) / (maxFpr - least));
}

/** Σ (Rᵢ − Rᵢ₊₁) · Pᵢ: steps, no trapezoids. What is undefined counts as 0. */
export function averagePrecisionOf({ precision, recall }: PrecisionRecallPoints): number {
  const value = (values: Float64Array, i: number): number => at(values, i) || 0;
  let sum = 0;
  for (let i = 0; i + 1 < recall.length; i++) sum += (value(recall, i) - value(recall, i + 1)) * value(precision, i);
  return sum;
}

/** One number of one per class; NaN is left out. `weighted`: by the number of samples of each class. */
export function meanOfClasses(values: Float64Array, average: 'macro' | 'weighted', support: Float64Array): number {
  let [sum, weights, defined] = [0, 0, 0];
  values.forEach((value, c) => {
    if (Number.isNaN(value)) return;
    const weight = average === 'macro' ? 1 : at(support, c);
    sum += weight * value;
    weights += weight;
    defined++;
  });
  return weights > 0 || defined === 0 ? sum / weights : 0;
}

function trapezoid(x0: number, y0: number, x1: number, y1: number): number {
  return ((y0 + y1) / 2) * (x1 - x0);
}

function sorted(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let start = 0;
  for (const part of parts) {
    all.set(part, start);
    start += part.length;
  }
  return all.sort();
}

function meanOfCurves(x: Float64Array, curves: readonly (readonly [xs: Float64Array, ys: Float64Array])[]): Float64Array {
  const mean = new Float64Array(x.length);
  for (const [xs, ys] of curves) interpolate(x, xs, ys).forEach((y, i) => (mean[i] = at(mean, i) + y / curves.length));
  return mean;
}

/** Linear between the points of a curve and beyond its ends; flat where two points have the same x. */
function interpolate(x: Float64Array, xs: Float64Array, ys: Float64Array): Float64Array {
  const order = xs.filter((value) => !Number.isNaN(value)).sort();
  let below = 0;
  return x.map((value) => {
    while (below < order.length && at(order, below) <= value) below++;
    const i = Math.min(Math.max(below - 1, 0), xs.length - 2);
    const dx = at(xs, i + 1) - at(xs, i);
    const slope = dx === 0 ? 0 : (at(ys, i + 1) - at(ys, i)) / dx;
    return slope * value + (at(ys, i) - slope * at(xs, i));
  });
}
