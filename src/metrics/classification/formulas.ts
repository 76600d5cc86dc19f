import { rowsOfFour } from './counts.ts';
import { at, type Task } from './scores.ts';

/**
 * How counts of several classes become one number: `micro` adds them up first; `macro` is the mean over the classes, without those
 * that neither occur nor are predicted (of several labels: over all); `weighted` is weighted by how often each occurs; `none` gives one
 * number per class.
 */
export type Average = 'micro' | 'macro' | 'weighted' | 'none';

/** What is computed of true positives, false positives, true negatives and false negatives, of one class or of all added up. */
export interface CountFormula {
  readonly value: (tp: number, fp: number, tn: number, fn: number) => number;
  readonly higherIsBetter: boolean;
  /**
   * Of several classes, whether `macro` leaves out those that never occur: always, or with `topK` above 1. Else, by the rule of
   * torchmetrics, those that neither occur nor are predicted.
   */
  readonly leavesOutAbsent?: 'always' | 'topK';
}

/** What a division by zero gives. */
export type ZeroDivision = 0 | 1;

const ratio = (part: number, whole: number, ofNothing: number = 0): number => (whole === 0 ? ofNothing : part / whole);

/** The share of right labels. Of several classes it is recall for each of them, as in torchmetrics. */
export function accuracyFormula(task: Task): CountFormula {
  const value: CountFormula['value'] =
    task === 'multiclass' ? (tp, _fp, _tn, fn) => ratio(tp, tp + fn) : (tp, fp, tn, fn) => ratio(tp + tn, tp + fp + tn + fn);
  return { value, higherIsBetter: true, leavesOutAbsent: 'topK' };
}

export function hammingFormula(task: Task): CountFormula {
  const { value } = accuracyFormula(task);
  return { value: (tp, fp, tn, fn) => 1 - value(tp, fp, tn, fn), higherIsBetter: false };
}

export function precisionFormula(zeroDivision: ZeroDivision): CountFormula {
  return { value: (tp, fp) => ratio(tp, tp + fp, zeroDivision), higherIsBetter: true, leavesOutAbsent: 'topK' };
}

export function recallFormula(zeroDivision: ZeroDivision): CountFormula {
  return { value: (tp, _fp, _tn, fn) => ratio(tp, tp + fn, zeroDivision), higherIsBetter: true, leavesOutAbsent: 'topK' };
}

export function fBetaFormula(beta: number, zeroDivision: ZeroDivision): CountFormula {
  const weight = beta ** 2;
  return {
    value: (tp, fp, _tn, fn) => ratio((1 + weight) * tp, (1 + weight) * tp + weight * fn + fp, zeroDivision),
    higherIsBetter: true,
  };
}

export const specificityFormula: CountFormula = { value: (_tp, fp, tn) => ratio(tn, tn + fp), higherIsBetter: true };

export const negativePredictiveValueFormula: CountFormula = {
  value: (_tp, _fp, tn, fn) => ratio(tn, tn + fn),
  higherIsBetter: true,
  leavesOutAbsent: 'topK',
};

/** Mean recall of two classes; of more it is the macro average of {@link recallFormula}. A class that never occurs is left out. */
export const balancedFormula: CountFormula = {
  value: (tp, fp, tn, fn) => {
    const [positives, negatives] = [tp + fn, tn + fp];
    return ratio(ratio(tp, positives) + ratio(tn, negatives), Number(positives > 0) + Number(negatives > 0));
  },
  higherIsBetter: true,
};

/** Applies a formula to counts `[4, numClasses]`; one number, or for `none` one per class. If all weights are 0, it is 0. */
export function averageOf(
  counts: Float64Array,
  { value, leavesOutAbsent }: CountFormula,
  average: Average,
  { task, topK }: { readonly task: Task; readonly topK: number },
): number | Float64Array {
  const [tp, fp, tn, fn] = rowsOfFour(counts);
  if (average === 'micro') return value(sum(tp), sum(fp), sum(tn), sum(fn));
  const values = tp.map((hits, c) => value(hits, at(fp, c), at(tn, c), at(fn, c)));
  if (average === 'none') return values;
  const needsSupport = leavesOutAbsent === 'always' || (leavesOutAbsent === 'topK' && topK > 1);
  let [total, weights] = [0, 0];
  values.forEach((one, c) => {
    const support = at(tp, c) + at(fn, c);
    const isKept = task !== 'multiclass' || support > 0 || (!needsSupport && at(fp, c) > 0);
    const weight = average === 'weighted' ? support : Number(isKept);
    total += weight * one;
    weights += weight;
  });
  return ratio(total, weights);
}

export function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
