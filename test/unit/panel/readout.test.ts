import { expect, test } from 'vitest';
import { nearestRow, readAt, type CardSeries } from '../../../src/panel/readout.ts';
import { SeriesColumns } from '../../../src/panel/series-columns.ts';

const line = (runId: string, steps: readonly number[], values: readonly number[], startedAt = 0): CardSeries => {
  const columns = new SeriesColumns({
    kind: 'points',
    runId,
    tag: 'loss',
    throughSeq: 0,
    step: Float64Array.from(steps),
    epoch: new Float64Array(steps.length),
    wallTime: Float64Array.from(steps, (step) => startedAt + step * 2),
    value: Float64Array.from(values),
  });
  return { runId, runName: runId, tag: 'loss', place: { card: 'loss', stage: '', rhythm: '' }, color: '#000000', startedAt, columns };
};

test('the nearest row is found in rising columns and in others', () => {
  const rising = Float64Array.of(0, 10, 20, 30);
  expect([-5, 4, 6, 15, 29, 99].map((x) => nearestRow(rising, 4, true, x))).toEqual([0, 0, 1, 1, 3, 3]);
  expect(nearestRow(Float64Array.of(0, 10, 3, 8), 4, false, 8.4)).toBe(3);
  expect(nearestRow(rising, 0, true, 1)).toBe(-1);
});

test('each line is read at the point nearest to the pointer, with its own step', () => {
  const readings = readAt([line('a', [0, 10, 20], [1, 2, 3]), line('b', [0, 7, 14], [4, 5, 6])], 'step', 9, 1, 0);
  expect(readings.map(({ series, step, value }) => [series.runId, step, value])).toEqual([
    ['a', 10, 2],
    ['b', 7, 5],
  ]);
});

test('a line that has ended long before the pointer is not read', () => {
  expect(readAt([line('a', [0, 10], [1, 2])], 'step', 13, 2, 0)).toEqual([]);
  expect(readAt([line('a', [0, 10], [1, 2])], 'step', 12, 2, 0)).toHaveLength(1);
});

test('a setting is read as it was in force: the last one at or before the pointer', () => {
  const rate = {
    ...line('a', [0, 10], [0.1, 0.01]),
    place: { card: 'lr', stage: '', rhythm: '' } as const,
    newest: { step: 30, wallTime: 60 },
  };
  expect([9, 10, 25].map((x) => readAt([rate], 'step', x, 1, 0.6)[0]?.value)).toEqual([0.1, 0.01, 0.01]);
  expect(readAt([rate], 'step', 25, 1, 0.6)[0]?.smoothed).toBeUndefined();
  expect(readAt([rate], 'step', 32, 1, 0.6)).toEqual([]);
});

test('on the relative axis runs are read at the same time since their start', () => {
  const readings = readAt([line('a', [0, 10], [1, 2], 1000), line('b', [0, 10], [3, 4], 5000)], 'relative', 20, 1, 0);
  expect(readings.map(({ value, wallTime }) => [value, wallTime])).toEqual([
    [2, 1020],
    [4, 5020],
  ]);
});

test('NaN is read as NaN, and smoothed values come beside the raw ones', () => {
  const [reading] = readAt([line('a', [0, 1, 2], [2, 5, NaN])], 'step', 2, 1, 0.5);
  expect(reading?.value).toBeNaN();
  const [before] = readAt([line('a', [0, 1, 2], [2, 5, NaN])], 'step', 1, 1, 0.5);
  expect(before?.smoothed).toBeCloseTo(4, 12);
});
