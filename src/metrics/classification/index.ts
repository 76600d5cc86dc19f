export {
  BinaryCalibrationError,
  type CalibrationErrorOptions,
  type CalibrationNorm,
  MulticlassCalibrationError,
} from './calibration-error.ts';
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
export {
  BinaryAccuracy,
  BinaryBalancedAccuracy,
  BinaryHammingDistance,
  MulticlassAccuracy,
  MulticlassBalancedAccuracy,
  MulticlassHammingDistance,
  MultilabelAccuracy,
  MultilabelHammingDistance,
} from './accuracy.ts';
export type { KappaWeights } from './agreement.ts';
export {
  BinaryCohenKappa,
  BinaryMatthewsCorrCoef,
  type KappaOption,
  MulticlassCohenKappa,
  MulticlassMatthewsCorrCoef,
  MultilabelMatthewsCorrCoef,
} from './agreement-metrics.ts';
export {
  BinaryConfusionMatrix,
  MulticlassConfusionMatrix,
  MultilabelConfusionMatrix,
  type Normalize,
  type NormalizeOption,
} from './confusion-matrix.ts';
export type { MulticlassConfusionOptions, MultilabelConfusionOptions } from './confusion-metric.ts';
export { cohenKappa, confusionMatrix, exactMatch, jaccardIndex, matthewsCorrCoef } from './confusion-tasks.ts';
export type { BinaryCountOptions, MulticlassCountOptions, MultilabelCountOptions, ScoreOf, ZeroDivisionOption } from './count-metric.ts';
export {
  accuracy,
  balancedAccuracy,
  f1Score,
  fBetaScore,
  hammingDistance,
  negativePredictiveValue,
  precision,
  recall,
  specificity,
  statScores,
} from './count-tasks.ts';
export { type ExactMatchOption, MulticlassExactMatch, MultilabelExactMatch } from './exact-match.ts';
export {
  BinaryF1Score,
  BinaryFBetaScore,
  type BetaOption,
  MulticlassF1Score,
  MulticlassFBetaScore,
  MultilabelF1Score,
  MultilabelFBetaScore,
} from './f-beta.ts';
export type { Average, ZeroDivision } from './formulas.ts';
export { BinaryJaccardIndex, type JaccardAverageOption, MulticlassJaccardIndex, MultilabelJaccardIndex } from './jaccard.ts';
export type { LabelOptions, MultidimAverage, ThresholdOptions, TopKOption } from './label-options.ts';
export {
  BinaryPrecision,
  BinaryRecall,
  MulticlassPrecision,
  MulticlassRecall,
  MultilabelPrecision,
  MultilabelRecall,
} from './precision-recall.ts';
export {
  BinaryNegativePredictiveValue,
  BinarySpecificity,
  MulticlassNegativePredictiveValue,
  MulticlassSpecificity,
  MultilabelNegativePredictiveValue,
  MultilabelSpecificity,
} from './specificity.ts';
export { BinaryStatScores, MulticlassStatScores, MultilabelStatScores, type StatScoresOf } from './stat-scores.ts';
