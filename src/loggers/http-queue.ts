import { type Outcome, pauseMs } from '../core/send-request.ts';
import { keyOf, type Outbox, type QueuedBatch, type QueueKey } from '../store/outbox.ts';
import { splitBatch } from './http-batch.ts';
import type { Courier } from './http-courier.ts';
import { sayOfHttp } from './words.ts';

/** A batch on its way. */
interface Entry {
  readonly key: QueueKey;
  readonly items: number;
  readonly bytes: number;
  /** Let go once the outbox has it. */
  batch: QueuedBatch | undefined;
  isStored: boolean;
  isSending: boolean;
}

/** Browsers let bodies of 64 kB in all outlive a page. */
export const beaconBytes = 60_000;
/** More than this waits in the outbox, not in memory. */
const mostInMemory = 1024 * 1024;
/** After a refusal that does not pass by itself. */
const refusedPauseMs = 5 * 60_000;

/** Sends batches one after the other, and keeps those that cannot be sent: in the outbox, or in memory where there is none. */
export class HttpQueue {
  readonly #own: Courier;
  /** The one that sends: for a while another one. */
  #courier: Courier;
  readonly #outbox: Promise<Outbox | undefined>;
  readonly #onSent: () => void;
  #openOutbox: Outbox | undefined;
  #entries: Entry[] = [];
  /** Those that the server does not want while it takes others. */
  #aside: Entry[] = [];
  #failures = 0;
  #retry: { readonly inMs: number; readonly isBusy: boolean; readonly cancel: () => void } | undefined;
  #sending: Promise<void> | undefined;
  /** Bytes that may still outlive the page. */
  #room = 0;

  constructor(courier: Courier, outbox: Promise<Outbox | undefined>, onSent: () => void) {
    this.#own = courier;
    this.#courier = courier;
    this.#onSent = onSent;
    this.#outbox = outbox.then((open) => (this.#openOutbox = open));
  }

  /** Items that no server has taken yet. */
  get items(): number {
    return this.#all.reduce((sum, { items }) => sum + items, 0);
  }

  /** Batches that no server has taken yet. */
  get batches(): number {
    return this.#all.length;
  }

  /** Milliseconds until the next try of a server that is there and has asked for patience. */
  get retryMs(): number | undefined {
    return this.#retry?.isBusy === true ? this.#retry.inMs : undefined;
  }

  /** @param isToSend False where the page is about to go, and {@link HttpQueue.leave} follows. */
  push(batch: QueuedBatch, isToSend: boolean): void {
    this.#entries.push(entryOf(batch));
    if (!isToSend) return;
    if (this.#retry !== undefined || this.#inMemory() > mostInMemory) void this.store();
    void this.send();
  }

  /** Resolves when everything is sent, or nothing more can be for now. */
  send(): Promise<void> {
    if (this.#sending === undefined && this.#next() !== undefined) this.#sending = this.#sendAll();
    return this.#sending ?? Promise.resolve();
  }

  /** Does not wait for the next try: something has changed. */
  sendNow(): Promise<void> {
    this.#cancelRetry();
    return this.send();
  }

  /** Offers all of it again, what was put aside too, as another courier does. */
  async sendBy(courier: Courier): Promise<void> {
    this.#courier = courier;
    this.#entries.unshift(...this.#aside.splice(0));
    await this.sendNow();
    this.#courier = this.#own;
  }

  /** Resolves when what waits is in the outbox, where there is one. Where that is open, the browser has it when this returns. */
  async store(): Promise<void> {
    const outbox = this.#openOutbox ?? (await this.#outbox);
    const fresh = this.#all.filter(({ isStored }) => !isStored);
    if (fresh.length === 0) return;
    const { warn, maxQueuedBytes, outbox: place } = this.#own.settings;
    if (outbox !== undefined) {
      for (const entry of fresh) entry.isStored = true;
      try {
        // What is not stored has its batch.
        const dropped = await outbox.add(
          fresh.map(({ batch }) => batch!),
          maxQueuedBytes,
        );
        for (const entry of fresh) entry.batch = undefined;
        this.#own.tellDropped(dropped);
        return;
      } catch {
        // No room there, or no database any more.
        for (const entry of fresh) entry.isStored = false;
      }
    }
    if (place !== false) warn('http-memory', sayOfHttp('memory'));
    this.#dropOldest();
  }

  /** The page is about to go: what has room outlives it as a request, all of it in the outbox. */
  leave(event: 'hidden' | 'pagehide' | 'freeze', isNews: boolean): Promise<void> {
    if (isNews) this.#room = beaconBytes;
    const stored = this.store();
    if (event === 'freeze') return stored.then(() => this.#openOutbox?.letGo());
    if (this.#retry !== undefined || (globalThis.navigator as { readonly onLine?: boolean } | undefined)?.onLine === false) return stored;
    for (const entry of [...this.#entries]) {
      // A page that is only hidden goes on with what it is sending; one that is closed takes that with it.
      if (entry.batch === undefined || (entry.isSending && event !== 'pagehide')) continue;
      const { body } = entry.batch;
      const bytes = new Blob([body]).size;
      if (bytes > this.#room) break;
      const outcome = this.#courier.beacon(body);
      if (outcome === undefined) break;
      this.#room -= bytes;
      if (entry.isSending) continue;
      entry.isSending = true;
      void outcome.then(({ kind }) => {
        entry.isSending = false;
        if (kind === 'sent') this.#remove(entry);
        // A page that lives on sends it in the ordinary way.
        else void this.send();
      });
    }
    return stored;
  }

  get #all(): readonly Entry[] {
    return [...this.#entries, ...this.#aside];
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      const entry = this.#next();
      // At once, so that whoever has something new starts again.
      if (entry === undefined) return void (this.#sending = undefined);
      entry.isSending = true;
      const batch = await this.#batchOf(entry);
      const outcome = batch && (await this.#courier.post(batch.body));
      entry.isSending = false;
      // Its store was deleted, and it with it.
      if (batch === undefined || outcome === undefined) this.#entries = this.#entries.filter((one) => one !== entry);
      else await this.#heard(entry, batch, outcome);
    }
  }

  #next(): Entry | undefined {
    return this.#retry === undefined ? this.#entries.find(({ isSending }) => !isSending) : undefined;
  }

  async #batchOf(entry: Entry): Promise<QueuedBatch | undefined> {
    if (entry.batch !== undefined) return entry.batch;
    return (await this.#outbox)?.read(entry.key).catch(() => undefined);
  }

  async #heard(entry: Entry, batch: QueuedBatch, outcome: Outcome): Promise<void> {
    const { parts } = this.#courier;
    if (outcome.kind === 'sent') {
      this.#failures = 0;
      this.#remove(entry);
      this.#onSent();
      return;
    }
    if (outcome.kind === 'refused' && outcome.isOfBody) return this.#refused(entry, batch, outcome.why);
    this.#failures += 1;
    const inMs = outcome.kind === 'refused' ? refusedPauseMs : pauseMs(this.#failures, outcome.afterMs, parts.random);
    const cancel = parts.timer(() => {
      this.#retry = undefined;
      void this.send();
    }, inMs);
    this.#retry = { inMs, isBusy: outcome.kind === 'later' && typeof outcome.why === 'number', cancel };
    void this.store();
    await this.#courier.explain(outcome);
  }

  async #refused(entry: Entry, batch: QueuedBatch, why: number | string): Promise<void> {
    const at = this.#entries.indexOf(entry);
    const halves = why === 413 ? splitBatch(batch) : undefined;
    if (halves !== undefined) {
      const parts = halves.map((half) => ({ ...entryOf(half), isStored: entry.isStored }));
      this.#entries.splice(at, 1, ...parts);
      if (entry.isStored) await (await this.#outbox)?.replace(entry.key, halves).catch(() => undefined);
      return;
    }
    const { address, warn } = this.#courier.settings;
    warn('http-body', sayOfHttp('body', { address, count: entry.items, status: String(why) }));
    this.#entries = this.#entries.filter((one) => one !== entry);
    this.#aside.push(entry);
    void this.store();
  }

  #remove(entry: Entry): void {
    this.#entries = this.#entries.filter((one) => one !== entry);
    // Sent twice it would be dropped there: each batch has its id.
    if (entry.isStored) void this.#outbox.then((outbox) => outbox?.replace(entry.key)).catch(() => undefined);
  }

  #cancelRetry(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
  }

  #inMemory(): number {
    return this.#all.reduce((sum, { batch, bytes }) => (batch === undefined ? sum : sum + bytes), 0);
  }

  #dropOldest(): void {
    const { maxQueuedBytes } = this.#own.settings;
    while (this.#inMemory() > maxQueuedBytes) {
      const list = this.#aside.length > 0 ? this.#aside : this.#entries;
      const oldest = list.find(({ isSending }) => !isSending);
      if (oldest === undefined) return;
      list.splice(list.indexOf(oldest), 1);
      this.#own.tellDropped(oldest.items);
    }
  }
}

function entryOf(batch: QueuedBatch): Entry {
  return { key: keyOf(batch), items: batch.items, bytes: batch.size, batch, isStored: false, isSending: false };
}
