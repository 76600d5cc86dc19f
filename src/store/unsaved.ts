import type { UnsavedPoints } from './series-types.ts';
import type { StoreContext } from './store-context.ts';

/** Gives what its holder could not store so far, oldest first. */
export type ReadUnsaved = () => readonly UnsavedPoints[] | Promise<readonly UnsavedPoints[]>;

export interface UnsavedOptions {
  /** Where it can be seen that another thread holds points. Default: the browser's Web Locks; missing in a page that is not secure. */
  readonly locks?: LockManager | undefined;
  /** Milliseconds that a holder gets to answer: it may be training, or its tab frozen. Default 5,000. */
  readonly patienceMs?: number;
}

type Message = { readonly ask: string } | { readonly answer: string; readonly points: readonly UnsavedPoints[] };

/** Where nobody can see whether there is a holder at all, exports must not wait long for one. */
const blindPatienceMs = 300;

// Of this thread, by kind and name of the store and run: whoever opens the same store meets them.
const offers = new Map<string, Set<ReadUnsaved>>();

/**
 * Points that a store has refused are with their writer, in whatever thread or tab that is. Readers ask for them over a
 * channel that is open only while there are any. An offer outlives its store's `close()`: until it is undone, or its thread ends.
 */
export class Unsaved {
  readonly #context: Pick<StoreContext, 'name' | 'kind' | 'warn'>;
  readonly #locks: LockManager | undefined;
  readonly #patienceMs: number;

  constructor(context: Pick<StoreContext, 'name' | 'kind' | 'warn'>, options: UnsavedOptions = {}) {
    this.#context = context;
    this.#locks = 'locks' in options ? options.locks : (globalThis.navigator as { readonly locks?: LockManager } | undefined)?.locks; // missing where the page is not secure, whatever the types say
    this.#patienceMs = options.patienceMs ?? 5000;
  }

  /** Offers what `read` gives at the moment it is asked. Gives back its undo. */
  offer(runId: string, read: ReadUnsaved): () => void {
    const place = this.#place(runId);
    const reads = offers.get(place) ?? new Set();
    offers.set(place, reads.add(read));
    const stopAnswering = this.#answer(place, read);
    return () => {
      stopAnswering();
      reads.delete(read);
      if (reads.size === 0) offers.delete(place);
    };
  }

  /**
   * What the holders of a run have, by `seq`. Ask before the last stored chunk is looked up, and leave out what has been
   * stored since: then no point is missing and none comes twice. At once when there is nobody to ask.
   */
  async collect(runId: string): Promise<readonly UnsavedPoints[]> {
    const place = this.#place(runId);
    const own = offers.get(place);
    const points = await (own === undefined ? this.#ask(place, runId) : this.#inTime(runId, readAll(own)));
    return [...points].sort((a, b) => a.seq - b.seq);
  }

  #place(runId: string): string {
    return `tabtrain-unsaved:${this.#context.kind}:${this.#context.name}:${runId}`;
  }

  #answer(place: string, read: ReadUnsaved): () => void {
    const channel = this.#openChannel(place);
    if (channel === undefined) return () => {};
    channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
      if (!('ask' in data)) return;
      void Promise.resolve(readAll([read])).then((points) => channel.postMessage({ answer: data.ask, points } satisfies Message));
    });
    const ended = new AbortController();
    // Refused where the page is going away; then nobody can be waiting for it.
    this.#locks?.request(place, { mode: 'shared' }, () => aborted(ended.signal)).catch(() => {});
    return () => {
      channel.close();
      ended.abort();
    };
  }

  async #ask(place: string, runId: string): Promise<readonly UnsavedPoints[]> {
    const isHeld = await this.#isHeld(place);
    const channel = isHeld === false ? undefined : this.#openChannel(place);
    if (channel === undefined) return [];
    const ask = crypto.randomUUID?.() ?? String(Math.random()); // the first is for secure pages only
    const answer = new Promise<readonly UnsavedPoints[]>((resolve) => {
      channel.addEventListener(
        'message',
        ({ data }: MessageEvent<Message>) => 'answer' in data && data.answer === ask && resolve(data.points),
      );
      channel.postMessage({ ask } satisfies Message);
    });
    try {
      if (isHeld === true) return await this.#inTime(runId, answer);
      return (await within(Math.min(blindPatienceMs, this.#patienceMs), answer)) ?? [];
    } finally {
      channel.close();
    }
  }

  /** Undefined where it cannot be seen. */
  async #isHeld(place: string): Promise<boolean | undefined> {
    // Memory is of this thread, whose offers have been looked at.
    if (this.#context.kind === 'memory') return false;
    if (this.#locks === undefined) return undefined;
    try {
      const { held = [] } = await this.#locks.query();
      return held.some(({ name }) => name === place);
    } catch {
      return undefined; // refused, as in a sandboxed frame
    }
  }

  async #inTime(runId: string, answer: Promise<readonly UnsavedPoints[]>): Promise<readonly UnsavedPoints[]> {
    const points = await within(this.#patienceMs, answer);
    if (points !== undefined) return points;
    this.#context.warn(
      `unsaved:${runId}`,
      `chunks('${runId}'): the thread that writes this run holds points that are not stored, and did not answer in time. They are left out; export again, or in its tab.`,
    );
    return [];
  }

  #openChannel(place: string): BroadcastChannel | undefined {
    if (this.#context.kind === 'memory' || typeof BroadcastChannel === 'undefined') return undefined;
    try {
      return new BroadcastChannel(place);
    } catch {
      return undefined; // refused by the browser: only this thread can ask
    }
  }
}

async function readAll(reads: Iterable<ReadUnsaved>): Promise<readonly UnsavedPoints[]> {
  const all = await Promise.all([...reads].map(async (read) => read()).map((points) => points.catch(() => []))); // its thread is gone
  return all.flat();
}

/** Undefined when it takes longer. */
async function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
