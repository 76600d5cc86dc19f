import { Card, type CardHost } from './card.ts';
import { element, setText } from './dom.ts';
import { rankCard, rankOrder } from './grouping.ts';

/** The cards in their order: loss, metrics, the rest; numbers about the machine are folded away below. */
export class CardGrid {
  readonly node: HTMLElement = element('div');
  readonly #host: CardHost;
  readonly #cards = new Map<string, Card>();
  readonly #main: HTMLElement = element('div', 'grid');
  readonly #system: HTMLElement = element('div', 'grid');
  readonly #fold: HTMLDetailsElement = element('details', 'system');
  readonly #foldTitle: HTMLElement = element('summary');
  readonly #observer: IntersectionObserver;
  readonly #sizes: ResizeObserver;
  readonly #cardOf = new WeakMap<Element, Card>();

  /** @param onShown Called when a card comes on screen. */
  constructor(host: CardHost, onShown: (card: Card) => void) {
    this.#host = host;
    this.#fold.hidden = true;
    this.#fold.append(this.#foldTitle, this.#system);
    this.node.append(this.#main, this.#fold);
    this.#observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const card = this.#cardOf.get(target);
        if (!card) continue;
        card.isOnScreen = isIntersecting;
        if (isIntersecting) onShown(card);
      }
    });
    this.#sizes = new ResizeObserver((entries) => {
      for (const { target } of entries) {
        const card = this.#cardOf.get(target);
        if (card) host.redraw(card);
      }
    });
  }

  get cards(): Iterable<Card> {
    return this.#cards.values();
  }

  card(key: string): Card | undefined {
    return this.#cards.get(key);
  }

  /** Makes missing cards and removes those without a tag, which are given back. `keys` are in the order of first appearance. */
  arrange(keys: ReadonlySet<string>): readonly Card[] {
    const gone: Card[] = [];
    for (const [key, card] of this.#cards) {
      if (keys.has(key)) continue;
      this.#observer.unobserve(card.node);
      this.#sizes.unobserve(card.node);
      card.destroy();
      this.#cards.delete(key);
      gone.push(card);
    }
    for (const key of keys) if (!this.#cards.has(key)) this.#add(key);
    const ordered = [...keys].toSorted((a, b) => rankOrder(rankCard(a)) - rankOrder(rankCard(b)));
    place(this.#main, this.#nodes(ordered.filter((key) => rankCard(key) !== 'system')));
    const system = ordered.filter((key) => rankCard(key) === 'system');
    place(this.#system, this.#nodes(system));
    this.#fold.hidden = system.length === 0;
    setText(this.#foldTitle, `System (${system.length})`);
    return gone;
  }

  destroy(): void {
    this.#observer.disconnect();
    this.#sizes.disconnect();
    for (const card of this.#cards.values()) card.destroy();
    this.#cards.clear();
  }

  #add(key: string): void {
    const card = new Card(key, this.#host);
    this.#cards.set(key, card);
    this.#cardOf.set(card.node, card);
    this.#observer.observe(card.node);
    this.#sizes.observe(card.node);
  }

  #nodes(keys: readonly string[]): readonly HTMLElement[] {
    return keys.flatMap((key) => this.#cards.get(key)?.node ?? []);
  }
}

// Moves only what stands in the wrong place: an element that is moved loses focus.
function place(parent: HTMLElement, nodes: readonly HTMLElement[]): void {
  let before: Element | null = parent.firstElementChild;
  for (const node of nodes) {
    if (node === before) before = before.nextElementSibling;
    else parent.insertBefore(node, before);
  }
}
