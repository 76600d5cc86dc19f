import type { DeviceOps, DeviceState } from '../../core/device-ops.ts';
import { describe, LogError } from '../../core/errors.ts';
import type { MetricOptions } from '../metric-base.ts';
import { Metric } from '../metric.ts';
import type { NdArray, NumberArray } from '../nd-array.ts';
import { countBins, type CutCounts, cutsOfHistogram, cutsOfScores, histogramSize, sumClasses } from './curve-counts.ts';
import { at, type ScoreRules, takeScores, type Task, toProbabilities } from './scores.ts';
import { type Thresholds, toThresholds } from './thresholds.ts';
import { sayOfCurves } from '../words.ts';

/** What metrics of scores can be told. */
export interface ScoreOptions extends MetricOptions {
  /** Samples (of several labels: elements) with this target are left out. Default: none. */
  readonly ignoreIndex?: number;
  /**
   * True: `preds` are logits, sigmoid (of classes: softmax) is taken first. False: they are probabilities. Default, as in torchmetrics:
   * logits if a score of the batch lies outside [0, 1]; say which when you know.
   */
  readonly fromLogits?: boolean;
}

/** What metrics of curves can be told. */
export interface CurveOptions extends ScoreOptions {
  /**
   * Fixed thresholds of a binned curve: how many, evenly from 0 to 1, or which. A score reaches a threshold if it is ≥ (as float32).
   * Null: exact, with a threshold at each distinct score, and then every score is kept. Default 200; torchmetrics' default is exact.
   */
  readonly thresholds?: Thresholds;
}

/** For metrics of several classes of which each sample has one. */
export interface MulticlassOption {
  readonly numClasses: number;
}

/** For metrics of several labels of which a sample may have any. */
export interface MultilabelOption {
  readonly numLabels: number;
}

/** One number of one per class: their mean, their mean weighted by the number of samples of each, or all of them. */
export type ClassAverage = 'macro' | 'weighted' | 'none';

/** As {@link ClassAverage}; `micro` takes the elements of all labels together. */
export type LabelAverage = ClassAverage | 'micro';

/** One curve of one per class: that of all elements together, the mean of the curves, or all of them. */
export type CurveAverage = 'micro' | 'macro' | 'none';

/** What a metric gives for an average: one number, or one per class. */
export type PerClass<Average> = Average extends 'none' ? Float64Array : number;

/** What a metric of scores holds: counts between thresholds, or all scores. */
export interface CurveStates {
  /** Of a binned curve: `[numClasses, 2, thresholds + 1]`, by class, target, and how many thresholds are reached. */
  counts?: Float64Array;
  /** Of an exact curve: `[samples, numClasses]` for each batch. */
  preds?: Float64Array[];
  /** Of an exact curve: `[samples]`, of several labels `[samples, numLabels]`, for each batch; ignored elements are -1. */
  target?: Float64Array[];
}

/** Exact curves warn once when they hold more than this. */
const manyBytes = 256 * 2 ** 20;
const empty = new Float64Array(0);

interface Settings extends CurveOptions {
  readonly numClasses?: number;
  readonly numLabels?: number;
  readonly average?: string;
}

/** What ROC, precision-recall curve and the numbers taken from them have in common. */
export abstract class CurveMetric<Out> extends Metric<[preds: NumberArray, target: NumberArray], Out, CurveStates> {
  protected readonly rules: ScoreRules;
  protected readonly average: string | undefined;
  /** Undefined: exact. */
  protected readonly thresholds: Float32Array | undefined;
  protected override readonly updateKey: string | undefined;
  protected heldBytes: number = 0;

  /** The first of `averages` is the default. */
  constructor(task: Task, options: Settings, averages: readonly string[] = [], ownOptions: readonly string[] = []) {
    super(options, [
      'ignoreIndex',
      'fromLogits',
      'thresholds',
      ...sizeOption(task),
      ...(averages.length > 0 ? ['average'] : []),
      ...ownOptions,
    ]);
    const call = `new ${this.constructor.name}()`;
    const thresholds = toThresholds(options.thresholds === undefined ? 200 : options.thresholds, call);
    this.rules = scoreRules(task, options, call);
    this.average = oneOf(options.average, averages, 'average', call);
    this.thresholds = thresholds;
    this.updateKey = JSON.stringify([task, this.rules, thresholds && [...thresholds]]);
    if (thresholds === undefined) {
      this.addState('preds', [], 'cat');
      this.addState('target', [], 'cat');
    } else this.addState('counts', new Float64Array(histogramSize(this.rules.numClasses, thresholds)), 'sum');
  }

  override reset(): void {
    super.reset();
    this.heldBytes = 0;
  }

  protected updateState(state: CurveStates, preds: NdArray, target: NdArray): void {
    const { rules, thresholds } = this;
    const given = takeScores(preds, target, rules, this.quote('update'));
    const batch = thresholds === undefined || rules.task === 'multiclass' ? toProbabilities(given, rules) : given;
    if (thresholds !== undefined) return countBins(state.counts ?? empty, batch, rules.task, rules.numClasses, thresholds);
    state.preds?.push(batch.scores);
    state.target?.push(batch.target);
    this.heldBytes += batch.scores.byteLength + batch.target.byteLength;
    if (this.heldBytes > manyBytes) this.warn('holds much', sayOfCurves('holds-much', { megabytes: Math.round(this.heldBytes / 2 ** 20) }));
  }

  protected override updateOnDevice(ops: DeviceOps, preds: NumberArray, target: NumberArray): DeviceState | undefined {
    if (this.thresholds === undefined || !ops.owns(preds) || !ops.owns(target)) return undefined;
    return ops.binnedCounts(preds, target, { ...this.rules, thresholds: this.thresholds });
  }

  /** Counts at thresholds, for each class. */
  protected cuts(state: Readonly<CurveStates>): CutCounts[] {
    return Array.from({ length: this.rules.numClasses }, (_, c) => cutsOf(state, this.rules, this.thresholds, c));
  }

  /** Counts at thresholds, of the elements of all classes together. */
  protected microCuts(state: Readonly<CurveStates>): CutCounts {
    const { counts = empty } = state;
    if (this.thresholds !== undefined) return cutsOfHistogram(sumClasses(counts, this.rules.numClasses), 0, this.thresholds);
    return cutsOf(state, this.rules, undefined, undefined);
  }
}

/** Checks what is said about classes. Throws `bad-options`. */
export function scoreRules(task: Task, options: Settings, call: string): ScoreRules {
  const { ignoreIndex, fromLogits, numClasses, numLabels } = options;
  const [name, size] = task === 'multiclass' ? ['numClasses', numClasses] : ['numLabels', numLabels];
  if (task !== 'binary' && (size === undefined || !Number.isSafeInteger(size) || size < 2))
    throw new LogError('bad-options', `${call}: ${name} is ${describe(size)}, need a whole number of at least 2.`);
  if (ignoreIndex !== undefined && !Number.isInteger(ignoreIndex))
    throw new LogError('bad-options', `${call}: ignoreIndex is ${describe(ignoreIndex)}, need a whole number.`);
  return { task, numClasses: task === 'binary' ? 1 : (size ?? 1), ignoreIndex, fromLogits };
}

/** The names of the options that {@link scoreRules} needs for a task. */
export function sizeOption(task: Task): readonly string[] {
  return task === 'binary' ? [] : [task === 'multiclass' ? 'numClasses' : 'numLabels'];
}

/** The value if it is among the allowed ones, the first of them if it is undefined. Throws `bad-options`. */
export function oneOf<Value extends string>(
  value: string | undefined,
  allowed: readonly Value[],
  name: string,
  call: string,
): Value | undefined {
  const found = value === undefined ? allowed[0] : allowed.find((one) => one === value);
  if (found === undefined && value !== undefined)
    throw new LogError(
      'bad-options',
      `${call}: ${name} is ${describe(value)}, need one of ${allowed.map((one) => `'${one}'`).join(', ')}.`,
    );
  return found;
}

/** Counts at thresholds of one class; of all elements if `index` is undefined. */
function cutsOf(
  { counts = empty, preds = [], target = [] }: Readonly<CurveStates>,
  { task, numClasses }: ScoreRules,
  thresholds: Float32Array | undefined,
  index: number | undefined,
): CutCounts {
  if (thresholds !== undefined) return cutsOfHistogram(counts, index ?? 0, thresholds);
  const most = preds.reduce((sum, batch) => sum + batch.length, 0);
  const [positive, negative] = [new Float64Array(most), new Float64Array(most)];
  let [positives, negatives] = [0, 0];
  preds.forEach((scores, b) => {
    const labels = target[b] ?? empty;
    for (let i = index ?? 0; i < scores.length; i += index === undefined ? 1 : numClasses) {
      const c = i % numClasses;
      const label = task === 'multiclass' ? Number(at(labels, (i - c) / numClasses) === c) : at(labels, i);
      if (label === 1) positive[positives++] = at(scores, i);
      else if (label === 0) negative[negatives++] = at(scores, i);
    }
  });
  return cutsOfScores(positive.subarray(0, positives), negative.subarray(0, negatives));
}
