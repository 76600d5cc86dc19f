import { describe, LogError } from '../../core/errors.ts';
import { type Average, fBetaFormula } from './formulas.ts';
import {
  type BinaryCountOptions,
  FormulaMetric,
  type MulticlassCountOptions,
  type MultilabelCountOptions,
  type ScoreOf,
  type ZeroDivisionOption,
  zeroDivisionOf,
} from './count-metric.ts';
import type { MultidimAverage } from './label-options.ts';

/** How much recall counts against precision. */
export interface BetaOption {
  /** Recall counts `beta` times as much as precision. Above 0. */
  readonly beta: number;
}

/** The weighted harmonic mean of precision and recall: (1 + β²) tp / ((1 + β²) tp + β² fn + fp) (van Rijsbergen 1979, Information Retrieval). */
export class BinaryFBetaScore<const Multidim extends MultidimAverage = 'global'> extends FormulaMetric<ScoreOf<'micro', Multidim>> {
  constructor(options: BinaryCountOptions<Multidim> & ZeroDivisionOption & BetaOption) {
    super('binary', options, fBetaFormula(betaOf(options, 'new BinaryFBetaScore()'), zeroDivisionOf(options, 'new BinaryFBetaScore()')), [
      'beta',
      'zeroDivision',
    ]);
  }
}

/** {@link BinaryFBetaScore} of each class against the others. */
export class MulticlassFBetaScore<
  const Av extends Average = 'macro',
  const Multidim extends MultidimAverage = 'global',
> extends FormulaMetric<ScoreOf<Av, Multidim>> {
  constructor(options: MulticlassCountOptions<Av, Multidim> & ZeroDivisionOption & BetaOption) {
    super(
      'multiclass',
      options,
      fBetaFormula(betaOf(options, 'new MulticlassFBetaScore()'), zeroDivisionOf(options, 'new MulticlassFBetaScore()')),
      ['beta', 'zeroDivision'],
    );
  }
}

/** {@link BinaryFBetaScore} of each label. */
export class MultilabelFBetaScore<
  const Av extends Average = 'macro',
  const Multidim extends MultidimAverage = 'global',
> extends FormulaMetric<ScoreOf<Av, Multidim>> {
  constructor(options: MultilabelCountOptions<Av, Multidim> & ZeroDivisionOption & BetaOption) {
    super(
      'multilabel',
      options,
      fBetaFormula(betaOf(options, 'new MultilabelFBetaScore()'), zeroDivisionOf(options, 'new MultilabelFBetaScore()')),
      ['beta', 'zeroDivision'],
    );
  }
}

/** The harmonic mean of precision and recall, 2 tp / (2 tp + fp + fn): also known as Dice coefficient. */
export class BinaryF1Score<const Multidim extends MultidimAverage = 'global'> extends FormulaMetric<ScoreOf<'micro', Multidim>> {
  constructor(options?: BinaryCountOptions<Multidim> & ZeroDivisionOption) {
    super('binary', options, fBetaFormula(1, zeroDivisionOf(options, 'new BinaryF1Score()')), ['zeroDivision']);
  }
}

/** {@link BinaryF1Score} of each class against the others. */
export class MulticlassF1Score<const Av extends Average = 'macro', const Multidim extends MultidimAverage = 'global'> extends FormulaMetric<
  ScoreOf<Av, Multidim>
> {
  constructor(options: MulticlassCountOptions<Av, Multidim> & ZeroDivisionOption) {
    super('multiclass', options, fBetaFormula(1, zeroDivisionOf(options, 'new MulticlassF1Score()')), ['zeroDivision']);
  }
}

/** {@link BinaryF1Score} of each label. */
export class MultilabelF1Score<const Av extends Average = 'macro', const Multidim extends MultidimAverage = 'global'> extends FormulaMetric<
  ScoreOf<Av, Multidim>
> {
  constructor(options: MultilabelCountOptions<Av, Multidim> & ZeroDivisionOption) {
    super('multilabel', options, fBetaFormula(1, zeroDivisionOf(options, 'new MultilabelF1Score()')), ['zeroDivision']);
  }
}

function betaOf({ beta }: BetaOption, call: string): number {
  if (beta > 0 && beta < Infinity) return beta;
  throw new LogError('bad-options', `${call}: beta is ${describe(beta)}, need a number above 0.`);
}
