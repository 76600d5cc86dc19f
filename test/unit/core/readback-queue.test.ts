import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { Engine } from '../../../src/core/engine.ts';
import type { LogError } from '../../../src/core/errors.ts';
import { resolveLogOptions } from '../../../src/core/resolve-log-options.ts';
import { type QueuedValue, ReadbackQueue } from '../../../src/core/readback-queue.ts';

interface Handle {
  readonly value: number;
}

/** An engine whose reads settle when the test says so; it counts what is retained, released and in flight. */
class FakeEngine implements Engine<Handle> {
  readonly name = 'fake';
  reads: number[] = [];
  released = 0;
  inFlight = 0;
  mostInFlight = 0;
  failNext = false;
  #waiting: (() => void)[] = [];

  owns(value: unknown): value is Handle {
    return typeof value === 'object' && value !== null && 'value' in value;
  }

  retain(value: Handle): Handle {
    return value;
  }

  async read(values: readonly Handle[]): Promise<Float64Array> {
    this.reads.push(values.length);
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    await new Promise<void>((go) => this.#waiting.push(go));
    this.inFlight -= 1;
    if (this.failNext) {
      this.failNext = false;
      throw new Error('device lost');
    }
    return Float64Array.from(values, (handle) => handle.value);
  }

  release(values: readonly Handle[]): void {
    this.released += values.length;
  }

  settle(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}

const options = resolveLogOptions(undefined, () => '');
const at = (name: string): QueuedValue => ({ name, options, step: 0, epoch: 0, wallTime: 0 });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp(over: { maxKept?: number; now?: () => number } = {}) {
  const engine = new FakeEngine();
  const seen: [string, number][] = [];
  const errors: LogError[] = [];
  const queue = new ReadbackQueue({
    engine,
    readEveryMs: 250,
    deliver: (where, value) => seen.push([where.name, value]),
    callOf: ({ name }) => `run.log('${name}')`,
    onError: (error) => errors.push(error),
    ...over,
  });
  return { engine, seen, errors, queue };
}

/** Lets reads settle until a promise has. */
async function finish(engine: FakeEngine, promise: Promise<void>): Promise<void> {
  let isDone = false;
  const end = promise.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    engine.settle();
    await turn();
  }
  await end;
}

describe('the readback queue', () => {
  test('passes a number on at once when nothing waits before it', () => {
    const { queue, seen } = setUp();
    queue.pushNumber(at('a'), 3);
    expect(seen).toEqual([['a', 3]]);
  });

  test('keeps call order when numbers follow values still on the device', async () => {
    const { queue, seen, engine } = setUp();
    queue.pushHandle(at('gpu'), { value: 1 });
    queue.pushNumber(at('cpu'), 2);
    queue.pushHandle(at('gpu'), { value: 3 });
    expect(seen).toEqual([]);
    await finish(engine, queue.drain());
    expect(seen).toEqual([
      ['gpu', 1],
      ['cpu', 2],
      ['gpu', 3],
    ]);
    expect(engine.reads).toEqual([2]);
  });

  test('reads 300 scalars in one round trip', async () => {
    const { queue, engine, seen } = setUp();
    for (let i = 0; i < 300; i++) queue.pushHandle(at('x'), { value: i });
    await finish(engine, queue.drain());
    expect(engine.reads).toEqual([300]);
    expect(seen.map(([, value]) => value)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect(engine.released).toBe(300);
  });

  test('begins to read once a value has waited long enough, also in a loop that never lets a timer run', () => {
    let clock = 0;
    const { queue, engine } = setUp({ now: () => clock });
    queue.pushHandle(at('x'), { value: 1 });
    clock = 249;
    queue.pushHandle(at('x'), { value: 2 });
    expect(engine.reads).toEqual([]);
    clock = 250;
    queue.pushHandle(at('x'), { value: 3 });
    expect(engine.reads).toEqual([3]);
  });

  test('reads no more often than every 250 ms, however often something is logged', async () => {
    let now = 0;
    const { engine, queue } = setUp({ now: () => now });
    // A value every 50 ms for 5 s, each read done before the next value.
    for (; now < 5000; now += 50) {
      queue.pushHandle(at('loss'), { value: now });
      engine.settle();
      await turn();
    }
    // One begins with the sixth value after its first, 250 ms later: at most one per 300 ms of 5 s.
    expect(engine.reads.length).toBeLessThanOrEqual(20);
    expect(engine.reads.length).toBeGreaterThanOrEqual(16);
    await finish(engine, queue.drain());
    expect(engine.reads.reduce((sum, count) => sum + count, 0)).toBe(100);
  });

  test('makes the loop wait only while it keeps as many handles as it may', async () => {
    const { queue, engine } = setUp({ maxKept: 8 });
    for (let i = 0; i < 7; i++) queue.pushHandle(at('x'), { value: i });
    let hasRoom = false;
    await queue.whenRoom();
    queue.pushHandle(at('x'), { value: 7 });
    const room = queue.whenRoom().then(() => {
      hasRoom = true;
    });
    await turn();
    expect(hasRoom).toBe(false);
    await finish(engine, room);
    expect(hasRoom).toBe(true);
  });

  test('reports a failed read once, releases its handles, and goes on with what comes after', async () => {
    const { queue, engine, errors, seen } = setUp();
    queue.pushHandle(at('lost'), { value: 1 });
    queue.pushNumber(at('kept'), 2);
    engine.failNext = true;
    await finish(engine, queue.drain());
    queue.pushHandle(at('after'), { value: 3 });
    await finish(engine, queue.drain());
    expect(errors.map((error) => error.code)).toEqual(['read-failed']);
    expect(seen).toEqual([
      ['kept', 2],
      ['after', 3],
    ]);
    expect(engine.released).toBe(2);
  });

  test('delivers everything once and in order with never two reads in flight, whatever the interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('number', 'handle', 'settle', 'drain', 'turn'), { maxLength: 60 }), async (acts) => {
        const { queue, engine, seen } = setUp({ maxKept: 6 });
        const expected: number[] = [];
        const drains: Promise<void>[] = [];
        for (const [i, act] of acts.entries()) {
          if (act === 'number') queue.pushNumber(at('n'), i);
          if (act === 'handle') queue.pushHandle(at('h'), { value: i });
          if (act === 'number' || act === 'handle') expected.push(i);
          if (act === 'settle') engine.settle();
          if (act === 'drain') drains.push(queue.drain());
          if (act === 'turn') await turn();
        }
        await finish(
          engine,
          Promise.all([...drains, queue.drain()]).then(() => {}),
        );
        expect(seen.map(([, value]) => value)).toEqual(expected);
        expect(engine.mostInFlight).toBeLessThanOrEqual(1);
        expect(engine.released).toBe(acts.filter((act) => act === 'handle').length);
      }),
      { numRuns: 200 },
    );
  });
});

describe('what goes wrong within the readback queue', () => {
  test('a value that cannot be delivered is named and costs none of those behind it', async () => {
    const errors: LogError[] = [];
    const seen: string[] = [];
    const engine = new FakeEngine();
    const queue = new ReadbackQueue<QueuedValue>({
      engine,
      readEveryMs: 250,
      callOf: ({ name }) => `run.log('${name}')`,
      deliver({ name }) {
        if (name === 'b') throw new Error('my mistake');
        seen.push(name);
      },
      onError: (error) => errors.push(error),
    });
    queue.pushHandle(at('a'), { value: 1 });
    queue.pushHandle(at('b'), { value: 2 });
    queue.pushMark(() => {
      throw new Error('of a mark');
    });
    queue.pushNumber(at('c'), 3);
    await finish(engine, queue.drain());
    expect(seen).toEqual(['a', 'c']);
    expect(errors.map(({ message }) => message)).toEqual(["run.log('b'): my mistake", 'run.log(): of a mark']);
    expect(queue.isIdle).toBe(true);
  });

  test('what is logged while numbers are passed on comes behind them', async () => {
    const { engine, queue, seen } = setUp();
    queue.pushHandle(at('a'), { value: 1 });
    const done = queue.drain();
    // These come behind the read under way, and are passed on at its end.
    queue.pushMark(() => queue.pushNumber(at('late'), 9));
    queue.pushNumber(at('b'), 2);
    await finish(engine, done);
    await finish(engine, queue.drain());
    expect(seen).toEqual([
      ['a', 1],
      ['b', 2],
      ['late', 9],
    ]);
  });

  test('a value that comes during a read waits for no longer than it may', async () => {
    vi.useFakeTimers();
    try {
      const engine = new FakeEngine();
      const queue = new ReadbackQueue<QueuedValue>({
        engine,
        readEveryMs: 250,
        callOf: ({ name }) => name,
        deliver: () => {},
        onError: () => {},
        now: () => Date.now(),
      });
      queue.pushHandle(at('a'), { value: 1 });
      await vi.advanceTimersByTimeAsync(250);
      queue.pushHandle(at('b'), { value: 2 });
      // The read takes longer than that one may wait.
      await vi.advanceTimersByTimeAsync(300);
      expect(engine.reads).toEqual([1]);
      engine.settle();
      await vi.advanceTimersByTimeAsync(1);
      expect(engine.reads).toEqual([1, 1]);
      engine.settle();
      await vi.advanceTimersByTimeAsync(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
