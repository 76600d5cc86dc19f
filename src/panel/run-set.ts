import type { LogError } from '../core/errors.ts';
import type { RunInfo } from '../core/run-info.ts';
import type { MetricStore } from '../store/metric-store.ts';
import type { Stretch } from './detail.ts';
import { linePrecedence } from './grouping.ts';
import type { CardSeries } from './readout.ts';
import { RunColors } from './run-colors.ts';
import { RunFeed } from './run-feed.ts';

/** Who hears about the runs of a panel. */
export interface RunSetListener {
  /** New tags are there to be drawn. */
  onTags(): void;
  /** The numbers of a card changed. */
  onNumbers(card: string): void;
  /** The status of a run changed. */
  onStatus(info: RunInfo): void;
  onError(error: LogError): void;
}

/** The runs of a panel with their numbers and colours. Reads and follows only while it is watched. */
export class RunSet {
  readonly #listener: RunSetListener;
  readonly #feeds = new Map<string, RunFeed>();
  readonly #colors = new RunColors();
  #isWatched = false;

  constructor(listener: RunSetListener) {
    this.#listener = listener;
  }

  /** Oldest first. */
  get infos(): readonly RunInfo[] {
    return [...this.#feeds.values()].map((feed) => feed.info);
  }

  /** The cards that the tags of all runs ask for, in the order in which they first appeared. */
  get cards(): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const feed of this.#feeds.values()) for (const card of feed.cards) keys.add(card);
    return keys;
  }

  /** Runs followed at this moment. */
  get following(): number {
    let count = 0;
    for (const feed of this.#feeds.values()) if (feed.isFollowing) count += 1;
    return count;
  }

  /** Takes the list of runs as the store has it now: adds, changes, removes. True when lines went and charts need a redraw. */
  take(store: MetricStore, runs: readonly RunInfo[]): boolean {
    let isRemoved = false;
    const ids = new Set(runs.map(({ id }) => id));
    for (const [id, feed] of this.#feeds) {
      if (ids.has(id)) continue;
      feed.close();
      this.#feeds.delete(id);
      this.#colors.release(id);
      isRemoved = true;
    }
    for (const info of runs) {
      const feed = this.#feeds.get(info.id);
      if (!feed) {
        this.#add(store, info);
        continue;
      }
      // A run that is restored comes in between.
      this.#feeds.delete(info.id);
      this.#feeds.set(info.id, feed);
      const hasChanged = feed.info.status !== info.status;
      feed.update(info);
      if (hasChanged) this.#listener.onStatus(info);
    }
    return isRemoved;
  }

  /** Starts or stops following. */
  watch(isWatched: boolean): void {
    this.#isWatched = isWatched;
    for (const feed of this.#feeds.values()) {
      if (isWatched) feed.resume();
      else feed.pause();
    }
  }

  /** Asks for the numbers of a card. */
  want(card: string): void {
    if (this.#isWatched) for (const feed of this.#feeds.values()) feed.want(card);
  }

  colorOf(info: RunInfo, isDark: boolean): string {
    return this.#colors.colorOf(info)[isDark ? 'dark' : 'light'];
  }

  /**
   * The lines of a card whose numbers have been read, of the runs that `isShown` lets through. With a stretch, those that are too coarse
   * for it are read finer, and the card hears of it.
   */
  linesOf(card: string, isShown: (runId: string) => boolean, isDark: boolean, stretch: Stretch | undefined): readonly CardSeries[] {
    const lines: CardSeries[] = [];
    for (const feed of this.#feeds.values()) {
      const { info } = feed;
      if (!isShown(info.id)) continue;
      const { newest } = feed;
      const color = this.colorOf(info, isDark);
      for (const { tag, place, columns } of feed.tagsOf(card)) {
        if (!columns) continue;
        const detail = feed.detailOf(tag, stretch);
        lines.push({ runId: info.id, runName: info.name, tag, place, color, startedAt: info.startedAt, columns, detail, newest });
      }
    }
    return lines.sort((a, b) => linePrecedence(a.place) - linePrecedence(b.place));
  }

  close(): void {
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }

  #add(store: MetricStore, info: RunInfo): void {
    const feed = new RunFeed(store, info, this.#listener);
    this.#colors.colorOf(info);
    this.#feeds.set(info.id, feed);
    if (this.#isWatched) feed.resume();
  }
}
