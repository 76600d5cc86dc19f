import { expect, test } from 'vitest';
import { dashOf, Picture, spanOf, type PictureInput } from '../../../src/panel/picture.ts';
import type { CardSeries } from '../../../src/panel/readout.ts';
import { SeriesColumns } from '../../../src/panel/series-columns.ts';
import { placeTag } from '../../../src/core/tag-card.ts';

const line = (runId: string, tag: string, values: readonly number[], startedAt = 0): CardSeries => {
  const columns = new SeriesColumns({
    kind: 'points',
    runId,
    tag,
    throughSeq: 0,
    step: Float64Array.from(values, (_, step) => step),
    epoch: new Float64Array(values.length),
    wallTime: Float64Array.from(values, (_, step) => startedAt + step),
    value: Float64Array.from(values),
  });
  return { runId, runName: runId, tag, place: placeTag(tag), color: '#112233', startedAt, columns };
};

const draw = (lines: readonly CardSeries[], change: Partial<PictureInput> = {}): ReturnType<Picture['draw']> =>
  new Picture().draw({
    lines,
    settings: { smoothing: 0.5, axis: 'step', theme: 'light' },
    columns: 400,
    span: spanOf(lines, 'step') ?? { min: 0, max: 1 },
    isLogarithmic: false,
    emphasis: undefined,
    isDark: false,
    ...change,
  });

test('the raw line lies behind the smoothed one, faint, thinner and never dashed', () => {
  const [front, behind] = draw([line('a', 'val/loss/step', [2, 5, 8])]);
  expect(front).toMatchObject({ color: '#112233', dash: [5, 4] });
  expect(front?.points.map(({ y }) => y)[1]).toBeCloseTo(4, 12);
  expect(behind?.points.map(({ y }) => y)).toEqual([2, 5, 8]);
  expect(behind?.color).toBe('#11223342');
  expect(behind?.dash).toEqual([]);
});

test('values of whole epochs are drawn as they are, with points', () => {
  const lines = draw([line('a', 'val/loss/epoch', [2, 5, 8])]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ pointRadius: 3, isHollow: true });
  expect(lines[0]?.points.map(({ y }) => y)).toEqual([2, 5, 8]);
});

test('epochs are a thin line with marks, as many as fit, in front of the steps of the same stage', () => {
  const [epochs, steps] = draw([
    line('a', 'train/loss/step', [2, 5, 8]),
    line(
      'a',
      'train/loss/epoch',
      Array.from({ length: 100 }, () => 4),
    ),
  ]);
  expect(steps).toMatchObject({ width: 1.75, pointRadius: 0 });
  expect(epochs?.width).toBe(1);
  const marks = [epochs?.pointRadius].flat().filter((radius) => radius === 3);
  expect(marks.length).toBeGreaterThan(20);
  expect(marks.length).toBeLessThanOrEqual(40);
});

test('a setting is stepped, never smoothed, and goes on to the newest point of its run', () => {
  const rate = { ...line('a', 'train/lr', [0.1, 0.01]), newest: { step: 9, wallTime: 9 } };
  expect(spanOf([rate], 'step')).toEqual({ min: 0, max: 9 });
  const lines = draw([rate]);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.isStepped).toBe(true);
  expect(lines[0]?.points).toEqual([
    { x: 0, y: 0.1 },
    { x: 1, y: 0.01 },
    { x: 9, y: 0.01 },
  ]);
  expect(draw([line('a', 'loss', [1, 2])])[0]?.isStepped).toBe(false);
});

test('a value that stands alone between gaps is a point', () => {
  const [only] = draw([line('a', 'loss', [NaN, 3, NaN, 4, 5])], { settings: { smoothing: 0, axis: 'step', theme: 'light' } });
  expect(only?.points.map(({ y }) => y)).toEqual([NaN, 3, NaN, 4, 5]);
  expect(only?.pointRadius).toEqual([0, 3, 0, 0, 0]);
});

test('a logarithmic axis has gaps where values are not positive', () => {
  const [only] = draw([line('a', 'loss/epoch', [1, 0, -1, 2])], { isLogarithmic: true });
  expect(only?.points.map(({ y }) => y)).toEqual([1, NaN, NaN, 2]);
});

test('thirteen smoothed lines have no raw ones behind them, except the run that stands out', () => {
  const lines = Array.from({ length: 13 }, (_, index) => line(`run-${index}`, 'loss', [1, 2, 3]));
  expect(draw(lines)).toHaveLength(13);
  expect(draw(lines, { emphasis: 'run-4' })).toHaveLength(14);
  expect(draw(lines.slice(1))).toHaveLength(24);
});

test('many long lines share a budget of points', () => {
  const values = Array.from({ length: 20_000 }, (_, step) => Math.sin(step * 7.3));
  const lines = draw(
    Array.from({ length: 10 }, (_, index) => line(`run-${index}`, 'loss', values)),
    { columns: 1500 },
  );
  expect(lines).toHaveLength(20);
  expect(lines.reduce((sum, { points }) => sum + points.length, 0)).toBeLessThanOrEqual(30_000);
});

test('on the relative axis runs begin at 0', () => {
  const lines = [line('a', 'loss', [1, 2], 500), line('b', 'loss', [1, 2, 3], 9000)];
  expect(spanOf(lines, 'relative')).toEqual({ min: 0, max: 2 });
  expect(spanOf(lines, 'wall')).toEqual({ min: 500, max: 9002 });
  expect(spanOf([], 'step')).toBeUndefined();
  expect(spanOf([line('a', 'loss', [1])], 'step')).toEqual({ min: -0.5, max: 0.5 });
});

test('stages differ by dash', () => {
  expect([dashOf('train'), dashOf(''), dashOf('val'), dashOf('test')]).toEqual([[], [], [5, 4], [1, 4]]);
});
