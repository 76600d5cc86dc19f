import { describe, expect, test, vi } from 'vitest';
import type { Engine } from '../../../src/core/engine.ts';
import { LogError } from '../../../src/core/errors.ts';
import type { Logger } from '../../../src/core/logger.ts';
import { signalLifecycle } from '../../../src/run/lifecycle.ts';
import { startRun, type StartRunOptions } from '../../../src/run/start-run.ts';
import type { Run } from '../../../src/run/run.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';
import type { MetricStore } from '../../../src/store/metric-store.ts';

let count = 0;
const freshStore = (): MetricStore => memoryStore(`run-test-${count++}`);

async function start(options: StartRunOptions = {}) {
  const store = freshStore();
  const errors: LogError[] = [];
  const warnings: string[] = [];
  const run = await startRun({
    project: 'spiral',
    store,
    onError: (error) => errors.push(error),
    onWarning: ({ key }) => warnings.push(key),
    ...options,
  });
  return { store, run, errors, warnings };
}

async function stored(store: MetricStore, run: Run, tag: string): Promise<[number, number][]> {
  const series = await store.series(run.id, tag);
  if (series.kind !== 'points') throw new Error('points were expected');
  return Array.from(series.value, (value, i) => [series.step[i] ?? -1, value]);
}

function caught(act: () => unknown): LogError {
  try {
    act();
  } catch (thrown) {
    return thrown as LogError;
  }
  throw new Error('nothing was thrown');
}

const box = (value: number): { box: number } => ({ box: value });

/** An engine over plain objects, as an accelerator would be. */
class BoxEngine implements Engine<{ box: number }> {
  readonly name = 'box';
  reads = 0;
  kept = 0;
  owns(value: unknown): value is { box: number } {
    return typeof value === 'object' && value !== null && 'box' in value;
  }
  retain(value: { box: number }): { box: number } {
    this.kept += 1;
    return { box: value.box };
  }
  read(values: readonly { box: number }[]): Promise<Float64Array> {
    this.reads += 1;
    return Promise.resolve(Float64Array.from(values, ({ box }) => box));
  }
  release(values: readonly unknown[]): void {
    this.kept -= values.length;
  }
}

describe('a run', () => {
  test('keeps what is logged with steps of the caller', async () => {
    const { run, store } = await start();
    for (let step = 0; step < 1000; step++) run.log({ loss: 1 / (step + 1), lr: 0.03 }, { step });
    await run.finish();
    const loss = await stored(store, run, 'loss');
    expect(loss).toHaveLength(1000);
    expect(loss[0]).toEqual([0, 1]);
    expect(loss[999]).toEqual([999, 0.001]);
    expect((await store.run(run.id))?.status).toBe('finished');
  });

  test('counts steps by endStep', async () => {
    const { run, store } = await start();
    run.log('loss', 3);
    await run.endStep();
    run.log('loss', 2);
    await run.endStep();
    await run.finish();
    expect(await stored(store, run, 'loss')).toEqual([
      [0, 3],
      [1, 2],
    ]);
    expect(run.step).toBe(2);
  });

  test('needs no finish: a flush leaves everything in the store', async () => {
    const { run, store } = await start();
    run.log({ loss: 1 }, { step: 0 });
    run.log({ loss: 2 }, { step: 1 });
    await run.flush();
    expect(await stored(store, run, 'loss')).toEqual([
      [0, 1],
      [1, 2],
    ]);
    await run.finish();
    expect(await stored(store, run, 'loss')).toHaveLength(2);
  });

  test('writes a step that nobody closes', async () => {
    const { run, store } = await start({ flushSecs: 0 });
    const seen = new Promise<void>((resolve) => {
      store.follow(run.id, () => resolve());
    });
    run.log('loss', 1);
    await seen;
    expect(await stored(store, run, 'loss')).toEqual([[0, 1]]);
    await run.finish();
  });

  test('is flushed when the page is hidden', async () => {
    const { run, store } = await start({ flushSecs: 3600 });
    const seen = new Promise<void>((resolve) => {
      store.follow(run.id, () => resolve());
    });
    run.log('loss', 1);
    signalLifecycle('hidden');
    await seen;
    expect(await stored(store, run, 'loss')).toEqual([[0, 1]]);
    await run.finish();
  });

  test('reads many device values in few round trips and keeps none', async () => {
    const engine = new BoxEngine();
    const { run, store } = await start({ engine });
    for (let step = 0; step < 1000; step++) {
      run.log({ a: box(step), b: box(-step) });
      await run.endStep();
    }
    await run.finish();
    expect(engine.kept).toBe(0);
    expect(engine.reads).toBeLessThanOrEqual(20);
    const b = await stored(store, run, 'b');
    expect(b).toHaveLength(1000);
    expect(b[17]).toEqual([17, -17]);
  });

  test('folds an epoch with the batch sizes as weights and gives it back', async () => {
    const { run, store } = await start();
    for (const [value, batchSize] of [
      [1, 64],
      [4, 32],
    ] as const) {
      run.log('train/loss', value, { onStep: true, onEpoch: true, separator: '/', batchSize });
      await run.endStep();
    }
    run.log('val/loss', 7, { onEpoch: true });
    const metrics = await run.endEpoch();
    expect(metrics).toEqual({ 'train/loss/epoch': 2, 'val/loss': 7 });
    expect(run.epoch).toBe(1);
    await run.finish();
    expect(await stored(store, run, 'train/loss/step')).toEqual([
      [0, 1],
      [1, 4],
    ]);
    expect(await stored(store, run, 'train/loss/epoch')).toEqual([[1, 2]]);
    expect(await stored(store, run, 'val/loss')).toEqual([[1, 7]]);
  });

  test('writes the unfinished epoch of a run that stops early', async () => {
    const { run, store } = await start();
    run.log('loss', 2, { onEpoch: true });
    run.log('loss', 4, { onEpoch: true });
    await run.finish('stopped');
    expect(await stored(store, run, 'loss')).toEqual([[0, 3]]);
    expect((await store.run(run.id))?.status).toBe('stopped');
  });

  test('keeps NaN and infinities', async () => {
    const { run, store } = await start();
    run.log({ loss: Number.NaN }, { step: 0 });
    run.log({ loss: Infinity }, { step: 1 });
    run.log({ loss: -Infinity }, { step: 2 });
    await run.finish();
    expect((await stored(store, run, 'loss')).map(([, value]) => value)).toEqual([Number.NaN, Infinity, -Infinity]);
  });

  test('goes on when a logger fails, names it once, and gives the others every row', async () => {
    const rows: number[] = [];
    const bad: Logger = {
      name: 'bad',
      logHyperparams() {},
      logMetrics() {
        throw new Error('no');
      },
    };
    const good: Logger = { logHyperparams: () => {}, logMetrics: (_, at) => rows.push(at.step) };
    const { run, store, errors } = await start({ loggers: [bad, good] });
    for (let step = 0; step < 5; step++) run.log({ loss: step }, { step });
    await run.finish();
    expect(errors.map(({ code }) => code)).toEqual(['logger-threw']);
    expect(rows).toEqual([0, 1, 2, 3, 4]);
    expect(await stored(store, run, 'loss')).toHaveLength(5);
  });

  test('works without a store', async () => {
    const rows: unknown[] = [];
    const run = await startRun({
      store: false,
      loggers: [{ logHyperparams: () => {}, logMetrics: (metrics) => rows.push({ ...metrics }) }],
    });
    run.log({ loss: 1 });
    await run.finish();
    expect(rows).toEqual([{ loss: 1 }]);
    expect(run.info.status).toBe('finished');
  });

  test('gives errors nobody listened for to finish()', async () => {
    const bad: Logger = {
      name: 'bad',
      logHyperparams() {},
      logMetrics() {
        throw new Error('no');
      },
    };
    const quiet = console.error;
    console.error = () => {};
    try {
      const run = await startRun({ store: freshStore(), loggers: [bad] });
      run.log('loss', 1);
      await expect(run.finish()).rejects.toMatchObject({ code: 'logger-threw' });
    } finally {
      console.error = quiet;
    }
  });
});

describe('epochs of a run', () => {
  test('whose values are logged for the epoch alone lie at the last step of each', async () => {
    const { run, store } = await start();
    for (let epoch = 0; epoch < 3; epoch++) {
      for (let i = 0; i < 5; i++) {
        run.log('loss', epoch * 10 + i, { onEpoch: true });
        await run.endStep();
      }
      await run.endEpoch();
    }
    await run.finish();
    expect(await stored(store, run, 'loss')).toEqual([
      [4, 2],
      [9, 12],
      [14, 22],
    ]);
  });
});

describe('a listener for rows that throws', () => {
  test('is named once, costs no value and is not called again', async () => {
    const engine = new BoxEngine();
    const { run, store, errors } = await start({ engine });
    let calls = 0;
    run.onRow(() => {
      calls += 1;
      throw new Error('row boom');
    });
    run.log({ x: 1 }, { step: 0 });
    run.log({ x: 2 }, { step: 1 });
    for (let step = 2; step < 5; step++) run.log('x', box(step + 1), { step });
    await run.finish();
    expect((await stored(store, run, 'x')).map(([, value]) => value)).toEqual([1, 2, 3, 4, 5]);
    expect(errors.map(({ code }) => code)).toEqual(['logger-threw']);
    expect(calls).toBe(1);
  });
});

describe('bad input', () => {
  test.each([
    ['a map', new Map([['loss', 1]])],
    ['a date', new Date(0)],
    ['an array', [0.1, 0.2]],
    ['a typed array', new Float32Array(2)],
    ['a tensor without a name', { size: 1, id: 3, data: () => Promise.resolve([1]) }],
  ])('%s is not taken for names and values', async (_, value) => {
    const { run, store } = await start();
    expect(caught(() => run.log(value as never)).code).toBe('bad-value');
    await run.finish();
    expect(await store.tags(run.id)).toEqual([]);
  });

  test('a step where the options belong is refused with the way to write it', async () => {
    const { run } = await start();
    const error = caught(() => run.log('loss', 1, 10 as never));
    expect(error.code).toBe('bad-options');
    expect(error.message).toContain('Write { step: 10 }.');
    expect(caught(() => run.log('loss', 1, null as never)).code).toBe('bad-options');
    await run.finish();
  });

  test('names that an object cannot hold are refused, not dropped', async () => {
    const { run } = await start();
    expect(caught(() => run.log('__proto__', 1)).code).toBe('bad-tag');
    expect(caught(() => run.log('', Object.create(null))).code).toBe('bad-tag');
    await run.finish();
    await expect(
      startRun({ store: freshStore(), config: JSON.parse('{"__proto__": 1}') as Record<string, unknown> }),
    ).rejects.toMatchObject({ code: 'bad-options' });
  });

  test.each([[{ loggers: [null] }], [{ loggers: {} }], [{ name: 5 }], [{ id: '' }]])(
    'startRun(%j) is refused and leaves no run behind',
    async (options) => {
      const store = freshStore();
      await expect(startRun({ store, ...options } as never)).rejects.toMatchObject({ code: 'bad-options' });
      expect(await store.runs()).toEqual([]);
    },
  );

  test('big integers in a config are kept as numbers, beyond that as text', async () => {
    const { run } = await start({ config: { sizes: new BigInt64Array([1n, 2n ** 60n]) } });
    expect(run.info.config).toEqual({ sizes: [1, '1152921504606846976'] });
    await run.finish();
  });

  test('reads that are never due are not made at once', async () => {
    const engine = new BoxEngine();
    const { run } = await start({ engine, readEveryMs: Infinity });
    const timers: unknown[] = [];
    const setTimer = globalThis.setTimeout;
    globalThis.setTimeout = ((act: () => void, ms: number) => {
      timers.push(ms);
      return setTimer(act, ms);
    }) as typeof setTimeout;
    run.log('x', box(1));
    globalThis.setTimeout = setTimer;
    expect(timers).toContain(2 ** 31 - 1);
    await run.finish();
    expect(engine.reads).toBe(1);
  });

  test.each([
    ['a string', '0.5', `run.log('loss'): got the string "0.5", need a number or a tensor of one value. Convert it with Number("0.5").`],
    [
      'an array',
      [1, 2],
      `run.log('loss'): got an array of 2 values, need a number or a tensor of one value. Take the mean, or log each value under a name of its own.`,
    ],
    ['undefined', undefined, `run.log('loss'): got undefined, need a number or a tensor of one value. Was it computed before the call?`],
    ['null', null, `run.log('loss'): got null, need a number or a tensor of one value. Was it computed before the call?`],
  ])('%s is refused with the call and the next move', async (_, value, message) => {
    const { run } = await start();
    const error = caught(() => run.log('loss', value as never));
    expect(error.code).toBe('bad-value');
    expect(error.message).toBe(message);
    await run.finish();
  });

  test('one bad value of a call does not cost the others', async () => {
    const { run, store } = await start();
    expect(caught(() => run.log({ acc: 'high' as unknown as number, loss: 1 })).code).toBe('bad-value');
    await run.finish();
    expect(await stored(store, run, 'loss')).toEqual([[0, 1]]);
  });

  test('an empty tag is refused', async () => {
    const { run } = await start();
    expect(caught(() => run.log('', 1)).code).toBe('bad-tag');
    expect(caught(() => run.log({ '': 1 })).code).toBe('bad-tag');
    await run.finish();
  });

  test('a tensor of many values and a disposed one are refused', async () => {
    const { run } = await start();
    const data = (): Promise<Float32Array> => Promise.resolve(new Float32Array([1]));
    expect(caught(() => run.log('acc', { size: 32, data })).message).toBe(
      "run.log('acc'): got a tensor of 32 values, need one. Take the mean, or log the values under names of their own.",
    );
    expect(caught(() => run.log('acc', { size: 1, isDisposed: true, data })).message).toContain('disposed');
    await run.finish();
  });

  test('a tensor without an engine is read, with one warning that names the line to add', async () => {
    const { run, store, warnings } = await start();
    for (const value of [1, 2]) {
      run.log('loss', { size: 1, data: () => Promise.resolve(new Float32Array([value])) });
      await run.endStep();
    }
    await run.finish();
    expect(await stored(store, run, 'loss')).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(warnings).toEqual(['no-engine']);
  });

  test('logging after finish is refused and changes nothing', async () => {
    const { run, store } = await start({ name: 'done' });
    run.log({ loss: 1 });
    await run.finish();
    const error = caught(() => run.log('loss', 2));
    expect(error.code).toBe('closed-run');
    expect(error.message).toBe("run.log('loss'): run 'done' has finished. Log before finish(), or start another run with startRun().");
    expect(await stored(store, run, 'loss')).toEqual([[0, 1]]);
  });

  test('two writers of one run are refused', async () => {
    const { run, store } = await start({ id: 'same' });
    await expect(startRun({ id: 'same', store })).rejects.toMatchObject({ code: 'run-locked' });
    await run.finish();
    await expect(startRun({ id: 'same', store })).rejects.toMatchObject({ code: 'run-exists' });
  });

  test.each([[{ project: '' }], [{ maxQueue: 0 }], [{ flushSecs: -1 }], [{ config: { f: () => 1 } }]] as [StartRunOptions][])(
    'startRun(%j) is refused',
    async (options) => {
      await expect(startRun({ store: freshStore(), ...options })).rejects.toMatchObject({ code: 'bad-options' });
    },
  );
});

describe('a store that refuses writes', () => {
  test('stops nothing, is named once, and gets everything when it accepts again', async () => {
    const { run, store, errors } = await start({ flushSecs: 3600 });
    const append = store.append.bind(store);
    let isFull = true;
    store.append = (chunk) => (isFull ? Promise.reject(new LogError('store-full', 'the store is full')) : append(chunk));
    run.log({ loss: 1 }, { step: 0 });
    await run.flush();
    run.log({ loss: 2 }, { step: 1 });
    await run.flush();
    expect(errors.map(({ code }) => code)).toEqual(['store-full']);
    isFull = false;
    run.log({ loss: 3 }, { step: 2 });
    await run.flush();
    expect(await stored(store, run, 'loss')).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
    await run.finish();
  });

  test('is exported with what it has no room for, and takes it after the run has ended', async () => {
    const { run, store, errors, warnings } = await start({ flushSecs: 0.001 });
    const append = store.append.bind(store);
    let isFull = false;
    store.append = (chunk) => (isFull ? Promise.reject(new LogError('store-full', 'the store is full')) : append(chunk));
    const exported = async (): Promise<number[]> => {
      const values: number[] = [];
      for await (const { value } of store.chunks(run.id)) values.push(...value);
      return values;
    };
    run.log({ loss: 1 }, { step: 0 });
    await run.flush();
    isFull = true;
    run.log({ loss: 2 }, { step: 1 });
    await run.flush();
    run.log({ loss: 3 }, { step: 2 });
    run.log({ loss: 4 }, { step: 3 });
    expect(await exported()).toEqual([1, 2, 3]);
    await run.finish();
    expect(await exported()).toEqual([1, 2, 3, 4]);
    expect(await stored(store, run, 'loss')).toEqual([[0, 1]]);
    expect([errors.map(({ code }) => code), warnings]).toEqual([['store-full'], ['unsaved']]);
    await expect(store.lockRun(run.id)).rejects.toMatchObject({ code: 'run-locked' });

    isFull = false;
    await run.settled;
    (await store.lockRun(run.id)).release();
    expect((await stored(store, run, 'loss')).map(([, value]) => value)).toEqual([1, 2, 3, 4]);
    expect(await exported()).toEqual([1, 2, 3, 4]);
    expect((await store.run(run.id))?.status).toBe('finished');
  });

  test('keeps the end of a run, too, until there is room for it', async () => {
    const { run, store } = await start({ flushSecs: 0.001 });
    const [append, updateRun] = [store.append.bind(store), store.updateRun.bind(store)];
    let isFull = true;
    const refuse = (): Promise<never> => Promise.reject(new LogError('store-full', 'the store is full'));
    store.append = (chunk) => (isFull ? refuse() : append(chunk));
    store.updateRun = (id, change) => (isFull ? refuse() : updateRun(id, change));
    run.log({ loss: 1 }, { step: 0 });
    await run.finish('stopped');
    expect((await store.run(run.id))?.status).toBe('running');
    isFull = false;
    await run.settled;
    expect((await store.run(run.id))?.status).toBe('stopped');
    expect(await stored(store, run, 'loss')).toEqual([[0, 1]]);
  });

  test('is slow: a loop that awaits its steps waits, and loses nothing', async () => {
    const { run, store } = await start({ maxQueue: 2 });
    const append = store.append.bind(store);
    const waiting: (() => void)[] = [];
    store.append = async (chunk) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      await append(chunk);
    };
    let logged = 0;
    const loop = (async () => {
      for (; logged < 200; logged++) {
        run.log('loss', logged);
        await run.endStep();
      }
    })();
    // All that may be logged while nothing is committed, and the step that is too much.
    await vi.waitFor(() => expect(logged).toBe(2 * 16));
    await new Promise((resolve) => setImmediate(resolve));
    expect(logged).toBe(2 * 16);
    store.append = append;
    for (const go of waiting.splice(0)) go();
    await loop;
    await run.finish();
    expect((await stored(store, run, 'loss')).map(([, value]) => value)).toEqual(Array.from({ length: 200 }, (_, value) => value));
  });

  test('a run deleted while it logs goes on without the store once it cannot be restored', async () => {
    const { run, store, errors } = await start();
    await store.deleteRun(run.id);
    await store.maintain();
    run.log({ loss: 1 });
    await run.flush();
    run.log({ loss: 2 });
    await run.finish();
    expect(errors.map(({ code }) => code)).toEqual(['run-not-found']);
  });
});
