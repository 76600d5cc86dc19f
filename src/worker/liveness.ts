/** How often a page that has no better means asks a worker whether it is there. */
const pingEveryMs = 5_000;
/** Unanswered pings after which it is held for dead: a minute, for a worker may be busy in one long step. */
const mostUnanswered = 12;

/** The lock that a worker holds for its life. */
function lockName(connectionId: string): string {
  return `tabtrain-worker-${connectionId}`;
}

/**
 * In the worker: takes the lock that ends with this thread, however it ends. Resolves to its release, or to undefined
 * where there are no locks.
 */
export async function holdLifeLock(connectionId: string): Promise<(() => void) | undefined> {
  if (!hasLocks()) return undefined;
  return new Promise((resolve) => {
    const held = navigator.locks.request(lockName(connectionId), () => new Promise<void>((release) => resolve(release)));
    // Rejects in documents that may not use locks, e.g. a sandboxed frame.
    held.catch(() => resolve(undefined));
  });
}

/** In the page: calls back once when the worker is gone. Gives back its undo. */
export function watchLifeLock(connectionId: string, gone: () => void): () => void {
  const ending = new AbortController();
  // Granted when the worker's thread has ended; rejected when aborted or when this document goes away, which needs no word.
  navigator.locks.request(lockName(connectionId), { signal: ending.signal }, gone).catch(() => {});
  return () => ending.abort();
}

/** In the page, where a worker holds no lock: asks it now and then, and calls back once when it has been silent for long. */
export function watchByPing(ping: () => void, gone: () => void): { heard(): void; end(): void } {
  let unanswered = 0;
  // Counted in pings, not in time: a page that was frozen must not blame the worker for it.
  const timer = setInterval(() => {
    if (unanswered >= mostUnanswered) {
      clearInterval(timer);
      gone();
      return;
    }
    unanswered += 1;
    ping();
  }, pingEveryMs);
  return {
    heard() {
      unanswered = 0;
    },
    end: () => clearInterval(timer),
  };
}

function hasLocks(): boolean {
  return typeof navigator !== 'undefined' && 'locks' in navigator && navigator.locks !== undefined;
}
