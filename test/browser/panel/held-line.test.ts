import { expect, test } from 'vitest';
import { placeTag } from '../../../src/core/tag-card.ts';
import { LineChart, type ChartFrame } from '../../../src/panel/chart.ts';
import { Picture, spanOf } from '../../../src/panel/picture.ts';
import type { CardSeries } from '../../../src/panel/readout.ts';
import { SeriesColumns } from '../../../src/panel/series-columns.ts';

/** A learning rate that changed at the first steps and has held until step 100. */
function rate(values: readonly number[]): CardSeries {
  const columns = new SeriesColumns({
    kind: 'points',
    runId: 'a',
    tag: 'train/lr',
    throughSeq: 0,
    step: Float64Array.from(values, (_, step) => step),
    epoch: new Float64Array(values.length),
    wallTime: Float64Array.from(values, (_, step) => step),
    value: Float64Array.from(values),
  });
  const newest = { step: 100, wallTime: 100 };
  return { runId: 'a', runName: 'a', tag: 'train/lr', place: placeTag('train/lr'), color: '#112233', startedAt: 0, columns, newest };
}

test('a setting that gets several values between two pictures is drawn with all of them, on to the newest step', () => {
  const picture = new Picture();
  const frame = (values: readonly number[]): ChartFrame => {
    const lines = [rate(values)];
    const span = spanOf(lines, 'step')!;
    return {
      lines: picture.draw({
        lines,
        settings: { smoothing: 0, axis: 'step', theme: 'light' },
        columns: 300,
        span,
        isLogarithmic: false,
        emphasis: undefined,
        isDark: false,
      }),
      xMin: span.min,
      xMax: span.max,
      xTicks: [],
      isLogarithmic: false,
      look: { grid: '#cccccc', text: '#333333', surface: '#ffffff', font: 'sans-serif' },
    };
  };
  const chart = new LineChart(document.createElement('canvas'), 300, 150, frame([0.1]));
  const next = frame([0.1, 0.05, 0.02, 0.01]);
  chart.draw(next);
  expect(next.lines[0]?.points.map(({ x, y }) => [x, y])).toEqual([
    [0, 0.1],
    [1, 0.05],
    [2, 0.02],
    [3, 0.01],
    [100, 0.01],
  ]);
  chart.destroy();
});
