import type { MulticlassOption, MultilabelOption, ScoreOptions } from './curve-metric.ts';
import { ScoreMetric } from './score-metric.ts';
import { at, type ScoredBatch, type Task } from './scores.ts';

interface MeanStates {
  sum: number;
  total: number;
}

/** A mean over samples (of several labels: elements). */
abstract class MeanOfScores extends ScoreMetric<number, MeanStates> {
  constructor(task: Task, options: ScoreOptions) {
    super(task, options);
    this.addState('sum', 0, 'sum');
    this.addState('total', 0, 'sum');
  }

  /** What one score adds; `label` is 1 if it is the score of the target. */
  protected abstract term(score: number, label: number): number;

  protected addBatch(state: MeanStates, { scores, target }: ScoredBatch): void {
    const { task, numClasses } = this.rules;
    scores.forEach((score, i) => {
      const c = i % numClasses;
      const label = task === 'multiclass' ? Number(at(target, (i - c) / numClasses) === c) : at(target, i);
      if (label < 0) return;
      state.sum += this.term(score, label);
      if (task !== 'multiclass' || c === 0) state.total++;
    });
  }

  protected computeState({ sum, total }: MeanStates): number {
    return sum / total;
  }
}

/** Probabilities are kept this far from 0 and 1, so that a wrong certainty costs 16.1 and not everything. */
const leastProbability = 1e-7;

function negativeLog(probability: number): number {
  return -Math.log(Math.min(Math.max(probability, leastProbability), 1 - leastProbability));
}

abstract class ElementLogLoss extends MeanOfScores {
  protected term(score: number, label: number): number {
    return negativeLog(label === 1 ? score : 1 - score);
  }
}

abstract class SquaredErrors extends MeanOfScores {
  protected term(score: number, label: number): number {
    return (score - label) ** 2;
  }
}

/** Log loss (cross-entropy) of two classes: mean of −ln p(target), with p kept within [1e-7, 1 − 1e-7]. */
export class BinaryLogLoss extends ElementLogLoss {
  constructor(options: ScoreOptions = {}) {
    super('binary', options);
  }
}

/** {@link BinaryLogLoss} of several classes. */
export class MulticlassLogLoss extends MeanOfScores {
  constructor(options: ScoreOptions & MulticlassOption) {
    super('multiclass', options);
  }

  protected term(score: number, label: number): number {
    return label === 1 ? negativeLog(score) : 0;
  }
}

/** {@link BinaryLogLoss} over all elements. */
export class MultilabelLogLoss extends ElementLogLoss {
  constructor(options: ScoreOptions & MultilabelOption) {
    super('multilabel', options);
  }
}

/** Brier score (1950) of two classes: mean of (p − y)², between 0 and 1. */
export class BinaryBrierScore extends SquaredErrors {
  constructor(options: ScoreOptions = {}) {
    super('binary', options);
  }
}

/** {@link BinaryBrierScore} of several classes: the squares are summed over the classes, so it lies between 0 and 2. */
export class MulticlassBrierScore extends SquaredErrors {
  constructor(options: ScoreOptions & MulticlassOption) {
    super('multiclass', options);
  }
}

/** {@link BinaryBrierScore} over all elements. */
export class MultilabelBrierScore extends SquaredErrors {
  constructor(options: ScoreOptions & MultilabelOption) {
    super('multilabel', options);
  }
}
