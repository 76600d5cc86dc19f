import type { MetricStore } from '../store/metric-store.ts';
import { formatBytes, isNearlyFull } from '../store/space.ts';
import { element, setText } from './dom.ts';

/** How often at most the browser is asked, in milliseconds: it has to count. */
const askEveryMs = 10_000;

/** How full the store is: `12 MB of 2.0 GB used`. Hidden where the browser does not say, and for runs that are in memory only. */
export class Usage {
  readonly node: HTMLElement = element('span', 'usage');
  #askedAt = -Infinity;

  constructor() {
    this.node.title = 'What this page’s address keeps in this browser, of what the browser lets it keep';
    this.node.hidden = true;
  }

  /** Asks again, unless it did a moment ago. Never rejects. */
  async refresh(store: MetricStore): Promise<void> {
    const now = performance.now();
    if (store.kind === 'memory' || now - this.#askedAt < askEveryMs) return;
    this.#askedAt = now;
    try {
      const space = await store.space();
      const { usage, quota } = space;
      this.node.hidden = usage === undefined || quota === undefined;
      if (usage === undefined || quota === undefined) return;
      const isFull = isNearlyFull(space);
      this.node.classList.toggle('full', isFull);
      setText(this.node, `${formatBytes(usage)} of ${formatBytes(quota)} used${isFull ? ', nearly full' : ''}`);
    } catch {
      // The list of runs, asked for at the same time, says what is wrong with the store.
      this.node.hidden = true;
    }
  }
}
