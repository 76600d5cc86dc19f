import {
  BinaryCohenKappa,
  BinaryMatthewsCorrCoef,
  type KappaOption,
  MulticlassCohenKappa,
  MulticlassMatthewsCorrCoef,
  MultilabelMatthewsCorrCoef,
} from './agreement-metrics.ts';
import { BinaryConfusionMatrix, MulticlassConfusionMatrix, MultilabelConfusionMatrix, type NormalizeOption } from './confusion-matrix.ts';
import type { ZeroDivisionOption } from './count-metric.ts';
import { type ExactMatchOption, MulticlassExactMatch, MultilabelExactMatch } from './exact-match.ts';
import type { Average } from './formulas.ts';
import { BinaryJaccardIndex, type JaccardAverageOption, MulticlassJaccardIndex, MultilabelJaccardIndex } from './jaccard.ts';
import type { LabelOptions, MultidimAverage, ThresholdOptions } from './label-options.ts';
import { type BinaryTask, type MulticlassTask, type MultilabelTask, ofTask } from './of-task.ts';
import type { Task } from './scores.ts';

/** {@link BinaryConfusionMatrix}, {@link MulticlassConfusionMatrix} or {@link MultilabelConfusionMatrix}. */
export function confusionMatrix(options: BinaryTask & ThresholdOptions & NormalizeOption): BinaryConfusionMatrix;
export function confusionMatrix(options: MulticlassTask & LabelOptions & NormalizeOption): MulticlassConfusionMatrix;
export function confusionMatrix(options: MultilabelTask & ThresholdOptions & NormalizeOption): MultilabelConfusionMatrix;
export function confusionMatrix(options: { readonly task: Task }): unknown {
  const classes = { binary: BinaryConfusionMatrix, multiclass: MulticlassConfusionMatrix, multilabel: MultilabelConfusionMatrix };
  return ofTask('confusionMatrix', options, classes);
}

/** {@link BinaryJaccardIndex}, {@link MulticlassJaccardIndex} or {@link MultilabelJaccardIndex}; average by default `macro`. */
export function jaccardIndex(options: BinaryTask & ThresholdOptions & ZeroDivisionOption): BinaryJaccardIndex;
export function jaccardIndex<const Av extends Average = 'macro'>(
  options: MulticlassTask & LabelOptions & JaccardAverageOption<Av> & ZeroDivisionOption,
): MulticlassJaccardIndex<Av>;
export function jaccardIndex<const Av extends Average = 'macro'>(
  options: MultilabelTask & ThresholdOptions & JaccardAverageOption<Av> & ZeroDivisionOption,
): MultilabelJaccardIndex<Av>;
export function jaccardIndex(options: { readonly task: Task }): unknown {
  const classes = { binary: BinaryJaccardIndex, multiclass: MulticlassJaccardIndex, multilabel: MultilabelJaccardIndex };
  return ofTask('jaccardIndex', options, classes);
}

/** {@link BinaryMatthewsCorrCoef}, {@link MulticlassMatthewsCorrCoef} or {@link MultilabelMatthewsCorrCoef}. */
export function matthewsCorrCoef(options: BinaryTask & ThresholdOptions): BinaryMatthewsCorrCoef;
export function matthewsCorrCoef(options: MulticlassTask & LabelOptions): MulticlassMatthewsCorrCoef;
export function matthewsCorrCoef(options: MultilabelTask & ThresholdOptions): MultilabelMatthewsCorrCoef;
export function matthewsCorrCoef(options: { readonly task: Task }): unknown {
  const classes = { binary: BinaryMatthewsCorrCoef, multiclass: MulticlassMatthewsCorrCoef, multilabel: MultilabelMatthewsCorrCoef };
  return ofTask('matthewsCorrCoef', options, classes);
}

/** {@link BinaryCohenKappa} or {@link MulticlassCohenKappa}. */
export function cohenKappa(options: BinaryTask & ThresholdOptions & KappaOption): BinaryCohenKappa;
export function cohenKappa(options: MulticlassTask & LabelOptions & KappaOption): MulticlassCohenKappa;
export function cohenKappa(options: { readonly task: Task }): unknown {
  return ofTask('cohenKappa', options, { binary: BinaryCohenKappa, multiclass: MulticlassCohenKappa });
}

/** {@link MulticlassExactMatch} or {@link MultilabelExactMatch}. */
export function exactMatch<const Multidim extends MultidimAverage = 'global'>(
  options: MulticlassTask & LabelOptions & ExactMatchOption<Multidim>,
): MulticlassExactMatch<Multidim>;
export function exactMatch<const Multidim extends MultidimAverage = 'global'>(
  options: MultilabelTask & ThresholdOptions & ExactMatchOption<Multidim>,
): MultilabelExactMatch<Multidim>;
export function exactMatch(options: { readonly task: Task }): unknown {
  return ofTask('exactMatch', options, { multiclass: MulticlassExactMatch, multilabel: MultilabelExactMatch });
}
