import type { MetricStore, StoreSpace } from '../store/metric-store.ts';
import { formatBytes, isNearlyFull } from '../store/space.ts';
import { element, setText, worded } from './dom.ts';
import { sayOfPanel } from './words.ts';

/** How often at most the browser is asked, in milliseconds: it has to count. */
const askEveryMs = 10_000;

/** How full the store is: `12 MB of 2.0 GB used`. Hidden where the browser does not say, and for runs that are in memory only. */
export class Usage {
  readonly node: HTMLElement = element('span', 'usage');
  #askedAt = -Infinity;
  #space: StoreSpace = { usage: undefined, quota: undefined, isPersisted: undefined };

  constructor() {
    this.node.hidden = true;
    worded(this.node, () => this.#write());
  }

  /** Asks again, unless it did a moment ago. Never rejects. */
  async refresh(store: MetricStore): Promise<void> {
    const now = performance.now();
    if (store.kind === 'memory' || now - this.#askedAt < askEveryMs) return;
    this.#askedAt = now;
    try {
      this.#space = await store.space();
      this.#write();
    } catch {
      // The list of runs, asked for at the same time, says what is wrong with the store.
      this.node.hidden = true;
    }
  }

  #write(): void {
    const { usage, quota } = this.#space;
    this.node.title = sayOfPanel('usage-title');
    this.node.hidden = usage === undefined || quota === undefined;
    if (usage === undefined || quota === undefined) return;
    const isFull = isNearlyFull(this.#space);
    this.node.classList.toggle('full', isFull);
    setText(this.node, sayOfPanel(isFull ? 'usage-full' : 'usage', { used: formatBytes(usage), room: formatBytes(quota) }));
  }
}
