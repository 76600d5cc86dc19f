import { type Average, precisionFormula, recallFormula } from './formulas.ts';
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

/** How many of the samples labelled 1 are: tp / (tp + fp). */
export class BinaryPrecision<const Multidim extends MultidimAverage = 'global'> extends FormulaMetric<ScoreOf<'micro', Multidim>> {
  constructor(options?: BinaryCountOptions<Multidim> & ZeroDivisionOption) {
    super('binary', options, precisionFormula(zeroDivisionOf(options, 'new BinaryPrecision()')), ['zeroDivision']);
  }
}

/** {@link BinaryPrecision} of each class against the others. */
export class MulticlassPrecision<
  const Av extends Average = 'macro',
  const Multidim extends MultidimAverage = 'global',
> extends FormulaMetric<ScoreOf<Av, Multidim>> {
  constructor(options: MulticlassCountOptions<Av, Multidim> & ZeroDivisionOption) {
    super('multiclass', options, precisionFormula(zeroDivisionOf(options, 'new MulticlassPrecision()')), ['zeroDivision']);
  }
}

/** {@link BinaryPrecision} of each label. */
export class MultilabelPrecision<
  const Av extends Average = 'macro',
  const Multidim extends MultidimAverage = 'global',
> extends FormulaMetric<ScoreOf<Av, Multidim>> {
  constructor(options: MultilabelCountOptions<Av, Multidim> & ZeroDivisionOption) {
    super('multilabel', options, precisionFormula(zeroDivisionOf(options, 'new MultilabelPrecision()')), ['zeroDivision']);
  }
}

/** How many of the samples that are 1 are labelled so: tp / (tp + fn). */
export class BinaryRecall<const Multidim extends MultidimAverage = 'global'> extends FormulaMetric<ScoreOf<'micro', Multidim>> {
  constructor(options?: BinaryCountOptions<Multidim> & ZeroDivisionOption) {
    super('binary', options, recallFormula(zeroDivisionOf(options, 'new BinaryRecall()')), ['zeroDivision']);
  }
}

/** {@link BinaryRecall} of each class against the others. */
export class MulticlassRecall<const Av extends Average = 'macro', const Multidim extends MultidimAverage = 'global'> extends FormulaMetric<
  ScoreOf<Av, Multidim>
> {
  constructor(options: MulticlassCountOptions<Av, Multidim> & ZeroDivisionOption) {
    super('multiclass', options, recallFormula(zeroDivisionOf(options, 'new MulticlassRecall()')), ['zeroDivision']);
  }
}

/** {@link BinaryRecall} of each label. */
export class MultilabelRecall<const Av extends Average = 'macro', const Multidim extends MultidimAverage = 'global'> extends FormulaMetric<
  ScoreOf<Av, Multidim>
> {
  constructor(options: MultilabelCountOptions<Av, Multidim> & ZeroDivisionOption) {
    super('multilabel', options, recallFormula(zeroDivisionOf(options, 'new MultilabelRecall()')), ['zeroDivision']);
  }
}
