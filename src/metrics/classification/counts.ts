import type { LabelBatch } from './labels.ts';
import { at, type Task } from './scores.ts';

/**
 * Adds true positives, false positives, true negatives and false negatives per class to `counts`: `[4, numClasses]` in this order
 * (`binary`: `[4]`). `sample`: of one sample only. Default: of all of them.
 */
export function countStatScores(counts: Float64Array, batch: LabelBatch, task: Task, numClasses: number, sample?: number): void {
  const { preds, target, samples, inner } = batch;
  const [tp, fp, tn, fn] = rowsOfFour(counts);
  const perSample = samples === 0 ? 0 : target.length / samples;
  const start = (sample ?? 0) * perSample;
  const stop = sample === undefined ? target.length : start + perSample;
  if (task === 'multiclass') {
    // The same for each class.
    let seen = at(tp, 0) + at(fp, 0) + at(tn, 0) + at(fn, 0);
    for (let i = start; i < stop; i++) {
      const truth = at(target, i);
      if (truth < 0) continue;
      const guess = at(preds, i);
      seen++;
      if (guess === truth) add(tp, truth);
      else {
        add(fn, truth);
        add(fp, guess);
      }
    }
    for (let c = 0; c < numClasses; c++) tn[c] = seen - at(tp, c) - at(fp, c) - at(fn, c);
    return;
  }
  for (let i = start; i < stop; i++) {
    const truth = at(target, i);
    if (truth < 0) continue;
    const label = numClasses === 1 ? 0 : Math.floor(i / inner) % numClasses;
    if (at(preds, i) === truth) add(truth === 1 ? tp : tn, label);
    else add(truth === 1 ? fn : fp, label);
  }
}

/**
 * Adds counts by true and predicted class to `matrix`: `[numClasses, numClasses]` with the truth as rows, for `binary` `[2, 2]`, for
 * `multilabel` `[numLabels, 2, 2]`.
 */
export function countConfusion(matrix: Float64Array, { preds, target, inner }: LabelBatch, task: Task, numClasses: number): void {
  const width = task === 'multiclass' ? numClasses : 2;
  for (let i = 0; i < target.length; i++) {
    const truth = at(target, i);
    if (truth < 0) continue;
    const block = task === 'multilabel' ? (Math.floor(i / inner) % numClasses) * 4 : 0;
    add(matrix, block + truth * width + at(preds, i));
  }
}

/** Four rows of equal length, without copying. */
export function rowsOfFour(counts: Float64Array): [tp: Float64Array, fp: Float64Array, tn: Float64Array, fn: Float64Array] {
  const size = counts.length / 4;
  return [counts.subarray(0, size), counts.subarray(size, 2 * size), counts.subarray(2 * size, 3 * size), counts.subarray(3 * size)];
}

function add(counts: Float64Array, index: number): void {
  counts[index] = at(counts, index) + 1;
}
