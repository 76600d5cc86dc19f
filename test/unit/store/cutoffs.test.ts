import { expect, test } from 'vitest';
import type { Resume } from '../../../src/core/run-info.ts';
import { cutoffsOf } from '../../../src/store/cutoffs.ts';

const resume = (generation: number, fromSeq: number, fromStep?: number, isBroughtBack?: boolean): Resume => ({
  generation,
  fromSeq,
  at: 1,
  ...(fromStep === undefined ? {} : { fromStep }),
  ...(isBroughtBack === undefined ? {} : { isBroughtBack }),
});
const cutoffs = (resumes: readonly Resume[], ...seqs: readonly number[]): readonly number[] => seqs.map(cutoffsOf({ resumes }));

test('a run that was never continued, or from no step, supersedes nothing', () => {
  expect(cutoffsOf({})(5)).toBe(Infinity);
  expect(cutoffs([resume(1, 3)], 0, 3, 9)).toEqual([Infinity, Infinity, Infinity]);
});

test('a continuation cuts off the chunks before it, the lowest step of all later ones counts', () => {
  expect(cutoffs([resume(1, 3, 50)], 0, 2, 3)).toEqual([50, 50, Infinity]);
  expect(cutoffs([resume(1, 3, 50), resume(2, 6, 80)], 2, 3, 5, 6)).toEqual([50, 80, 80, Infinity]);
  expect(cutoffs([resume(1, 3, 50), resume(2, 6, 20)], 2, 5, 6)).toEqual([20, 20, Infinity]);
});

test('what was brought back is cut off by later continuations alone', () => {
  expect(cutoffs([resume(1, 3, 50, true), resume(2, 6, 80)], 2, 5, 6)).toEqual([80, 80, Infinity]);
  expect(cutoffs([resume(1, 3, 50), resume(2, 6, 20, true)], 2, 5)).toEqual([50, Infinity]);
});
