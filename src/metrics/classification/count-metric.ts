import type { DeviceOps, DeviceState } from '../../core/device-ops.ts';
import { describe, LogError } from '../../core/errors.ts';
import { Metric } from '../metric.ts';
import type { NdArray, NumberArray } from '../nd-array.ts';
import { countStatScores } from './counts.ts';
import { type MulticlassOption, type MultilabelOption, oneOf } from './curve-metric.ts';
import { type Average, averageOf, type CountFormula, type ZeroDivision } from './formulas.ts';
import {
  labelOptionNames,
  labelRules,
  type LabelSettings,
  type MultidimAverage,
  type ThresholdOptions,
  type TopKOption,
} from './label-options.ts';
import { type LabelRules, toLabels } from './labels.ts';
import type { Task } from './scores.ts';

/** Of counts of two classes. */
export interface BinaryCountOptions<Multidim extends MultidimAverage = MultidimAverage> extends ThresholdOptions {
  /** Default `global`. */
  readonly multidimAverage?: Multidim;
}

/** Of counts of several classes of which each sample has one. */
export interface MulticlassCountOptions<Av extends Average = Average, Multidim extends MultidimAverage = MultidimAverage>
  extends Omit<ThresholdOptions, 'threshold' | 'fromLogits'>, MulticlassOption, TopKOption {
  /** Default `macro`; of a function like {@link accuracy} `micro`. */
  readonly average?: Av;
  /** Default `global`. */
  readonly multidimAverage?: Multidim;
}

/** Of counts of several labels of which a sample may have any. */
export interface MultilabelCountOptions<Av extends Average = Average, Multidim extends MultidimAverage = MultidimAverage>
  extends ThresholdOptions, MultilabelOption {
  /** Default `macro`; of a function like {@link accuracy} `micro`. */
  readonly average?: Av;
  /** Default `global`. */
  readonly multidimAverage?: Multidim;
}

/** For metrics that may divide by zero. */
export interface ZeroDivisionOption {
  /** What 0/0 gives. Default 0. */
  readonly zeroDivision?: ZeroDivision;
}

/** What an average gives: a number, numbers per class (`none`) or per sample (`samplewise`), or for each sample those per class. */
export type ScoreOf<Av, Multidim> = Av extends 'none'
  ? Multidim extends 'samplewise'
    ? Float64Array[]
    : Float64Array
  : Multidim extends 'samplewise'
    ? Float64Array
    : number;

/** What a metric of counts holds: sums, or with `samplewise` those of each sample. */
export interface CountStates {
  /** True and false positives, true and false negatives: `[4, numClasses]`. */
  counts?: Float64Array;
  /** For each batch `[samples, 4, numClasses]`. */
  samples?: Float64Array[];
}

/** All options of metrics of counts, as they are checked. */
export interface CountSettings extends LabelSettings, ZeroDivisionOption {
  readonly average?: Average;
  readonly beta?: number;
}

/** What all metrics of true and false positives and negatives have in common; those told alike share one update in a collection. */
export abstract class CountMetric<Out> extends Metric<[preds: NumberArray, target: NumberArray], Out, CountStates> {
  protected readonly rules: LabelRules;
  protected readonly average: Average;
  protected override readonly updateKey: string;

  constructor(task: Task, options: CountSettings = {}, ownOptions: readonly string[] = []) {
    const names = task === 'multiclass' ? ['topK', 'average'] : task === 'multilabel' ? ['average'] : [];
    super(options, [...labelOptionNames(task), 'multidimAverage', ...names, ...ownOptions]);
    const call = `new ${this.constructor.name}()`;
    this.rules = labelRules(task, options, call);
    // Of two classes there is but one to average over.
    this.average =
      task === 'binary' ? 'micro' : (oneOf<Average>(options.average, ['macro', 'micro', 'weighted', 'none'], 'average', call) ?? 'macro');
    this.updateKey = JSON.stringify(['counts', this.rules]);
    if (this.rules.bySample) this.addState('samples', [], 'cat');
    else this.addState('counts', new Float64Array(4 * this.rules.numClasses), 'sum');
  }

  protected override updateState(state: CountStates, preds: NdArray, target: NdArray): void {
    const { task, numClasses } = this.rules;
    const batch = toLabels(preds, target, this.rules, this.quote('update'));
    if (state.counts !== undefined) return countStatScores(state.counts, batch, task, numClasses);
    const counts = new Float64Array(batch.samples * 4 * numClasses);
    for (let sample = 0; sample < batch.samples; sample++)
      countStatScores(rowOf(counts, sample, 4 * numClasses), batch, task, numClasses, sample);
    state.samples?.push(counts);
  }

  protected override updateOnDevice(ops: DeviceOps, preds: NumberArray, target: NumberArray): DeviceState | undefined {
    if (this.rules.bySample || !ops.owns(preds) || !ops.owns(target)) return undefined;
    // Classes have no ranks; what is read is refused.
    if (this.rules.topK > 1 && ops.shapeOf(preds).length === ops.shapeOf(target).length) return undefined;
    return ops.statScores(preds, target, this.rules);
  }

  protected override computeState({ counts, samples = [] }: CountStates): Out {
    if (counts !== undefined) return this.scoreOf(counts) as Out; // what the options give is fixed by the type
    const size = 4 * this.rules.numClasses;
    const values = samples.flatMap((batch) => Array.from({ length: batch.length / size }, (_, i) => this.scoreOf(rowOf(batch, i, size))));
    return (values.some((value) => typeof value !== 'number') ? values : Float64Array.from(values as number[])) as Out; // all or none are numbers
  }

  /** The value of counts `[4, numClasses]`. */
  protected abstract scoreOf(counts: Float64Array): number | Float64Array | Float64Array[];
}

/** A metric that is a formula over counts, averaged over the classes. */
export abstract class FormulaMetric<Out> extends CountMetric<Out> {
  protected readonly formula: CountFormula;
  override readonly higherIsBetter: boolean;

  constructor(task: Task, options: CountSettings | undefined, formula: CountFormula, ownOptions?: readonly string[]) {
    super(task, options, ownOptions);
    this.formula = formula;
    this.higherIsBetter = formula.higherIsBetter;
  }

  protected scoreOf(counts: Float64Array): number | Float64Array {
    return averageOf(counts, this.formula, this.average, this.rules);
  }
}

/** The value if it is 0 or 1. Throws `bad-options`. */
export function zeroDivisionOf({ zeroDivision = 0 }: ZeroDivisionOption = {}, call: string): ZeroDivision {
  if (zeroDivision === 0 || zeroDivision === 1) return zeroDivision;
  throw new LogError('bad-options', `${call}: zeroDivision is ${describe(zeroDivision)}, need 0 or 1.`);
}

function rowOf(values: Float64Array, index: number, size: number): Float64Array {
  return values.subarray(index * size, (index + 1) * size);
}
