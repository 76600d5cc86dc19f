import { kappaOf, type KappaWeights, matthewsOf } from './agreement.ts';
import {
  ConfusionMetric,
  type ConfusionStates,
  type MulticlassConfusionOptions,
  type MultilabelConfusionOptions,
} from './confusion-metric.ts';
import { oneOf } from './curve-metric.ts';
import type { LabelSettings, ThresholdOptions } from './label-options.ts';
import type { Task } from './scores.ts';

/** For {@link BinaryCohenKappa} and {@link MulticlassCohenKappa}. */
export interface KappaOption {
  /** What a disagreement costs: 1 (`none`), the distance of the two classes (`linear`) or its square. Default `none`. */
  readonly weights?: KappaWeights;
}

abstract class KappaMetric extends ConfusionMetric<number> {
  override readonly higherIsBetter: boolean = true;
  protected readonly weights: KappaWeights;

  constructor(task: Task, options: LabelSettings & KappaOption = {}) {
    super(task, options, ['weights']);
    this.weights =
      oneOf<KappaWeights>(options.weights, ['none', 'linear', 'quadratic'], 'weights', `new ${this.constructor.name}()`) ?? 'none';
  }

  protected override computeState({ confusion }: ConfusionStates): number {
    return kappaOf(confusion, this.weights);
  }
}

/** Agreement beyond chance (Cohen 1960, A coefficient of agreement for nominal scales): 1 is perfect, 0 chance. NaN if only one class occurs. */
export class BinaryCohenKappa extends KappaMetric {
  constructor(options?: ThresholdOptions & KappaOption) {
    super('binary', options);
  }
}

/** {@link BinaryCohenKappa} of several classes; with `weights` for classes that have an order. */
export class MulticlassCohenKappa extends KappaMetric {
  constructor(options: MulticlassConfusionOptions & KappaOption) {
    super('multiclass', options);
  }
}

abstract class MatthewsMetric extends ConfusionMetric<number> {
  override readonly higherIsBetter: boolean = true;

  protected override computeState({ confusion }: ConfusionStates): number {
    return matthewsOf(confusion);
  }
}

/** Matthews' correlation coefficient of labels and predictions: from -1 (all wrong) to 1. */
export class BinaryMatthewsCorrCoef extends MatthewsMetric {
  constructor(options?: ThresholdOptions) {
    super('binary', options);
  }
}

/** {@link BinaryMatthewsCorrCoef} of several classes (Gorodkin 2004, Comparing two K-category assignments by a K-category correlation coefficient). */
export class MulticlassMatthewsCorrCoef extends MatthewsMetric {
  constructor(options: MulticlassConfusionOptions) {
    super('multiclass', options);
  }
}

/** {@link BinaryMatthewsCorrCoef} of the elements of all labels together. */
export class MultilabelMatthewsCorrCoef extends MatthewsMetric {
  constructor(options: MultilabelConfusionOptions) {
    super('multilabel', options);
  }

  protected override computeState({ confusion }: ConfusionStates): number {
    const whole = new Float64Array(4);
    confusion.forEach((count, cell) => (whole[cell % 4] = (whole[cell % 4] ?? 0) + count));
    return matthewsOf(whole);
  }
}
