import { LogError } from '../core/errors.ts';
import type { RunRecord } from './run-record.ts';

/** Held by one writer. */
export interface WriterLock {
  /** Resolves when others can see that the lock is free; further calls do nothing more. */
  release(): Promise<void>;
}

/** Knows who is writing: one writer per run, and whether it is still alive. */
export interface WriterLocks {
  /** Rejects with `run-locked`. */
  take(runId: string): Promise<WriterLock>;
  /** Of the runs whose record says `running`: the ids of those whose writer lives. */
  live(running: readonly RunRecord[]): Promise<ReadonlySet<string>>;
  /** The record of a run whose lock is held already has been made. */
  recordMade?(runId: string): Promise<void>;
  /** Resolves when the run's writer has let go or died, or when the signal is aborted. */
  whenGone(runId: string, signal: AbortSignal): Promise<void>;
  /** The run's writer has been ended for certain. Missing where the browser frees the lock by itself. */
  free?(runId: string): Promise<void>;
}

/** The error of a second writer. */
export function lockedError(runId: string): LogError {
  return new LogError(
    'run-locked',
    `lockRun('${runId}'): another tab, worker or call is writing this run. Wait until it has finished, or start a new run.`,
  );
}

// A watcher's lock lasts for a moment after a writer has gone; each attempt is a round trip to the browser's process.
const attempts = 50;

/** Web Locks: the browser frees them when their thread ends, however it ends. */
export function webLocks(locks: LockManager, storeName: string): WriterLocks {
  const prefix = `tabtrain:${storeName}:`;
  // Watchers hold the lock in shared mode, for a moment; only a writer holds it exclusively.
  const writers = async (): Promise<ReadonlySet<string>> => {
    const { held = [] } = await locks.query();
    const names = held.filter((lock) => lock.mode === 'exclusive' && lock.name?.startsWith(prefix) === true);
    return new Set(names.map((lock) => (lock.name as string).slice(prefix.length))); // a name was just looked for
  };
  return {
    async take(runId) {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const lock = await takeNow(locks, prefix + runId);
        if (lock !== undefined) return lock;
        if ((await writers()).has(runId)) break;
      }
      throw lockedError(runId);
    },
    live: writers,
    async whenGone(runId, signal) {
      try {
        await locks.request(prefix + runId, { mode: 'shared', signal }, () => undefined);
      } catch (thrown) {
        if (!signal.aborted) throw thrown;
      }
    },
  };
}

function takeNow(locks: LockManager, name: string): Promise<WriterLock | undefined> {
  return new Promise((resolve, reject) => {
    const ended: Promise<unknown> = locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock === null) {
        resolve(undefined);
        return undefined;
      }
      return new Promise<void>((free) =>
        resolve({
          async release() {
            free();
            await ended;
          },
        }),
      );
    });
    ended.catch(reject);
  });
}

/** Locks that are known in this thread only; the memory store needs no more. */
export function threadLocks(): WriterLocks {
  const held = new Map<string, Set<() => void>>();
  return {
    async take(runId) {
      if (held.has(runId)) throw lockedError(runId);
      const waiting = new Set<() => void>();
      held.set(runId, waiting);
      return {
        async release() {
          if (held.get(runId) !== waiting) return;
          held.delete(runId);
          for (const resolve of waiting) resolve();
        },
      };
    },
    async live() {
      return new Set(held.keys());
    },
    async whenGone(runId, signal) {
      const waiting = held.get(runId);
      if (waiting === undefined || signal.aborted) return;
      await new Promise<void>((resolve) => {
        waiting.add(resolve);
        signal.addEventListener(
          'abort',
          () => {
            waiting.delete(resolve);
            resolve();
          },
          { once: true },
        );
      });
    },
  };
}
