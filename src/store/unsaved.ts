import { newRunId } from '../core/run-id.ts';
import type { UnsavedPoints } from './series-types.ts';
import type { StoreContext } from './store-context.ts';
import { sayOfStore } from './words.ts';

/** Gives what its holder could not store so far, oldest first. */
export type ReadUnsaved = () => readonly UnsavedPoints[] | Promise<readonly UnsavedPoints[]>;

/** What one holder could not store, oldest first; never empty. */
export type Offer = readonly UnsavedPoints[];

export interface UnsavedOptions {
  /** Where it can be seen that another thread holds points. Default: the browser's Web Locks; missing in a page that is not secure. */
  readonly locks?: LockManager | undefined;
  /** Milliseconds that a holder gets to answer: it may be training, or its tab frozen. Default 5,000. */
  readonly patienceMs?: number;
}

type Message = { readonly ask: string } | { readonly answer: string; readonly holder: string; readonly points: readonly UnsavedPoints[] };

/** Where nobody can see whether there is a holder at all, exports must not wait long for one. */
const blindPatienceMs = 300;
/** How long nobody is asked again who did not answer, in milliseconds. */
const silenceMs = 2000;

/** For each store when nobody answered last. */
const silences = new Map<string, number>();
/** How often it is looked whether a holder that has not answered is still there. */
const lookEveryMs = 100;

// Of this thread, by kind and name of the store and run, then by holder: whoever opens the same store meets them.
const offers = new Map<string, Map<string, ReadUnsaved>>();

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
    const holder = newRunId();
    const own = offers.get(place) ?? new Map<string, ReadUnsaved>();
    offers.set(place, own.set(holder, read));
    const stopAnswering = this.#answer(place, holder, read);
    return () => {
      stopAnswering();
      if (own.delete(holder) && own.size === 0) offers.delete(place);
    };
  }

  /**
   * What each holder of a run has, by `seq`. Ask before the last stored chunk is looked up, and leave out what has been
   * stored since: then no point is missing and none comes twice. At once when there is nobody to ask.
   */
  async collect(runId: string): Promise<readonly Offer[]> {
    const place = this.#place(runId);
    const own = offers.get(place) ?? new Map<string, ReadUnsaved>();
    const reads = [...own.values()].map((read) => within(this.#patienceMs, answerOf(read)));
    const [mine, others] = await Promise.all([Promise.all(reads), this.#ask(place, runId, new Set(own.keys()))]);
    const found = [...mine.map((points) => points ?? this.#late(runId)), ...others].filter((points) => points.length > 0);
    return found.map((points) => [...points].sort((a, b) => a.seq - b.seq));
  }

  #place(runId: string): string {
    return `tabtrain-unsaved:${this.#context.kind}:${this.#context.name}:${runId}`;
  }

  // Where all holders of a store can be asked whether they are there.
  #lobby(): string {
    return `tabtrain-unsaved:${this.#context.kind}:${this.#context.name}`;
  }

  #answer(place: string, holder: string, read: ReadUnsaved): () => void {
    const channel = this.#openChannel(place);
    if (channel === undefined) return () => {};
    const lobby = this.#openChannel(this.#lobby());
    lobby?.addEventListener('message', ({ data }: MessageEvent<string>) => data === 'anyone?' && lobby.postMessage('here'));
    let answering = 0;
    let isOver = false;
    const closeIfDone = (): void => {
      if (isOver && answering === 0) channel.close();
    };
    channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
      if (!('ask' in data)) return;
      // Whoever asks waits for an answer, also when the offer is taken back meanwhile.
      answering += 1;
      void answerOf(read).then((points) => {
        channel.postMessage({ answer: data.ask, holder, points } satisfies Message);
        answering -= 1;
        closeIfDone();
      });
    });
    const ended = new AbortController();
    // Refused where the page is going away; then nobody can be waiting for it.
    this.#locks?.request(`${place}#${holder}`, () => aborted(ended.signal)).catch(() => {});
    return () => {
      isOver = true;
      lobby?.close();
      closeIfDone();
      ended.abort();
    };
  }

  async #ask(place: string, runId: string, own: ReadonlySet<string>): Promise<readonly (readonly UnsavedPoints[])[]> {
    const asked = (await this.#holders(place))?.filter((holder) => !own.has(holder));
    const channel = asked?.length === 0 ? undefined : this.#openChannel(place);
    if (channel === undefined) return [];
    if (asked === undefined && !(await this.#isAnyoneHere())) {
      channel.close();
      return [];
    }
    const ask = newRunId();
    const answers = new Map<string, readonly UnsavedPoints[]>();
    let heard = (): void => {};
    channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
      if (!('answer' in data) || data.answer !== ask || own.has(data.holder)) return;
      answers.set(data.holder, data.points);
      heard();
    });
    channel.postMessage({ ask } satisfies Message);
    const isComplete = async (): Promise<boolean> => {
      if (asked === undefined || asked.every((holder) => answers.has(holder))) return asked !== undefined;
      // One that is gone has stored its points, or has taken them with it.
      const holders = await this.#holders(place);
      return asked.every((holder) => answers.has(holder) || holders?.includes(holder) === false);
    };
    const until = performance.now() + (asked === undefined ? Math.min(blindPatienceMs, this.#patienceMs) : this.#patienceMs);
    for (let left = until - performance.now(); !(await isComplete()); left = until - performance.now()) {
      if (left <= 0) {
        if (asked !== undefined) this.#late(runId);
        break;
      }
      await within(Math.min(lookEveryMs, left), new Promise<void>((resolve) => (heard = resolve)));
    }
    channel.close();
    return [...answers.values()];
  }

  // Where it cannot be seen who holds points, an export of thirty runs must not wait thirty times for nobody.
  async #isAnyoneHere(): Promise<boolean> {
    const lobby = this.#lobby();
    const channel = performance.now() - (silences.get(lobby) ?? -Infinity) < silenceMs ? undefined : this.#openChannel(lobby);
    if (channel === undefined) return false;
    const here = new Promise<true>((resolve) => {
      channel.addEventListener('message', ({ data }: MessageEvent<string>) => data === 'here' && resolve(true));
    });
    channel.postMessage('anyone?');
    const isHere = (await within(Math.min(blindPatienceMs, this.#patienceMs), here)) === true;
    channel.close();
    if (!isHere) silences.set(lobby, performance.now());
    return isHere;
  }

  /** The holders in all threads; undefined where it cannot be seen. */
  async #holders(place: string): Promise<readonly string[] | undefined> {
    // Memory is of this thread, whose offers have been looked at.
    if (this.#context.kind === 'memory') return [];
    if (this.#locks === undefined) return undefined;
    try {
      const { held = [], pending = [] } = await this.#locks.query();
      return [...held, ...pending].flatMap(({ name = '' }) => {
        const end = name.lastIndexOf('#');
        return name.slice(0, end) === place ? [name.slice(end + 1)] : [];
      });
    } catch {
      return undefined; // refused, as in a sandboxed frame
    }
  }

  #late(runId: string): readonly UnsavedPoints[] {
    this.#context.warn(`unsaved:${runId}`, sayOfStore('unsaved', { id: runId }));
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

/**
 * The points of several holders that come behind what is stored, in the order of the run: those after chunk `lastSeq`. Left out
 * is what a writer holds whose run has been continued since by another one, from chunk `continuedAt` on.
 */
export function pointsBehind(found: readonly Offer[], lastSeq: number, continuedAt = -1): readonly UnsavedPoints[] {
  return found
    .filter(([first]) => first !== undefined && first.seq > continuedAt)
    .flatMap((points) => points.filter(({ seq }) => seq > lastSeq))
    .sort((a, b) => a.seq - b.seq);
}

async function answerOf(read: ReadUnsaved): Promise<readonly UnsavedPoints[]> {
  try {
    return await read();
  } catch {
    return []; // its thread is gone
  }
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
