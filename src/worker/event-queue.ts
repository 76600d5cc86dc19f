import type { WireEvent } from './protocol.ts';

/** The clock and the timer, as a test may replace them. Milliseconds. */
export interface QueueTimer {
  now(): number;
  after(milliseconds: number, wake: () => void): void;
}

/** Collects events and sends them in batches. */
export interface EventQueue {
  add(event: WireEvent): void;
  /** Sends what is waiting now. Gives back the number of the newest batch sent. */
  flush(): number;
}

/** Batches with a `step` or `progress` in them, in any second. */
const mostPerSecond = 10;
/** Steps alone are sent so far apart, which leaves room for those that must go out before an epoch or status. */
const spacingMs = 125;

const platformTimer: QueueTimer = {
  now: () => performance.now(),
  after: (milliseconds, wake) => void setTimeout(wake, milliseconds),
};

/**
 * Makes an {@link EventQueue}. Order is kept and nothing is dropped, except that of the waiting `step` events, and of the
 * waiting `progress` events, only the newest is sent: each comes at most ten times a second, and the last one always
 * comes. Epochs, status, alerts and errors go out at once; only where they come faster than that do they wait, too.
 */
export function createEventQueue(
  send: (batch: number, events: readonly WireEvent[]) => void,
  timer: QueueTimer = platformTimer,
): EventQueue {
  let waiting: WireEvent[] = [];
  let batch = 0;
  /** When the last batches with frequent events went out, oldest first. */
  let sentAt: number[] = [];
  let timerIsSet = false;

  const flush = (): number => {
    if (waiting.length === 0) return batch;
    if (waiting.some(isFrequent)) sentAt = [...sentAt, timer.now()].slice(-mostPerSecond);
    const events = waiting;
    waiting = [];
    batch += 1;
    send(batch, events);
    return batch;
  };

  const waitMs = (): number => {
    if (!waiting.some(isFrequent)) return 0;
    const [oldest = -Infinity] = sentAt.length < mostPerSecond ? [] : sentAt;
    const freeAt = oldest + 1000;
    const spacedAt = waiting.every(isFrequent) ? (sentAt.at(-1) ?? -Infinity) + spacingMs : -Infinity;
    return Math.max(freeAt, spacedAt) - timer.now();
  };

  const sendOrWait = (): void => {
    // Looked at here as well as by the timer: a loop that never yields runs no timers, but its messages still go out.
    const wait = waitMs();
    if (wait <= 0) flush();
    else if (!timerIsSet) {
      timerIsSet = true;
      timer.after(wait, () => {
        timerIsSet = false;
        sendOrWait();
      });
    }
  };

  const add = (event: WireEvent): void => {
    if (isFrequent(event)) waiting = waiting.filter((other) => other.name !== event.name);
    waiting.push(event);
    sendOrWait();
  };

  return { add, flush };
}

function isFrequent({ name }: WireEvent): boolean {
  return name === 'step' || name === 'progress';
}
