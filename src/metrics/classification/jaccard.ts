import { marginsOf } from './agreement.ts';
import {
  ConfusionMetric,
  type ConfusionStates,
  type MulticlassConfusionOptions,
  type MultilabelConfusionOptions,
} from './confusion-metric.ts';
import { type ScoreOf, type ZeroDivisionOption, zeroDivisionOf } from './count-metric.ts';
import { oneOf } from './curve-metric.ts';
import { type Average, sum, type ZeroDivision } from './formulas.ts';
import type { LabelSettings, ThresholdOptions } from './label-options.ts';
import { at, type Task } from './scores.ts';

/** For {@link MulticlassJaccardIndex} and {@link MultilabelJaccardIndex}. */
export interface JaccardAverageOption<Av extends Average = Average> {
  /** Default `macro`, also of {@link jaccardIndex}. NaN of no data. */
  readonly average?: Av;
}

abstract class JaccardMetric<Out> extends ConfusionMetric<Out> {
  override readonly higherIsBetter: boolean = true;
  protected readonly average: Average;
  protected readonly zeroDivision: ZeroDivision;

  constructor(task: Task, options: LabelSettings & JaccardAverageOption & ZeroDivisionOption = {}) {
    super(task, options, ['zeroDivision', ...(task === 'binary' ? [] : ['average'])]);
    const call = `new ${this.constructor.name}()`;
    this.zeroDivision = zeroDivisionOf(options, call);
    this.average =
      task === 'binary' ? 'micro' : (oneOf<Average>(options.average, ['macro', 'micro', 'weighted', 'none'], 'average', call) ?? 'macro');
  }

  /** `hits` of `union`, averaged. `support`: samples of each class; `counts`: whether a class is part of the macro average. */
  protected averaged(
    hits: Float64Array,
    union: Float64Array,
    support: Float64Array,
    counts: (index: number) => boolean,
  ): number | Float64Array {
    const ratio = (part: number, whole: number): number => (whole === 0 ? this.zeroDivision : part / whole);
    if (this.average === 'micro') return ratio(sum(hits), sum(union));
    const values = hits.map((count, c) => ratio(count, at(union, c)));
    if (this.average === 'none') return values;
    const weights = this.average === 'weighted' ? support : support.map((_, c) => Number(counts(c)));
    return sum(values.map((value, c) => value * at(weights, c))) / sum(weights);
  }
}

/** Intersection over union of what is labelled 1 and what is 1: tp / (tp + fp + fn). */
export class BinaryJaccardIndex extends JaccardMetric<number> {
  constructor(options?: ThresholdOptions & ZeroDivisionOption) {
    super('binary', options);
  }

  protected override computeState({ confusion }: ConfusionStates): number {
    const [, fp = 0, fn = 0, tp = 0] = confusion;
    return this.averaged(Float64Array.of(tp), Float64Array.of(tp + fp + fn), confusion, () => true) as number; // its average is micro
  }
}

/** {@link BinaryJaccardIndex} of each class. Neither `macro` nor `micro` counts predictions of a class that is `ignoreIndex`. */
export class MulticlassJaccardIndex<const Av extends Average = 'macro'> extends JaccardMetric<ScoreOf<Av, 'global'>> {
  constructor(options: MulticlassConfusionOptions & JaccardAverageOption<Av> & ZeroDivisionOption) {
    super('multiclass', options);
  }

  protected override computeState({ confusion }: ConfusionStates): ScoreOf<Av, 'global'> {
    const { truth, predicted, both } = marginsOf(confusion);
    const { ignoreIndex } = this.rules;
    const union = truth.map((count, c) => (this.average === 'micro' && c === ignoreIndex ? 0 : count + at(predicted, c) - at(both, c)));
    const counts = (c: number): boolean => c !== ignoreIndex && at(truth, c) + at(predicted, c) > 0;
    return this.averaged(both, union, truth, counts) as ScoreOf<Av, 'global'>; // what the average gives is fixed by its type
  }
}

/** {@link BinaryJaccardIndex} of each label. */
export class MultilabelJaccardIndex<const Av extends Average = 'macro'> extends JaccardMetric<ScoreOf<Av, 'global'>> {
  constructor(options: MultilabelConfusionOptions & JaccardAverageOption<Av> & ZeroDivisionOption) {
    super('multilabel', options);
  }

  protected override computeState({ confusion }: ConfusionStates): ScoreOf<Av, 'global'> {
    const cells = (...of: readonly number[]): Float64Array =>
      Float64Array.from({ length: this.rules.numClasses }, (_, label) =>
        of.reduce((all, cell) => all + at(confusion, label * 4 + cell), 0),
      );
    return this.averaged(cells(3), cells(1, 2, 3), cells(2, 3), () => true) as ScoreOf<Av, 'global'>; // what the average gives is fixed by its type
  }
}
