import { describe, LogError } from '../../core/errors.ts';
import type { MetricOptions } from '../metric-base.ts';
import { Metric } from '../metric.ts';
import type { NdArray, NumberArray } from '../nd-array.ts';
import { columnsOf, isConstant, mergeMoments, momentsOf, squaresOf } from './moments.ts';
import { checkPair, checkWord } from './pairs.ts';
import { sayOfRegression } from '../words.ts';

/** How the scores of several outputs become one: their mean, none, or their mean weighted by the variance of the targets. */
export type Multioutput = 'uniformAverage' | 'rawValues' | 'varianceWeighted';

export interface MultioutputOptions extends MetricOptions {
  /** For targets of (N, outputs). Default `uniformAverage`; `rawValues` gives an array. */
  readonly multioutput?: Multioutput;
}

export interface R2ScoreOptions extends MultioutputOptions {
  /** Independent regressors to adjust for. Default 0: not adjusted. */
  readonly adjusted?: number;
}

/** An array for `rawValues`, else a number. */
export type ScoreOutput<Options> = Options extends { readonly multioutput: 'rawValues' } ? Float64Array : number;

interface Residuals {
  rows: number;
  target: Float64Array;
  error: Float64Array;
  rss: Float64Array;
}

/** Moments of targets and of errors, for each output. */
abstract class ResidualMetric<Options> extends Metric<[preds: NumberArray, target: NumberArray], ScoreOutput<Options>, Residuals> {
  override readonly higherIsBetter: boolean | undefined = true;
  protected override readonly updateKey: string | undefined = 'residuals';
  protected readonly multioutput: Multioutput;

  constructor(options: MultioutputOptions = {}, ownOptions: readonly string[] = []) {
    super(options, ['multioutput', ...ownOptions]);
    this.multioutput = checkWord(`new ${this.constructor.name}()`, 'multioutput', options.multioutput, [
      'uniformAverage',
      'rawValues',
      'varianceWeighted',
    ]);
    this.addState('rows', 0, 'sum');
    this.addState('target', new Float64Array(0), null);
    this.addState('error', new Float64Array(0), null);
    this.addState('rss', new Float64Array(0), 'sum');
  }

  protected updateState(state: Residuals, preds: NdArray, target: NdArray): void {
    const call = this.quote('update');
    checkPair(call, preds, target);
    if (target.values.length === 0) return;
    const [rows = 1, columns = 1] = target.shape;
    if (target.shape.length > 2)
      throw new LogError('bad-metric', `${call}: got ${target.shape.length} axes, need (N) or (N, outputs). Flatten the others.`);
    if (state.rss.length > 0 && state.rss.length !== columns)
      throw new LogError(
        'bad-metric',
        `${call}: got ${columns} outputs after ${state.rss.length} before. Reset it, or keep to one number of outputs.`,
      );
    const error = Float64Array.from(target.values, (value, i) => value - (preds.values[i] ?? NaN));
    const rss = new Float64Array(columns);
    for (let i = 0; i < error.length; i++) rss[i % columns] = (rss[i % columns] ?? 0) + (error[i] ?? NaN) ** 2;
    this.mergeStates(state, { rows, target: momentsOf(target.values, rows, columns), error: momentsOf(error, rows, columns), rss });
  }

  protected override mergeStates(into: Residuals, from: Readonly<Residuals>): void {
    if (into.rss.length > 0 && from.rss.length > 0 && into.rss.length !== from.rss.length)
      throw new LogError(
        'bad-metric',
        `${this.quote('mergeState')}: got ${from.rss.length} outputs, has ${into.rss.length}. Merge metrics of one number of outputs.`,
      );
    into.target = mergeMoments(into.target, into.rows, from.target, from.rows);
    into.error = mergeMoments(into.error, into.rows, from.error, from.rows);
    into.rss = into.rss.length === 0 ? from.rss.slice() : into.rss.map((sum, output) => sum + (from.rss[output] ?? 0));
    into.rows += from.rows;
  }

  /** Scores of outputs as `multioutput` says. */
  protected average(scores: Float64Array, target: Float64Array): Float64Array | number {
    if (this.multioutput === 'rawValues') return scores;
    if (scores.length === 0) return NaN;
    const weights = scores.map((_, output) => (this.multioutput === 'uniformAverage' ? 1 : squaresOf(target, output)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return scores.reduce((total, score, output) => total + (score * (weights[output] ?? NaN)) / sum, 0);
  }
}

/**
 * Coefficient of determination: 1 − RSS / TSS. RSS near 0 (1e-4) gives 1, else TSS near 0 gives 0, as in torchmetrics.
 * `compute` throws `bad-metric` for fewer than 2 samples.
 */
export class R2Score<Options extends R2ScoreOptions = object> extends ResidualMetric<Options> {
  static override readonly name: string = 'R2Score';
  protected readonly adjusted: number;

  constructor(options?: Options & R2ScoreOptions) {
    super(options, ['adjusted']);
    this.adjusted = options?.adjusted ?? 0;
    if (!Number.isInteger(this.adjusted) || this.adjusted < 0)
      throw new LogError('bad-options', `new R2Score(): adjusted is ${describe(options?.adjusted)}. Give a whole number from 0.`);
  }

  protected computeState({ rows, target, rss }: Residuals): ScoreOutput<Options> {
    if (rows < 2) throw new LogError('bad-metric', `R2Score.compute(): got ${rows} samples, needs two. Update it with more before.`);
    const near = 1e-4;
    const scores = rss.map((sum, output) => {
      const tss = squaresOf(target, output);
      return Math.abs(sum) <= near ? 1 : tss <= near ? 0 : 1 - sum / tss;
    });
    const score = this.average(scores, target);
    const adjust = (value: number): number => 1 - ((1 - value) * (rows - 1)) / (rows - this.adjusted - 1);
    const value = this.adjusted === 0 || !this.canAdjust(rows) ? score : typeof score === 'number' ? adjust(score) : score.map(adjust);
    return value as ScoreOutput<Options>; // an array for `rawValues` alone
  }

  protected canAdjust(rows: number): boolean {
    if (this.adjusted < rows - 1) return true;
    this.warn('adjusted', sayOfRegression('adjusted', { rows, regressors: this.adjusted }));
    return false;
  }
}

/** 1 − Var(t − p) / Var(t), population variances. No variance of errors gives 1, else no variance of targets gives 0. */
export class ExplainedVariance<Options extends MultioutputOptions = object> extends ResidualMetric<Options> {
  static override readonly name: string = 'ExplainedVariance';

  constructor(options?: Options & MultioutputOptions) {
    super(options);
  }

  protected computeState({ rows, target, error }: Residuals): ScoreOutput<Options> {
    const scores = Float64Array.from({ length: columnsOf(target) }, (_, output) => {
      if (isConstant(error, output, rows)) return 1;
      return isConstant(target, output, rows) ? 0 : 1 - squaresOf(error, output) / squaresOf(target, output);
    });
    return this.average(scores, target) as ScoreOutput<Options>; // an array for `rawValues` alone
  }
}
