import type { ChartLine, ChartPoint } from './chart.ts';
import type { Extent, PointRows } from './columns.ts';
import { downsample, gap } from './downsample.ts';
import { isHeld } from './grouping.ts';
import type { Stage } from '../core/tag-card.ts';
import type { ResolvedSettings } from './options.ts';
import { axisColumn, axisShift, isSmoothable, lineEnd, type CardSeries } from './readout.ts';

/** A stretch of the x axis. */
export interface Span {
  readonly min: number;
  readonly max: number;
}

/** What a card draws its lines from. */
export interface PictureInput {
  readonly lines: readonly CardSeries[];
  readonly settings: ResolvedSettings;
  /** Width of the plot in pixels. */
  readonly columns: number;
  /** The part of the x axis to show. */
  readonly span: Span;
  readonly isLogarithmic: boolean;
  /** The run that stands out, the others fade. */
  readonly emphasis: string | undefined;
  /** True to draw strong colours on a dark ground. */
  readonly isDark: boolean;
}

// With more smoothed lines than this in one card the raw ones behind them are only a haze.
const linesWithRaw = 12;
// Above this many lines they get thinner.
const linesInFull = 24;
// Chart.js takes some hundred nanoseconds for a point. This many for a whole card keep a redraw within a frame: with many long lines each gets
// fewer, wider columns, which still hold their extremes.
const pointBudget = 30_000;
const fewestColumns = 200;

// Pixels.
const markRadius = 3;

/** The dash of a stage: training is solid, validation dashed, test dotted. */
export function dashOf(stage: Stage): readonly number[] {
  return stage === 'val' ? [5, 4] : stage === 'test' ? [1, 4] : [];
}

/** The extent of all lines on the x axis, or undefined when there is nothing to show. */
export function spanOf(lines: readonly CardSeries[], axis: ResolvedSettings['axis']): Span | undefined {
  let min = Infinity;
  let max = -Infinity;
  for (const series of lines) {
    const { drawn } = series.columns;
    if (drawn.length === 0) continue;
    const extent = axis === 'step' ? drawn.stepExtent : drawn.wallExtent;
    const shift = axisShift(series, axis);
    min = Math.min(min, extent.min - shift);
    max = Math.max(max, lineEnd(series, axis) - shift);
  }
  if (!(max >= min)) return undefined;
  // One point alone still needs an axis around it.
  return max > min ? { min, max } : { min: min - 0.5, max: max + 0.5 };
}

/** Makes the lines of a card, at most four points per pixel each. Points are reused from frame to frame, in here. */
export class Picture {
  readonly #pools = new Map<string, ChartPoint[]>();
  #points = 0;
  #worstPerPixel = 0;

  /** Points in the last lines, gaps included. */
  get points(): number {
    return this.#points;
  }

  /** The most points that one of the last lines has per pixel. */
  get worstPerPixel(): number {
    return this.#worstPerPixel;
  }

  /** The lines, the one on top first. */
  draw(input: PictureInput): readonly ChartLine[] {
    this.#points = 0;
    this.#worstPerPixel = 0;
    const { lines, settings, emphasis } = input;
    const isCrowded = lines.length > linesInFull;
    const hasRaw = lines.filter(isSmoothable).length <= linesWithRaw;
    const columns = columnsFor(input, hasRaw);
    const epochs: ChartLine[] = [];
    const front: ChartLine[] = [];
    const behind: ChartLine[] = [];
    for (const series of lines) {
      const isFaded = emphasis !== undefined && series.runId !== emphasis;
      const isSmoothed = settings.smoothing > 0 && isSmoothable(series) && series.columns.drawn.length > 1;
      const width = (isCrowded ? 1 : 1.75) + (emphasis === series.runId ? 0.5 : 0);
      const color = isFaded ? faded(series.color, 0.16) : series.color;
      const { drawn } = series.columns;
      const line = isSmoothed ? series.columns.smoothed(settings.smoothing) : drawn;
      (isFaded ? behind : series.place.rhythm === 'epoch' ? epochs : front).push(
        this.#line(series, '', line, input, columns, color, width),
      );
      if (isSmoothed && (hasRaw || emphasis === series.runId)) {
        // Also behind a faded line, only fainter: else the y axis would jump while the pointer goes over the runs.
        const opacity = isFaded ? 0.07 : input.isDark ? 0.34 : 0.26;
        behind.push(this.#line(series, 'raw', drawn, input, columns, faded(series.color, opacity), 1));
      }
    }
    // The few marks of epochs would be lost below the steps.
    const drawn = [...epochs, ...front, ...behind];
    this.#dropOthers(drawn);
    return drawn;
  }

  #line(
    series: CardSeries,
    kind: '' | 'raw',
    rows: PointRows & { readonly stepExtent: Extent },
    input: PictureInput,
    columns: number,
    color: string,
    width: number,
  ): ChartLine {
    // The colour is part of the key: Chart.js keeps the options of a line's points once it has drawn them.
    const key = `${kind} ${color} ${series.runId}\n${series.tag}`;
    const { settings, span, isLogarithmic } = input;
    const shift = axisShift(series, settings.axis);
    const x = axisColumn(rows, settings.axis);
    const chosen = downsample(x, rows.value, rows.length, { from: span.min + shift, to: span.max + shift, columns });
    let points = this.#pools.get(key);
    if (!points) this.#pools.set(key, (points = []));
    const alone = fill(points, chosen, x, rows.value, shift, isLogarithmic);
    const isStepped = isHeld(series.place.card);
    if (isStepped && chosen[chosen.length - 1] === rows.length - 1) holdLast(points, lineEnd(series, settings.axis) - shift);
    this.#points += points.length;
    this.#worstPerPixel = Math.max(this.#worstPerPixel, points.length / input.columns);
    const isEpoch = series.place.rhythm === 'epoch' && kind === '';
    const isInFront = input.emphasis === undefined || input.emphasis === series.runId;
    const marked = kind === 'raw' ? [] : isEpoch && isInFront ? spaced(points.length, input.columns, alone) : alone;
    return {
      key,
      points,
      color,
      width: isEpoch ? Math.min(width, 1) : width,
      isStepped,
      dash: kind === 'raw' ? [] : dashOf(series.place.stage),
      pointRadius: marked.length >= points.length ? markRadius : marked.length > 0 ? radii(points.length, marked) : 0,
      isHollow: isEpoch && series.place.stage !== 'train' && series.place.stage !== '',
    };
  }

  #dropOthers(lines: readonly ChartLine[]): void {
    if (this.#pools.size === lines.length) return;
    const kept = new Set(lines.map((line) => line.key));
    for (const key of this.#pools.keys()) if (!kept.has(key)) this.#pools.delete(key);
  }
}

// Pixel columns for each line: all there are, unless that would be too many points in all.
function columnsFor({ lines, settings, columns }: PictureInput, hasRaw: boolean): number {
  const long = lines.filter((series) => series.columns.drawn.length > columns).length;
  const drawnTwice = settings.smoothing > 0 && hasRaw ? 2 : 1;
  const affordable = Math.max(fewestColumns, Math.floor(pointBudget / (4 * drawnTwice * Math.max(1, long))));
  return Math.min(columns, affordable);
}

// Writes the chosen rows into the points and gives back which of them stand alone between two gaps: no line shows those.
function fill(
  points: ChartPoint[],
  chosen: Uint32Array,
  x: Float64Array,
  y: Float64Array,
  shift: number,
  isLogarithmic: boolean,
): readonly number[] {
  points.length = Math.min(points.length, chosen.length);
  const alone: number[] = [];
  let run = 0;
  for (let index = 0; index < chosen.length; index++) {
    const row = chosen[index] ?? gap;
    const value = row === gap ? NaN : (y[row] ?? NaN);
    const isGap = row === gap || value - value !== 0 || (isLogarithmic && value <= 0);
    const point = (points[index] ??= { x: 0, y: 0 });
    point.x = isGap ? NaN : (x[row] ?? NaN) - shift;
    point.y = isGap ? NaN : value;
    if (isGap) {
      if (run === 1) alone.push(index - 1);
      run = 0;
    } else {
      run += 1;
    }
  }
  if (run === 1) alone.push(chosen.length - 1);
  return alone;
}

// Draws the last value on to where it is still in force.
function holdLast(points: ChartPoint[], end: number): void {
  const last = points.at(-1);
  // Not by `push`: Chart.js hears of it before it knows of the other new points, and throws.
  if (last && end > last.x) points[points.length] = { x: end, y: last.y };
}

// The points that get a mark: all of them, or as many as fit beside each other.
function spaced(length: number, columns: number, alone: readonly number[]): readonly number[] {
  const every = Math.max(1, Math.ceil((length * 10) / columns));
  const marked = [...alone];
  for (let index = 0; index < length; index += every) marked.push(index);
  return marked;
}

function radii(length: number, alone: readonly number[]): number[] {
  const made = Array.from<number>({ length }).fill(0);
  for (const index of alone) made[index] = markRadius;
  return made;
}

/** A hexadecimal colour with an opacity from 0 to 1. */
export function faded(color: string, opacity: number): string {
  return `${color}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')}`;
}
