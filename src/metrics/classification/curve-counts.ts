import { at, type ScoredBatch, type Task } from './scores.ts';
import { reached, toLogits } from './thresholds.ts';

/** How many samples reach each threshold, those with the highest first. */
export interface CutCounts {
  /** Descending. */
  readonly thresholds: Float64Array;
  /** True positives: samples of class 1 with a score ≥ the threshold. */
  readonly tps: Float64Array;
  /** False positives. */
  readonly fps: Float64Array;
  readonly positives: number;
  readonly negatives: number;
  /** One threshold for each distinct score; false: fixed ones. */
  readonly isExact: boolean;
}

/** Length of the histogram that {@link countBins} counts into: `[numClasses, 2, thresholds + 1]`. */
export function histogramSize(numClasses: number, thresholds: Float32Array): number {
  return numClasses * 2 * (thresholds.length + 1);
}

/**
 * Counts scores by class, target and how many thresholds they reach. Each score is looked up once; what lies above a threshold is
 * summed up when the curve is computed.
 */
export function countBins(histogram: Float64Array, batch: ScoredBatch, task: Task, numClasses: number, thresholds: Float32Array): void {
  const { scores, target } = batch;
  // Thresholds are moved instead of scores: comparing logits needs no exponential, and is the same on every device.
  const cuts = batch.areLogits ? toLogits(thresholds) : thresholds;
  const bins = thresholds.length + 1;
  for (let i = 0; i < scores.length; i++) {
    const c = i % numClasses;
    const label = task === 'multiclass' ? Number(at(target, (i - c) / numClasses) === c) : at(target, i);
    if (label < 0) continue;
    const bin = (c * 2 + label) * bins + reached(at(scores, i), cuts);
    histogram[bin] = at(histogram, bin) + 1;
  }
}

/** Counts at fixed thresholds for one class of a histogram. */
export function cutsOfHistogram(histogram: Float64Array, index: number, thresholds: Float32Array): CutCounts {
  const bins = thresholds.length + 1;
  const [fps, negatives] = reachedCounts(histogram.subarray(index * 2 * bins, (index * 2 + 1) * bins));
  const [tps, positives] = reachedCounts(histogram.subarray((index * 2 + 1) * bins, (index * 2 + 2) * bins));
  return { thresholds: Float64Array.from(thresholds).reverse(), tps, fps, positives, negatives, isExact: false };
}

/** The histogram of all classes together. */
export function sumClasses(histogram: Float64Array, numClasses: number): Float64Array {
  const size = histogram.length / numClasses;
  return Float64Array.from({ length: size }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < numClasses; c++) sum += at(histogram, c * size + i);
    return sum;
  });
}

/** Counts at each distinct score. Sorts both arrays in place. */
export function cutsOfScores(positive: Float64Array, negative: Float64Array): CutCounts {
  // Sorting two arrays of plain numbers is many times faster than sorting one by a comparison.
  positive.sort();
  negative.sort();
  const most = positive.length + negative.length;
  const [thresholds, tps, fps] = [new Float64Array(most), new Float64Array(most), new Float64Array(most)];
  let [p, n, count] = [positive.length - 1, negative.length - 1, 0];
  while (p >= 0 || n >= 0) {
    // NaN is sorted as the highest.
    const score =
      p < 0 || (n >= 0 && !(at(positive, p) >= at(negative, n)) && !Number.isNaN(at(positive, p))) ? at(negative, n) : at(positive, p);
    while (p >= 0 && isSame(at(positive, p), score)) p--;
    while (n >= 0 && isSame(at(negative, n), score)) n--;
    thresholds[count] = score;
    tps[count] = positive.length - 1 - p;
    fps[count++] = negative.length - 1 - n;
  }
  return {
    thresholds: thresholds.slice(0, count),
    tps: tps.slice(0, count),
    fps: fps.slice(0, count),
    positives: positive.length,
    negatives: negative.length,
    isExact: true,
  };
}

/** How many lie at or above each threshold, the highest first; and how many there are. */
function reachedCounts(bins: Float64Array): [reached: Float64Array, all: number] {
  const counts = new Float64Array(bins.length - 1);
  let sum = 0;
  for (let i = 0; i < counts.length; i++) counts[i] = sum += at(bins, bins.length - 1 - i);
  return [counts, sum + at(bins, 0)];
}

function isSame(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}
