import type { WireEvent } from './protocol.ts';

/** The clock and the timer, as a test may replace them. Milliseconds. */
export interface QueueTimer {
  now(): number;
  after(milliseconds: number, wake: () => void): void;
}

/** Collects events and sends them in batches, at most one batch per {@link sendEveryMs}. */
export interface EventQueue {
  /** Sends at once when the last batch is old enough, else with the next batch. */
  add(event: WireEvent): void;
  /** Sends what is waiting now. Gives back the number of the newest batch sent. */
  flush(): number;
}

/** Batches are at least this far apart: at most ten a second. */
export const sendEveryMs = 100;

const platformTimer: QueueTimer = { now: () => performance.now(), after: (milliseconds, wake) => void setTimeout(wake, milliseconds) };

/**
 * Makes an {@link EventQueue}. Order is kept and nothing is dropped, except that of the waiting `step` events, and of the
 * waiting `progress` events, only the newest is sent. So each of them comes at most ten times a second and the last one
 * always comes, while epochs, status, alerts and errors all come, at most 0.1 s late.
 */
export function createEventQueue(
  send: (batch: number, events: readonly WireEvent[]) => void,
  timer: QueueTimer = platformTimer,
): EventQueue {
  let waiting: WireEvent[] = [];
  let batch = 0;
  let nextSendAt = -Infinity;
  let timerIsSet = false;

  const flush = (): number => {
    if (waiting.length === 0) return batch;
    const events = waiting;
    waiting = [];
    batch += 1;
    nextSendAt = timer.now() + sendEveryMs;
    send(batch, events);
    return batch;
  };

  const add = (event: WireEvent): void => {
    if (event.name === 'step' || event.name === 'progress') waiting = waiting.filter((other) => other.name !== event.name);
    waiting.push(event);
    // Looked at here as well as by the timer: a loop that never yields runs no timers, but its messages still go out.
    const wait = nextSendAt - timer.now();
    if (wait <= 0) flush();
    else if (!timerIsSet) {
      timerIsSet = true;
      timer.after(wait, () => {
        timerIsSet = false;
        flush();
      });
    }
  };

  return { add, flush };
}
