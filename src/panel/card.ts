import type { ChartFrame, LineChart } from './chart.ts';
import type { Stretch } from './detail.ts';
import { element, lineSample, setText, worded, wordedElement } from './dom.ts';
import { cardTitle, linePrecedence } from './grouping.ts';
import { formatStep, formatValue } from './number-format.ts';
import type { ResolvedSettings } from './options.ts';
import { dashOf, Picture, spanOf, type Span } from './picture.ts';
import { PlotPointer } from './plot-pointer.ts';
import { readAt, type CardSeries, type Reading } from './readout.ts';
import { axisTicks } from './ticks.ts';
import { kindOf, stageText } from './tooltip.ts';
import { sayOfPanel } from './words.ts';

/** The chart room, which is loaded on its own: Chart.js is an optional peer. */
export interface ChartModule {
  readonly LineChart: typeof LineChart;
  readonly leftSpace: number;
  readonly rightSpace: number;
}

/** What a card asks of the panel it stands in. */
export interface CardHost {
  settings(): ResolvedSettings;
  look(): ChartFrame['look'];
  isDark(): boolean;
  /** The run that stands out, or none. */
  emphasis(): string | undefined;
  chartModule(): ChartModule;
  /** The visible lines of a card, and which part of the x axis it shows if not all. */
  linesOf(card: string, stretch: Stretch | undefined): readonly CardSeries[];
  /** Asks for a redraw in the next frame. */
  redraw(card: Card): void;
  /** Values under the pointer, or undefined when it left. */
  read(card: Card, readings: readonly Reading[] | undefined, point: { readonly x: number; readonly y: number }, isSpoken: boolean): void;
}

/** One metric: title, key, plot. Its size never depends on its numbers. */
export class Card {
  readonly key: string;
  readonly node: HTMLElement = element('article', 'card');
  /** True while any part of it is on screen. */
  isOnScreen = false;
  /** Its numbers or its looks have changed since it was drawn. */
  isStale = true;
  readonly #host: CardHost;
  readonly #keyList: HTMLElement = element('div', 'key');
  readonly #plot: HTMLElement = element('div', 'plot');
  readonly #canvas: HTMLCanvasElement = element('canvas');
  readonly #hint: HTMLElement = element('p', 'hint');
  readonly #summary: HTMLElement = element('p', 'spoken');
  readonly #unzoom: HTMLButtonElement = wordedElement('button', 'small', () => sayOfPanel('reset-zoom'));
  readonly #logScale: HTMLButtonElement = element('button', 'small toggle');
  readonly #picture = new Picture();
  readonly #pointer: PlotPointer;
  #chart: LineChart | undefined;
  #lines: readonly CardSeries[] = [];
  #zoom: Span | undefined;
  #keySignature = '';
  #size = { width: 0, height: 0 };

  constructor(key: string, host: CardHost) {
    this.key = key;
    this.#host = host;
    const title = element('h3', '', cardTitle(key));
    title.title = key;
    const tools = element('div', 'tools');
    this.#unzoom.type = this.#logScale.type = 'button';
    this.#unzoom.hidden = true;
    this.#unzoom.addEventListener('click', () => this.zoom(undefined));
    worded(this.#logScale, (button) => {
      setText(button, sayOfPanel('log'));
      button.title = sayOfPanel('log-title');
      button.ariaLabel = sayOfPanel('log-label', { title: cardTitle(key) });
    });
    this.#logScale.ariaPressed = 'false';
    this.#logScale.addEventListener('click', () => {
      this.#logScale.ariaPressed = String(!this.#isLogarithmic);
      host.redraw(this);
    });
    tools.append(this.#unzoom, this.#logScale);
    const header = element('header');
    header.append(title, this.#keyList, tools);
    this.#canvas.ariaHidden = 'true';
    this.#plot.tabIndex = 0;
    this.#plot.role = 'group';
    worded(this.#plot, (plot) => (plot.ariaLabel = sayOfPanel('chart', { title: cardTitle(key) })));
    this.#plot.append(this.#canvas, this.#hint);
    this.node.append(header, this.#plot, this.#summary);
    this.#pointer = new PlotPointer(this.#plot, {
      area: () => this.#chart?.area,
      read: (x, y, isSpoken) => this.#read(x, y, isSpoken),
      leave: () => host.read(this, undefined, { x: 0, y: 0 }, false),
      select: (from, to) => this.#zoomTo(from, to),
      reset: () => this.zoom(undefined),
    });
  }

  /** Points handed to the chart by the last draw. */
  get pointsDrawn(): number {
    return this.#picture.points;
  }

  /** The most points per pixel of one line in the last draw. */
  get worstPerPixel(): number {
    return this.#picture.worstPerPixel;
  }

  /** True before its first draw. */
  get isNew(): boolean {
    return this.#chart === undefined;
  }

  /** Where it is drawn: the size of this element counts. */
  get plot(): Element {
    return this.#plot;
  }

  /** Takes the size of the plot in CSS pixels as an observer reports it: to ask for it in a draw would make the browser lay out the page. */
  resize({ width, height }: { readonly width: number; readonly height: number }): void {
    this.#size = { width: Math.round(width), height: Math.round(height) };
    this.#host.redraw(this);
  }

  get #isLogarithmic(): boolean {
    return this.#logScale.ariaPressed === 'true';
  }

  /** Shows a part of the x axis, or all of it. */
  zoom(span: Span | undefined): void {
    this.#zoom = span;
    this.#unzoom.hidden = span === undefined;
    this.#host.redraw(this);
  }

  /** Draws what there is now. True when the chart was drawn. */
  draw(): boolean {
    const host = this.#host;
    const settings = host.settings();
    const chartModule = host.chartModule();
    this.isStale = false;
    const whole = host.linesOf(this.key, this.#zoom && { axis: settings.axis, ...this.#zoom });
    this.#lines = whole.map((series) => ({ ...series, columns: series.detail ?? series.columns }));
    const all = spanOf(whole, settings.axis);
    const { width, height } = this.#size;
    if (width === 0 || height === 0) return false;
    this.#tell(whole);
    if (!all && !this.#chart) return false;
    const span = this.#zoom ?? all ?? { min: 0, max: 1 };
    const columns = Math.max(1, width - chartModule.leftSpace - chartModule.rightSpace);
    const lines = this.#picture.draw({
      lines: this.#lines,
      settings,
      columns,
      span,
      isLogarithmic: this.#isLogarithmic,
      emphasis: host.emphasis(),
      isDark: host.isDark(),
    });
    const xTicks = axisTicks(settings.axis, span.min, span.max, Math.max(2, Math.min(9, Math.round(columns / 66))));
    const frame = { lines, xMin: span.min, xMax: span.max, xTicks, isLogarithmic: this.#isLogarithmic, look: host.look() };
    if (this.#chart) {
      this.#chart.resize(width, height);
      this.#chart.draw(frame);
    } else {
      this.#chart = new chartModule.LineChart(this.#canvas, width, height, frame);
    }
    this.#pointer.refresh();
    return true;
  }

  destroy(): void {
    // A draw that still waits has nothing to draw on.
    this.isOnScreen = false;
    this.#pointer.destroy();
    this.#chart?.destroy();
    this.#chart = undefined;
    this.node.remove();
  }

  #read(x: number, y: number, isSpoken: boolean): void {
    const chart = this.#chart;
    if (!chart) return;
    const at = chart.xAt(x);
    const { axis, smoothing } = this.#host.settings();
    const tolerance = Math.abs(chart.xAt(x + 12) - at);
    const isNear = (reading: Reading): number => {
      const distance = Math.abs(chart.pixelOf('y', reading.smoothed ?? reading.value) - y);
      return Number.isFinite(distance) ? distance : Infinity;
    };
    const readings = readAt(this.#lines, axis, at, tolerance, smoothing);
    const byDistance = readings.toSorted((a, b) => isNear(a) - isNear(b));
    this.#host.read(this, byDistance, { x, y }, isSpoken);
  }

  #zoomTo(from: number, to: number): void {
    const a = this.#chart?.xAt(from) ?? NaN;
    const b = this.#chart?.xAt(to) ?? NaN;
    if (Number.isFinite(a) && Number.isFinite(b) && a !== b) this.zoom({ min: Math.min(a, b), max: Math.max(a, b) });
  }

  // The key, the hint where there is nothing to draw, and the text for screen readers.
  #tell(lines: readonly CardSeries[]): void {
    const hasNumbers = lines.some(({ columns }) => columns.drawn.length > columns.drawn.nonFinite);
    const hasAny = lines.some(({ columns }) => columns.drawn.length > 0);
    setText(this.#hint, hasNumbers ? '' : sayOfPanel(hasAny ? 'only-odd' : 'no-values'));
    this.#hint.hidden = hasNumbers;
    this.#tellKey(lines);
    setText(this.#summary, summaryOf(cardTitle(this.key), lines));
  }

  #tellKey(lines: readonly CardSeries[]): void {
    const isOneRun = new Set(lines.map((series) => series.runId)).size === 1;
    const kinds = new Map<string, CardSeries>();
    for (const series of lines.toSorted((a, b) => linePrecedence(a.place) - linePrecedence(b.place))) {
      // The key has a value for each stage, that of its steps if there are any; one more item tells epochs from steps.
      if (!kinds.has(series.place.stage)) kinds.set(series.place.stage, series);
    }
    const isEpoch = ({ place }: CardSeries): boolean => place.rhythm === 'epoch';
    const epochs = lines.find((series) => isEpoch(series) && kinds.get(series.place.stage)?.place.rhythm !== 'epoch');
    const signature =
      [...kinds].map(([kind, { color, place }]) => `${kind} ${color} ${place.rhythm}`).join() +
      String([isOneRun, epochs?.color, sayOfPanel('epoch')]);
    if (signature !== this.#keySignature) {
      this.#keySignature = signature;
      this.#keyList.replaceChildren(
        ...[...kinds].map(([kind, { color, place }]) => {
          const item = element('span', 'item');
          const sampleColor = isOneRun ? color : 'currentColor';
          item.append(
            lineSample(sampleColor, dashOf(place.stage), place.rhythm === 'epoch', !['train', ''].includes(place.stage)),
            element('span', '', stageText(kind)),
            element('b'),
          );
          return item;
        }),
      );
      if (epochs) {
        const item = element('span', 'item extra');
        item.append(lineSample(isOneRun ? epochs.color : 'currentColor', [], true, false), element('span', '', sayOfPanel('epoch')));
        this.#keyList.append(item);
      }
      this.#keyList.hidden = kinds.size === 0 || (!isOneRun && !epochs && kinds.size === 1 && kinds.has(''));
    }
    const items = this.#keyList.children;
    [...kinds.values()].forEach((series, index) => {
      const value = items[index]?.lastElementChild;
      if (value?.nodeName === 'B') setText(value, isOneRun ? formatValue(lastValue(series)) : '');
    });
  }
}

function lastValue({ columns }: CardSeries): number {
  const { drawn } = columns;
  return drawn.value[drawn.length - 1] ?? NaN;
}

function summaryOf(title: string, lines: readonly CardSeries[]): string {
  if (lines.length === 0) return sayOfPanel('summary-none', { title });
  const listed = lines.slice(0, 12).map((series) => {
    const { drawn } = series.columns;
    const odd = series.columns.nonFinite;
    const step = formatStep(drawn.step[drawn.length - 1] ?? NaN);
    const name = [series.runName, kindOf(series.place)].filter(Boolean).join(' ');
    const value = formatValue(lastValue(series));
    return odd > 0 ? sayOfPanel('value-at-odd', { name, value, step, odd }) : sayOfPanel('value-at', { name, value, step });
  });
  if (lines.length > 12) listed.push(sayOfPanel('and-more', { count: lines.length - 12 }));
  return sayOfPanel('summary', { title, values: listed.join('; ') });
}
