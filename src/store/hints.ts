import { createThrottle, type Throttle } from './throttle.ts';

/** Told after a chunk was committed. It carries no data: whoever hears it reads the store. */
export interface ChunkHint {
  readonly runId: string;
  /** The last chunk that was committed. */
  readonly seq: number;
  /** Points committed since the hint before. */
  readonly points: number;
}

/** Told after records beside numbers were committed. It carries no data either. */
export interface RecordHint {
  readonly runId: string;
  /** The number of the last record that was committed. */
  readonly index: number;
}

/** Someone who wants to hear that the store has changed. */
export interface HintListener {
  onChunk?(hint: ChunkHint): void;
  onRecords?(hint: RecordHint): void;
  onRuns?(): void;
  /** Hints may have been missed: look again. */
  onLookAgain?(): void;
}

/** At most ten announcements a second, so that a fast writer does not keep its readers busy. */
export const announceEveryMs = 100;

/**
 * Announcements between everyone who has a store open. Within this thread they are handed over directly, to other tabs and
 * workers over a BroadcastChannel, which is open only while someone listens or something was announced.
 */
export class Hints {
  readonly #channelName: string | undefined;
  readonly #listeners = new Set<HintListener>();
  readonly #chunks = new Map<string, ChunkHint>();
  readonly #records = new Map<string, RecordHint>();
  readonly #announce: Throttle;
  #runsChanged = false;
  #channel: BroadcastChannel | undefined;
  #isClosed = false;

  /** Without a channel name the hints stay in this thread. */
  constructor(channelName?: string) {
    this.#channelName = channelName;
    this.#announce = createThrottle(() => this.#send(), announceEveryMs);
  }

  /** Says that a chunk was committed. Several in a row are told as one. */
  announceChunk(hint: ChunkHint): void {
    const pending = this.#chunks.get(hint.runId);
    const points = hint.points + (pending?.points ?? 0);
    this.#chunks.set(hint.runId, { runId: hint.runId, seq: Math.max(hint.seq, pending?.seq ?? 0), points });
    this.#announce();
  }

  /** Says that records were committed. Several in a row are told as one. */
  announceRecords({ runId, index }: RecordHint): void {
    this.#records.set(runId, { runId, index: Math.max(index, this.#records.get(runId)?.index ?? 0) });
    this.#announce();
  }

  /** Says that runs were made, changed, deleted, taken or let go. */
  announceRuns(): void {
    this.#runsChanged = true;
    this.#announce();
  }

  /** Gives back its undo; the last one closes the channel. */
  listen(listener: HintListener): () => void {
    this.#listeners.add(listener);
    this.#openChannel();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.suspend();
    };
  }

  /** Asks every listener of this thread to look at the store again. */
  lookAgain(): void {
    for (const listener of this.#listeners) listener.onLookAgain?.();
  }

  /** Tells what is pending and lets the channel go. */
  suspend(): void {
    this.#announce.flush();
    this.#channel?.close();
    this.#channel = undefined;
  }

  /** Takes the channel again; what was said meanwhile is made up for by looking. */
  resume(): void {
    if (this.#listeners.size === 0) return;
    this.#openChannel();
    this.lookAgain();
  }

  /** Lets the channel go for good; a late announcement opens one of its own for a moment. */
  close(): void {
    this.#isClosed = true;
    this.suspend();
  }

  #openChannel(): void {
    if (this.#channel !== undefined || this.#channelName === undefined || typeof BroadcastChannel === 'undefined') return;
    try {
      this.#channel = new BroadcastChannel(this.#channelName);
      this.#channel.addEventListener('message', (event: MessageEvent<unknown>) => this.#hear(event.data));
    } catch {
      // A browser that refuses the channel refuses only to tell other tabs at once: they find what was stored when they look.
    }
  }

  #send(): void {
    const chunks = [...this.#chunks.values()];
    const runs = this.#runsChanged;
    const records = [...this.#records.values()];
    this.#chunks.clear();
    this.#records.clear();
    this.#runsChanged = false;
    this.#openChannel();
    if (runs) {
      this.#channel?.postMessage({ runs: true });
      this.#deliverRuns();
    }
    for (const hint of chunks) {
      this.#channel?.postMessage(hint);
      this.#deliverChunk(hint);
    }
    for (const hint of records) {
      this.#channel?.postMessage(hint);
      this.#deliverRecords(hint);
    }
    if (this.#isClosed) this.suspend();
  }

  #hear(message: unknown): void {
    if (typeof message !== 'object' || message === null) return;
    if ('runs' in message) this.#deliverRuns();
    else if ('runId' in message && 'index' in message && typeof message.runId === 'string' && typeof message.index === 'number') {
      this.#deliverRecords({ runId: message.runId, index: message.index });
    } else if ('runId' in message && 'seq' in message && typeof message.runId === 'string' && typeof message.seq === 'number') {
      this.#deliverChunk({ runId: message.runId, seq: message.seq, points: 'points' in message ? Number(message.points) : 0 });
    }
  }

  #deliverRuns(): void {
    for (const listener of this.#listeners) listener.onRuns?.();
  }

  #deliverChunk(hint: ChunkHint): void {
    for (const listener of this.#listeners) listener.onChunk?.(hint);
  }

  #deliverRecords(hint: RecordHint): void {
    for (const listener of this.#listeners) listener.onRecords?.(hint);
  }
}
