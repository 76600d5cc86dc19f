import { element, setText } from './dom.ts';
import { formatCount, formatDigits, formatDuration, formatPercent } from './number-format.ts';
import { sayOfProgress } from './words.ts';

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
    setText(this.#count, isKnown ? `${formatCount(done)} / ${formatCount(total)}` : done > 0 ? formatCount(done) : '');
    setText(this.#percent, isKnown ? formatPercent(Math.min(done, total) / total) : '');
    if (isKnown) {
      this.#bar.max = total;
      this.#bar.value = done;
    } else this.#bar.removeAttribute('value');
    setText(this.#elapsed, elapsedMs === undefined ? '' : sayOfProgress('so-far', { time: formatDuration(elapsedMs / 1000) }));
    setText(
      this.#left,
      remainingMs === undefined || remainingMs === 0 ? '' : sayOfProgress('left', { time: formatDuration(remainingMs / 1000) }),
    );
    setText(this.#rate, itPerSec > 0 ? sayOfProgress('rate', { rate: formatDigits(itPerSec.toFixed(2)) }) : '');
    setText(this.#samples, samplesPerSec === undefined ? '' : sayOfProgress('samples', { count: formatCount(samplesPerSec) }));
  }
}
