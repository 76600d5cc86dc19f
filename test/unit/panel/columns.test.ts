import { expect, test } from 'vitest';
import { PointColumns } from '../../../src/panel/columns.ts';
import { SeriesColumns } from '../../../src/panel/series-columns.ts';
import type { BucketSeries } from '../../../src/store/metric-store.ts';

test('columns grow beyond any first size and keep their order', () => {
  const columns = new PointColumns();
  for (let row = 0; row < 1000; row++) columns.append(row, 100 + row, -row);
  expect(columns.length).toBe(1000);
  expect([columns.step[999], columns.wallTime[999], columns.value[999]]).toEqual([999, 1099, -999]);
});

test('arrays handed over are read, and left alone when more points come', () => {
  const value = Float64Array.of(1, 2);
  const columns = new PointColumns(Float64Array.of(0, 1), Float64Array.of(5, 6), value);
  columns.append(2, 7, 3);
  expect([...columns.value.subarray(0, columns.length)]).toEqual([1, 2, 3]);
  expect([...value]).toEqual([1, 2]);
});

test('the extent of an axis and whether it rises are known at any time', () => {
  const columns = new PointColumns(Float64Array.of(3, 4, 4), Float64Array.of(1, 2, 3), Float64Array.of(0, 0, 0));
  expect(columns.stepExtent).toEqual({ min: 3, max: 4, isSorted: true });
  columns.append(2, 4, NaN);
  expect(columns.stepExtent).toEqual({ min: 2, max: 4, isSorted: false });
  expect(columns.wallExtent).toEqual({ min: 1, max: 4, isSorted: true });
  expect(columns.nonFinite).toBe(1);
});

test('a smoothed line grows with its points and starts anew with another weight', () => {
  const series = new SeriesColumns({
    kind: 'points',
    runId: 'r',
    tag: 't',
    throughSeq: 0,
    step: Float64Array.of(0, 1),
    epoch: Float64Array.of(0, 0),
    wallTime: Float64Array.of(0, 1),
    value: Float64Array.of(2, 5),
  });
  expect(series.smoothed(0.5).value[1]).toBeCloseTo(4, 12);
  series.append(2, 2, 8);
  const line = series.smoothed(0.5);
  expect(line.length).toBe(3);
  expect(line.value[2]).toBeCloseTo(5.5 / 0.875, 12);
  expect([...series.smoothed(0).value.subarray(0, 3)]).toEqual([2, 5, 8]);
});

// Three buckets: 1 4 2 at steps 0 1 2; only NaN at steps 3 and 4; 7 at step 5.
const buckets: BucketSeries = {
  kind: 'buckets',
  runId: 'r',
  tag: 't',
  throughSeq: 4,
  step: Float64Array.of(0, 3, 5),
  epoch: Float64Array.of(0, 0, 0),
  wallTime: Float64Array.of(10, 13, 15),
  count: Float64Array.of(3, 2, 1),
  nanCount: Float64Array.of(0, 2, 0),
  sum: Float64Array.of(7, 0, 7),
  min: Float64Array.of(1, NaN, 7),
  minStep: Float64Array.of(0, NaN, 5),
  minWallTime: Float64Array.of(10, NaN, 15),
  max: Float64Array.of(4, NaN, 7),
  maxStep: Float64Array.of(1, NaN, 5),
  maxWallTime: Float64Array.of(11, NaN, 15),
  first: Float64Array.of(1, NaN, 7),
  last: Float64Array.of(2, NaN, 7),
  lastStep: Float64Array.of(2, 4, 5),
  lastWallTime: Float64Array.of(12, 14, 15),
};

test('of a bucket the points that were really logged are drawn, and a bucket of NaN is a gap', () => {
  const { drawn, nonFinite } = new SeriesColumns(buckets);
  expect([...drawn.step.subarray(0, drawn.length)]).toEqual([0, 1, 2, 3, 5]);
  expect([...drawn.value.subarray(0, drawn.length)]).toEqual([1, 4, 2, NaN, 7]);
  expect(nonFinite).toBe(2);
});

test('smoothing of buckets takes their means, weighed by their counts', () => {
  const line = new SeriesColumns(buckets).smoothed(0.5);
  // Mean 7/3 counts three times (kept 1/8), then 7 once: (7/3 · 7/8 · 1/2 + 7/2) / (1 − 1/16).
  expect(line.value[0]).toBeCloseTo(7 / 3, 12);
  expect(line.value[1]).toBeNaN();
  expect(line.value[2]).toBeCloseTo(((7 / 3) * (7 / 8) * 0.5 + 3.5) / (15 / 16), 12);
});

test('rows taken over from another keep what they stand for, and points added later count once', () => {
  const whole = new SeriesColumns(buckets);
  const taken = new SeriesColumns();
  taken.add(whole, (step) => step < 5);
  taken.add(whole, (step) => step >= 5);
  for (const columns of [whole, taken]) columns.append(6, 16, 3);
  expect([...taken.drawn.step.subarray(0, taken.drawn.length)]).toEqual([0, 1, 2, 3, 5, 6]);
  const [exact, same] = [whole, taken].map((columns) => columns.smoothed(0.5));
  expect([...(same?.value.subarray(0, same.length) ?? [])]).toEqual([...(exact?.value.subarray(0, exact.length) ?? [])]);
  expect(same?.length).toBe(4);
});

test('how far before an x a number of points begins is told by the bucket there; past the buckets nothing is', () => {
  const series = new SeriesColumns(buckets);
  series.append(9, 19, 1);
  // The first bucket: steps 0 to 2, three points. Three points take two steps.
  expect(series.startBefore(1, 'step', 3)).toBe(-1);
  // The bucket of NaN has no numbers to go by.
  expect(series.startBefore(4, 'relative', 3)).toBe(4 - 3 * (2 / 3));
  expect(series.startBefore(3, 'step', 3)).toBe(3);
  expect(series.startBefore(6, 'step', 3)).toBeUndefined();
  series.append(1, 20, 1);
  expect(series.startBefore(6, 'step', 3)).toBe(6);
});
