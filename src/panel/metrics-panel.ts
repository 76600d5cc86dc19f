import { describe, LogError, toLogError } from '../core/errors.ts';
import type { RunInfo } from '../core/run-info.ts';
import { openStore } from '../store/index.ts';
import type { MetricStore } from '../store/metric-store.ts';
import { CardGrid } from './card-grid.ts';
import type { Card, CardHost, ChartModule } from './card.ts';
import type { ChartLook } from './chart.ts';
import { Controls } from './controls.ts';
import { element, rewrite, setText, worded } from './dom.ts';
import { FrameQueue } from './frame-queue.ts';
import { loadChart } from './load-chart.ts';
import { isHeld } from './grouping.ts';
import { resolveSettings, type PanelOptions, type PanelSettings, type ResolvedSettings } from './options.ts';
import { PlaceNotices } from './place-notices.ts';
import type { Reading } from './readout.ts';
import { RunList } from './run-list.ts';
import { RunSet } from './run-set.ts';
import { openShadow } from './shadow.ts';
import { panelCss } from './theme.css.ts';
import { sentenceOf, Tooltip, tooltipRows } from './tooltip.ts';
import { onLanguage } from '../core/words.ts';
import { sayOfPanel } from './words.ts';

// What a frame may take while charts are drawn for the first time: well below the 50 ms from which on a page feels slow.
const firstSliceMs = 24;

/** What a panel has done so far. */
export interface PanelStats {
  /** Charts drawn. */
  readonly draws: number;
  /** Points given to Chart.js, all draws together. */
  readonly pointsHandedToChart: number;
  /** The most points that one line of one draw had per pixel of its width. */
  readonly worstPointsPerPixel: number;
  /** Runs followed at this moment. */
  readonly following: number;
}

/**
 * Live charts of the runs of a project, in an element of the page. It reads from a store, so it shows what any tab or worker logs, and what
 * was there before. While it is off screen it neither draws nor follows.
 *
 * ```ts
 * const panel = new MetricsPanel(document.querySelector('#charts')!, { store, project: 'mnist' });
 * ```
 */
export class MetricsPanel implements Disposable {
  /** Resolves when the runs were listed for the first time, also when that failed: the panel then says why. */
  readonly ready: Promise<void>;
  readonly #options: PanelOptions;
  readonly #host: HTMLElement = element('div');
  readonly #panel: HTMLElement = element('div', 'panel');
  readonly #error: HTMLElement = element('div', 'error');
  readonly #empty: HTMLElement = element('div', 'empty');
  readonly #spoken: HTMLElement = element('p', 'spoken');
  readonly #tooltip = new Tooltip();
  readonly #controls: Controls;
  readonly #runList: RunList;
  readonly #grid: CardGrid;
  readonly #frames = new FrameQueue();
  readonly #runs: RunSet;
  readonly #ended = new AbortController();
  readonly #isSystemDark: MediaQueryList = matchMedia('(prefers-color-scheme: dark)');
  readonly #observer: IntersectionObserver;
  readonly #draws = new WeakMap<Card, () => void>();
  #settings: ResolvedSettings;
  #store: MetricStore | undefined;
  #ownsStore = false;
  #chartModule: ChartModule | undefined;
  #unwatch: (() => void) | undefined;
  #isOnScreen = false;
  #isDestroyed = false;
  #emphasis: string | undefined;
  #look: ChartLook | undefined;
  #stats = { draws: 0, pointsHandedToChart: 0, worstPointsPerPixel: 0 };
  #toldErrors = new Set<string>();

  constructor(target: HTMLElement, options: PanelOptions = {}) {
    if (!(target instanceof HTMLElement)) {
      throw new LogError('bad-options', `new MetricsPanel(target): target is ${describe(target)}, need an element of the page.`);
    }
    this.#options = options;
    this.#settings = resolveSettings(options, 'new MetricsPanel()');
    this.#controls = new Controls(this.#settings, (change) => this.update(change));
    this.#runList = new RunList({
      onVisibility: () => this.#redrawAll(),
      onEmphasis: (runId) => this.#emphasize(runId),
    });
    this.#runs = new RunSet({
      onTags: () => this.#arrange(),
      onNumbers: (key) => this.#numbersCame(key),
      onStatus: ({ name, status }) => setText(this.#spoken, sayOfPanel('run-is', { name, status: sayOfPanel(status) })),
      onError: (error) => this.#fail(error),
    });
    this.#grid = new CardGrid(this.#cardHost(), (card) => this.#cardShown(card));
    this.#build(target);
    this.#observer = new IntersectionObserver((entries) => this.#screenChanged(entries.at(-1)?.isIntersecting ?? false));
    this.#observer.observe(this.#host);
    const { signal } = this.#ended;
    document.addEventListener('visibilitychange', () => this.#activate(), { signal });
    this.#isSystemDark.addEventListener('change', () => this.#applyTheme(), { signal });
    this.#applyTheme();
    signal.addEventListener(
      'abort',
      onLanguage(() => this.#changeLanguage()),
    );
    this.ready = this.#open();
  }

  /** Changes smoothing, axis or theme, as the reader can. Throws `bad-options`. */
  update(change: PanelSettings): void {
    this.#settings = resolveSettings(change, 'MetricsPanel.update()', this.#settings);
    this.#controls.show(this.#settings);
    if (change.axis !== undefined) for (const card of this.#grid.cards) card.zoom(undefined);
    if (change.theme !== undefined) this.#applyTheme();
    this.#redrawAll();
  }

  get settings(): ResolvedSettings {
    return this.#settings;
  }

  /** Counters, for tests and for the curious. */
  get stats(): PanelStats {
    return { ...this.#stats, following: this.#runs.following };
  }

  /** Takes the panel out of the page and lets go of everything, the store included if the panel opened it. */
  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#ended.abort();
    this.#observer.disconnect();
    this.#unwatch?.();
    this.#frames.clear();
    this.#runs.close();
    this.#grid.destroy();
    this.#host.remove();
    this.#closeStore();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  // ── what cards ask for ──

  #cardHost(): CardHost {
    return {
      settings: () => this.#settings,
      look: () => this.#currentLook(),
      isDark: () => this.#isDark,
      emphasis: () => this.#emphasis,
      chartModule: () => {
        if (!this.#chartModule) throw new LogError('internal', 'internal: a card was drawn before Chart.js was there');
        return this.#chartModule;
      },
      linesOf: (card, stretch) => this.#runs.linesOf(card, (runId) => this.#runList.isVisible(runId), this.#isDark, stretch),
      redraw: (card) => this.#redraw(card),
      read: (card, readings, point, isSpoken) => this.#read(card, readings, point, isSpoken),
    };
  }

  get #isDark(): boolean {
    return this.#settings.theme === 'auto' ? this.#isSystemDark.matches : this.#settings.theme === 'dark';
  }

  // Read from the style sheet once and again when the theme may have changed: it forces a style calculation.
  #currentLook(): ChartLook {
    if (!this.#look) {
      const style = getComputedStyle(this.#panel);
      const read = (name: string): string => style.getPropertyValue(name).trim();
      this.#look = { grid: read('--grid'), text: read('--muted'), surface: read('--surface'), font: style.fontFamily };
    }
    return this.#look;
  }

  #redraw(card: Card): void {
    card.isStale = true;
    if (!card.isOnScreen || !this.#chartModule || this.#isDestroyed) return;
    let draw = this.#draws.get(card);
    if (!draw) this.#draws.set(card, (draw = (): void => this.#draw(card)));
    this.#frames.add(draw, card.isNew ? firstSliceMs : undefined);
  }

  #read(card: Card, readings: readonly Reading[] | undefined, point: { readonly x: number; readonly y: number }, isSpoken: boolean): void {
    if (!readings || readings.length === 0) {
      this.#tooltip.hide();
      return;
    }
    const listed = readings.slice(0, tooltipRows);
    const more = readings.length - listed.length;
    // The nearest to the pointer were chosen; they are listed as the lines lie, from top to bottom.
    listed.sort((a, b) => (b.smoothed ?? b.value) - (a.smoothed ?? a.value));
    const plot = card.node.querySelector('.plot')?.getBoundingClientRect();
    const origin = this.#panel.getBoundingClientRect();
    const x = point.x + (plot?.left ?? 0) - origin.left;
    const y = point.y + (plot?.top ?? 0) - origin.top;
    this.#tooltip.show(listed, more, this.#settings.axis, { x, y, within: this.#panel });
    if (isSpoken) setText(this.#spoken, sentenceOf(listed, more));
  }

  // ── building and opening ──

  #build(target: HTMLElement): void {
    const root = openShadow(this.#host, target, panelCss);
    const bar = element('div', 'bar');
    const { project } = this.#options;
    const title = worded(element('h2'), (node) => setText(node, (node.title = project ?? sayOfPanel('all'))));
    bar.append(title, this.#controls.node);
    this.#error.role = 'alert';
    this.#spoken.role = 'status';
    this.#error.hidden = this.#empty.hidden = this.#runList.node.hidden = true;
    this.#panel.role = 'region';
    worded(this.#panel, (panel) => {
      panel.ariaLabel = project === undefined ? sayOfPanel('charts-all') : sayOfPanel('charts-project', { project });
    });
    const places = new PlaceNotices(this.#ended.signal);
    this.#panel.append(bar, places.node, this.#error, this.#runList.node, this.#empty, this.#grid.node, this.#spoken, this.#tooltip.node);
    root.append(this.#panel);
    rewrite(this.#panel);
  }

  async #open(): Promise<void> {
    try {
      const { store } = this.#options;
      this.#ownsStore = store === undefined || typeof store === 'string';
      // Both at once, and both awaited: a store that did open must be closed even when the charts did not come. Numbers are read meanwhile.
      const [opened, chart] = await Promise.allSettled([
        Promise.resolve(typeof store === 'object' ? store : openStore(store)).then((one) => this.#begin(one)),
        loadChart().then((loaded) => this.#chartCame(loaded)),
      ]);
      if (opened.status === 'rejected') throw opened.reason;
      if (chart.status === 'rejected') throw chart.reason;
    } catch (thrown) {
      this.#fail(toLogError(thrown, 'store-failed', 'showPanel()'));
    }
  }

  async #begin(store: MetricStore): Promise<void> {
    this.#store = store;
    if (this.#isDestroyed) return this.#closeStore();
    this.#unwatch = store.watchRuns(() => void this.#listRuns());
    await this.#listRuns();
  }

  #chartCame(chart: ChartModule): void {
    this.#chartModule = chart;
    this.#redrawAll();
  }

  #closeStore(): void {
    const store = this.#store;
    this.#store = undefined;
    // The panel is gone; a store that will not close has nobody left to tell but the console.
    // oxlint-disable-next-line no-console -- see above
    if (this.#ownsStore && store) store.close().catch((thrown: unknown) => console.error(thrown));
  }

  async #listRuns(): Promise<void> {
    const store = this.#store;
    if (!store) return;
    void this.#runList.usage.refresh(store);
    try {
      const { project, runs: wanted } = this.#options;
      const all = await store.runs(project === undefined ? undefined : { project });
      if (this.#isDestroyed) return;
      this.#takeRuns(store, wanted ? all.filter(({ id }) => wanted.includes(id)) : all);
    } catch (thrown) {
      this.#fail(toLogError(thrown, 'store-failed', 'showPanel()'));
    }
  }

  #takeRuns(store: MetricStore, runs: readonly RunInfo[]): void {
    const isRemoved = this.#runs.take(store, runs);
    this.#showRuns();
    this.#arrange();
    if (isRemoved) this.#redrawAll();
  }

  // ── showing ──

  #showRuns(): void {
    const { infos } = this.#runs;
    const projects = new Set(infos.map(({ project }) => project));
    this.#runList.update(
      infos.map((info) => ({ info, color: this.#runs.colorOf(info, this.#isDark) })),
      projects.size > 1,
    );
  }

  #arrange(): void {
    this.#grid.arrange(this.#runs.cards);
    for (const card of this.#grid.cards) if (card.isOnScreen) this.#runs.want(card.key);
    this.#tellEmpty();
  }

  #tellEmpty(): void {
    this.#empty.hidden = this.#grid.count > 0 || !this.#error.hidden;
    const { project } = this.#options;
    const { infos } = this.#runs;
    const [first] = infos;
    const lead = first
      ? infos.length === 1
        ? sayOfPanel('waiting-run', { name: first.name })
        : sayOfPanel('waiting-runs', { count: infos.length })
      : project === undefined
        ? sayOfPanel('no-runs')
        : sayOfPanel('no-runs-project', { project });
    this.#empty.replaceChildren(element('strong', '', lead), element('span', '', sayOfPanel('they-appear')));
  }

  #numbersCame(key: string): void {
    const card = this.#grid.card(key);
    if (card) this.#redraw(card);
    // Settings are drawn up to the newest point of their run, whatever it was a point of.
    for (const other of this.#grid.cards) if (isHeld(other.key)) this.#redraw(other);
  }

  #cardShown(card: Card): void {
    this.#runs.want(card.key);
    if (card.isStale) this.#redraw(card);
  }

  #draw(card: Card): void {
    if (!card.isOnScreen || document.hidden) return;
    if (!card.draw()) return;
    this.#stats.draws += 1;
    this.#stats.pointsHandedToChart += card.pointsDrawn;
    this.#stats.worstPointsPerPixel = Math.max(this.#stats.worstPointsPerPixel, card.worstPerPixel);
  }

  #redrawAll(): void {
    for (const card of this.#grid.cards) this.#redraw(card);
  }

  #emphasize(runId: string | undefined): void {
    if (runId === this.#emphasis) return;
    this.#emphasis = runId;
    this.#redrawAll();
  }

  #changeLanguage(): void {
    rewrite(this.#panel);
    this.#tooltip.hide();
    setText(this.#spoken, '');
    this.#showRuns();
    this.#grid.rewrite();
    this.#tellEmpty();
    this.#redrawAll();
  }

  #applyTheme(): void {
    this.#panel.classList.toggle('dark', this.#isDark);
    this.#look = undefined;
    this.#showRuns();
    this.#redrawAll();
  }

  // ── on and off screen ──

  get #isWatching(): boolean {
    return this.#isOnScreen && !document.hidden && !this.#isDestroyed;
  }

  #screenChanged(isOnScreen: boolean): void {
    this.#isOnScreen = isOnScreen;
    this.#activate();
  }

  #activate(): void {
    this.#runs.watch(this.#isWatching);
    if (!this.#isWatching) return;
    // A theme of the page may have changed its colours meanwhile.
    this.#look = undefined;
    for (const card of this.#grid.cards) if (card.isOnScreen) this.#cardShown(card);
  }

  // ── telling ──

  #fail(error: LogError): void {
    if (this.#isDestroyed) return;
    this.#error.textContent = error.message;
    this.#error.hidden = false;
    this.#tellEmpty();
    if (this.#toldErrors.has(error.message)) return;
    this.#toldErrors.add(error.message);
    // oxlint-disable-next-line no-console -- the panel shows the message, the console has its cause
    console.error(error);
  }
}
