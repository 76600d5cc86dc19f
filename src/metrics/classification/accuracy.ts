import { accuracyFormula, type Average, balancedFormula, hammingFormula, recallFormula } from './formulas.ts';
import {
  type BinaryCountOptions,
  FormulaMetric,
  type MulticlassCountOptions,
  type MultilabelCountOptions,
  type ScoreOf,
} from './count-metric.ts';
import type { MultidimAverage } from './label-options.ts';

/** The share of right labels: (tp + tn) / all. */
export class BinaryAccuracy<const Multidim extends MultidimAverage = 'global'> extends FormulaMetric<ScoreOf<'micro', Multidim>> {
  constructor(options?: BinaryCountOptions<Multidim>) {
    super('binary', options, accuracyFormula('binary'));
  }
}

/** Accuracy of several classes. `micro`: the share of right labels; else the recall of each class, averaged. With `topK` above 1, `macro` leaves
 * out classes that never occur. */
export class MulticlassAccuracy<
  const Av extends Average = 'macro',
  const Multidim extends MultidimAverage = 'global',
> extends FormulaMetric<ScoreOf<Av, Multidim>> {
  constructor(options: MulticlassCountOptions<Av, Multidim>) {
    super('multiclass', options, accuracyFormula('multiclass'));
  }
}

/** Accuracy of several labels: the share of right ones, for each label (tp + tn) / all. */
export class MultilabelAccuracy<
  const Av extends Average = 'macro',
  const Multidim extends MultidimAverage = 'global',
> extends FormulaMetric<ScoreOf<Av, Multidim>> {
  constructor(options: MultilabelCountOptions<Av, Multidim>) {
    super('multilabel', options, accuracyFormula('multilabel'));
  }
}

/** The share of wrong labels: 1 − {@link BinaryAccuracy}. */
export class BinaryHammingDistance<const Multidim extends MultidimAverage = 'global'> extends FormulaMetric<ScoreOf<'micro', Multidim>> {
  constructor(options?: BinaryCountOptions<Multidim>) {
    super('binary', options, hammingFormula('binary'));
  }
}

/** 1 − {@link MulticlassAccuracy}, for each class. */
export class MulticlassHammingDistance<
  const Av extends Average = 'macro',
  const Multidim extends MultidimAverage = 'global',
> extends FormulaMetric<ScoreOf<Av, Multidim>> {
  constructor(options: MulticlassCountOptions<Av, Multidim>) {
    super('multiclass', options, hammingFormula('multiclass'));
  }
}

/** 1 − {@link MultilabelAccuracy}, for each label. */
export class MultilabelHammingDistance<
  const Av extends Average = 'macro',
  const Multidim extends MultidimAverage = 'global',
> extends FormulaMetric<ScoreOf<Av, Multidim>> {
  constructor(options: MultilabelCountOptions<Av, Multidim>) {
    super('multilabel', options, hammingFormula('multilabel'));
  }
}

/**
 * The mean of recall and specificity (Brodersen et al. 2010, The balanced accuracy and its posterior distribution). A class that never
 * occurs is left out, as in scikit-learn.
 */
export class BinaryBalancedAccuracy<const Multidim extends MultidimAverage = 'global'> extends FormulaMetric<ScoreOf<'micro', Multidim>> {
  constructor(options?: BinaryCountOptions<Multidim>) {
    super('binary', options, balancedFormula);
  }
}

/** The mean recall of the classes that occur: what scikit-learn calls balanced accuracy. */
export class MulticlassBalancedAccuracy<const Multidim extends MultidimAverage = 'global'> extends FormulaMetric<
  ScoreOf<'macro', Multidim>
> {
  constructor(options: MulticlassCountOptions<'macro', Multidim>) {
    super('multiclass', options, { ...recallFormula(0), leavesOutAbsent: 'always' });
  }
}
