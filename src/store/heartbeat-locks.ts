import type { RunRecord } from './run-record.ts';
import { lockedError, type WriterLocks } from './writer-locks.ts';

/** Where a heartbeat is kept: in the run's record. */
export interface HeartbeatPlace {
  getRun(runId: string): Promise<RunRecord | undefined>;
  /** Sets `aliveAt` (milliseconds since the Unix epoch; 0 = let go) where there is a record. */
  setAlive(runId: string, aliveAt: number): Promise<void>;
}

/** How often a writer says that it is alive. */
const beatEveryMs = 10_000;
/** Browsers slow the timers of a hidden page down to one a minute, so a writer is held for dead only after longer. */
const deadAfterMs = 90_000;

/**
 * For pages that are not secure, e.g. over http in a local network: browsers have no Web Locks there. A writer writes the
 * time into the run's record now and then. A run whose writer died is shown as running for up to 90 seconds more.
 */
export function heartbeatLocks(place: HeartbeatPlace, now: () => number = Date.now): WriterLocks {
  const mine = new Set<string>();
  const isLive = (record: RunRecord): boolean => mine.has(record.id) || now() - (record.aliveAt ?? 0) < deadAfterMs;
  return {
    async take(runId) {
      if (mine.has(runId)) throw lockedError(runId);
      mine.add(runId);
      try {
        const record = await place.getRun(runId);
        if (record !== undefined && record.status === 'running' && now() - (record.aliveAt ?? 0) < deadAfterMs) throw lockedError(runId);
        await place.setAlive(runId, now());
      } catch (thrown) {
        mine.delete(runId);
        throw thrown;
      }
      // A beat that fails is made up for by the next; a store that is closed has no writer.
      const beat = (aliveAt: number): Promise<void> => place.setAlive(runId, aliveAt).catch(() => {});
      const timer = setInterval(() => void beat(now()), beatEveryMs);
      return {
        async release() {
          if (!mine.delete(runId)) return;
          clearInterval(timer);
          await beat(0);
        },
      };
    },
    async recordMade(runId) {
      if (mine.has(runId)) await place.setAlive(runId, now());
    },
    async live(running) {
      return new Set(running.filter(isLive).map((record) => record.id));
    },
    whenGone(runId, signal) {
      return new Promise((resolve) => {
        const done = (): void => {
          clearInterval(timer);
          resolve();
        };
        const look = async (): Promise<void> => {
          const record = await place.getRun(runId).catch(() => undefined);
          if (record === undefined || record.status !== 'running' || !isLive(record)) done();
        };
        const timer = setInterval(() => void look(), beatEveryMs);
        signal.addEventListener('abort', done, { once: true });
        if (signal.aborted) done();
      });
    },
  };
}
