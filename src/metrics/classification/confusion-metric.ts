import type { DeviceOps, DeviceState } from '../../core/device-ops.ts';
import { Metric } from '../metric.ts';
import type { NdArray, NumberArray } from '../nd-array.ts';
import { countConfusion } from './counts.ts';
import type { MulticlassOption, MultilabelOption } from './curve-metric.ts';
import { labelOptionNames, type LabelOptions, labelRules, type LabelSettings, type ThresholdOptions } from './label-options.ts';
import { type LabelRules, toLabels } from './labels.ts';
import type { Task } from './scores.ts';

/** For metrics of a confusion matrix of several classes. */
export type MulticlassConfusionOptions = LabelOptions & MulticlassOption;

/** For metrics of the confusion matrices of several labels. */
export type MultilabelConfusionOptions = ThresholdOptions & MultilabelOption;

/** Counts by true and predicted class. */
export interface ConfusionStates {
  /** `[numClasses, numClasses]` with the truth as rows, for two classes `[2, 2]`, for several labels `[numLabels, 2, 2]`. */
  confusion: Float64Array;
}

/** What metrics of a confusion matrix have in common; those told alike share one update in a collection. */
export abstract class ConfusionMetric<Out> extends Metric<[preds: NumberArray, target: NumberArray], Out, ConfusionStates> {
  protected readonly rules: LabelRules;
  protected override readonly updateKey: string;

  constructor(task: Task, options: LabelSettings = {}, ownOptions: readonly string[] = []) {
    super(options, [...labelOptionNames(task), ...ownOptions]);
    // Of two classes, torchmetrics looks for logits among what is not left out.
    this.rules = { ...labelRules(task, options, `new ${this.constructor.name}()`), guessFromIgnored: task !== 'binary' };
    this.updateKey = JSON.stringify(['confusion', this.rules]);
    const { numClasses } = this.rules;
    this.addState('confusion', new Float64Array(task === 'multiclass' ? numClasses ** 2 : numClasses * 4), 'sum');
  }

  protected override updateState(state: ConfusionStates, preds: NdArray, target: NdArray): void {
    const { task, numClasses } = this.rules;
    countConfusion(state.confusion, toLabels(preds, target, this.rules, this.quote('update')), task, numClasses);
  }

  protected override updateOnDevice(ops: DeviceOps, preds: NumberArray, target: NumberArray): DeviceState | undefined {
    const { ignoreIndex, fromLogits, guessFromIgnored } = this.rules;
    // A device guesses from all of the batch.
    const guessesElse = !guessFromIgnored && ignoreIndex !== undefined && fromLogits === undefined;
    if (guessesElse || !ops.owns(preds) || !ops.owns(target)) return undefined;
    return ops.confusion(preds, target, this.rules);
  }
}
