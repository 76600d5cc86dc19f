import { expect } from 'vitest';
import type { NumberArray } from '../../../../src/metrics/index.ts';
import { expectEveryWay } from './every-way.ts';

/** Predictions and targets, sample by sample. */
export interface Example {
  readonly preds: readonly unknown[];
  readonly target: readonly unknown[];
}

/** Four classes of which the last neither occurs nor is predicted. */
export const four: Example = { preds: [0, 0, 1, 1, 2, 2, 2, 0], target: [0, 0, 0, 1, 1, 2, 2, 2] };
/** Three classes: one is predicted but does not occur, one occurs but is not predicted. */
export const missed: Example = { preds: [0, 0, 2], target: [0, 0, 1] };
/** Scores of three classes. */
export const ranked: Example = {
  preds: [
    [0.5, 0.3, 0.2],
    [0.2, 0.5, 0.3],
    [0.4, 0.35, 0.25],
    [0.1, 0.2, 0.7],
  ],
  target: [1, 2, 2, 2],
};
/** Probabilities of class 1: three true positives, two false ones, two true negatives, a false one. */
export const two: Example = { preds: [0.9, 0.8, 0.7, 0.6, 0.55, 0.4, 0.3, 0.2], target: [1, 1, 0, 1, 0, 0, 1, 0] };
/** Three labels. */
export const labels: Example = {
  preds: [
    [0.8, 0.3, 0.4],
    [0.6, 0.7, 0.1],
    [0.9, 0.2, 0.2],
  ],
  target: [
    [1, 0, 1],
    [0, 1, 0],
    [1, 1, 0],
  ],
};

/** A number, or numbers in arrays. */
export type Expected = number | readonly Expected[];

type Tried = Parameters<typeof expectEveryWay<unknown>>[0];

/** Expects a value to five digits, however the example is cut into batches: see {@link expectEveryWay}, and in batches of 1, 2 and 3. */
export async function expectOf(metric: unknown, { preds, target }: Example, expected: Expected): Promise<void> {
  const tried = metric as Tried; // a metric of predictions and targets
  await expectEveryWay(tried, preds, target, (value) => expect(plain(value)).toEqual(close(expected)));
  tried.reset();
  for (let from = 0, size = 1; from < preds.length; from += size, size = (size % 3) + 1)
    tried.update(preds.slice(from, from + size) as NumberArray, target.slice(from, from + size) as NumberArray); // rows are again numbers in arrays
  expect(plain(await tried.compute())).toEqual(close(expected));
}

/** Arrays of numbers instead of typed ones. */
export function plain(value: unknown): unknown {
  if (value instanceof Float64Array) return [...value];
  return Array.isArray(value) ? value.map(plain) : value;
}

/** To five digits. */
export function close(expected: Expected): unknown {
  if (typeof expected === 'number') return Number.isFinite(expected) ? expect.closeTo(expected, 5) : expected;
  return expected.map(close);
}
