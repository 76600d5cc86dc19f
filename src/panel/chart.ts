import { Chart, LinearScale, LineController, LineElement, LogarithmicScale, PointElement } from 'chart.js';
import type { ChartDataset } from 'chart.js';
import { formatTick, formatTicks } from './number-format.ts';
import { numberTicks, type Tick } from './ticks.ts';

// The only file that knows Chart.js. It registers what it uses when the first chart is made, never touches the library's defaults,
// and keeps plugins that the page registered for its own charts out of ours.

/** A point as Chart.js reads it without parsing. */
export interface ChartPoint {
  x: number;
  y: number;
}

/** One line to draw. The same `key` is the same line from frame to frame. */
export interface ChartLine {
  readonly key: string;
  readonly points: ChartPoint[];
  readonly color: string;
  /** Pixels. */
  readonly width: number;
  readonly dash: readonly number[];
  /** Pixels; 0 draws no points. One radius, or one for each point. */
  readonly pointRadius: number | number[];
  readonly isHollow: boolean;
  /** True to hold each value until the next one. */
  readonly isStepped: boolean;
}

/** Colours and font of everything that is not a line. */
export interface ChartLook {
  readonly grid: string;
  readonly text: string;
  readonly surface: string;
  readonly font: string;
}

/** One picture. */
export interface ChartFrame {
  /** The first one is drawn on top. */
  readonly lines: readonly ChartLine[];
  readonly xMin: number;
  readonly xMax: number;
  readonly xTicks: readonly Tick[];
  readonly isLogarithmic: boolean;
  readonly look: ChartLook;
}

/** Space left of the plot for the labels of the y axis, in pixels: fixed, so that the plots of a column stand in line. */
export const leftSpace = 62;
/** Space right of the plot, in pixels. */
export const rightSpace = 20;

type LineDataset = ChartDataset<'line', ChartPoint[]>;

/** A line chart on a canvas. Draws when told to and at no other time: no animation, no events, no observers. */
export class LineChart {
  readonly #chart: Chart<'line', ChartPoint[]>;
  readonly #datasets = new Map<string, LineDataset>();
  #frame: ChartFrame;
  #isLogarithmic: boolean;

  /** Draws the first picture, at this size in CSS pixels: Chart.js draws as it is made, so that it had better know what. */
  constructor(canvas: HTMLCanvasElement, width: number, height: number, frame: ChartFrame) {
    this.#frame = frame;
    this.#isLogarithmic = frame.isLogarithmic;
    canvas.width = width;
    canvas.height = height;
    Chart.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale);
    this.#chart = new Chart<'line', ChartPoint[]>(canvas, {
      type: 'line',
      data: { datasets: frame.lines.map((line) => this.#dataset(line, frame.look)) },
      options: {
        responsive: false,
        maintainAspectRatio: false,
        animation: false,
        parsing: false,
        normalized: true,
        events: [],
        layout: { padding: { top: 6, right: rightSpace, bottom: 0, left: 0 } },
        // `false` switches off every plugin, also those that the page registered globally.
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- documented by Chart.js, missing in its types
        plugins: false as unknown as Record<string, never>,
        scales: { x: this.#xScale(), y: this.#yScale(frame.isLogarithmic) },
      },
    });
  }

  /** Sets the size in CSS pixels; the next {@link draw} uses it. */
  resize(width: number, height: number): void {
    const { chart } = { chart: this.#chart };
    if (chart.width !== width || chart.height !== height || chart.currentDevicePixelRatio !== devicePixelRatio) chart.resize(width, height);
  }

  draw(frame: ChartFrame): void {
    this.#frame = frame;
    const chart = this.#chart;
    chart.data.datasets = frame.lines.map((line) => this.#dataset(line, frame.look));
    this.#forgetOthers(frame.lines);
    if (frame.isLogarithmic !== this.#isLogarithmic && chart.options.scales) {
      this.#isLogarithmic = frame.isLogarithmic;
      chart.options.scales['y'] = this.#yScale(frame.isLogarithmic);
    }
    chart.update('none');
  }

  /** The x value under a pixel of the canvas. */
  xAt(pixel: number): number {
    return this.#chart.scales['x']?.getValueForPixel(pixel) ?? NaN;
  }

  /** The pixel of a value. */
  pixelOf(axis: 'x' | 'y', value: number): number {
    return this.#chart.scales[axis]?.getPixelForValue(value) ?? NaN;
  }

  /** The plot without its axes, in pixels of the canvas. */
  get area(): { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number } {
    return this.#chart.chartArea;
  }

  destroy(): void {
    this.#chart.destroy();
  }

  #dataset(line: ChartLine, look: ChartLook): LineDataset {
    let dataset = this.#datasets.get(line.key);
    if (!dataset) {
      dataset = { data: line.points, pointHitRadius: 0, spanGaps: false, tension: 0, fill: false, clip: 3 };
      this.#datasets.set(line.key, dataset);
    }
    return Object.assign(dataset, {
      data: line.points,
      borderColor: line.color,
      borderWidth: line.width,
      borderDash: line.dash,
      stepped: line.isStepped ? 'before' : false,
      borderJoinStyle: 'round',
      borderCapStyle: 'round',
      pointRadius: line.pointRadius,
      pointBackgroundColor: line.isHollow ? look.surface : line.color,
      // A filled point has a rim of the ground's colour, which sets it off from a line of its own colour.
      pointBorderColor: line.isHollow ? line.color : look.surface,
      pointBorderWidth: 1.5,
    });
  }

  #forgetOthers(lines: readonly ChartLine[]): void {
    if (this.#datasets.size === lines.length) return;
    const kept = new Set(lines.map((line) => line.key));
    for (const key of this.#datasets.keys()) if (!kept.has(key)) this.#datasets.delete(key);
  }

  #xScale(): object {
    return {
      type: 'linear',
      bounds: 'data',
      // Set here and not as options: Chart.js then takes x as it is and does not search it as if it were sorted.
      afterDataLimits: (scale: { min: number; max: number }): void => {
        scale.min = this.#frame.xMin;
        scale.max = this.#frame.xMax;
      },
      afterBuildTicks: (scale: { ticks: { value: number; label?: string }[] }): void => {
        scale.ticks = this.#frame.xTicks.map(({ value, label }) => ({ value, label }));
      },
      afterFit: (scale: { paddingLeft: number; paddingRight: number }): void => {
        // Labels may stand beside the plot; making room for them would move the plot whenever a label comes near its edge.
        scale.paddingLeft = scale.paddingRight = 0;
      },
      border: { display: false },
      grid: { display: false },
      ticks: {
        color: (): string => this.#look.text,
        font: (): object => ({ size: 11, family: this.#look.font }),
        callback: (_value: unknown, index: number): string => this.#frame.xTicks[index]?.label ?? '',
        maxRotation: 0,
        autoSkip: false,
        padding: 4,
      },
    };
  }

  #yScale(isLogarithmic: boolean): object {
    return {
      type: isLogarithmic ? 'logarithmic' : 'linear',
      ...(isLogarithmic ? {} : linearBounds),
      afterFit: (scale: { width: number }): void => {
        scale.width = leftSpace;
      },
      border: { display: false },
      grid: { color: (): string => this.#look.grid, drawTicks: false, lineWidth: 1 },
      ticks: {
        color: (): string => this.#look.text,
        font: (): object => ({ size: 11, family: this.#look.font }),
        autoSkip: false,
        padding: 4,
        callback: (value: number | string): string =>
          isLogarithmic && Number.isInteger(Math.log10(Number(value))) ? formatTick(Number(value)) : '',
      },
    };
  }

  get #look(): ChartLook {
    return this.#frame.look;
  }
}

// The plot ends a little beyond the highest and lowest value instead of at the next round number: more room for the lines.
const linearBounds = {
  bounds: 'data',
  afterDataLimits: (scale: { min: number; max: number }): void => {
    const { min, max } = scale;
    // The means of a long constant line have rounding noise, which must not fill the axis.
    const isFlat = !(max - min > 1e-12 * Math.max(Math.abs(min), Math.abs(max)));
    const margin = isFlat ? Math.abs(max) * 0.1 || 1 : (max - min) * 0.05;
    // What cannot be negative does not get an axis below zero.
    scale.min = min >= 0 && min < margin ? 0 : min - margin;
    scale.max = max <= 0 && -max < margin ? 0 : max + margin;
  },
  afterBuildTicks: (scale: { min: number; max: number; ticks: { value: number }[] }): void => {
    scale.ticks = numberTicks(scale.min, scale.max, 5).map((value) => ({ value }));
  },
  // All labels at once: how many digits one needs depends on its neighbours.
  afterTickToLabelConversion: (scale: { ticks: { value: number; label?: string }[] }): void => {
    const labels = formatTicks(scale.ticks.map(({ value }) => value));
    scale.ticks.forEach((tick, row) => (tick.label = labels[row] ?? ''));
  },
};
