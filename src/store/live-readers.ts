import { describe } from '../core/errors.ts';
import { type Batch, createFollower } from './follow.ts';
import { announceEveryMs, type HintListener } from './hints.ts';
import type { StoredRecord } from './record-types.ts';
import type { RunRecord } from './run-record.ts';
import type { ScalarChunk } from './series-types.ts';
import type { StoreContext } from './store-context.ts';
import { toStoreError } from './store-error.ts';
import { createThrottle } from './throttle.ts';
import { WriterWatch } from './writer-watch.ts';
import { sayOfStore } from './words.ts';

/** Those who follow runs or watch the list of them: told of what is committed, made, changed or given up. */
export class LiveReaders {
  readonly #context: StoreContext;
  readonly #running: () => Promise<readonly RunRecord[]>;
  readonly #watch: WriterWatch;
  readonly #undos = new Set<() => void>();
  /** How often each run is followed, and how many watch all runs. */
  readonly #followed = new Map<string, number>();
  #runWatchers = 0;
  #suspensions = 0;
  #isWatchDue = false;
  #isWatchRunning = false;
  #isClosed = false;

  /** `running` gives the runs whose record says so. */
  constructor(context: StoreContext, running: () => Promise<readonly RunRecord[]>) {
    this.#context = context;
    this.#running = running;
    this.#watch = new WriterWatch(context.locks, () => {
      // A writer that died may have taken its last announcement with it.
      context.hints.lookAgain();
      void this.#watchWriters();
    });
  }

  /** Hands over the chunks of a run from `fromSeq` on, past and to come. Gives back its undo. */
  follow(
    runId: string,
    listener: (chunk: ScalarChunk) => void,
    fromSeq: number,
    read: (fromSeq: number) => Promise<Batch<ScalarChunk>>,
  ): () => void {
    return this.#follow('follow()', runId, listener, fromSeq, read, (lookAgain) => ({
      onChunk: (hint) => hint.runId === runId && lookAgain(hint.seq),
    }));
  }

  /** Hands over the records of a run from `fromIndex` on, past and to come. Gives back its undo. */
  followRecords(
    runId: string,
    listener: (record: StoredRecord) => void,
    fromIndex: number,
    read: (fromIndex: number) => Promise<Batch<StoredRecord>>,
  ): () => void {
    return this.#follow('followRecords()', runId, listener, fromIndex, read, (lookAgain) => ({
      onRecords: (hint) => hint.runId === runId && lookAgain(hint.index),
    }));
  }

  #follow<Item>(
    call: string,
    runId: string,
    listener: (item: Item) => void,
    from: number,
    read: (from: number) => Promise<Batch<Item>>,
    hear: (lookAgain: (number: number) => void) => HintListener,
  ): () => void {
    const follower = createFollower<Item>({
      from,
      read,
      deliver: (item) => this.#guarded(call, () => listener(item)),
      failed: (thrown) => this.#readFailed(thrown),
    });
    // A run may have been made again under its id, with lower numbers; after a suspension nobody waits for its writer any more.
    const look = (): void => {
      follower.lookAgain();
      void this.#watchWriters();
    };
    // Hints first, then the past: what is committed in between is seen twice and read once.
    const unlisten = this.#context.hints.listen({
      ...hear((number) => follower.lookAgain(number)),
      onRuns: look,
      onLookAgain: look,
    });
    this.#followed.set(runId, (this.#followed.get(runId) ?? 0) + 1);
    look();
    return this.#undoable(() => {
      follower.stop();
      unlisten();
      const left = (this.#followed.get(runId) ?? 1) - 1;
      if (left > 0) this.#followed.set(runId, left);
      else this.#followed.delete(runId);
    });
  }

  /** Calls back after runs have changed. Gives back its undo. */
  watchRuns(listener: () => void): () => void {
    const tell = createThrottle(() => this.#guarded('watchRuns()', listener), announceEveryMs);
    const changed = (): void => {
      void this.#watchWriters();
      tell();
    };
    const unlisten = this.#context.hints.listen({ onRuns: changed, onLookAgain: changed });
    this.#runWatchers += 1;
    void this.#watchWriters();
    return this.#undoable(() => {
      unlisten();
      tell.cancel();
      this.#runWatchers -= 1;
    });
  }

  /** Stops waiting for writers; when the hints are taken again, everyone looks again. */
  suspend(): void {
    this.#suspensions += 1;
    this.#watch.watch(new Set());
  }

  close(): void {
    for (const undo of this.#undos) undo();
    this.#isClosed = true;
    this.suspend();
  }

  // Waits for the end of every writer that somebody here has an eye on. Many ask at once; the last of them counts.
  async #watchWriters(): Promise<void> {
    this.#isWatchDue = true;
    if (this.#isWatchRunning) return;
    this.#isWatchRunning = true;
    try {
      while (this.#isWatchDue && !this.#isClosed) {
        this.#isWatchDue = false;
        const suspensions = this.#suspensions;
        const runIds = await this.#writersToWatch();
        if (!this.#isClosed && suspensions === this.#suspensions) this.#watch.watch(runIds);
      }
    } catch (thrown) {
      if (!this.#isClosed) this.#readFailed(thrown);
    } finally {
      this.#isWatchRunning = false;
    }
  }

  async #writersToWatch(): Promise<ReadonlySet<string>> {
    if (this.#runWatchers === 0 && this.#followed.size === 0) return new Set();
    const running = await this.#running();
    const live = await this.#context.locks.live(running);
    // Also of a lock whose run is not made yet: its writer may be killed before it announces anything.
    return new Set([...live].filter((runId) => this.#runWatchers > 0 || this.#followed.has(runId)));
  }

  #undoable(undo: () => void): () => void {
    const once = (): void => {
      if (!this.#undos.delete(once)) return;
      undo();
      void this.#watchWriters();
    };
    this.#undos.add(once);
    return once;
  }

  #guarded(call: string, callback: () => void): void {
    try {
      callback();
    } catch (thrown) {
      const text = thrown instanceof Error ? thrown.message : describe(thrown);
      this.#context.warn(`listener:${call}:${text}`, sayOfStore('listener', { call, error: text }));
    }
  }

  #readFailed(thrown: unknown): void {
    const error = toStoreError(thrown, `store '${this.#context.name}'`);
    if (error.code === 'store-closed') return;
    this.#context.warn(`read:${error.code}`, sayOfStore('lag', { error: error.message }));
  }
}
