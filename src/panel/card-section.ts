import { element, setText } from './dom.ts';
import { sayOfPanel } from './words.ts';

/** How many cards are made at once. Divisible by the usual numbers of columns, so that the last row is full. */
export const cardsAtOnce = 24;

/** A grid of cards that grows: below it stands a button for more, which presses itself when it comes near the view. */
export class CardSection {
  readonly node: HTMLElement = element('div');
  readonly #grid: HTMLElement = element('div', 'grid');
  readonly #more: HTMLButtonElement = element('button', 'small more');
  readonly #observer: IntersectionObserver;
  #limit = cardsAtOnce;
  #shown: ReadonlySet<string> = new Set();
  #total = 0;

  /** @param onMore Called when more cards are wanted than are shown. */
  constructor(onMore: () => void) {
    const grow = (): void => {
      this.#limit = this.#shown.size + cardsAtOnce;
      onMore();
    };
    this.#more.type = 'button';
    this.#more.hidden = true;
    this.#more.addEventListener('click', () => {
      const last = this.#grid.lastElementChild;
      grow();
      // Who pressed it with the keyboard goes on reading at the first of the new ones, as the button has moved away below them.
      last?.nextElementSibling?.querySelector<HTMLElement>('[tabindex]')?.focus();
    });
    this.#observer = new IntersectionObserver(
      (entries) => {
        if (entries.at(-1)?.isIntersecting) grow();
      },
      // Before the reader gets there.
      { rootMargin: '300px' },
    );
    this.node.append(this.#grid, this.#more);
  }

  /** True when there are more cards than are made at once. */
  get isLong(): boolean {
    return this.#total > cardsAtOnce;
  }

  /** Which of these cards are to be shown. Those that are shown already stay, also when others come before them. */
  choose(keys: readonly string[]): ReadonlySet<string> {
    this.#total = keys.length;
    this.#shown = new Set(keys.filter((key, index) => index < this.#limit || this.#shown.has(key)));
    return this.#shown;
  }

  /** Puts the chosen cards in their places. */
  show(nodeOf: (key: string) => HTMLElement): void {
    // Moves only what stands in the wrong place: an element that is moved loses focus.
    let before: Element | null = this.#grid.firstElementChild;
    for (const key of this.#shown) {
      const node = nodeOf(key);
      if (node === before) before = before.nextElementSibling;
      else this.#grid.insertBefore(node, before);
    }
    const rest = this.#total - this.#shown.size;
    this.#more.hidden = rest === 0;
    setText(this.#more, sayOfPanel('more', { shown: this.#shown.size, all: this.#total }));
    // Observed anew, it reports where it stands now, even when it never left the view.
    this.#observer.unobserve(this.#more);
    if (rest > 0) this.#observer.observe(this.#more);
  }

  /** Begins from the top again. */
  reset(): void {
    this.#limit = cardsAtOnce;
    this.#shown = new Set();
  }

  destroy(): void {
    this.#observer.disconnect();
  }
}
