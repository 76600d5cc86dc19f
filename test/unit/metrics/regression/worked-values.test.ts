import { describe, test } from 'vitest';
import {
  ConcordanceCorrCoef,
  CosineSimilarity,
  ExplainedVariance,
  KLDivergence,
  LogCoshError,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  MeanSquaredLogError,
  NormalizedRootMeanSquaredError,
  PearsonCorrCoef,
  R2Score,
  SpearmanCorrCoef,
  SymmetricMeanAbsolutePercentageError,
  WeightedMeanAbsolutePercentageError,
} from '../../../../src/metrics/index.ts';
import { expectEveryWay, type OfRows } from '../every-way.ts';

// Values computed with NumPy after the definitions of torchmetrics, to six digits.
const preds = [1.5, 1.5, 3.5, 5];
const target = [1, 2, 3, 4];
const preds2 = [
  [1.5, 9],
  [1.5, 8.5],
  [4, 4],
];
const target2 = [
  [1, 10],
  [2, 8],
  [4, 3],
];

const ofOne: [string, OfRows<unknown>, number][] = [
  ['mean squared error', new MeanSquaredError(), 0.4375],
  ['its root', new MeanSquaredError({ squared: false }), 0.661438],
  ['mean absolute error', new MeanAbsoluteError(), 0.625],
  ['mean squared logarithmic error', new MeanSquaredLogError(), 0.032537],
  ['mean absolute percentage error', new MeanAbsolutePercentageError(), 0.291667],
  ['symmetric mean absolute percentage error', new SymmetricMeanAbsolutePercentageError(), 0.265446],
  ['weighted mean absolute percentage error', new WeightedMeanAbsolutePercentageError(), 0.25],
  ['R²', new R2Score(), 0.65],
  ['adjusted R²', new R2Score({ adjusted: 1 }), 0.475],
  ['explained variance', new ExplainedVariance(), 0.7625],
  ['Pearson', new PearsonCorrCoef(), 0.948304],
  ['Spearman', new SpearmanCorrCoef(), 0.948682],
  ['concordance', new ConcordanceCorrCoef(), 0.885936],
  ['log-cosh', new LogCoshError(), 0.198531],
  ['RMSE over the mean', new NormalizedRootMeanSquaredError(), 0.264575],
  ['RMSE over the range', new NormalizedRootMeanSquaredError({ normalization: 'range' }), 0.220479],
  ['RMSE over the standard deviation', new NormalizedRootMeanSquaredError({ normalization: 'std' }), 0.591608],
  ['RMSE over the root of squares', new NormalizedRootMeanSquaredError({ normalization: 'l2' }), 0.120761],
];

describe('of one output', () => {
  test.each(ofOne)('%s', async (_, metric, expected) => {
    await expectEveryWay(metric, preds, target, expected);
  });
});

const ofTwo: [string, OfRows<unknown>, number | number[]][] = [
  ['R² of each output', new R2Score({ multioutput: 'rawValues' }), [0.892857, 0.913462]],
  ['R², their mean', new R2Score(), 0.903159],
  ['R², weighted by variance', new R2Score({ multioutput: 'varianceWeighted' }), 0.910326],
  ['R², adjusted', new R2Score({ adjusted: 1 }), 0.806319],
  ['mean squared error of all', new MeanSquaredError(), 2.75 / 6],
  ['mean squared error of each output', new MeanSquaredError({ numOutputs: 2 }), [1 / 6, 2.25 / 3]],
  ['mean absolute error of each output', new MeanAbsoluteError({ numOutputs: 2 }), [1 / 3, 2.5 / 3]],
  ['log-cosh of each output', new LogCoshError({ numOutputs: 2 }), [0.080076, 0.329225]],
  ['Pearson of each output', new PearsonCorrCoef({ numOutputs: 2 }), [0.944911, 0.981981]],
  ['Spearman of each output', new SpearmanCorrCoef({ numOutputs: 2 }), [0.866024, 0.9999985]],
];

describe('of two outputs', () => {
  test.each(ofTwo)('%s', async (_, metric, expected) => {
    await expectEveryWay(metric, preds2, target2, expected);
  });
});

const angles = [
  [1, 2],
  [3, 0],
];
const others = [
  [2, 1],
  [1, 1],
];
const p = [
  [0.5, 0.5],
  [0.9, 0.1],
];
const q = [
  [0.25, 0.75],
  [0.9, 0.1],
];

describe('of rows', () => {
  test.each<[string, OfRows<unknown>, number[][], number[][], number | number[]]>([
    ['the sum of cosines', new CosineSimilarity(), angles, others, 1.507107],
    ['their mean', new CosineSimilarity({ reduction: 'mean' }), angles, others, 0.753553],
    ['each cosine', new CosineSimilarity({ reduction: 'none' }), angles, others, [0.8, 0.707107]],
    ['the mean of divergences', new KLDivergence(), p, q, 0.071921],
    ['their sum', new KLDivergence({ reduction: 'sum' }), p, q, 0.143841],
    [
      'the divergence of counts, which are normalised',
      new KLDivergence(),
      [
        [5, 5],
        [18, 2],
      ],
      [
        [1, 3],
        [9, 1],
      ],
      0.071921,
    ],
    [
      'the divergence of logarithms',
      new KLDivergence({ logProb: true }),
      p.map((row) => row.map(Math.log)),
      q.map((row) => row.map(Math.log)),
      0.071921,
    ],
  ])('%s', async (_, metric, a, b, expected) => {
    await expectEveryWay(metric, a, b, expected);
  });
});
