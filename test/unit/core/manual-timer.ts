import type { Timer } from '../../../src/core/timer.ts';

/** A timer whose time passes only when it is told to. */
export interface ManualTimer {
  readonly timer: Timer;
  /** Milliseconds that the timers under way were asked for, the shortest first. */
  readonly waits: readonly number[];
  /** Lets so much time pass, and what is due happen. */
  pass(ms: number): Promise<void>;
}

export function manualTimer(): ManualTimer {
  let now = 0;
  const pending = new Set<{ readonly at: number; readonly ms: number; readonly act: () => void }>();
  const soonest = (): { readonly at: number; readonly ms: number; readonly act: () => void } | undefined =>
    [...pending].toSorted((a, b) => a.at - b.at)[0];
  return {
    timer(act, ms) {
      const entry = { at: now + ms, ms, act };
      pending.add(entry);
      return () => pending.delete(entry);
    },
    get waits() {
      return Array.from(pending, ({ ms }) => ms).toSorted((a, b) => a - b);
    },
    async pass(ms) {
      const end = now + ms;
      for (let next = soonest(); next !== undefined && next.at <= end; next = soonest()) {
        pending.delete(next);
        now = next.at;
        next.act();
        await settled();
      }
      now = end;
      await settled();
    },
  };
}

/** Lets everything that waits for nothing but its turn have it. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
