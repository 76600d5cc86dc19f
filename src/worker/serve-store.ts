import { LogError } from '../core/errors.ts';
import type { MetricStore, NewRun, RunChange, RunLock, ScalarChunk, SeriesQuery } from '../store/metric-store.ts';
import { serveCommands } from './command-link.ts';

/** What a store port can be asked. Iterations, follows and locks are named by numbers that the asking end chooses. */
export interface StoreCommands {
  runs: MetricStore['runs'];
  run: MetricStore['run'];
  createRun(run: NewRun): ReturnType<MetricStore['createRun']>;
  updateRun(runId: string, change: RunChange): ReturnType<MetricStore['updateRun']>;
  deleteRun: MetricStore['deleteRun'];
  append: MetricStore['append'];
  tags: MetricStore['tags'];
  series(runId: string, tag: string, query?: SeriesQuery): ReturnType<MetricStore['series']>;
  openChunks(id: number, runId: string, fromSeq: number | undefined): Promise<void>;
  /** Undefined after the last one. */
  nextChunk(id: number): Promise<ScalarChunk | undefined>;
  closeChunks(id: number): Promise<void>;
  follow(id: number, runId: string, fromSeq: number | undefined): Promise<void>;
  watchRuns(id: number): Promise<void>;
  /** Ends a follow or a watch. */
  unwatch(id: number): void;
  lockRun(id: number, runId: string): Promise<void>;
  unlockRun(id: number): void;
}

/** Sent unasked by the serving end. They have no `id`, so Comlink passes over them. */
export type StoreNews =
  | { readonly news: 'chunk'; readonly watch: number; readonly chunk: ScalarChunk }
  | { readonly news: 'runs'; readonly watch: number };

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

  serveCommands<StoreCommands>(port, {
    runs: async (filter) => (await store()).runs(filter),
    run: async (runId) => (await store()).run(runId),
    createRun: async (run) => (await store()).createRun(run),
    updateRun: async (runId, change) => (await store()).updateRun(runId, change),
    deleteRun: async (runId) => (await store()).deleteRun(runId),
    append: async (chunk) => (await store()).append(chunk),
    tags: async (runId) => (await store()).tags(runId),
    series: async (runId, tag, query) => (await store()).series(runId, tag, query),
    async openChunks(id, runId, fromSeq) {
      iterations.set(id, (await store()).chunks(runId, fromSeq)[Symbol.asyncIterator]());
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
    async follow(id, runId, fromSeq) {
      watches.set(
        id,
        (await store()).follow(runId, (chunk) => tell({ news: 'chunk', watch: id, chunk }), fromSeq),
      );
    },
    async watchRuns(id) {
      watches.set(
        id,
        (await store()).watchRuns(() => tell({ news: 'runs', watch: id })),
      );
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
    watches.clear();
    locks.clear();
    iterations.clear();
    port.close();
  };
  // Fired in some browsers and in Node when the other thread is gone; elsewhere whoever watches that thread calls `end`.
  port.addEventListener('close', end);
  return end;
}
