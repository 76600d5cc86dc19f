import { describe, LogError } from '../../core/errors.ts';
import { BinaryCalibrationError, type CalibrationErrorOptions, MulticlassCalibrationError } from './calibration-error.ts';
import type {
  ClassAverage,
  CurveAverage,
  CurveOptions,
  LabelAverage,
  MulticlassOption,
  MultilabelOption,
  ScoreOptions,
} from './curve-metric.ts';
import { BinaryHingeLoss, type HingeLossOptions, MulticlassHingeLoss, type MulticlassHingeMode } from './hinge-loss.ts';
import {
  BinaryBrierScore,
  BinaryLogLoss,
  MulticlassBrierScore,
  MulticlassLogLoss,
  MultilabelBrierScore,
  MultilabelLogLoss,
} from './log-loss.ts';
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

interface Binary {
  readonly task: 'binary';
}

interface Multiclass extends MulticlassOption {
  readonly task: 'multiclass';
}

interface Multilabel extends MultilabelOption {
  readonly task: 'multilabel';
}

/** {@link BinaryROC}, {@link MulticlassROC} or {@link MultilabelROC}. */
export function roc(options: CurveOptions & Binary): BinaryROC;
export function roc(options: CurveOptions & Multiclass & { readonly average?: CurveAverage }): MulticlassROC;
export function roc(options: CurveOptions & Multilabel): MultilabelROC;
export function roc(options: { readonly task: Task }): unknown {
  return ofTask('roc', options, BinaryROC, MulticlassROC, MultilabelROC);
}

/** {@link BinaryAUROC}, {@link MulticlassAUROC} or {@link MultilabelAUROC}; average by default `macro`. */
export function auroc(options: CurveOptions & Binary & { readonly maxFpr?: number }): BinaryAUROC;
export function auroc<const Average extends ClassAverage = 'macro'>(
  options: CurveOptions & Multiclass & { readonly average?: Average },
): MulticlassAUROC<Average>;
export function auroc<const Average extends LabelAverage = 'macro'>(
  options: CurveOptions & Multilabel & { readonly average?: Average },
): MultilabelAUROC<Average>;
export function auroc(options: { readonly task: Task }): unknown {
  return ofTask('auroc', options, BinaryAUROC, MulticlassAUROC, MultilabelAUROC);
}

/** {@link BinaryPrecisionRecallCurve}, {@link MulticlassPrecisionRecallCurve} or {@link MultilabelPrecisionRecallCurve}. */
export function precisionRecallCurve(options: CurveOptions & Binary): BinaryPrecisionRecallCurve;
export function precisionRecallCurve(
  options: CurveOptions & Multiclass & { readonly average?: CurveAverage },
): MulticlassPrecisionRecallCurve;
export function precisionRecallCurve(options: CurveOptions & Multilabel): MultilabelPrecisionRecallCurve;
export function precisionRecallCurve(options: { readonly task: Task }): unknown {
  return ofTask(
    'precisionRecallCurve',
    options,
    BinaryPrecisionRecallCurve,
    MulticlassPrecisionRecallCurve,
    MultilabelPrecisionRecallCurve,
  );
}

/** {@link BinaryAveragePrecision}, {@link MulticlassAveragePrecision} or {@link MultilabelAveragePrecision}; average by default `macro`. */
export function averagePrecision(options: CurveOptions & Binary): BinaryAveragePrecision;
export function averagePrecision<const Average extends ClassAverage = 'macro'>(
  options: CurveOptions & Multiclass & { readonly average?: Average },
): MulticlassAveragePrecision<Average>;
export function averagePrecision<const Average extends LabelAverage = 'macro'>(
  options: CurveOptions & Multilabel & { readonly average?: Average },
): MultilabelAveragePrecision<Average>;
export function averagePrecision(options: { readonly task: Task }): unknown {
  return ofTask('averagePrecision', options, BinaryAveragePrecision, MulticlassAveragePrecision, MultilabelAveragePrecision);
}

/** {@link BinaryCalibrationError} or {@link MulticlassCalibrationError}. */
export function calibrationError(options: CalibrationErrorOptions & Binary): BinaryCalibrationError;
export function calibrationError(options: CalibrationErrorOptions & Multiclass): MulticlassCalibrationError;
export function calibrationError(options: { readonly task: Task }): unknown {
  return ofTask('calibrationError', options, BinaryCalibrationError, MulticlassCalibrationError);
}

/** {@link BinaryHingeLoss} or {@link MulticlassHingeLoss}. */
export function hingeLoss(options: HingeLossOptions & Binary): BinaryHingeLoss;
export function hingeLoss<const Mode extends MulticlassHingeMode = 'crammer-singer'>(
  options: HingeLossOptions & Multiclass & { readonly multiclassMode?: Mode },
): MulticlassHingeLoss<Mode>;
export function hingeLoss(options: { readonly task: Task }): unknown {
  return ofTask('hingeLoss', options, BinaryHingeLoss, MulticlassHingeLoss);
}

/** {@link BinaryLogLoss}, {@link MulticlassLogLoss} or {@link MultilabelLogLoss}. */
export function logLoss(options: ScoreOptions & Binary): BinaryLogLoss;
export function logLoss(options: ScoreOptions & Multiclass): MulticlassLogLoss;
export function logLoss(options: ScoreOptions & Multilabel): MultilabelLogLoss;
export function logLoss(options: { readonly task: Task }): unknown {
  return ofTask('logLoss', options, BinaryLogLoss, MulticlassLogLoss, MultilabelLogLoss);
}

/** {@link BinaryBrierScore}, {@link MulticlassBrierScore} or {@link MultilabelBrierScore}. */
export function brierScore(options: ScoreOptions & Binary): BinaryBrierScore;
export function brierScore(options: ScoreOptions & Multiclass): MulticlassBrierScore;
export function brierScore(options: ScoreOptions & Multilabel): MultilabelBrierScore;
export function brierScore(options: { readonly task: Task }): unknown {
  return ofTask('brierScore', options, BinaryBrierScore, MulticlassBrierScore, MultilabelBrierScore);
}

/** A class whose options the overloads above have checked. */
type Made = new (options: never) => unknown;

function ofTask(call: string, { task, ...options }: { readonly task: Task }, binary: Made, multiclass: Made, multilabel?: Made): unknown {
  const classes = { binary, multiclass, multilabel };
  const made = Object.hasOwn(classes, task) ? classes[task] : undefined;
  if (made === undefined) {
    const tasks = Object.keys(classes).filter((name) => name !== 'multilabel' || multilabel !== undefined);
    throw new LogError('bad-options', `${call}(): task is ${describe(task)}, need one of ${tasks.map((name) => `'${name}'`).join(', ')}.`);
  }
  return new made(options as never); // checked by the class
}
