import { formatRate } from '../core/bar-text.ts';
import { element, setText } from './dom.ts';
import { formatDuration } from './number-format.ts';

/** What one bar shows. */
export interface RowState {
  readonly label: string;
  readonly done: number;
  /** Undefined: nobody knows. */
  readonly total: number | undefined;
  readonly elapsedMs?: number | undefined;
  readonly remainingMs?: number | undefined;
  readonly itPerSec?: number | undefined;
  readonly samplesPerSec?: number | undefined;
}

const thousands = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** One bar with its label, its counts and what it says about time. */
export class ProgressRow {
  readonly node: HTMLElement;
  readonly #label: HTMLElement = element('span', 'label');
  readonly #count: HTMLElement = element('span', 'count');
  readonly #percent: HTMLElement = element('span', 'percent');
  readonly #bar: HTMLProgressElement = element('progress');
  readonly #elapsed: HTMLElement = element('span', 'extra');
  readonly #left: HTMLElement = element('span');
  readonly #rate: HTMLElement = element('span');
  readonly #samples: HTMLElement = element('span', 'extra');

  constructor(className: string) {
    this.node = element('div', className);
    const head = element('div', 'head');
    head.append(this.#label, this.#count, this.#percent);
    const facts = element('div', 'facts');
    facts.append(this.#left, this.#rate, this.#elapsed, this.#samples);
    this.node.append(head, this.#bar, facts);
  }

  /** Nothing has begun. */
  rest(label: string): void {
    this.show({ label, done: 0, total: undefined });
    this.#bar.value = 0;
  }

  show({ label, done, total, elapsedMs, remainingMs, itPerSec = 0, samplesPerSec }: RowState): void {
    setText(this.#label, label);
    this.#bar.ariaLabel = label;
    const isKnown = total !== undefined && total > 0;
    setText(this.#count, isKnown ? `${thousands.format(done)} / ${thousands.format(total)}` : done > 0 ? thousands.format(done) : '');
    setText(this.#percent, isKnown ? `${Math.floor((100 * Math.min(done, total)) / total)} %` : '');
    if (isKnown) {
      this.#bar.max = total;
      this.#bar.value = done;
    } else this.#bar.removeAttribute('value');
    setText(this.#elapsed, elapsedMs === undefined ? '' : `${formatDuration(elapsedMs / 1000)} so far`);
    setText(this.#left, remainingMs === undefined || remainingMs === 0 ? '' : `${formatDuration(remainingMs / 1000)} left`);
    setText(this.#rate, itPerSec > 0 ? formatRate(itPerSec).trim() : '');
    setText(this.#samples, samplesPerSec === undefined ? '' : `${thousands.format(samplesPerSec)} samples/s`);
  }
}
