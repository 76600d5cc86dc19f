import { type MulticlassOption, oneOf, type ScoreOptions } from './curve-metric.ts';
import { ScoreMetric } from './score-metric.ts';
import { at, type ScoredBatch, type Task } from './scores.ts';

/** What hinge losses can be told. */
export interface HingeLossOptions extends ScoreOptions {
  /** Square each term. Default false. */
  readonly squared?: boolean;
}

/**
 * `crammer-singer`: one margin per sample, the true class against the best other (Crammer and Singer 2001). `one-vs-all`: each class
 * against the rest, and a loss for each.
 */
export type MulticlassHingeMode = 'crammer-singer' | 'one-vs-all';

interface HingeStates {
  measures: Float64Array;
  total: number;
}

abstract class HingeMetric<Out> extends ScoreMetric<Out, HingeStates> {
  protected readonly squared: boolean;

  constructor(task: Task, options: HingeLossOptions, measures: number, ownOptions: readonly string[] = []) {
    super(task, options, ['squared', ...ownOptions]);
    this.squared = options.squared ?? false;
    this.addState('measures', new Float64Array(measures), 'sum');
    this.addState('total', 0, 'sum');
  }

  protected addMargin({ measures }: HingeStates, index: number, margin: number): void {
    const term = Math.max(0, 1 - margin);
    measures[index] = at(measures, index) + (this.squared ? term * term : term);
  }
}

/**
 * Mean of max(0, 1 − margin), where the margin is the score with its sign turned for class 0. Meant for decision values; scores are used
 * as given within [0, 1], else after a sigmoid, as in torchmetrics, unless `fromLogits` is false.
 */
export class BinaryHingeLoss extends HingeMetric<number> {
  constructor(options: HingeLossOptions = {}) {
    super('binary', options, 1);
  }

  protected addBatch(state: HingeStates, { scores, target }: ScoredBatch): void {
    scores.forEach((score, i) => this.addMargin(state, 0, at(target, i) === 1 ? score : -score));
    state.total += scores.length;
  }

  protected computeState({ measures, total }: HingeStates): number {
    return at(measures, 0) / total;
  }
}

/** {@link BinaryHingeLoss} of several classes; with `one-vs-all` one number per class. Softmax in the place of sigmoid. */
export class MulticlassHingeLoss<const Mode extends MulticlassHingeMode = 'crammer-singer'> extends HingeMetric<
  Mode extends 'one-vs-all' ? Float64Array : number
> {
  protected readonly mode: MulticlassHingeMode;

  /** `multiclassMode`: default `crammer-singer`. */
  constructor(options: HingeLossOptions & MulticlassOption & { readonly multiclassMode?: Mode }) {
    super('multiclass', options, options.multiclassMode === 'one-vs-all' ? options.numClasses : 1, ['multiclassMode']);
    const call = `new ${this.constructor.name}()`;
    this.mode = oneOf(options.multiclassMode, ['crammer-singer', 'one-vs-all'], 'multiclassMode', call) ?? 'crammer-singer';
  }

  protected addBatch(state: HingeStates, { scores, target }: ScoredBatch): void {
    const { numClasses } = this.rules;
    target.forEach((label, i) => {
      const row = scores.subarray(i * numClasses, (i + 1) * numClasses);
      if (this.mode === 'one-vs-all') return row.forEach((score, c) => this.addMargin(state, c, c === label ? score : -score));
      let other = -Infinity;
      row.forEach((score, c) => (other = c === label ? other : Math.max(other, score)));
      this.addMargin(state, 0, at(row, label) - other);
    });
    state.total += target.length;
  }

  protected computeState({ measures, total }: HingeStates): Mode extends 'one-vs-all' ? Float64Array : number {
    const losses = measures.map((sum) => sum / total);
    return (this.mode === 'one-vs-all' ? losses : at(losses, 0)) as Mode extends 'one-vs-all' ? Float64Array : number; // as the mode says
  }
}
