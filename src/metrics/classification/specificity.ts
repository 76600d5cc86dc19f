import { type Average, negativePredictiveValueFormula, specificityFormula } from './formulas.ts';
import {
  type BinaryCountOptions,
  FormulaMetric,
  type MulticlassCountOptions,
  type MultilabelCountOptions,
  type ScoreOf,
} from './count-metric.ts';
import type { MultidimAverage } from './label-options.ts';

/** How many of the samples that are 0 are labelled so: tn / (tn + fp). */
export class BinarySpecificity<const Multidim extends MultidimAverage = 'global'> extends FormulaMetric<ScoreOf<'micro', Multidim>> {
  constructor(options?: BinaryCountOptions<Multidim>) {
    super('binary', options, specificityFormula);
  }
}

/** {@link BinarySpecificity} of each class against the others. */
export class MulticlassSpecificity<
  const Av extends Average = 'macro',
  const Multidim extends MultidimAverage = 'global',
> extends FormulaMetric<ScoreOf<Av, Multidim>> {
  constructor(options: MulticlassCountOptions<Av, Multidim>) {
    super('multiclass', options, specificityFormula);
  }
}

/** {@link BinarySpecificity} of each label. */
export class MultilabelSpecificity<
  const Av extends Average = 'macro',
  const Multidim extends MultidimAverage = 'global',
> extends FormulaMetric<ScoreOf<Av, Multidim>> {
  constructor(options: MultilabelCountOptions<Av, Multidim>) {
    super('multilabel', options, specificityFormula);
  }
}

/** How many of the samples labelled 0 are: tn / (tn + fn). */
export class BinaryNegativePredictiveValue<const Multidim extends MultidimAverage = 'global'> extends FormulaMetric<
  ScoreOf<'micro', Multidim>
> {
  constructor(options?: BinaryCountOptions<Multidim>) {
    super('binary', options, negativePredictiveValueFormula);
  }
}

/** {@link BinaryNegativePredictiveValue} of each class against the others. */
export class MulticlassNegativePredictiveValue<
  const Av extends Average = 'macro',
  const Multidim extends MultidimAverage = 'global',
> extends FormulaMetric<ScoreOf<Av, Multidim>> {
  constructor(options: MulticlassCountOptions<Av, Multidim>) {
    super('multiclass', options, negativePredictiveValueFormula);
  }
}

/** {@link BinaryNegativePredictiveValue} of each label. */
export class MultilabelNegativePredictiveValue<
  const Av extends Average = 'macro',
  const Multidim extends MultidimAverage = 'global',
> extends FormulaMetric<ScoreOf<Av, Multidim>> {
  constructor(options: MultilabelCountOptions<Av, Multidim>) {
    super('multilabel', options, negativePredictiveValueFormula);
  }
}
