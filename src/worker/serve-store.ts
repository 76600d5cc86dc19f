import { LogError } from '../core/errors.ts';
import type { MetricStore, RunLock, ScalarChunk, StoredRecord, UnsavedPoints } from '../store/metric-store.ts';
import { serveCommands } from './command-link.ts';

/** The calls of a store that take and give plain data. */
export type PlainCalls = Omit<
  MetricStore,
  | 'name'
  | 'kind'
  | 'maxBytes'
  | 'chunks'
  | 'follow'
  | 'followRecords'
  | 'watchRuns'
  | 'offerUnsaved'
  | 'lockRun'
  | 'freeRun'
  | 'close'
  | typeof Symbol.asyncDispose
>;

// As properties, so that the compiler misses none.
const plainCalls: Readonly<Record<keyof PlainCalls, true>> = {
  runs: true,
  run: true,
  createRun: true,
  updateRun: true,
  deleteRun: true,
  restoreRun: true,
  resumeRun: true,
  bringBack: true,
  append: true,
  tags: true,
  summary: true,
  lastValues: true,
  series: true,
  addRecords: true,
  records: true,
  content: true,
  space: true,
  maintain: true,
};

/** Makes the plain calls of a store from a function that makes each. */
export function eachPlainCall(make: <Name extends keyof PlainCalls>(name: Name) => PlainCalls[Name]): PlainCalls {
  // Each name with what was made for it; the checker does not follow that through a list of pairs.
  return Object.fromEntries((Object.keys(plainCalls) as (keyof PlainCalls)[]).map((name) => [name, make(name)])) as unknown as PlainCalls;
}

/** What a store port can be asked. Iterations, follows, offers and locks are named by numbers that the asking end chooses. */
export interface StoreCommands extends PlainCalls {
  openChunks(id: number, runId: string, fromSeq: number | undefined, withSuperseded: boolean | undefined): Promise<void>;
  /** Undefined after the last one. */
  nextChunk(id: number): Promise<ScalarChunk | undefined>;
  closeChunks(id: number): Promise<void>;
  follow(id: number, runId: string, fromSeq: number | undefined): Promise<void>;
  followRecords(id: number, runId: string, fromIndex: number | undefined): Promise<void>;
  watchRuns(id: number): Promise<void>;
  offerUnsaved(id: number, runId: string): Promise<void>;
  /** Answers news `unsaved`. */
  giveUnsaved(ask: number, points: readonly UnsavedPoints[]): void;
  /** Ends a follow, a watch or an offer. */
  unwatch(id: number): void;
  lockRun(id: number, runId: string): Promise<void>;
  unlockRun(id: number): void;
}

/** Sent unasked by the serving end. They have no `id`, so Comlink passes over them. */
export type StoreNews =
  | { readonly news: 'chunk'; readonly watch: number; readonly chunk: ScalarChunk }
  | { readonly news: 'record'; readonly watch: number; readonly record: StoredRecord }
  | { readonly news: 'runs'; readonly watch: number }
  /** Asks for what is offered as `watch`. */
  | { readonly news: 'unsaved'; readonly watch: number; readonly ask: number };

/**
 * Lets the other end of a port use a store: a worker that cannot open one itself writes into the page's. `open` is called
 * at the first use, and again when it rejected. The result ends the service: locks taken through the port are released,
 * as they would be with a thread that ended; the store stays open.
 */
export function serveStore(port: MessagePort, open: () => Promise<MetricStore>): () => void {
  let opening: Promise<MetricStore> | undefined;
  let isOver = false;
  const iterations = new Map<number, AsyncIterator<ScalarChunk>>();
  const watches = new Map<number, () => void>();
  const locks = new Map<number, RunLock>();
  const asked = new Map<number, (points: readonly UnsavedPoints[]) => void>();
  let lastAsk = 0;

  const store = (): Promise<MetricStore> => {
    if (isOver) throw new LogError('store-closed', 'the page no longer serves its store.');
    opening ??= open().catch((thrown: unknown) => {
      opening = undefined;
      throw thrown;
    });
    return opening;
  };
  const tell = (news: StoreNews): void => {
    if (!isOver) port.postMessage(news);
  };

  const watch = async (id: number, begin: (opened: MetricStore) => () => void): Promise<void> => {
    const opened = await store();
    // The asker may have died while the store was being opened.
    if (!isOver) watches.set(id, begin(opened));
  };

  serveCommands<StoreCommands>(port, {
    ...eachPlainCall((name) => {
      const call = async (...args: unknown[]): Promise<unknown> => {
        const opened = await store();
        // Arguments and result are those of this very method, at both ends.
        return (opened[name] as (...args: unknown[]) => unknown).apply(opened, args);
      };
      return call as never;
    }),
    async openChunks(id, runId, ...which) {
      iterations.set(id, (await store()).chunks(runId, ...which)[Symbol.asyncIterator]());
    },
    async nextChunk(id) {
      const next = await iterations.get(id)?.next();
      return next === undefined || next.done === true ? undefined : next.value;
    },
    async closeChunks(id) {
      const iteration = iterations.get(id);
      iterations.delete(id);
      await iteration?.return?.();
    },
    follow: (id, runId, fromSeq) =>
      watch(id, (opened) => opened.follow(runId, (chunk) => tell({ news: 'chunk', watch: id, chunk }), fromSeq)),
    followRecords: (id, runId, fromIndex) =>
      watch(id, (opened) => opened.followRecords(runId, (record) => tell({ news: 'record', watch: id, record }), fromIndex)),
    watchRuns: (id) => watch(id, (opened) => opened.watchRuns(() => tell({ news: 'runs', watch: id }))),
    async offerUnsaved(id, runId) {
      const read = (): Promise<readonly UnsavedPoints[]> =>
        new Promise((resolve) => {
          const ask = ++lastAsk;
          asked.set(ask, resolve);
          tell({ news: 'unsaved', watch: id, ask });
        });
      await watch(id, (opened) => opened.offerUnsaved(runId, read));
    },
    giveUnsaved(ask, points) {
      asked.get(ask)?.(points);
      asked.delete(ask);
    },
    unwatch(id) {
      watches.get(id)?.();
      watches.delete(id);
    },
    async lockRun(id, runId) {
      const lock = await (await store()).lockRun(runId);
      // The asker may have died while this one waited for its lock.
      if (isOver) lock.release();
      else locks.set(id, lock);
    },
    unlockRun(id) {
      locks.get(id)?.release();
      locks.delete(id);
    },
  });

  const end = (): void => {
    if (isOver) return;
    isOver = true;
    port.removeEventListener('close', end);
    for (const undo of watches.values()) undo();
    for (const lock of locks.values()) lock.release();
    for (const iteration of iterations.values()) void iteration.return?.();
    for (const give of asked.values()) give([]);
    asked.clear();
    watches.clear();
    locks.clear();
    iterations.clear();
    port.close();
  };
  // Fired in some browsers and in Node when the other thread is gone; elsewhere whoever watches that thread calls `end`.
  port.addEventListener('close', end);
  return end;
}
