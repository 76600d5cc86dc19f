import { BinaryCalibrationError, type CalibrationErrorOptions, MulticlassCalibrationError } from './calibration-error.ts';
import type { ClassAverage, CurveAverage, CurveOptions, LabelAverage, ScoreOptions } from './curve-metric.ts';
import { BinaryHingeLoss, type HingeLossOptions, MulticlassHingeLoss, type MulticlassHingeMode } from './hinge-loss.ts';
import {
  BinaryBrierScore,
  BinaryLogLoss,
  MulticlassBrierScore,
  MulticlassLogLoss,
  MultilabelBrierScore,
  MultilabelLogLoss,
} from './log-loss.ts';
import { type BinaryTask, type MulticlassTask, type MultilabelTask, ofTask } from './of-task.ts';
import {
  BinaryAveragePrecision,
  BinaryPrecisionRecallCurve,
  MulticlassAveragePrecision,
  MulticlassPrecisionRecallCurve,
  MultilabelAveragePrecision,
  MultilabelPrecisionRecallCurve,
} from './precision-recall-curve.ts';
import { BinaryAUROC, BinaryROC, MulticlassAUROC, MulticlassROC, MultilabelAUROC, MultilabelROC } from './roc.ts';
import type { Task } from './scores.ts';

/** {@link BinaryROC}, {@link MulticlassROC} or {@link MultilabelROC}. */
export function roc(options: CurveOptions & BinaryTask): BinaryROC;
export function roc(options: CurveOptions & MulticlassTask & { readonly average?: CurveAverage }): MulticlassROC;
export function roc(options: CurveOptions & MultilabelTask): MultilabelROC;
export function roc(options: { readonly task: Task }): unknown {
  return ofTask('roc', options, { binary: BinaryROC, multiclass: MulticlassROC, multilabel: MultilabelROC });
}

/** {@link BinaryAUROC}, {@link MulticlassAUROC} or {@link MultilabelAUROC}; average by default `macro`. */
export function auroc(options: CurveOptions & BinaryTask & { readonly maxFpr?: number }): BinaryAUROC;
export function auroc<const Average extends ClassAverage = 'macro'>(
  options: CurveOptions & MulticlassTask & { readonly average?: Average },
): MulticlassAUROC<Average>;
export function auroc<const Average extends LabelAverage = 'macro'>(
  options: CurveOptions & MultilabelTask & { readonly average?: Average },
): MultilabelAUROC<Average>;
export function auroc(options: { readonly task: Task }): unknown {
  return ofTask('auroc', options, { binary: BinaryAUROC, multiclass: MulticlassAUROC, multilabel: MultilabelAUROC });
}

/** {@link BinaryPrecisionRecallCurve}, {@link MulticlassPrecisionRecallCurve} or {@link MultilabelPrecisionRecallCurve}. */
export function precisionRecallCurve(options: CurveOptions & BinaryTask): BinaryPrecisionRecallCurve;
export function precisionRecallCurve(
  options: CurveOptions & MulticlassTask & { readonly average?: CurveAverage },
): MulticlassPrecisionRecallCurve;
export function precisionRecallCurve(options: CurveOptions & MultilabelTask): MultilabelPrecisionRecallCurve;
export function precisionRecallCurve(options: { readonly task: Task }): unknown {
  return ofTask('precisionRecallCurve', options, {
    binary: BinaryPrecisionRecallCurve,
    multiclass: MulticlassPrecisionRecallCurve,
    multilabel: MultilabelPrecisionRecallCurve,
  });
}

/** {@link BinaryAveragePrecision}, {@link MulticlassAveragePrecision} or {@link MultilabelAveragePrecision}; average by default `macro`. */
export function averagePrecision(options: CurveOptions & BinaryTask): BinaryAveragePrecision;
export function averagePrecision<const Average extends ClassAverage = 'macro'>(
  options: CurveOptions & MulticlassTask & { readonly average?: Average },
): MulticlassAveragePrecision<Average>;
export function averagePrecision<const Average extends LabelAverage = 'macro'>(
  options: CurveOptions & MultilabelTask & { readonly average?: Average },
): MultilabelAveragePrecision<Average>;
export function averagePrecision(options: { readonly task: Task }): unknown {
  return ofTask('averagePrecision', options, {
    binary: BinaryAveragePrecision,
    multiclass: MulticlassAveragePrecision,
    multilabel: MultilabelAveragePrecision,
  });
}

/** {@link BinaryCalibrationError} or {@link MulticlassCalibrationError}. */
export function calibrationError(options: CalibrationErrorOptions & BinaryTask): BinaryCalibrationError;
export function calibrationError(options: CalibrationErrorOptions & MulticlassTask): MulticlassCalibrationError;
export function calibrationError(options: { readonly task: Task }): unknown {
  return ofTask('calibrationError', options, { binary: BinaryCalibrationError, multiclass: MulticlassCalibrationError });
}

/** {@link BinaryHingeLoss} or {@link MulticlassHingeLoss}. */
export function hingeLoss(options: HingeLossOptions & BinaryTask): BinaryHingeLoss;
export function hingeLoss<const Mode extends MulticlassHingeMode = 'crammer-singer'>(
  options: HingeLossOptions & MulticlassTask & { readonly multiclassMode?: Mode },
): MulticlassHingeLoss<Mode>;
export function hingeLoss(options: { readonly task: Task }): unknown {
  return ofTask('hingeLoss', options, { binary: BinaryHingeLoss, multiclass: MulticlassHingeLoss });
}

/** {@link BinaryLogLoss}, {@link MulticlassLogLoss} or {@link MultilabelLogLoss}. */
export function logLoss(options: ScoreOptions & BinaryTask): BinaryLogLoss;
export function logLoss(options: ScoreOptions & MulticlassTask): MulticlassLogLoss;
export function logLoss(options: ScoreOptions & MultilabelTask): MultilabelLogLoss;
export function logLoss(options: { readonly task: Task }): unknown {
  return ofTask('logLoss', options, { binary: BinaryLogLoss, multiclass: MulticlassLogLoss, multilabel: MultilabelLogLoss });
}

/** {@link BinaryBrierScore}, {@link MulticlassBrierScore} or {@link MultilabelBrierScore}. */
export function brierScore(options: ScoreOptions & BinaryTask): BinaryBrierScore;
export function brierScore(options: ScoreOptions & MulticlassTask): MulticlassBrierScore;
export function brierScore(options: ScoreOptions & MultilabelTask): MultilabelBrierScore;
export function brierScore(options: { readonly task: Task }): unknown {
  return ofTask('brierScore', options, { binary: BinaryBrierScore, multiclass: MulticlassBrierScore, multilabel: MultilabelBrierScore });
}
