import { describe, expect, test } from 'vitest';
import type { Metrics } from '../../../src/core/logger.ts';
import { createEventQueue, type QueueTimer } from '../../../src/worker/event-queue.ts';
import type { WireEvent } from '../../../src/worker/protocol.ts';

const metrics: Metrics = {};
const step = (at: number): WireEvent => ({ name: 'step', event: { runId: 'r', step: at, epoch: 0, metrics } });
const epoch = (at: number): WireEvent => ({ name: 'epoch', event: { runId: 'r', step: at, epoch: at, metrics } });

/** A clock that stands still until it is moved, and rings what is due. */
class HandClock implements QueueTimer {
  #now = 0;
  #due: { at: number; wake: () => void }[] = [];
  now(): number {
    return this.#now;
  }
  after(milliseconds: number, wake: () => void): void {
    this.#due.push({ at: this.#now + milliseconds, wake });
  }
  advance(milliseconds: number): void {
    this.#now += milliseconds;
    const ringing = this.#due.filter(({ at }) => at <= this.#now);
    this.#due = this.#due.filter(({ at }) => at > this.#now);
    for (const { wake } of ringing) wake();
  }
  /** Lets time pass for a thread that does not yield: no timer rings. */
  busy(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

function setUp(): { clock: HandClock; sent: string[][]; queue: ReturnType<typeof createEventQueue> } {
  const clock = new HandClock();
  const sent: string[][] = [];
  const queue = createEventQueue(
    (_, events) =>
      sent.push(
        events.map((event) => (event.name === 'step' || event.name === 'epoch' ? `${event.name} ${event.event.step}` : event.name)),
      ),
    clock,
  );
  return { clock, sent, queue };
}

describe('the queue of events', () => {
  test('sends the first event at once and the newest step a tenth of a second later', () => {
    const { clock, sent, queue } = setUp();
    for (let at = 1; at <= 50; at++) queue.add(step(at));
    expect(sent).toEqual([['step 1']]);
    clock.advance(100);
    expect(sent).toEqual([['step 1'], ['step 50']]);
  });

  test('sends at most ten batches in a second of steps a millisecond apart, and the last step', () => {
    const { clock, sent, queue } = setUp();
    for (let at = 1; at <= 1000; at++) {
      queue.add(step(at));
      clock.advance(1);
    }
    clock.advance(100);
    expect(sent.length).toBe(11);
    expect(sent.at(-1)).toEqual(['step 1000']);
  });

  test('keeps every epoch, and the order', () => {
    const { clock, sent, queue } = setUp();
    queue.add(step(1));
    queue.add(step(2));
    queue.add(epoch(2));
    queue.add(step(3));
    queue.add(epoch(4));
    queue.add(step(5));
    clock.advance(100);
    expect(sent).toEqual([['step 1'], ['epoch 2', 'epoch 4', 'step 5']]);
  });

  test('sends while the loop never yields to a timer', () => {
    const { clock, sent, queue } = setUp();
    queue.add(step(1));
    clock.busy(150);
    queue.add(step(2));
    expect(sent).toEqual([['step 1'], ['step 2']]);
  });

  test('sends what waits when it is flushed, and counts batches from one', () => {
    const { sent, queue } = setUp();
    expect(queue.flush()).toBe(0);
    queue.add(step(1));
    queue.add(epoch(1));
    expect(queue.flush()).toBe(2);
    expect(queue.flush()).toBe(2);
    expect(sent).toEqual([['step 1'], ['epoch 1']]);
  });
});
