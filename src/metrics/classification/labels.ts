import { LogError } from '../../core/errors.ts';
import type { NdArray, NumberTypedArray } from '../nd-array.ts';
import { at, type ScoreRules } from './scores.ts';

/** How predictions are made into labels. */
export interface LabelRules extends ScoreRules {
  /** `binary` and `multilabel`: label 1 if the score is > this, both as float32. */
  readonly threshold: number;
  /** `multiclass`: the target counts as predicted if it is among the k best. */
  readonly topK: number;
  /** One value per first index of the batch (`samplewise`), or one over everything. */
  readonly bySample: boolean;
  /** Whether elements that are left out take part in guessing what are logits. */
  readonly guessFromIgnored: boolean;
}

/** One batch as labels, element by element: 0 and 1 (`binary`, `multilabel`) or classes. */
export interface LabelBatch {
  readonly preds: Int32Array;
  /** -1: left out; the label predicted for it says nothing. */
  readonly target: Int32Array;
  /** Size of the first axis. */
  readonly samples: number;
  /** `multilabel`: elements of one label behind each other, the product of the axes behind the labels. */
  readonly inner: number;
}

/**
 * Checks a batch and makes labels of it: `binary` of any shape, `multiclass` classes of the shape of the targets or scores (N, C, …) for
 * targets (N, …), `multilabel` both (N, L, …). Throws `bad-metric` for shapes that do not fit and for labels that are no class.
 */
export function toLabels(preds: NdArray, target: NdArray, rules: LabelRules, call: string): LabelBatch {
  const { task, numClasses } = rules;
  const hasScores = checkShapes(preds, target, rules, call);
  const classes = task === 'multiclass' ? numClasses : 2;
  const targets = targetLabels(target.values, classes, rules.ignoreIndex, call);
  const inner = task === 'binary' ? 1 : sizeOf(preds.shape.slice(2));
  const labels = !hasScores
    ? givenLabels(preds.values, targets, classes, call)
    : task === 'multiclass'
      ? bestClasses(preds.values, targets, numClasses, inner, rules.topK)
      : scoresAbove(preds.values, targets, rules);
  return { preds: labels, target: targets, samples: target.shape[0] ?? 1, inner };
}

/**
 * What a score must be greater than to be label 1, as float32. Logits are compared with the logit of the threshold: that needs no
 * exponential, and is the same on every device.
 */
export function labelCut(threshold: number, areLogits: boolean): number {
  return Math.fround(areLogits ? Math.log(threshold / (1 - threshold)) : threshold);
}

/** Throws for shapes that do not fit each other. True: `preds` are scores; false: they are labels. */
function checkShapes(preds: NdArray, target: NdArray, { task, numClasses, topK, bySample }: LabelRules, call: string): boolean {
  const [p, t] = [preds.shape, target.shape];
  const refuse = (need: string): never => {
    throw new LogError('bad-metric', `${call}: preds are [${p.join(', ')}] and target [${t.join(', ')}], need ${need}.`);
  };
  if (task === 'multiclass') {
    const areClasses = p.length === t.length;
    if (!isSame(areClasses ? p : [...p.slice(0, 1), ...p.slice(2)], t) || (!areClasses && p[1] !== numClasses))
      refuse(`classes of one shape, or scores of ${numClasses} classes as axis 1, e.g. preds [N, ${numClasses}] and target [N]`);
    if (areClasses && topK > 1) refuse(`scores [N, ${numClasses}] and target [N], for topK is ${topK} and classes have no ranks`);
    if (bySample && t.length < 2) refuse(`a second axis to average over, for multidimAverage is 'samplewise'`);
    return !areClasses;
  }
  if (task === 'multilabel' && (p[1] !== numClasses || !isSame(p, t))) refuse(`both [N, ${numClasses}]`);
  if (task === 'binary' && (preds.values.length !== target.values.length || (bySample && !isSame(p, t))))
    refuse('as many scores as targets');
  if (bySample && t.length < (task === 'binary' ? 2 : 3)) refuse(`one more axis to average over, for multidimAverage is 'samplewise'`);
  // Integers are labels, as in torchmetrics. Plain arrays and float32 are scores; for 0 and 1 that comes to the same.
  return preds.values instanceof Float32Array || preds.values instanceof Float64Array;
}

function targetLabels(values: NumberTypedArray, classes: number, ignoreIndex: number | undefined, call: string): Int32Array {
  const labels = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = at(values, i);
    if (value === ignoreIndex) labels[i] = -1;
    else if (isLabel(value, classes)) labels[i] = value;
    else refuseLabel(call, 'target', value, classes, 'Leave a value out with ignoreIndex, or correct the targets.');
  }
  return labels;
}

function givenLabels(values: NumberTypedArray, targets: Int32Array, classes: number, call: string): Int32Array {
  const labels = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = at(values, i);
    if (isLabel(value, classes)) labels[i] = value;
    else if (at(targets, i) >= 0) refuseLabel(call, 'preds', value, classes, 'Give classes, or scores as floats.');
  }
  return labels;
}

function isLabel(value: number, classes: number): boolean {
  return value >= 0 && value < classes && Number.isInteger(value);
}

function refuseLabel(call: string, name: string, value: number, classes: number, move: string): never {
  throw new LogError('bad-metric', `${call}: ${name} holds ${value}, need whole numbers from 0 to ${classes - 1}. ${move}`);
}

function scoresAbove(scores: NumberTypedArray, targets: Int32Array, rules: LabelRules): Int32Array {
  const areLogits = rules.fromLogits ?? haveLogits(scores, rules.guessFromIgnored ? undefined : targets);
  const cut = labelCut(rules.threshold, areLogits);
  const labels = new Int32Array(scores.length);
  for (let i = 0; i < scores.length; i++) if (Math.fround(at(scores, i)) > cut) labels[i] = 1;
  return labels;
}

/** The rule of torchmetrics: one score outside [0, 1], and all of the batch are logits. */
function haveLogits(scores: NumberTypedArray, targets: Int32Array | undefined): boolean {
  for (let i = 0; i < scores.length; i++) {
    const score = at(scores, i);
    if (!(score >= 0 && score <= 1) && (targets === undefined || at(targets, i) >= 0)) return true;
  }
  return false;
}

/** The best class of each element, of equal ones the first; the target if it is among the `topK` best. */
function bestClasses(scores: NumberTypedArray, targets: Int32Array, classes: number, inner: number, topK: number): Int32Array {
  const labels = new Int32Array(targets.length);
  for (let i = 0; i < labels.length; i++) {
    // Element i of (N, …) has its scores at (n, 0 … C - 1, …).
    const rest = i % inner;
    const first = (i - rest) * classes + rest;
    const wanted = at(targets, i);
    labels[i] =
      topK > 1 && wanted >= 0 && rankOf(wanted, scores, first, inner, classes) < topK ? wanted : argmax(scores, first, inner, classes);
  }
  return labels;
}

function argmax(scores: NumberTypedArray, first: number, stride: number, classes: number): number {
  let best = 0;
  let most = at(scores, first);
  for (let c = 1; c < classes; c++) {
    const score = at(scores, first + c * stride);
    if (score > most) {
      most = score;
      best = c;
    }
  }
  return best;
}

/** How many classes are better; of equal scores that of the lower class is better. */
function rankOf(wanted: number, scores: NumberTypedArray, first: number, stride: number, classes: number): number {
  const own = at(scores, first + wanted * stride);
  let rank = 0;
  for (let c = 0; c < classes; c++) {
    const score = at(scores, first + c * stride);
    if (score > own || (score === own && c < wanted)) rank++;
  }
  return rank;
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
