import { describe, LogError } from '../../core/errors.ts';
import type { MetricOptions } from '../metric-base.ts';
import { oneOf, scoreRules, sizeOption } from './curve-metric.ts';
import type { LabelRules } from './labels.ts';
import type { Task } from './scores.ts';

/** One value over everything, or one for each sample of inputs with further axes (the first axis counts the samples). */
export type MultidimAverage = 'global' | 'samplewise';

/** What metrics of predicted labels can be told. */
export interface LabelOptions extends MetricOptions {
  /** Samples (of several labels: elements) with this target are left out. Default: none. */
  readonly ignoreIndex?: number;
}

/** For metrics of two classes, and of several labels of which a sample may have any. */
export interface ThresholdOptions extends LabelOptions {
  /** A score means label 1 if it is > this. Default 0.5. */
  readonly threshold?: number;
  /**
   * True: float `preds` are logits, sigmoid is taken first. False: they are probabilities. Default, as in torchmetrics: logits if a
   * score of the batch lies outside [0, 1]; say which when you know.
   */
  readonly fromLogits?: boolean;
}

/** For metrics of several classes of which each sample has one. */
export interface TopKOption {
  /** The target counts as predicted if it is among the k best scores. Default 1: the best one, of equal ones the first. */
  readonly topK?: number;
}

/** All options that say how labels are made, as they are checked. */
export interface LabelSettings extends ThresholdOptions, TopKOption {
  readonly numClasses?: number;
  readonly numLabels?: number;
  readonly multidimAverage?: MultidimAverage;
}

/** The names of the options that {@link labelRules} looks at for a task. */
export function labelOptionNames(task: Task): readonly string[] {
  return ['ignoreIndex', ...sizeOption(task), ...(task === 'multiclass' ? [] : ['threshold', 'fromLogits'])];
}

/** Checks options that say how labels are made. Throws `bad-options`. */
export function labelRules(task: Task, options: LabelSettings, call: string): LabelRules {
  const { threshold = 0.5, topK = 1 } = options;
  const rules = scoreRules(task, options, call);
  if (!(threshold >= 0 && threshold <= 1))
    throw new LogError('bad-options', `${call}: threshold is ${describe(threshold)}, need a number from 0 to 1.`);
  if (!Number.isInteger(topK) || topK < 1 || topK > rules.numClasses)
    throw new LogError('bad-options', `${call}: topK is ${describe(topK)}, need a whole number from 1 to ${rules.numClasses}.`);
  const bySample = oneOf(options.multidimAverage, ['global', 'samplewise'], 'multidimAverage', call) === 'samplewise';
  return { ...rules, threshold, topK, bySample, guessFromIgnored: true };
}
