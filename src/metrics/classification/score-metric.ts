import { Metric } from '../metric.ts';
import type { NdArray, NumberArray } from '../nd-array.ts';
import { type ScoreOptions, scoreRules, sizeOption } from './curve-metric.ts';
import { type ScoredBatch, type ScoreRules, takeScores, type Task, toProbabilities } from './scores.ts';

/** A metric that looks at the probability of each class and holds sums. */
export abstract class ScoreMetric<Out, States extends object> extends Metric<[preds: NumberArray, target: NumberArray], Out, States> {
  override readonly higherIsBetter: boolean = false;
  protected readonly rules: ScoreRules;

  constructor(
    task: Task,
    options: ScoreOptions & { readonly numClasses?: number; readonly numLabels?: number },
    ownOptions: readonly string[] = [],
  ) {
    super(options, ['ignoreIndex', 'fromLogits', ...sizeOption(task), ...ownOptions]);
    this.rules = scoreRules(task, options, `new ${this.constructor.name}()`);
  }

  protected updateState(state: States, preds: NdArray, target: NdArray): void {
    this.addBatch(state, toProbabilities(takeScores(preds, target, this.rules, this.quote('update')), this.rules));
  }

  /** Adds a batch of probabilities. */
  protected abstract addBatch(state: States, batch: ScoredBatch): void;
}
