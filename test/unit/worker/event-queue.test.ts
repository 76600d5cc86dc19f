import { describe, expect, test } from 'vitest';
import type { Metrics } from '../../../src/core/logger.ts';
import { createEventQueue, type EventQueue, type QueueTimer } from '../../../src/worker/event-queue.ts';
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

function setUp(): { clock: HandClock; sent: string[][]; stepsSentAt: number[]; queue: EventQueue } {
  const clock = new HandClock();
  const sent: string[][] = [];
  const stepsSentAt: number[] = [];
  const queue = createEventQueue((_, events) => {
    sent.push(events.map((event) => (event.name === 'step' || event.name === 'epoch' ? `${event.name} ${event.event.step}` : event.name)));
    if (events.some(({ name }) => name === 'step')) stepsSentAt.push(clock.now());
  }, clock);
  return { clock, sent, stepsSentAt, queue };
}

describe('the queue of events', () => {
  test('sends the first step at once and of the next ones the newest, an eighth of a second later', () => {
    const { clock, sent, queue } = setUp();
    for (let at = 1; at <= 50; at++) queue.add(step(at));
    expect(sent).toEqual([['step 1']]);
    clock.advance(125);
    expect(sent).toEqual([['step 1'], ['step 50']]);
  });

  test('sends steps a millisecond apart eight times a second, and the last one', () => {
    const { clock, sent, queue } = setUp();
    for (let at = 1; at <= 1000; at++) {
      queue.add(step(at));
      clock.advance(1);
    }
    expect(sent.length).toBe(9);
    clock.advance(125);
    expect(sent.at(-1)).toEqual(['step 1000']);
  });

  test('sends an epoch at once, after the step before it', () => {
    const { sent, queue } = setUp();
    queue.add(step(1));
    queue.add(step(2));
    queue.add(epoch(2));
    queue.add(epoch(3));
    queue.add(step(4));
    expect(sent).toEqual([['step 1'], ['step 2', 'epoch 2'], ['epoch 3']]);
  });

  test('keeps every epoch, the order, and ten steps in any second, of epochs a millisecond apart', () => {
    const { clock, sent, stepsSentAt, queue } = setUp();
    for (let at = 1; at <= 3000; at++) {
      queue.add(step(at));
      queue.add(epoch(at));
      clock.advance(1);
    }
    clock.advance(1000);
    const all = sent.flat();
    expect(all.filter((line) => line.startsWith('epoch'))).toEqual(Array.from({ length: 3000 }, (_, index) => `epoch ${index + 1}`));
    expect(all.slice(-2)).toEqual(['step 3000', 'epoch 3000']);
    const numbers = all.map((line) => Number(line.split(' ')[1]));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    const mostInOneSecond = Math.max(...stepsSentAt.map((start) => stepsSentAt.filter((at) => at >= start && at < start + 1000).length));
    expect(mostInOneSecond).toBe(10);
  });

  test('sends while the loop never yields to a timer', () => {
    const { clock, sent, queue } = setUp();
    queue.add(step(1));
    queue.add(step(2));
    clock.busy(150);
    queue.add(step(3));
    expect(sent).toEqual([['step 1'], ['step 3']]);
  });

  test('sends what waits when it is flushed, and counts batches from one', () => {
    const { sent, queue } = setUp();
    expect(queue.flush()).toBe(0);
    queue.add(step(1));
    queue.add(step(2));
    expect(queue.flush()).toBe(2);
    expect(queue.flush()).toBe(2);
    expect(sent).toEqual([['step 1'], ['step 2']]);
  });
});
