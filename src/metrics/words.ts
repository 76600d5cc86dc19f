import { defineWords, type Say } from '../core/words.ts';

// In parts, as a page seldom takes more than a few metrics.

/** What every metric warns of. */
export const metricTexts = {
  compute: 'compute() was called before any update(), so its value says nothing. Update it first.',
} as const;

/** Says what every metric warns of. */
export const sayOfMetrics: Say<typeof metricTexts> = /* @__PURE__ */ defineWords('metrics', metricTexts);

/** What metrics that keep all values warn of. */
export const listTexts = {
  size: 'it holds all values, now {megabytes} MB. Reset it more often, or take a metric that holds sums only.',
} as const;

/** Says what metrics that keep all values warn of. */
export const sayOfLists: Say<typeof listTexts> = /* @__PURE__ */ defineWords('metrics', listTexts);

/** What means, sums and the like warn of. */
export const aggregationTexts = {
  nan: 'got NaN, which is left out. Choose a nanStrategy to count it, replace it, or leave it out without a word.',
} as const;

/** Says what means, sums and the like warn of. */
export const sayOfAggregation: Say<typeof aggregationTexts> = /* @__PURE__ */ defineWords('metrics', aggregationTexts);

/** What metrics of numbers warn of. */
export const regressionTexts = {
  variance: 'predictions or targets hardly vary, or are fewer than two, so their correlation is NaN.',
  adjusted: '{rows} samples are too few to adjust for {regressors} regressors, so the score is not adjusted.',
} as const;

/** Says what metrics of numbers warn of. */
export const sayOfRegression: Say<typeof regressionTexts> = /* @__PURE__ */ defineWords('metrics', regressionTexts);

/** What confusion matrices warn of. */
export const confusionTexts = {
  normalize: 'nothing was counted in a row or column of the confusion matrix, so its shares are 0.',
} as const;

/** Says what confusion matrices warn of. */
export const sayOfConfusion: Say<typeof confusionTexts> = /* @__PURE__ */ defineWords('metrics', confusionTexts);

/** What curves warn of. */
export const curveTexts = {
  'no-positives': 'no sample is positive (of a class), so its true positive rate counts as 0.',
  'no-negatives': 'no sample is negative (of a class), so its false positive rate counts as 0.',
  'no-recall': 'no sample is positive, so recall is undefined.',
  'no-recall-of-class': 'no sample is positive of a class, so its recall is undefined.',
  'no-samples': 'a class has no samples, so it is left out of the {average} average.',
  'holds-much': 'it holds all scores, now {megabytes} MB. Give it thresholds, e.g. 200, and it holds counts only.',
} as const;

/** Says what curves warn of. */
export const sayOfCurves: Say<typeof curveTexts> = /* @__PURE__ */ defineWords('metrics', curveTexts);
