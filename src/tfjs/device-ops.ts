import * as tf from '@tensorflow/tfjs-core';
import type { DeviceBinOptions, DeviceCountOptions, DeviceOps, DeviceState } from '../core/device-ops.ts';
import { LogError } from '../core/errors.ts';
import { labelCut } from '../metrics/classification/labels.ts';
import { toLogits } from '../metrics/classification/thresholds.ts';
import { exactBelow, TensorState } from './device-state.ts';
import { histogram, mostBins } from './histogram.ts';
import { missingKernel } from './kernel-probe.ts';
import { SharedReader } from './shared-reader.ts';
import { refuseSecondCopy } from './two-copies.ts';

/**
 * Counts for metrics where tensors of TensorFlow.js lie: `new MulticlassAccuracy({ numClasses: 10, device: tfjsDeviceOps() })`.
 * `System` brings it along by itself. Works on every backend; nothing is read before a value is asked for.
 */
export function tfjsDeviceOps(): DeviceOps<tf.Tensor> {
  const reader = new SharedReader();
  return {
    name: 'tfjs',
    owns,
    shapeOf: (value) => value.shape,
    confusion: (preds, target, options) => count(preds, target, () => confusion(preds, target, options)),
    statScores: (preds, target, options) =>
      count(preds, target, () => confusion(preds, target, options, (matrix) => statScoresOf(matrix, options))),
    binnedCounts: (preds, target, options) => count(preds, target, () => binnedCounts(preds, target, options)),
    errorSums: (preds, target) => count(preds, target, () => errorSums(preds, target)),
    keep: (value) =>
      new TensorState({
        tensor: tf.tidy(() => tf.keep(flat(value))),
        samples: 0,
        areCounts: false,
        length: value.size,
        decode: (numbers) => numbers,
      }),
    add(a, b) {
      ours(a).add(ours(b));
      return a;
    },
    copy: (state) => ours(state).copy(),
    read: (states) => reader.read(states.map(ours)),
    release: (state) => ours(state).release(),
  };
}

function owns(value: unknown): value is tf.Tensor {
  if (!(value instanceof tf.Tensor) || value.isDisposed || value.dtype === 'string' || value.dtype === 'complex64') return false;
  // With 16 bits a number cannot hold counts beyond 2,048.
  return tf.getBackend() !== 'webgl' || tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED');
}

function ours(state: DeviceState): TensorState {
  if (state instanceof TensorState) return state;
  throw new LogError('internal', 'internal: a state of other device operations.');
}

/** Undefined where the backend lacks a kernel: then the caller reads the tensors. */
function count(preds: tf.Tensor, target: tf.Tensor, make: () => TensorState | undefined): TensorState | undefined {
  refuseSecondCopy(preds, 'metric.update()');
  refuseSecondCopy(target, 'metric.update()');
  try {
    return tf.tidy(make as () => undefined) as TensorState | undefined; // a state is not a container of tensors, and what it keeps is kept
  } catch (thrown) {
    if (missingKernel(thrown) === undefined) throw thrown;
    return undefined;
  }
}

/** Rows of scores or labels, and what the targets allow to count; all float32. */
interface Rows {
  /** `[samples, classes]` of scores, or `[samples]`. */
  readonly preds: tf.Tensor;
  /** `[samples]`, clipped to the classes; of several labels `[elements]`. */
  readonly target: tf.Tensor1D;
  /** Where the target is no class. */
  readonly isValid: tf.Tensor1D;
  readonly isIgnored: tf.Tensor1D | undefined;
  readonly hasScores: boolean;
  /** Greatest possible count of a cell. */
  readonly samples: number;
}

/** Undefined for shapes that do not fit; the metric's own loop says so. */
function rowsOf(preds: tf.Tensor, target: tf.Tensor, { task, numClasses, ignoreIndex }: DeviceCountOptions): Rows | undefined {
  const hasScores = task !== 'multiclass' || preds.size !== target.size || preds.rank !== target.rank;
  if (task === 'multiclass' && hasScores) {
    const rest = [...preds.shape.slice(0, 1), ...preds.shape.slice(2)];
    if (preds.shape[1] !== numClasses || !tf.util.arraysEqual(rest, target.shape)) return undefined;
  } else if (task === 'binary' ? preds.size !== target.size : !tf.util.arraysEqual(preds.shape, target.shape)) return undefined;
  if (task === 'multilabel' && preds.shape[1] !== numClasses) return undefined;
  const classes = task === 'multiclass' ? numClasses : 2;
  const samples = task === 'multilabel' ? target.size / numClasses : target.size;
  if (target.size === 0 || samples >= exactBelow) return undefined;
  const wide = task !== 'binary' && preds.rank > 2 && hasScores;
  const labels = flat(wide && task === 'multilabel' ? classesLast(target) : target);
  const clipped = tf.clipByValue(tf.floor(labels), 0, classes - 1);
  const scores = flat(wide ? classesLast(preds) : preds);
  return {
    preds: task === 'multiclass' && hasScores ? tf.reshape(scores, [-1, numClasses]) : scores,
    target: clipped,
    isValid: tf.equal(labels, clipped),
    isIgnored: ignoreIndex === undefined ? undefined : tf.equal(labels, ignoreIndex),
    hasScores,
    samples,
  };
}

function confusion(
  preds: tf.Tensor,
  target: tf.Tensor,
  options: DeviceCountOptions,
  decode: (matrix: Float64Array) => Float64Array = (matrix) => matrix,
): TensorState | undefined {
  const { task, numClasses } = options;
  const cells = task === 'multiclass' ? numClasses ** 2 : task === 'binary' ? 4 : numClasses * 4;
  const rows = cells > mostBins ? undefined : rowsOf(preds, target, options);
  if (rows === undefined) return undefined;
  const width = task === 'multiclass' ? numClasses : 2;
  let { isValid } = rows;
  let labels: tf.Tensor1D;
  if (task !== 'multiclass') labels = labelsAbove(rows.preds as tf.Tensor1D, options);
  else if (rows.hasScores) labels = bestClasses(rows.preds as tf.Tensor2D, rows.target, options.topK ?? 1);
  else {
    const given = rows.preds as tf.Tensor1D; // labels have no classes axis
    labels = tf.clipByValue(tf.floor(given), 0, numClasses - 1);
    isValid = tf.logicalAnd(isValid, tf.equal(given, labels));
  }
  let cell = tf.add<tf.Tensor1D>(tf.mul(rows.target, width), labels);
  if (task === 'multilabel') cell = tf.add(cell, tf.mul(labelIndex(numClasses, rows.samples), 4));
  const length = decode === undefined ? cells : decode(new Float64Array(cells)).length;
  return counted(cell, isValid, rows.isIgnored, cells, rows.samples, length, decode);
}

function binnedCounts(preds: tf.Tensor, target: tf.Tensor, options: DeviceBinOptions): TensorState | undefined {
  const { task, thresholds, fromLogits } = options;
  const numClasses = task === 'binary' ? 1 : options.numClasses;
  const bins = thresholds.length + 1;
  const cells = numClasses * 2 * bins;
  const rows = cells > mostBins ? undefined : rowsOf(preds, target, options);
  if (rows === undefined || !rows.hasScores) return undefined;
  let scores = rows.preds;
  let cuts: tf.Tensor1D = tf.tensor1d(thresholds);
  if (fromLogits !== false) {
    // Of several labels torchmetrics guesses from what is left out, too.
    const guess = fromLogits === true ? undefined : areProbabilities(scores, task === 'multilabel' ? undefined : rows.isIgnored);
    if (task === 'multiclass') scores = choose(guess, scores, tf.softmax(scores as tf.Tensor2D));
    else cuts = choose(guess, cuts, tf.tensor1d(toLogits(thresholds)));
  }
  const reached = tf.cast(tf.upperBound(tf.expandDims(cuts, 0), tf.reshape(scores, [1, -1])), 'float32');
  let { target: labels, isValid, isIgnored } = rows;
  if (task === 'multiclass') {
    // One element per class and sample.
    const every = (values: tf.Tensor1D): tf.Tensor1D => flat(tf.tile(tf.expandDims(tf.cast(values, 'float32'), 1), [1, numClasses]));
    labels = tf.cast(tf.equal(every(labels), labelIndex(numClasses, rows.samples)), 'float32');
    isValid = tf.cast(every(isValid), 'bool');
    isIgnored = isIgnored && tf.cast(every(isIgnored), 'bool');
  }
  let row: tf.Tensor1D = labels;
  if (numClasses > 1) row = tf.add(labels, tf.mul(labelIndex(numClasses, rows.samples), 2));
  const cell = tf.add<tf.Tensor1D>(tf.mul(row, bins), tf.reshape(reached, [-1]));
  return counted(cell, isValid, isIgnored, cells, rows.samples, cells, (counts) => counts);
}

function errorSums(preds: tf.Tensor, target: tf.Tensor): TensorState | undefined {
  if (preds.size !== target.size || preds.size === 0) return undefined;
  const difference = tf.sub(flat(preds), flat(target));
  const tensor = tf.keep(tf.stack([tf.sum(tf.square(difference)), tf.sum(tf.abs(difference))]) as tf.Tensor1D); // of two scalars
  const decode = ([squares = NaN, absolutes = NaN]: Float64Array, samples: number): Float64Array =>
    Float64Array.of(samples, squares, absolutes);
  return new TensorState({ tensor, samples: preds.size, areCounts: false, length: 3, decode });
}

/** Counts of cells, and at the end how many elements had a label that is no class: they are told when the counts are read. */
function counted(
  cell: tf.Tensor1D,
  isValid: tf.Tensor1D,
  isIgnored: tf.Tensor1D | undefined,
  cells: number,
  samples: number,
  length: number,
  decode: (counts: Float64Array) => Float64Array,
): TensorState {
  const place = (index: number): tf.Scalar => tf.scalar(index);
  let counting = select(isValid, cell, place(cells));
  if (isIgnored !== undefined) counting = select(isIgnored, place(cells + 1), counting);
  return new TensorState({
    tensor: tf.keep(histogram(counting, cells + 1)),
    samples,
    areCounts: true,
    length,
    decode(counts) {
      const invalid = counts[cells] ?? 0;
      if (invalid === 0) return decode(counts.subarray(0, cells));
      throw new LogError(
        'bad-metric',
        `metric.update(): ${invalid} targets or predicted labels are no class. Check the number of classes, or leave a target out with ignoreIndex.`,
      );
    },
  });
}

/** 0 and 1. Logits are compared with the logit of the threshold, as the metrics' own loops do it. */
function labelsAbove(scores: tf.Tensor1D, { threshold = 0.5, fromLogits }: DeviceCountOptions): tf.Tensor1D {
  const cut = (areLogits: boolean): tf.Tensor => tf.scalar(labelCut(threshold, areLogits));
  const cutAt = fromLogits === undefined ? choose(areProbabilities(scores, undefined), cut(false), cut(true)) : cut(fromLogits);
  return tf.cast(tf.greater(scores, cutAt), 'float32');
}

/** The best class, of equal ones the first (`tf.argMax` may give another); the target if it is among the `topK` best. */
function bestClasses(scores: tf.Tensor2D, target: tf.Tensor1D, topK: number): tf.Tensor1D {
  const classes = scores.shape[1];
  const index = tf.range(0, classes);
  const isBest = tf.equal(scores, tf.max(scores, 1, true));
  const first = tf.min<tf.Tensor1D>(tf.where(isBest, tf.tile(tf.expandDims(index, 0), [scores.shape[0], 1]), tf.scalar(classes)), 1);
  // No score of a row of NaN is the best.
  const best = select(tf.less(first, classes), first, tf.scalar(0));
  if (topK === 1) return best;
  const wanted = tf.expandDims(target, 1);
  const isWanted = tf.equal(index, wanted);
  const own = tf.max(select(isWanted, scores, tf.scalar(-Infinity)), 1, true);
  const isBetter = tf.logicalOr(tf.greater(scores, own), tf.logicalAnd(tf.equal(scores, own), tf.less(index, wanted)));
  return tf.where(tf.less(tf.sum(tf.cast(isBetter, 'float32'), 1), topK), target, best);
}

/** One truth value: every score that is not left out lies in [0, 1]. */
function areProbabilities(scores: tf.Tensor, isIgnored: tf.Tensor1D | undefined): tf.Scalar {
  let isInside: tf.Tensor = tf.logicalAnd(tf.greaterEqual(scores, 0), tf.lessEqual(scores, 1));
  if (isIgnored !== undefined) isInside = tf.logicalOr(isInside, scores.rank === 2 ? tf.expandDims(isIgnored, 1) : isIgnored);
  return tf.cast(tf.min<tf.Scalar>(tf.cast(isInside, 'float32')), 'bool');
}

/** Element by element; single numbers count for all. */
function select(condition: tf.Tensor, yes: tf.Tensor, no: tf.Tensor): tf.Tensor1D {
  return tf.where(condition, yes, no) as tf.Tensor1D; // of one row, or of one reduced to a row
}

/** By a truth value that lies on the device; undefined: the second. */
function choose<Value extends tf.Tensor>(isFirst: tf.Scalar | undefined, first: Value, second: Value): Value {
  return isFirst === undefined ? second : (tf.where(isFirst, first, second) as Value); // of one shape
}

/** 0 … numClasses - 1, again and again. */
function labelIndex(numClasses: number, samples: number): tf.Tensor1D {
  return tf.tile(tf.range(0, numClasses), [samples]);
}

/** (N, C, …) as (N, …, C). */
function classesLast(tensor: tf.Tensor): tf.Tensor {
  return tf.transpose(tensor, [0, ...Array.from({ length: tensor.rank - 2 }, (_, i) => i + 2), 1]);
}

/** All values in one row, as float32. */
function flat(tensor: tf.Tensor): tf.Tensor1D {
  return tf.cast(tf.reshape(tensor, [-1]), 'float32');
}

/** `[4, classes]` of the counts by true and predicted class. */
function statScoresOf(matrix: Float64Array, { task, numClasses }: DeviceCountOptions): Float64Array {
  const classes = task === 'binary' ? 1 : numClasses;
  const counts = new Float64Array(4 * classes);
  const all = matrix.reduce((sum, value) => sum + value, 0);
  const at = (index: number): number => matrix[index] ?? 0;
  for (let c = 0; c < classes; c++) {
    let [tn, fp, fn, tp] = [at(c * 4), at(c * 4 + 1), at(c * 4 + 2), at(c * 4 + 3)];
    if (task === 'multiclass') {
      [tp, fp, fn] = [at(c * classes + c), 0, 0];
      for (let other = 0; other < classes; other++) {
        if (other === c) continue;
        fn += at(c * classes + other);
        fp += at(other * classes + c);
      }
      tn = all - tp - fp - fn;
    }
    [tp, fp, tn, fn].forEach((value, kind) => (counts[kind * classes + c] = value));
  }
  return counts;
}
