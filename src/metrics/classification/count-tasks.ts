import {
  BinaryAccuracy,
  BinaryBalancedAccuracy,
  BinaryHammingDistance,
  MulticlassAccuracy,
  MulticlassBalancedAccuracy,
  MulticlassHammingDistance,
  MultilabelAccuracy,
  MultilabelHammingDistance,
} from './accuracy.ts';
import type { BinaryCountOptions, MulticlassCountOptions, MultilabelCountOptions, ZeroDivisionOption } from './count-metric.ts';
import {
  type BetaOption,
  BinaryF1Score,
  BinaryFBetaScore,
  MulticlassF1Score,
  MulticlassFBetaScore,
  MultilabelF1Score,
  MultilabelFBetaScore,
} from './f-beta.ts';
import type { Average } from './formulas.ts';
import type { MultidimAverage } from './label-options.ts';
import { type BinaryTask, type ClassesOfTask, type MulticlassTask, type MultilabelTask, ofTask } from './of-task.ts';
import {
  BinaryPrecision,
  BinaryRecall,
  MulticlassPrecision,
  MulticlassRecall,
  MultilabelPrecision,
  MultilabelRecall,
} from './precision-recall.ts';
import type { Task } from './scores.ts';
import {
  BinaryNegativePredictiveValue,
  BinarySpecificity,
  MulticlassNegativePredictiveValue,
  MulticlassSpecificity,
  MultilabelNegativePredictiveValue,
  MultilabelSpecificity,
} from './specificity.ts';
import { BinaryStatScores, MulticlassStatScores, MultilabelStatScores } from './stat-scores.ts';

/** {@link BinaryAccuracy}, {@link MulticlassAccuracy} or {@link MultilabelAccuracy}; average by default `micro`. */
export function accuracy<const Multidim extends MultidimAverage = 'global'>(
  options: BinaryTask & BinaryCountOptions<Multidim>,
): BinaryAccuracy<Multidim>;
export function accuracy<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MulticlassTask & MulticlassCountOptions<Av, Multidim>,
): MulticlassAccuracy<Av, Multidim>;
export function accuracy<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MultilabelTask & MultilabelCountOptions<Av, Multidim>,
): MultilabelAccuracy<Av, Multidim>;
export function accuracy(options: Settings): unknown {
  return microOfTask('accuracy', options, { binary: BinaryAccuracy, multiclass: MulticlassAccuracy, multilabel: MultilabelAccuracy });
}

/** {@link BinaryPrecision}, {@link MulticlassPrecision} or {@link MultilabelPrecision}; average by default `micro`. */
export function precision<const Multidim extends MultidimAverage = 'global'>(
  options: BinaryTask & BinaryCountOptions<Multidim> & ZeroDivisionOption,
): BinaryPrecision<Multidim>;
export function precision<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MulticlassTask & MulticlassCountOptions<Av, Multidim> & ZeroDivisionOption,
): MulticlassPrecision<Av, Multidim>;
export function precision<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MultilabelTask & MultilabelCountOptions<Av, Multidim> & ZeroDivisionOption,
): MultilabelPrecision<Av, Multidim>;
export function precision(options: Settings): unknown {
  return microOfTask('precision', options, { binary: BinaryPrecision, multiclass: MulticlassPrecision, multilabel: MultilabelPrecision });
}

/** {@link BinaryRecall}, {@link MulticlassRecall} or {@link MultilabelRecall}; average by default `micro`. */
export function recall<const Multidim extends MultidimAverage = 'global'>(
  options: BinaryTask & BinaryCountOptions<Multidim> & ZeroDivisionOption,
): BinaryRecall<Multidim>;
export function recall<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MulticlassTask & MulticlassCountOptions<Av, Multidim> & ZeroDivisionOption,
): MulticlassRecall<Av, Multidim>;
export function recall<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MultilabelTask & MultilabelCountOptions<Av, Multidim> & ZeroDivisionOption,
): MultilabelRecall<Av, Multidim>;
export function recall(options: Settings): unknown {
  return microOfTask('recall', options, { binary: BinaryRecall, multiclass: MulticlassRecall, multilabel: MultilabelRecall });
}

/** {@link BinaryFBetaScore}, {@link MulticlassFBetaScore} or {@link MultilabelFBetaScore}; average by default `micro`. */
export function fBetaScore<const Multidim extends MultidimAverage = 'global'>(
  options: BinaryTask & BinaryCountOptions<Multidim> & BetaOption & ZeroDivisionOption,
): BinaryFBetaScore<Multidim>;
export function fBetaScore<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MulticlassTask & MulticlassCountOptions<Av, Multidim> & BetaOption & ZeroDivisionOption,
): MulticlassFBetaScore<Av, Multidim>;
export function fBetaScore<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MultilabelTask & MultilabelCountOptions<Av, Multidim> & BetaOption & ZeroDivisionOption,
): MultilabelFBetaScore<Av, Multidim>;
export function fBetaScore(options: Settings): unknown {
  return microOfTask('fBetaScore', options, {
    binary: BinaryFBetaScore,
    multiclass: MulticlassFBetaScore,
    multilabel: MultilabelFBetaScore,
  });
}

/** {@link BinaryF1Score}, {@link MulticlassF1Score} or {@link MultilabelF1Score}; average by default `micro`. */
export function f1Score<const Multidim extends MultidimAverage = 'global'>(
  options: BinaryTask & BinaryCountOptions<Multidim> & ZeroDivisionOption,
): BinaryF1Score<Multidim>;
export function f1Score<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MulticlassTask & MulticlassCountOptions<Av, Multidim> & ZeroDivisionOption,
): MulticlassF1Score<Av, Multidim>;
export function f1Score<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MultilabelTask & MultilabelCountOptions<Av, Multidim> & ZeroDivisionOption,
): MultilabelF1Score<Av, Multidim>;
export function f1Score(options: Settings): unknown {
  return microOfTask('f1Score', options, { binary: BinaryF1Score, multiclass: MulticlassF1Score, multilabel: MultilabelF1Score });
}

/** {@link BinarySpecificity}, {@link MulticlassSpecificity} or {@link MultilabelSpecificity}; average by default `micro`. */
export function specificity<const Multidim extends MultidimAverage = 'global'>(
  options: BinaryTask & BinaryCountOptions<Multidim>,
): BinarySpecificity<Multidim>;
export function specificity<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MulticlassTask & MulticlassCountOptions<Av, Multidim>,
): MulticlassSpecificity<Av, Multidim>;
export function specificity<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MultilabelTask & MultilabelCountOptions<Av, Multidim>,
): MultilabelSpecificity<Av, Multidim>;
export function specificity(options: Settings): unknown {
  return microOfTask('specificity', options, {
    binary: BinarySpecificity,
    multiclass: MulticlassSpecificity,
    multilabel: MultilabelSpecificity,
  });
}

/** {@link BinaryNegativePredictiveValue}, {@link MulticlassNegativePredictiveValue} or {@link MultilabelNegativePredictiveValue}; average by default `micro`. */
export function negativePredictiveValue<const Multidim extends MultidimAverage = 'global'>(
  options: BinaryTask & BinaryCountOptions<Multidim>,
): BinaryNegativePredictiveValue<Multidim>;
export function negativePredictiveValue<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MulticlassTask & MulticlassCountOptions<Av, Multidim>,
): MulticlassNegativePredictiveValue<Av, Multidim>;
export function negativePredictiveValue<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MultilabelTask & MultilabelCountOptions<Av, Multidim>,
): MultilabelNegativePredictiveValue<Av, Multidim>;
export function negativePredictiveValue(options: Settings): unknown {
  return microOfTask('negativePredictiveValue', options, {
    binary: BinaryNegativePredictiveValue,
    multiclass: MulticlassNegativePredictiveValue,
    multilabel: MultilabelNegativePredictiveValue,
  });
}

/** {@link BinaryHammingDistance}, {@link MulticlassHammingDistance} or {@link MultilabelHammingDistance}; average by default `micro`. */
export function hammingDistance<const Multidim extends MultidimAverage = 'global'>(
  options: BinaryTask & BinaryCountOptions<Multidim>,
): BinaryHammingDistance<Multidim>;
export function hammingDistance<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MulticlassTask & MulticlassCountOptions<Av, Multidim>,
): MulticlassHammingDistance<Av, Multidim>;
export function hammingDistance<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MultilabelTask & MultilabelCountOptions<Av, Multidim>,
): MultilabelHammingDistance<Av, Multidim>;
export function hammingDistance(options: Settings): unknown {
  return microOfTask('hammingDistance', options, {
    binary: BinaryHammingDistance,
    multiclass: MulticlassHammingDistance,
    multilabel: MultilabelHammingDistance,
  });
}

/** {@link BinaryStatScores}, {@link MulticlassStatScores} or {@link MultilabelStatScores}; average by default `micro`. */
export function statScores<const Multidim extends MultidimAverage = 'global'>(
  options: BinaryTask & BinaryCountOptions<Multidim>,
): BinaryStatScores<Multidim>;
export function statScores<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MulticlassTask & MulticlassCountOptions<Av, Multidim>,
): MulticlassStatScores<Av, Multidim>;
export function statScores<const Av extends Average = 'micro', const Multidim extends MultidimAverage = 'global'>(
  options: MultilabelTask & MultilabelCountOptions<Av, Multidim>,
): MultilabelStatScores<Av, Multidim>;
export function statScores(options: Settings): unknown {
  return microOfTask('statScores', options, {
    binary: BinaryStatScores,
    multiclass: MulticlassStatScores,
    multilabel: MultilabelStatScores,
  });
}

/** {@link BinaryBalancedAccuracy} or {@link MulticlassBalancedAccuracy}. */
export function balancedAccuracy<const Multidim extends MultidimAverage = 'global'>(
  options: BinaryTask & BinaryCountOptions<Multidim>,
): BinaryBalancedAccuracy<Multidim>;
export function balancedAccuracy<const Multidim extends MultidimAverage = 'global'>(
  options: MulticlassTask & MulticlassCountOptions<'macro', Multidim>,
): MulticlassBalancedAccuracy<Multidim>;
export function balancedAccuracy(options: Settings): unknown {
  return ofTask('balancedAccuracy', options, { binary: BinaryBalancedAccuracy, multiclass: MulticlassBalancedAccuracy });
}

interface Settings {
  readonly task: Task;
  readonly average?: Average;
}

/** Of two classes there is nothing to average. */
function microOfTask(call: string, options: Settings, classes: ClassesOfTask): unknown {
  return ofTask(call, options.task === 'binary' ? options : { ...options, average: options.average ?? 'micro' }, classes);
}
