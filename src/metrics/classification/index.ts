export { BinaryCalibrationError, type CalibrationErrorOptions, type CalibrationNorm, MulticlassCalibrationError } from './calibration-error.ts';
export type { ClassAverage, CurveAverage, CurveOptions, LabelAverage, PerClass, ScoreOptions } from './curve-metric.ts';
export { auroc, averagePrecision, brierScore, calibrationError, hingeLoss, logLoss, precisionRecallCurve, roc } from './curve-tasks.ts';
export type { PrecisionRecallPoints, RocCurve } from './curves.ts';
export { BinaryHingeLoss, type HingeLossOptions, MulticlassHingeLoss, type MulticlassHingeMode } from './hinge-loss.ts';
export {
  BinaryBrierScore,
  BinaryLogLoss,
  MulticlassBrierScore,
  MulticlassLogLoss,
  MultilabelBrierScore,
  MultilabelLogLoss,
} from './log-loss.ts';
export { Perplexity, type PerplexityOptions } from './perplexity.ts';
export {
  BinaryAveragePrecision,
  BinaryPrecisionRecallCurve,
  MulticlassAveragePrecision,
  MulticlassPrecisionRecallCurve,
  MultilabelAveragePrecision,
  MultilabelPrecisionRecallCurve,
} from './precision-recall-curve.ts';
export { BinaryAUROC, BinaryROC, MulticlassAUROC, MulticlassROC, MultilabelAUROC, MultilabelROC } from './roc.ts';
export type { Thresholds } from './thresholds.ts';
