import { describe, LogError } from '../../core/errors.ts';
import { type MulticlassOption, oneOf, type ScoreOptions } from './curve-metric.ts';
import { ScoreMetric } from './score-metric.ts';
import { at, type ScoredBatch, type Task } from './scores.ts';
import { evenlySpaced, reached } from './thresholds.ts';

/** How the gaps of the bins become one number. */
export type CalibrationNorm = 'l1' | 'l2' | 'max';

/** What calibration errors can be told. */
export interface CalibrationErrorOptions extends ScoreOptions {
  /** Bins of equal width over [0, 1); a confidence of exactly 1 has one of its own. Default 15. */
  readonly nBins?: number;
  /** `l1`: mean gap between accuracy and confidence (the usual ECE); `l2`: root of the mean square; `max`: the largest. Default `l1`. */
  readonly norm?: CalibrationNorm;
}

interface CalibrationStates {
  count: Float64Array;
  confidence: Float64Array;
  accuracy: Float64Array;
}

abstract class CalibrationMetric extends ScoreMetric<number, CalibrationStates> {
  protected readonly boundaries: Float32Array;
  protected readonly norm: CalibrationNorm;

  constructor(task: Task, options: CalibrationErrorOptions) {
    super(task, options, ['nBins', 'norm']);
    const { nBins = 15 } = options;
    const call = `new ${this.constructor.name}()`;
    if (!Number.isSafeInteger(nBins) || nBins < 1)
      throw new LogError('bad-options', `${call}: nBins is ${describe(nBins)}, need a whole number of at least 1.`);
    this.norm = oneOf(options.norm, ['l1', 'l2', 'max'], 'norm', call) ?? 'l1';
    this.boundaries = evenlySpaced(nBins + 1);
    for (const name of ['count', 'confidence', 'accuracy'] as const) this.addState(name, new Float64Array(nBins + 1), 'sum');
  }

  protected addTo(state: CalibrationStates, confidence: number, accuracy: number): void {
    const bins = this.boundaries.length;
    // NaN goes to the last bin, as in torchmetrics.
    const bin = Number.isNaN(confidence) ? bins - 1 : Math.min(Math.max(reached(confidence, this.boundaries), 1), bins) - 1;
    state.count[bin] = at(state.count, bin) + 1;
    state.confidence[bin] = at(state.confidence, bin) + confidence;
    state.accuracy[bin] = at(state.accuracy, bin) + accuracy;
  }

  protected computeState({ count, confidence, accuracy }: CalibrationStates): number {
    const total = count.reduce((sum, one) => sum + one, 0);
    if (total === 0) return NaN;
    let error = 0;
    count.forEach((samples, bin) => {
      const gap = Math.abs((at(accuracy, bin) / samples || 0) - (at(confidence, bin) / samples || 0));
      if (this.norm === 'max') error = Math.max(error, gap);
      else error += (gap ** (this.norm === 'l2' ? 2 : 1) * samples) / total;
    });
    return this.norm === 'l2' ? Math.sqrt(error) : error;
  }
}

/**
 * How far probabilities are from how often they come true (Naeini et al. 2015, expected calibration error). As in torchmetrics the
 * confidence is the probability of class 1, and the accuracy how often it is class 1.
 */
export class BinaryCalibrationError extends CalibrationMetric {
  constructor(options: CalibrationErrorOptions = {}) {
    super('binary', options);
  }

  protected addBatch(state: CalibrationStates, { scores, target }: ScoredBatch): void {
    scores.forEach((score, i) => this.addTo(state, score, at(target, i)));
  }
}

/** As {@link BinaryCalibrationError}: confidence is the highest probability, accuracy how often its class is the right one. */
export class MulticlassCalibrationError extends CalibrationMetric {
  constructor(options: CalibrationErrorOptions & MulticlassOption) {
    super('multiclass', options);
  }

  protected addBatch(state: CalibrationStates, { scores, target }: ScoredBatch): void {
    const { numClasses } = this.rules;
    target.forEach((label, i) => {
      let best = 0;
      for (let c = 1; c < numClasses; c++) if (at(scores, i * numClasses + c) > at(scores, i * numClasses + best)) best = c;
      this.addTo(state, at(scores, i * numClasses + best), Number(best === label));
    });
  }
}
