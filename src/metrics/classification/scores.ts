import { LogError } from '../../core/errors.ts';
import type { NdArray, NumberTypedArray } from '../nd-array.ts';

/** What labels stand for. */
export type Task = 'binary' | 'multiclass' | 'multilabel';

/** How scores are understood. */
export interface ScoreRules {
  readonly task: Task;
  /** Classes or labels; 1 for `binary`. */
  readonly numClasses: number;
  readonly ignoreIndex: number | undefined;
  readonly fromLogits: boolean | undefined;
}

/** Scores and targets of one batch, checked and flat, without what is ignored. */
export interface ScoredBatch {
  /** `[samples, numClasses]`, row by row; as they were given, see {@link ScoredBatch.areLogits}. */
  readonly scores: Float64Array;
  /** `[samples]` with 0 and 1 (`binary`) or classes; `multilabel` `[samples, numLabels]` with 0, 1, and -1 for ignored elements. */
  readonly target: Float64Array;
  readonly samples: number;
  readonly areLogits: boolean;
}

/**
 * Checks and flattens a batch: `binary` of any shape, `multiclass` (N, C, …) with targets (N, …), `multilabel` both (N, L, …).
 * Throws `bad-metric` for shapes that do not fit and for targets that are no class.
 */
export function takeScores(preds: NdArray, target: NdArray, rules: ScoreRules, call: string): ScoredBatch {
  const { task, numClasses, ignoreIndex } = rules;
  checkShapes(preds, target, rules, call);
  const size = target.values.length;
  const inner = task === 'binary' ? 1 : innerSize(preds.shape);
  const labels = new Float64Array(size);
  if (task === 'multilabel') {
    for (let i = 0; i < size; i++) labels[i] = checkTarget(at(target.values, place(i, numClasses, inner)), 2, ignoreIndex, call);
    const scores = rowsOf(preds.values, numClasses, inner, undefined, size / numClasses);
    return { scores, target: labels, samples: size / numClasses, areLogits: rules.fromLogits ?? looksLikeLogits(preds.values) };
  }
  const kept = ignoreIndex === undefined ? undefined : new Uint32Array(size);
  let samples = 0;
  for (let i = 0; i < size; i++) {
    const label = checkTarget(at(target.values, i), task === 'binary' ? 2 : numClasses, ignoreIndex, call);
    if (label < 0) continue;
    if (kept !== undefined) kept[samples] = i;
    labels[samples++] = label;
  }
  const scores = rowsOf(preds.values, numClasses, inner, kept, samples);
  return { scores, target: labels.subarray(0, samples), samples, areLogits: rules.fromLogits ?? looksLikeLogits(scores) };
}

/** The batch with probabilities: sigmoid, or softmax over the classes, of what are logits. Changes its scores in place. */
export function toProbabilities(batch: ScoredBatch, { task, numClasses }: ScoreRules): ScoredBatch {
  const { scores } = batch;
  if (!batch.areLogits) return batch;
  if (task === 'multiclass')
    for (let start = 0; start < scores.length; start += numClasses) softmax(scores.subarray(start, start + numClasses));
  else for (let i = 0; i < scores.length; i++) scores[i] = 1 / (1 + Math.exp(-at(scores, i)));
  return { ...batch, areLogits: false };
}

/** ln Σ exp of the values, without overflow. */
export function logSumExp(values: NumberTypedArray): number {
  let max = -Infinity;
  for (const value of values) if (value > max) max = value;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - max);
  return max + Math.log(sum);
}

/** The value at an index that is within the array. */
export function at(values: NumberTypedArray, index: number): number {
  return values[index] as number;
}

function softmax(row: Float64Array): void {
  const total = logSumExp(row);
  for (let i = 0; i < row.length; i++) row[i] = Math.exp(at(row, i) - total);
}

/** The rule of torchmetrics: one score outside [0, 1], and all of the batch are logits. */
function looksLikeLogits(scores: NumberTypedArray): boolean {
  for (const score of scores) if (!(score >= 0 && score <= 1)) return true;
  return false;
}

function checkTarget(value: number, classes: number, ignoreIndex: number | undefined, call: string): number {
  if (value === ignoreIndex) return -1;
  if (value >= 0 && value < classes && Number.isInteger(value)) return value;
  throw new LogError(
    'bad-metric',
    `${call}: target holds ${value}, need whole numbers from 0 to ${classes - 1}. Leave a value out with ignoreIndex, or correct the targets.`,
  );
}

function checkShapes(preds: NdArray, target: NdArray, { task, numClasses }: ScoreRules, call: string): void {
  const refuse = (need: string): never => {
    throw new LogError(
      'bad-metric',
      `${call}: preds are [${preds.shape.join(', ')}] and target [${target.shape.join(', ')}], need ${need}.`,
    );
  };
  if (task === 'multiclass') {
    const rest = [...preds.shape.slice(0, 1), ...preds.shape.slice(2)];
    const fits =
      preds.shape[1] === numClasses && preds.values.length === target.values.length * numClasses && sameShape(rest, target.shape);
    if (!fits) refuse(`scores of ${numClasses} classes as axis 1, e.g. preds [N, ${numClasses}] and target [N]`);
  } else if (task === 'multilabel') {
    if (preds.shape[1] !== numClasses || !sameShape(preds.shape, target.shape)) refuse(`both [N, ${numClasses}]`);
  } else if (preds.values.length !== target.values.length) {
    refuse('as many scores as targets');
  }
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** Values behind each other for one sample and class: the product of the axes behind the classes. */
function innerSize(shape: readonly number[]): number {
  return shape.slice(2).reduce((product, size) => product * size, 1);
}

/** Where element `i` of rows [samples, classes] lies in (N, classes, …). */
function place(i: number, classes: number, inner: number): number {
  if (inner === 1) return i;
  const row = Math.floor(i / classes);
  const sample = Math.floor(row / inner);
  return (sample * classes + (i - row * classes)) * inner + (row - sample * inner);
}

/** Rows of scores, those of `kept` only. */
function rowsOf(values: NumberTypedArray, classes: number, inner: number, kept: Uint32Array | undefined, rows: number): Float64Array {
  if (kept === undefined && inner === 1) return Float64Array.from(values);
  const scores = new Float64Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    const from = (kept === undefined ? row : at(kept, row)) * classes;
    for (let c = 0; c < classes; c++) scores[row * classes + c] = at(values, place(from + c, classes, inner));
  }
  return scores;
}
