import { newRunId } from '../core/run-id.ts';
import { isOverIn } from '../core/timer.ts';
import type { EndStatus, RunInfo } from '../core/run-info.ts';
import { type LifecycleEvent, onLifecycle } from '../run/lifecycle.ts';
import { openOutbox, type Outbox } from '../store/outbox.ts';
import { endItem, makeBatch, type Sender, startItem } from './http-batch.ts';
import type { Courier } from './http-courier.ts';
import { beaconBytes, HttpQueue } from './http-queue.ts';
import { holdSender, type QueuedResult, sendLeftBehind, whenSenderIsGone } from './send-queued.ts';
import { sayOfHttp } from './words.ts';

/** Items of one batch at most. */
const mostItems = 5000;
/** `save()` makes batches no closer than this, in milliseconds: epochs can be short. */
const leastGapMs = 2000;
/** The end of a run may take so long, in milliseconds; runs wait a little longer than that for their loggers. */
const endPatienceMs = 8000;
/** Up to an age of a run in milliseconds, the pause between batches: quick when young, slower when old, as W&B's client does. */
const cadence: readonly (readonly [ageMs: number, pauseMs: number])[] = [
  [60_000, 2000],
  [600_000, 10_000],
  [Infinity, 30_000],
];

type Leaving = Exclude<LifecycleEvent, 'resume'>;

/** What one run sends. */
export class HttpSession {
  readonly #courier: Courier;
  readonly #sender: Sender;
  readonly #queue: HttpQueue;
  readonly #outbox: Promise<Outbox | undefined>;
  readonly #letSenderGo: () => void;
  readonly #forget: () => void;
  readonly #ending = new AbortController();
  readonly #reading = new Set<Promise<void>>();
  #lines: string[] = [];
  #bytes = 0;
  #batches = 0;
  #sealedAt: number;
  #cancel: (() => void) | undefined;
  #isOver = false;
  /** What earlier pages have left waits for the server to answer again. */
  #hasLeft = false;
  #leaving: Leaving | undefined;

  constructor(courier: Courier, run: RunInfo) {
    const { settings, parts } = courier;
    this.#courier = courier;
    this.#sealedAt = parts.now();
    this.#sender = { url: settings.url, run, sender: newRunId().slice(0, 8), since: this.#sealedAt };
    this.#outbox = settings.outbox === false ? Promise.resolve(undefined) : openOutbox(settings.outbox);
    this.#queue = new HttpQueue(courier, this.#outbox, () => this.#sent());
    this.#letSenderGo = holdSender(this.#sender.sender, (courier) => this.#sendAgain(courier));
    const forgetLifecycle = onLifecycle((event) => this.#heard(event));
    const online = (): void => void this.#queue.sendNow();
    globalThis.addEventListener?.('online', online);
    this.#forget = () => {
      forgetLifecycle();
      globalThis.removeEventListener?.('online', online);
    };
    this.add(startItem(run));
    void this.#sendLeftBehind();
  }

  /** Its run has ended. What could not be sent may still be tried. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Rows, records and what else the server has not taken. */
  get unsent(): number {
    return this.#lines.length + this.#reading.size + this.#queue.items;
  }

  add(item: string): void {
    if (this.#isOver) return;
    this.#lines.push(item);
    this.#bytes += item.length;
    if (this.#bytes >= this.#courier.settings.maxBatchBytes || this.#lines.length >= mostItems) this.#seal();
    else this.#arm(this.#pauseMs());
  }

  /** Adds what has to be read first. */
  addLater(reading: Promise<string>, tag: string): void {
    const { warn } = this.#courier.settings;
    const added = reading
      .then(
        (item) => this.add(item),
        (thrown: unknown) => warn(`http-record:${tag}`, sayOfHttp('record', { tag, error: String(thrown) })),
      )
      .finally(() => this.#reading.delete(added));
    this.#reading.add(added);
  }

  /** Resolves when what was logged is on its way, or kept until it can be. */
  async save(): Promise<void> {
    // What the run itself has written since the page was hidden.
    if (this.#leaving !== undefined) {
      const event = this.#leaving;
      this.#leaving = undefined;
      return this.#leave(event, false);
    }
    await Promise.all(this.#reading);
    const restMs = this.#sealedAt + leastGapMs - this.#courier.parts.now();
    if (restMs <= 0) this.#seal();
    else if (this.#lines.length > 0) this.#arm(restMs);
  }

  async finalize(status: EndStatus): Promise<void> {
    if (this.#isOver) return;
    const { parts, settings } = this.#courier;
    await Promise.all(this.#reading);
    this.add(endItem(status, parts.now() / 1000));
    this.#isOver = true;
    this.#seal();
    const sending = this.#sendAll();
    if (!(await isOverIn(endPatienceMs, sending, parts.timer)) || this.#queue.batches > 0) await this.#queue.store();
    this.#courier.tellDropped(0, true);
    const { unsent } = this;
    if (unsent === 0) return this.#close();
    const { id, name } = this.#sender.run;
    settings.warn(`http-left:${id}`, sayOfHttp('left', { run: name, address: settings.address, count: unsent }));
    // It goes on being tried; until then the page's end is of interest.
  }

  /** Tries again what failed, as long as the end of a run may take. */
  async #sendAll(): Promise<void> {
    let left = endPatienceMs;
    if (this.#queue.retryMs === undefined) await this.#queue.sendNow();
    else await this.#queue.send();
    for (let inMs = this.#queue.retryMs; inMs !== undefined && inMs <= left; inMs = this.#queue.retryMs) {
      left -= inMs;
      await new Promise<void>((resolve) => this.#courier.parts.timer(resolve, inMs));
      await this.#queue.send();
    }
  }

  #pauseMs(): number {
    const { settings, parts } = this.#courier;
    const age = parts.now() - this.#sender.since;
    return settings.flushMs ?? cadence.find(([upTo]) => age < upTo)![1]; // the last is for all
  }

  #arm(ms: number): void {
    this.#cancel ??= this.#courier.parts.timer(() => this.#seal(), ms);
  }

  /** Makes batches of all there is. */
  #seal(mostBytes: number = this.#courier.settings.maxBatchBytes, isLeaving = false): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const lines = this.#lines;
    this.#lines = [];
    this.#bytes = 0;
    this.#sealedAt = this.#courier.parts.now();
    for (let from = 0; from < lines.length;) {
      let to = from;
      let bytes = 0;
      do bytes += lines[to++]!.length;
      while (to < lines.length && to - from < mostItems && bytes + lines[to]!.length < mostBytes);
      this.#queue.push(makeBatch(this.#sender, this.#batches++, lines.slice(from, to), this.#sealedAt), !isLeaving);
      from = to;
    }
  }

  #heard(event: LifecycleEvent): Promise<void> {
    this.#leaving = event === 'resume' ? undefined : event;
    return event === 'resume' ? this.#queue.sendNow() : this.#leave(event, true);
  }

  #leave(event: Leaving, isNews: boolean): Promise<void> {
    // Room for the rest of a batch: its head, and letters of several bytes.
    this.#seal(Math.min(this.#courier.settings.maxBatchBytes, beaconBytes / 2), true);
    return this.#queue.leave(event, isNews);
  }

  #sent(): void {
    if (this.#hasLeft) void this.#sendLeftBehind();
    if (this.#isOver && this.unsent === 0) this.#close();
  }

  async #sendLeftBehind(): Promise<void> {
    this.#hasLeft = false;
    const outbox = await this.#outbox;
    if (outbox === undefined) return;
    const { isStopped, alive } = await sendLeftBehind(outbox, this.#courier);
    this.#hasLeft = isStopped;
    for (const sender of alive) {
      // What another tab leaves when it is closed.
      whenSenderIsGone(sender, this.#ending.signal).then(
        () => this.#sendLeftBehind(),
        () => undefined,
      );
    }
  }

  async #sendAgain(courier: Courier): Promise<QueuedResult> {
    if (courier.settings.url !== this.#courier.settings.url) return { sent: 0, left: 0 };
    const before = this.#queue.items;
    if (this.#isOver) await this.#queue.sendBy(courier);
    return { sent: before - this.#queue.items, left: this.#queue.batches };
  }

  #close(): void {
    this.#ending.abort();
    this.#forget();
    this.#letSenderGo();
    void this.#outbox.then((outbox) => outbox?.letGo());
  }
}
