import { Card, type CardHost } from './card.ts';
import { CardSection } from './card-section.ts';
import { element, setText, worded } from './dom.ts';
import { rankCard, rankOrder } from './grouping.ts';
import { sayOfPanel } from './words.ts';

/**
 * The cards in their order: loss, metrics, the rest; numbers about the machine are folded away below. Of very many only the first are made;
 * more of them come as the reader scrolls, asks for them, or looks for a name.
 */
export class CardGrid {
  readonly node: HTMLElement = element('div');
  readonly #host: CardHost;
  readonly #cards = new Map<string, Card>();
  readonly #main: CardSection;
  readonly #system: CardSection;
  readonly #fold: HTMLDetailsElement = element('details', 'system');
  readonly #foldTitle: HTMLElement = element('summary');
  readonly #search: HTMLElement = element('div', 'search');
  readonly #filter: HTMLInputElement = element('input', 'filter');
  readonly #found: HTMLElement = element('span');
  readonly #observer: IntersectionObserver;
  readonly #sizes: ResizeObserver;
  readonly #cardOf = new WeakMap<Element, Card>();
  readonly #ranks = new Map<string, number>();
  #keys: ReadonlySet<string> = new Set();

  /** @param onShown Called when a card comes on screen. */
  constructor(host: CardHost, onShown: (card: Card) => void) {
    this.#host = host;
    const onMore = (): void => this.#place();
    this.#main = new CardSection(onMore);
    this.#system = new CardSection(onMore);
    this.#filter.type = 'search';
    worded(this.#filter, (filter) => {
      filter.placeholder = sayOfPanel('filter-charts');
      filter.ariaLabel = sayOfPanel('filter-charts-label');
    });
    this.#filter.addEventListener('input', () => {
      this.#main.reset();
      this.#system.reset();
      this.#place();
    });
    this.#found.role = 'status';
    this.#search.append(this.#filter, this.#found);
    this.#search.hidden = this.#fold.hidden = true;
    this.#fold.append(this.#foldTitle, this.#system.node);
    this.node.append(this.#search, this.#main.node, this.#fold);
    this.#observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const card = this.#cardOf.get(target);
        if (!card) continue;
        card.isOnScreen = isIntersecting;
        if (isIntersecting) onShown(card);
      }
    });
    this.#sizes = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) this.#cardOf.get(target)?.resize(contentRect);
    });
  }

  /** The cards that are made. */
  get cards(): Iterable<Card> {
    return this.#cards.values();
  }

  /** How many cards there are, those included that are not made yet. */
  get count(): number {
    return this.#keys.size;
  }

  card(key: string): Card | undefined {
    return this.#cards.get(key);
  }

  /** Makes missing cards, as far as they are to be seen, and removes those without a tag. `keys` are in the order of first appearance. */
  arrange(keys: ReadonlySet<string>): void {
    this.#keys = keys;
    this.#place();
  }

  /** Writes what is counted anew, in the language that is set. */
  rewrite(): void {
    this.#place();
  }

  destroy(): void {
    this.#observer.disconnect();
    this.#sizes.disconnect();
    this.#main.destroy();
    this.#system.destroy();
    for (const card of this.#cards.values()) card.destroy();
    this.#cards.clear();
  }

  #place(): void {
    const wanted = this.#filter.value.trim().toLowerCase();
    const ranked: string[][] = [];
    let matches = 0;
    for (const key of this.#keys) {
      if (!key.toLowerCase().includes(wanted)) continue;
      matches += 1;
      (ranked[this.#rankOf(key)] ??= []).push(key);
    }
    const systemRank = rankOrder('system');
    const system = ranked[systemRank] ?? [];
    const shown = new Set([...this.#main.choose(ranked.slice(0, systemRank).flat()), ...this.#system.choose(system)]);
    for (const [key, card] of this.#cards) if (!shown.has(key)) this.#drop(key, card);
    const nodeOf = (key: string): HTMLElement => (this.#cards.get(key) ?? this.#add(key)).node;
    this.#main.show(nodeOf);
    this.#system.show(nodeOf);
    this.#fold.hidden = system.length === 0;
    setText(this.#foldTitle, sayOfPanel('system', { count: system.length }));
    this.#search.hidden = wanted === '' && !this.#main.isLong && !this.#system.isLong;
    setText(this.#found, wanted === '' ? '' : sayOfPanel('found', { found: matches, all: this.#keys.size }));
  }

  #rankOf(key: string): number {
    let rank = this.#ranks.get(key);
    if (rank === undefined) this.#ranks.set(key, (rank = rankOrder(rankCard(key))));
    return rank;
  }

  #add(key: string): Card {
    const card = new Card(key, this.#host);
    this.#cards.set(key, card);
    this.#cardOf.set(card.node, card);
    this.#cardOf.set(card.plot, card);
    this.#observer.observe(card.node);
    this.#sizes.observe(card.plot);
    return card;
  }

  #drop(key: string, card: Card): void {
    this.#observer.unobserve(card.node);
    this.#sizes.unobserve(card.plot);
    this.#cardOf.delete(card.node);
    this.#cardOf.delete(card.plot);
    card.destroy();
    this.#cards.delete(key);
  }
}
