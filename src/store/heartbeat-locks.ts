import type { RunRecord } from './run-record.ts';
import { lockedError, type WriterLocks } from './writer-locks.ts';

/** Where a heartbeat is kept: in the run's record. */
export interface HeartbeatPlace {
  getRun(runId: string): Promise<RunRecord | undefined>;
  /**
   * Sets `aliveAt` (milliseconds since the Unix epoch; 0 = let go) where there is a record of which `isMine` says true. False where
   * it says no. Look and write are one transaction: of two tabs only one finds a run free.
   */
  setAlive(runId: string, aliveAt: number, isMine: (record: RunRecord) => boolean): Promise<boolean>;
}

/** A lock of this thread. */
interface Held {
  /** What the record may say, if nobody else has taken the run since: the last time that was written, and any that may have been. */
  times: readonly number[];
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
  const mine = new Map<string, Held>();
  const isFresh = ({ aliveAt = 0 }: RunRecord): boolean => now() - aliveAt < deadAfterMs;
  const isLive = (record: RunRecord): boolean => mine.has(record.id) || isFresh(record);
  const write = async (runId: string, held: Held, aliveAt: number, isMine: (record: RunRecord) => boolean): Promise<boolean> => {
    held.times = [...held.times, aliveAt];
    const isDone = await place.setAlive(runId, aliveAt, isMine);
    held.times = held.times.slice(held.times.indexOf(aliveAt));
    return isDone;
  };
  const beat = (runId: string, held: Held, aliveAt: number): Promise<boolean> =>
    write(runId, held, aliveAt, (record) => record.aliveAt === undefined || held.times.includes(record.aliveAt));
  return {
    async take(runId) {
      if (mine.has(runId)) throw lockedError(runId);
      const held: Held = { times: [] };
      mine.set(runId, held);
      const isFree = (record: RunRecord): boolean => record.status !== 'running' || !isFresh(record);
      try {
        if (!(await write(runId, held, now(), isFree))) throw lockedError(runId);
      } catch (thrown) {
        mine.delete(runId);
        throw thrown;
      }
      const end = (): void => {
        clearInterval(timer);
        if (mine.get(runId) === held) mine.delete(runId);
      };
      const timer = setInterval(() => {
        // Somebody else may have taken the run while this page was frozen. A beat that fails is made up for by the next; a store
        // that is closed has no writer.
        beat(runId, held, now()).then(
          (isMine) => isMine || end(),
          () => {},
        );
      }, beatEveryMs);
      return {
        async release() {
          if (mine.get(runId) !== held) return;
          end();
          await beat(runId, held, 0).catch(() => {});
        },
      };
    },
    async recordMade(runId) {
      const held = mine.get(runId);
      if (held !== undefined) await beat(runId, held, now());
    },
    async live(running) {
      return new Set(running.filter(isLive).map((record) => record.id));
    },
    async free(runId) {
      if (!mine.has(runId)) await place.setAlive(runId, 0, () => true);
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
