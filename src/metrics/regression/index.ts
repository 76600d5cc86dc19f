export { ConcordanceCorrCoef, PearsonCorrCoef, SpearmanCorrCoef } from './correlations.ts';
export { CosineSimilarity, KLDivergence, type KLDivergenceOptions, type RowOutput, type RowReductionOptions } from './distributions.ts';
export {
  LogCoshError,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  type MeanSquaredErrorOptions,
  MeanSquaredLogError,
  type OutputOptions,
  SymmetricMeanAbsolutePercentageError,
  WeightedMeanAbsolutePercentageError,
} from './mean-errors.ts';
export { NormalizedRootMeanSquaredError, type NormalizedRootMeanSquaredErrorOptions } from './normalized-rmse.ts';
export type { PerOutput } from './pairs.ts';
export { ExplainedVariance, type Multioutput, type MultioutputOptions, R2Score, type R2ScoreOptions, type ScoreOutput } from './scores.ts';
