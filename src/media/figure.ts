import { isPlainObject, toPlainData } from '../core/config.ts';
import { takeImage } from './image.ts';
import type { Taken, WarnOfMedia } from './record-body.ts';

/**
 * Takes a figure: a picture of a chart, or the configuration of a Chart.js chart as plain data, which is drawn where it is shown. Throws
 * `bad-value`, or `bad-options` for a configuration with functions in it, quoting `call`.
 */
export function takeFigure(figure: unknown, call: string, warn: WarnOfMedia): Taken {
  if (!isPlainObject(figure) || typeof figure['type'] !== 'string' || 'shape' in figure) return takeImage(figure, {}, call, warn);
  const { type, data, options } = figure;
  const chart = toPlainData({ type, data, options }, 'chart', call);
  return { bytes: 2 * JSON.stringify(chart).length, encode: () => Promise.resolve({ data: { chart } }) };
}
