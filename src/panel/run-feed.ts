import { isSmallDevice } from '../core/device-memory.ts';
import type { RunInfo } from '../core/run-info.ts';
import { toLogError, type LogError } from '../core/errors.ts';
import type { MetricStore, ScalarChunk, Series } from '../store/metric-store.ts';
import { placeTag, type TagPlace } from '../core/tag-card.ts';
import { Detail, type Stretch } from './detail.ts';
import type { Newest } from './readout.ts';
import { SeriesColumns } from './series-columns.ts';

/** Up to this many points of a tag are kept as they are, fewer on a device with little memory; of longer ones the store merges the past to {@link bucketsKept}. */
export const pointsKept: number = /* @__PURE__ */ isSmallDevice() ? 20_000 : 100_000;

/**
 * Buckets of a long tag: about one for each pixel of a chart. The store reads up to twice as many, of 55 bytes each, so that twenty charts
 * cost less than one percent of a run of ten million points. What a card zooms into is read on its own, finer ({@link RunFeed.detailOf}).
 */
export const bucketsKept = 700;

/** One tag of one run. */
export interface TagFeed {
  readonly tag: string;
  readonly place: TagPlace;
  /** Undefined until it has been asked for and read. */
  readonly columns: SeriesColumns | undefined;
}

interface Slot {
  readonly tag: string;
  readonly place: TagPlace;
  columns: SeriesColumns | undefined;
  /** The stretch of it that was asked for last. */
  detail: Detail | undefined;
  /** Points in the store when it was last asked, and those that came since. */
  count: number;
  throughSeq: number;
  isWanted: boolean;
  isReading: boolean;
  /** Its turn to be read again will come. */
  isQueued: boolean;
  /** Chunks that came while the past was being read. */
  held: ScalarChunk[];
  /** At this many points in memory the past is read again, as buckets. */
  readAgainAt: number;
}

/** What a feed needs of a store. */
export type FeedStore = Pick<MetricStore, 'tags' | 'series' | 'follow'>;

/** Who hears about a feed. */
export interface FeedListener {
  /** New tags are there to be drawn. */
  onTags(): void;
  /** The numbers of a card changed. */
  onNumbers(card: string): void;
  onError(error: LogError): void;
}

/**
 * The numbers of one run, past and live: the past of each tag that somebody looks at through `series()`, what comes later through one
 * `follow()` from there on. Nothing is read before {@link want}, nothing followed while paused.
 */
export class RunFeed {
  readonly #store: FeedStore;
  readonly #listener: FeedListener;
  readonly #slots = new Map<string, Slot>();
  readonly #byCard = new Map<string, Slot[]>();
  /** Those that have been asked for: few of very many. */
  readonly #wanted = new Set<Slot>();
  #info: RunInfo;
  #isActive = false;
  #isClosed = false;
  #stopFollowing: (() => void) | undefined;
  #isStarting = false;
  #followedFrom = Infinity;
  /** Counts how often what had been stored was superseded or brought back. */
  #revision = 0;
  #readingAgain: Promise<void> = Promise.resolve();
  #newest: Newest = { step: -Infinity, wallTime: -Infinity };

  constructor(store: FeedStore, info: RunInfo, listener: FeedListener) {
    this.#store = store;
    this.#info = info;
    this.#listener = listener;
  }

  get info(): RunInfo {
    return this.#info;
  }

  /** In the order in which they first appeared. */
  get tags(): Iterable<TagFeed> {
    return this.#slots.values();
  }

  /** The tags of a card. */
  tagsOf(card: string): readonly TagFeed[] {
    return this.#byCard.get(card) ?? [];
  }

  /** The cards of its tags, in the order in which they first appeared. */
  get cards(): Iterable<string> {
    return this.#byCard.keys();
  }

  /** The newest point that has been read or followed, of whatever tag. */
  get newest(): Newest {
    let { step, wallTime } = this.#newest;
    for (const { columns } of this.#wanted) {
      if (!columns) continue;
      step = Math.max(step, columns.drawn.stepExtent.max);
      wallTime = Math.max(wallTime, columns.drawn.wallExtent.max);
    }
    return { step, wallTime };
  }

  get isFollowing(): boolean {
    return this.#stopFollowing !== undefined;
  }

  /** Takes a newer record of the run; one that is running again is followed again. */
  update(info: RunInfo): void {
    const wasLive = isLive(this.#info);
    const isRevised = JSON.stringify(info.resumes) !== JSON.stringify(this.#info.resumes);
    this.#info = info;
    if (isRevised) this.#readAllAgain();
    if (!wasLive && isLive(info)) void this.#start();
  }

  /** Reads what is there and follows what comes. */
  resume(): void {
    if (this.#isActive || this.#isClosed) return;
    this.#isActive = true;
    void this.#start();
  }

  /** Stops following; what has been read is kept. */
  pause(): void {
    this.#isActive = false;
    this.#unfollow();
  }

  /** Asks for the numbers of all tags of a card. */
  want(card: string): void {
    for (const slot of this.#byCard.get(card) ?? []) {
      if (slot.isWanted) continue;
      slot.isWanted = true;
      this.#wanted.add(slot);
      void this.#read(slot);
    }
  }

  /**
   * What to draw of a tag while a card shows only a stretch of its x axis: its columns with that stretch read finer. Undefined where they
   * are fine enough, where that has not been read yet, and without a stretch.
   */
  detailOf(tag: string, stretch: Stretch | undefined): SeriesColumns | undefined {
    const slot = this.#slots.get(tag);
    if (!slot?.columns) return undefined;
    if (stretch) {
      slot.detail ??= new Detail({
        tag,
        startedAt: this.#info.startedAt,
        read: (query) => this.#store.series(this.#info.id, tag, query),
        onRead: () => {
          if (!this.#isClosed) this.#listener.onNumbers(slot.place.card);
        },
        onError: (thrown) => this.#report(thrown),
      });
    }
    return slot.detail?.show(slot.columns, stretch);
  }

  close(): void {
    this.#isClosed = true;
    this.pause();
    this.#slots.clear();
    this.#byCard.clear();
    this.#wanted.clear();
  }

  // All in one turn: the store reads them together. What is being read right now is read once more when that is done.
  #readAllAgain(): void {
    this.#revision += 1;
    this.#newest = { step: -Infinity, wallTime: -Infinity };
    for (const slot of this.#slots.values()) if (slot.columns && !slot.isReading) void this.#read(slot);
    if (this.#isActive) void this.#findTags().catch((thrown: unknown) => this.#report(thrown));
  }

  // One after another: tags that are logged together grow too long together, and the page must not stand still for them.
  #queue(slot: Slot): void {
    if (slot.isQueued || slot.isReading) return;
    slot.isQueued = true;
    this.#readingAgain = this.#readingAgain.then(async () => {
      slot.isQueued = false;
      if (!this.#isClosed) await this.#read(slot);
    });
  }

  async #start(): Promise<void> {
    if (!this.#isActive || this.#isStarting) return;
    this.#isStarting = true;
    try {
      await this.#findTags();
      if (!isLive(this.#info)) return;
      const from = await this.#seqToFollowFrom();
      if (!this.#isActive || this.#stopFollowing) return;
      this.#follow(from);
      // A tag may have appeared between the first look and the point from which we follow.
      await this.#findTags();
    } catch (thrown) {
      this.#report(thrown);
    } finally {
      this.#isStarting = false;
    }
  }

  async #findTags(): Promise<void> {
    const tags = await this.#store.tags(this.#info.id);
    if (this.#isClosed) return;
    let isNew = false;
    for (const { tag, count } of tags) isNew = this.#addSlot(tag, count) || isNew;
    if (isNew) this.#listener.onTags();
  }

  #addSlot(tag: string, count = 0): boolean {
    const known = this.#slots.get(tag);
    if (known) {
      known.count = Math.max(known.count, count);
      return false;
    }
    const place = placeTag(tag);
    const slot: Slot = {
      tag,
      place,
      columns: undefined,
      detail: undefined,
      count,
      throughSeq: -1,
      isWanted: false,
      isReading: false,
      isQueued: false,
      held: [],
      readAgainAt: pointsKept,
    };
    this.#slots.set(tag, slot);
    const together = this.#byCard.get(place.card);
    if (together) together.push(slot);
    else this.#byCard.set(place.card, [slot]);
    return true;
  }

  async #seqToFollowFrom(): Promise<number> {
    let lowest = Infinity;
    for (const slot of this.#slots.values()) if (slot.columns) lowest = Math.min(lowest, slot.throughSeq);
    if (lowest < Infinity) return lowest + 1;
    const [any] = this.#slots.values();
    if (!any) return 0;
    // Two rows are enough to learn how far the store has got, without reading the whole run.
    const { throughSeq } = await this.#store.series(this.#info.id, any.tag, { maxPoints: 2 });
    return throughSeq + 1;
  }

  #follow(from: number): void {
    this.#unfollow();
    for (const slot of this.#slots.values()) slot.held = [];
    this.#followedFrom = from;
    let isCancelled = false;
    const undo = this.#store.follow(
      this.#info.id,
      (chunk) => {
        if (!isCancelled) this.#take(chunk);
      },
      from,
    );
    this.#stopFollowing = (): void => {
      isCancelled = true;
      undo();
    };
  }

  #unfollow(): void {
    this.#stopFollowing?.();
    this.#stopFollowing = undefined;
    this.#followedFrom = Infinity;
  }

  #take(chunk: ScalarChunk): void {
    let isNew = false;
    for (const tag of chunk.tags) isNew = this.#addSlot(tag) || isNew;
    const last = chunk.tag.length - 1;
    this.#newest = {
      step: Math.max(this.#newest.step, chunk.step[last] ?? -Infinity),
      wallTime: Math.max(this.#newest.wallTime, chunk.wallTime[last] ?? -Infinity),
    };
    const changed = new Set<string>();
    const targets = chunk.tags.map((tag) => {
      const slot = this.#slots.get(tag);
      if (slot?.columns === undefined || slot.isReading || chunk.seq <= slot.throughSeq) return undefined;
      changed.add(slot.place.card);
      slot.detail?.take(chunk);
      return slot.columns;
    });
    if (changed.size > 0) append(chunk, targets);
    for (const slot of this.#wanted) {
      if (slot.isReading) slot.held.push(chunk);
      else if (slot.columns) {
        slot.throughSeq = Math.max(slot.throughSeq, chunk.seq);
        if (slot.columns.drawn.length > slot.readAgainAt) {
          slot.count = Math.max(slot.count, slot.columns.drawn.length);
          this.#queue(slot);
        }
      }
    }
    if (isNew) this.#listener.onTags();
    for (const card of changed) this.#listener.onNumbers(card);
  }

  async #read(slot: Slot): Promise<void> {
    if (slot.isReading) return;
    slot.isReading = true;
    try {
      let series: Series;
      let revision: number;
      do {
        revision = this.#revision;
        const maxPoints = slot.count > pointsKept ? bucketsKept : pointsKept;
        series = await this.#store.series(this.#info.id, slot.tag, { maxPoints });
        if (this.#isClosed) return;
      } while (revision !== this.#revision);
      slot.columns = new SeriesColumns(series);
      slot.detail?.renew();
      slot.throughSeq = series.throughSeq;
      slot.readAgainAt = slot.columns.drawn.length + pointsKept;
      this.#takeHeld(slot);
      // This past ends before the place we follow from: go back to where it ends; others skip what they have.
      if (this.#stopFollowing && slot.throughSeq + 1 < this.#followedFrom) this.#follow(slot.throughSeq + 1);
      this.#listener.onNumbers(slot.place.card);
    } catch (thrown) {
      slot.isWanted = false;
      // What was read before stays, and goes on without a hole.
      this.#takeHeld(slot);
      this.#listener.onNumbers(slot.place.card);
      this.#report(thrown);
    } finally {
      slot.isReading = false;
    }
  }

  #takeHeld(slot: Slot): void {
    const { held, columns } = slot;
    slot.isReading = false;
    slot.held = [];
    if (!columns) return;
    for (const chunk of held) {
      if (chunk.seq <= slot.throughSeq) continue;
      append(
        chunk,
        chunk.tags.map((tag) => (tag === slot.tag ? columns : undefined)),
      );
      slot.detail?.take(chunk);
      slot.throughSeq = chunk.seq;
    }
  }

  #report(thrown: unknown): void {
    // A run that was deleted while it was read is no news: the list of runs says so.
    if (this.#isClosed) return;
    const error = toLogError(thrown, 'store-failed', `showPanel(): reading run ${JSON.stringify(this.#info.name)}`);
    if (error.code !== 'run-not-found') this.#listener.onError(error);
  }
}

function isLive(info: RunInfo): boolean {
  return info.status === 'running' || info.status === 'interrupted';
}

function append(chunk: ScalarChunk, targets: readonly (SeriesColumns | undefined)[]): void {
  const { tag, step, wallTime, value } = chunk;
  for (let row = 0; row < tag.length; row++) {
    targets[tag[row] ?? -1]?.append(step[row] ?? NaN, wallTime[row] ?? NaN, value[row] ?? NaN);
  }
}
