import { barItems, type BarItemOptions, type BarItems, formatBarItem } from '../core/bar-text.ts';
import { describe, LogError } from '../core/errors.ts';
import { hasEnded, loopOf, type ProgressSource } from '../core/progress-source.ts';
import type { BarProgress, TrainProgress } from '../core/train-events.ts';
import { createWarner } from '../core/warnings.ts';
import { element, rewrite, setText } from './dom.ts';
import { findTarget } from './find-target.ts';
import { formatCount, formatDigits, formatDuration, formatPercent } from './number-format.ts';
import { type PanelTheme, resolveSettings } from './options.ts';
import { ProgressRow, type RowState } from './progress-row.ts';
import { progressCss } from './progress.css.ts';
import { openShadow } from './shadow.ts';
import { onLanguage } from '../core/words.ts';
import { sayOfProgress } from './words.ts';

/** How {@link showProgress} shows a training. */
export interface ProgressOptions extends Omit<BarItemOptions, 'warn'> {
  /** Draw again after so many further batches; 0 draws nothing. Default 1: with each frame that brings news. */
  readonly refreshRate?: number;
  /** Keep a line of each finished epoch, the newest hundred. Default false. */
  readonly leave?: boolean;
  /** Say in the title of the page how far it is, also while the page is hidden. Default false. */
  readonly title?: boolean;
  /** Default `auto`: follows the reader's system. */
  readonly theme?: PanelTheme;
}

/** Milliseconds between two changes of the page's title. */
const titleEveryMs = 1000;
const mostPast = 100;

/**
 * Shows the progress of a training inside an element of the page, found by a selector or given: bar, counts, time left, rate, and what was
 * logged with `progBar: true`; a validation has a bar of its own below. Works with a `Trainer` and with what `connectTrainer` gives.
 * Throws `bad-options`.
 *
 * ```ts
 * showProgress('#progress', trainer, { hide: ['v_num'], title: true });
 * ```
 */
export function showProgress(target: string | HTMLElement, trainer: ProgressSource, options: ProgressOptions = {}): ProgressBar {
  return new ProgressBar(findTarget(target, 'showProgress'), trainer, options);
}

/** A progress bar in the page. While nobody can see it, it draws nothing. */
export class ProgressBar implements Disposable {
  readonly #options: ProgressOptions;
  readonly #itemOptions: BarItemOptions;
  readonly #host: HTMLElement = element('div');
  readonly #panel: HTMLElement = element('div', 'panel');
  readonly #past: HTMLElement = element('ol', 'past');
  readonly #row = new ProgressRow('outer');
  readonly #inner = new ProgressRow('inner');
  readonly #items: HTMLElement = element('dl', 'items');
  readonly #spoken: HTMLElement = element('p', 'spoken');
  readonly #observer: IntersectionObserver;
  readonly #ended = new AbortController();
  readonly #isSystemDark: MediaQueryList = matchMedia('(prefers-color-scheme: dark)');
  readonly #forget: () => void;
  #latest: TrainProgress | undefined;
  /** The newest of the training, while a validation is shown. */
  #training: BarProgress | undefined;
  #tick = NaN;
  #frame = 0;
  #isOnScreen = false;
  #draws = 0;
  #titleAt = -Infinity;
  #titles: { readonly page: string; own: string } | undefined;

  constructor(target: HTMLElement, trainer: ProgressSource, options: ProgressOptions = {}) {
    const { refreshRate = 1, theme } = options;
    const call = 'showProgress()';
    if (!Number.isInteger(refreshRate) || refreshRate < 0) {
      throw new LogError('bad-options', `${call}: refreshRate is ${describe(refreshRate)}, need a whole number of batches, 0 or more.`);
    }
    if (typeof trainer?.on !== 'function') {
      throw new LogError('bad-options', `${call}: got ${describe(trainer)} as the trainer, need a Trainer or what connectTrainer() gives.`);
    }
    resolveSettings(theme === undefined ? {} : { theme }, call);
    this.#options = options;
    this.#itemOptions = { ...options, ...guarded(options), warn: createWarner() };
    this.#build(target);
    this.#observer = new IntersectionObserver((entries) => {
      this.#isOnScreen = entries.at(-1)?.isIntersecting ?? false;
      if (this.#isOnScreen) this.#ask();
    });
    this.#observer.observe(this.#host);
    this.#isSystemDark.addEventListener('change', () => this.#applyTheme(), { signal: this.#ended.signal });
    this.#applyTheme();
    this.#ended.signal.addEventListener(
      'abort',
      onLanguage(() => this.#write()),
    );
    this.#forget = refreshRate === 0 ? (): void => {} : trainer.on('progress', (progress) => this.#hear(progress));
  }

  /** How often it was drawn. */
  get draws(): number {
    return this.#draws;
  }

  /** Takes it out of the page, and the page's title back. */
  destroy(): void {
    this.#forget();
    this.#observer.disconnect();
    this.#ended.abort();
    cancelAnimationFrame(this.#frame);
    this.#giveTitleBack();
    this.#host.remove();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  #build(target: HTMLElement): void {
    const root = openShadow(this.#host, target, progressCss);
    this.#spoken.role = 'status';
    this.#spoken.ariaLive = 'polite';
    this.#inner.node.hidden = true;
    this.#panel.append(this.#past, this.#row.node, this.#items, this.#inner.node, this.#spoken);
    root.append(this.#panel);
    this.#write();
  }

  /** All that is shown, in the language that is set. What was said and kept stays as it was said. */
  #write(): void {
    rewrite(this.#panel);
    if (this.#latest === undefined) this.#row.rest(sayOfProgress('not-started'));
    this.#ask();
  }

  #applyTheme(): void {
    const { theme = 'auto' } = this.#options;
    this.#panel.classList.toggle('dark', theme === 'auto' ? this.#isSystemDark.matches : theme === 'dark');
  }

  #hear(progress: TrainProgress): void {
    const before = this.#latest;
    this.#latest = progress;
    const { bar } = progress;
    const isNew = before === undefined || before.phase !== progress.phase || loopOf(before) !== loopOf(progress);
    if (isNew) this.#turn(before, progress);
    if (bar?.outer === undefined) this.#training = bar;
    if (this.#options.title === true) this.#showTitle(isNew);
    const done = bar?.batch ?? progress.step;
    const tick = Math.floor(done / (this.#options.refreshRate ?? 1));
    if (!isNew && tick === this.#tick && done !== bar?.totalBatches) return;
    this.#tick = tick;
    this.#ask();
  }

  /** Draws with the next frame; a hidden page has none. */
  #ask(): void {
    if (!this.#isOnScreen || !this.#host.isConnected || this.#latest === undefined) return;
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#latest !== undefined && this.#isOnScreen) this.#draw(this.#latest);
    });
  }

  #draw(progress: TrainProgress): void {
    this.#draws += 1;
    const { bar, phase } = progress;
    this.#panel.classList.toggle('failed', phase === 'failed');
    this.#row.show(outerState(progress, this.#training));
    const inner = bar?.outer === undefined ? undefined : bar;
    // Once there was a validation its place is kept, so that the page does not jump with each one.
    if (inner !== undefined || phase === 'preparing' || hasEnded(progress)) this.#inner.node.hidden = inner === undefined;
    this.#inner.node.classList.toggle('resting', inner === undefined);
    if (inner !== undefined) this.#inner.show({ ...inner, label: stageLabel(inner), done: inner.batch, total: inner.totalBatches });
    showItems(this.#items, barItems(progress, this.#itemOptions));
  }

  /** Something begins or ends: said once, and kept if asked to. */
  #turn(before: TrainProgress | undefined, progress: TrainProgress): void {
    if (before !== undefined && hasEnded(before)) {
      this.#past.replaceChildren();
      return;
    }
    const ended = hasEnded(progress);
    const last = ended ? progress : before;
    if (last === undefined || (!ended && last.epoch === progress.epoch)) return;
    const items = Object.entries(barItems(last, this.#itemOptions)).filter(([name]) => name !== 'v_num');
    const texts = items.map(([name, value]) => `${name} ${itemText(name, value)}`);
    setText(this.#spoken, [ended ? endingOf(progress) : epochLabel(last, 'epoch-done'), ...texts].join(', '));
    if (this.#options.leave !== true || last.bar === undefined) return;
    const line = element('li');
    const { batch, totalBatches, elapsedMs } = last.bar.outer === undefined ? last.bar : (this.#training ?? last.bar);
    const count = totalBatches === undefined ? formatCount(batch) : `${formatCount(batch)} / ${formatCount(totalBatches)}`;
    line.append(
      element('b', '', sayOfProgress('epoch', { epoch: last.epoch + 1 })),
      ...[count, formatDuration(elapsedMs / 1000), ...texts].map((text) => element('span', '', text)),
    );
    this.#past.append(line);
    if (this.#past.childElementCount > mostPast) this.#past.firstElementChild?.remove();
  }

  // By the events, not by frames: a hidden page has a title, too.
  #showTitle(isNew: boolean): void {
    const progress = this.#latest;
    const now = performance.now();
    if (progress === undefined || (!isNew && now - this.#titleAt < titleEveryMs)) return;
    if (hasEnded(progress)) return this.#giveTitleBack();
    this.#titleAt = now;
    // The page may have changed it meanwhile.
    const page = this.#titles?.own === document.title ? this.#titles.page : document.title;
    const share = shareOf(progress);
    const own = `${share === undefined ? '' : `${formatPercent(share)} · `}${page}`;
    this.#titles = { page, own };
    document.title = own;
  }

  #giveTitleBack(): void {
    if (this.#titles?.own === document.title) document.title = this.#titles.page;
    this.#titles = undefined;
  }
}

/** Of the whole training, or of a loop of its own. */
function shareOf({ step, totalSteps, bar }: TrainProgress): number | undefined {
  const [done, total] = totalSteps === undefined || totalSteps === 0 ? [bar?.batch ?? 0, bar?.totalBatches] : [step, totalSteps];
  return total === undefined || total === 0 ? undefined : Math.min(1, done / total);
}

function outerState(progress: TrainProgress, training: BarProgress | undefined): RowState {
  const { phase, bar } = progress;
  const label =
    phase === 'preparing'
      ? sayOfProgress('preparing')
      : hasEnded(progress)
        ? endingOf(progress)
        : bar === undefined || bar.stage === 'train' || bar.outer !== undefined
          ? epochLabel(progress, phase === 'paused' ? 'epoch-paused' : 'epoch-of')
          : stageLabel(bar);
  if (phase === 'preparing' && (bar?.batch ?? 0) === 0) return { label, done: 0, total: undefined };
  if (bar === undefined) {
    const { step, totalSteps, secondsLeft, stepsPerSecond } = progress;
    const remainingMs = secondsLeft === undefined || hasEnded(progress) ? undefined : secondsLeft * 1000;
    return { label, done: step, total: totalSteps ?? (hasEnded(progress) ? step : undefined), remainingMs, itPerSec: stepsPerSecond };
  }
  const { batch, totalBatches } = bar.outer ?? bar;
  const total = totalBatches ?? (hasEnded(progress) ? batch : undefined);
  // Times stand still while the training waits for an evaluation.
  const { elapsedMs, remainingMs, itPerSec, samplesPerSec } = bar.outer === undefined ? bar : (training ?? {});
  return { label, done: batch, total, elapsedMs, remainingMs: hasEnded(progress) ? undefined : remainingMs, itPerSec, samplesPerSec };
}

function epochLabel({ epoch, maxEpochs }: TrainProgress, key: 'epoch-of' | 'epoch-paused' | 'epoch-done'): string {
  return sayOfProgress(key, { epoch: Math.min(epoch + 1, maxEpochs), all: maxEpochs });
}

function endingOf(progress: TrainProgress): string {
  const { phase, epoch, maxEpochs, bar } = progress;
  const ending = phase === 'stopped' || phase === 'failed' ? phase : 'finished';
  if (bar !== undefined && bar.stage !== 'train' && bar.outer === undefined) return sayOfProgress(ending, { stage: stageLabel(bar) });
  const epochs = Math.min(epoch + 1, maxEpochs);
  return ending === 'finished' ? sayOfProgress('finished-after', { count: epochs }) : sayOfProgress(`${ending}-in`, { epoch: epochs });
}

function stageLabel({ stage, dataloaderIdx, dataloaderName }: BarProgress): string {
  const text = sayOfProgress(stage);
  if (dataloaderName !== undefined) return sayOfProgress('of-loader', { stage: text, name: dataloaderName });
  return dataloaderIdx === undefined || dataloaderIdx === 0
    ? text
    : sayOfProgress('loader-number', { stage: text, number: dataloaderIdx + 1 });
}

/** Changes texts in place as long as the names are the same. */
function showItems(list: HTMLElement, items: BarItems): void {
  const entries = Object.entries(items);
  if (list.childElementCount !== entries.length || entries.some(([name], i) => list.children[i]?.firstElementChild?.textContent !== name)) {
    list.replaceChildren(
      ...entries.map(([name]) => {
        const pair = element('div');
        pair.append(element('dt', '', name), element('dd'));
        return pair;
      }),
    );
  }
  for (const [i, [name, value]] of entries.entries()) {
    const cell = list.children[i]?.lastElementChild;
    if (cell) setText(cell, itemText(name, value));
  }
}

/** Numbers as the language writes them; versions and other texts are names. */
function itemText(name: string, value: number | string): string {
  const text = formatBarItem(name, value);
  return typeof value === 'number' && name !== 'v_num' ? formatDigits(text) : text;
}

/** A `getMetrics` that throws is reported like any uncaught error, once; then the standard items are shown. */
function guarded({ getMetrics }: ProgressOptions): Pick<BarItemOptions, 'getMetrics'> {
  if (getMetrics === undefined) return {};
  let isBroken = false;
  return {
    getMetrics: (context) => {
      if (isBroken) return context.items;
      try {
        return getMetrics(context);
      } catch (thrown) {
        isBroken = true;
        reportError(thrown);
        return context.items;
      }
    },
  };
}
