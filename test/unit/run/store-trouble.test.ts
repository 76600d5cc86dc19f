import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import { startRun, type StartRunOptions } from '../../../src/run/start-run.ts';
import { StoreLogger } from '../../../src/run/store-logger.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import type { MetricStore, ScalarChunk, UnsavedPoints } from '../../../src/store/metric-store.ts';

// Stores that refuse for long, hang, are closed or taken over, and listeners that throw.

beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }));
afterEach(() => void vi.useRealTimers());

const full = (): LogError => new LogError('store-full', 'the store is full');
const upTo = (end: number, from = 0): number[] => Array.from({ length: end - from }, (_, i) => from + i);

type Read = () => readonly UnsavedPoints[] | Promise<readonly UnsavedPoints[]>;

function setUp(append: (chunk: ScalarChunk) => Promise<void>, options: { readonly maxQueue?: number; readonly flushSecs?: number } = {}) {
  const errors: string[] = [];
  const warnings: string[] = [];
  let offered: Read | undefined;
  const offerUnsaved = (_runId: string, read: Read): (() => void) => {
    offered = read;
    return () => (offered = undefined);
  };
  const logger = new StoreLogger({
    store: { append, offerUnsaved },
    runId: 'a',
    maxQueue: 4,
    flushSecs: 3600,
    onError: (error) => errors.push(error.code),
    warn: Object.assign((key: string) => void (warnings.includes(key) || warnings.push(key)), { count: () => 0 }),
    ...options,
  });
  let next = 0;
  const log = (count: number): void => {
    for (const value of upTo(next + count, next)) logger.logMetrics({ loss: value }, { step: value, epoch: 0, wallTime: value });
    next += count;
  };
  const offeredPoints = async (): Promise<number[] | undefined> => (await offered?.())?.flatMap(({ value }) => [...value]);
  return { logger, log, errors, warnings, offeredPoints, offered: async () => (await offered?.()) ?? [] };
}

describe('the logger of a store', () => {
  test('leaves one that refuses alone for a second and longer each time, however often it would flush', async () => {
    const attempts: number[] = [];
    const { log } = setUp(
      () => {
        attempts.push(Date.now());
        return Promise.reject(full());
      },
      { flushSecs: 0 },
    );
    log(1);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(attempts.map((at) => (at - attempts[0]!) / 1000)).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);
  });

  test('tries again soon after a refusal, however often it was told to save meanwhile', async () => {
    let isFull = true;
    const { logger, log } = setUp(() => (isFull ? Promise.reject(full()) : Promise.resolve()), { flushSecs: 1 });
    log(1);
    for (let i = 0; i < 10; i++) await logger.save();
    isFull = false;
    await vi.advanceTimersByTimeAsync(1000);
    expect(logger.unsaved).toBe(0);
  });

  test('that does not answer lets the training go on, offers what it has, keeps the newest, and stores them in order when it answers', async () => {
    const stored: ScalarChunk[] = [];
    let answer: (() => void) | undefined;
    let isHanging = true;
    const { logger, log, errors, warnings, offeredPoints } = setUp(async (chunk) => {
      if (isHanging) await new Promise<void>((resolve) => (answer = resolve));
      stored.push(chunk);
    });
    log(100);
    const room = logger.whenRoom();
    expect(room).toBeInstanceOf(Promise);
    const saved = logger.save();
    await vi.advanceTimersByTimeAsync(9000);
    expect([warnings, await offeredPoints()]).toEqual([[], undefined]);
    await vi.advanceTimersByTimeAsync(3000);
    await Promise.all([room, saved]);
    expect([errors, warnings]).toEqual([[], ['store-stalled']]);
    expect(await offeredPoints()).toEqual(upTo(100));
    log(1_200_000);
    expect(logger.unsaved).toBeLessThanOrEqual(1_000_000);
    expect(logger.unsaved).toBeGreaterThan(900_000);
    expect(warnings).toEqual(['store-stalled', 'points-dropped']);
    await logger.finalize();
    expect(stored).toEqual([]);

    isHanging = false;
    answer?.();
    await logger.whenSaved();
    const values = stored.flatMap(({ value }) => [...value]);
    const oldest = stored[0]?.value.length ?? 0;
    expect(oldest).toBeGreaterThan(0);
    expect(values).toEqual([...upTo(oldest), ...upTo(1_200_100, 1_200_100 - (values.length - oldest))]);
    expect(stored.map(({ seq }) => seq)).toEqual(upTo(stored.length));
    expect(await offeredPoints()).toBeUndefined();
  });

  test('keeps on offer what was refused before the store was closed, however often it is saved, and says so at the end', async () => {
    let error = full();
    const { logger, log, errors, warnings, offeredPoints } = setUp(() => Promise.reject(error));
    log(2);
    await logger.save();
    error = new LogError('store-closed', 'closed');
    await logger.save();
    await logger.save();
    expect(await offeredPoints()).toEqual([0, 1]);
    await logger.finalize();
    expect([errors, warnings, await offeredPoints()]).toEqual([['store-full', 'store-closed'], ['unsaved'], [0, 1]]);
  });

  test('lets go of everything, with one error, when somebody else has continued the run', async () => {
    let error = full();
    const { logger, log, errors, warnings, offeredPoints } = setUp(() => Promise.reject(error));
    log(2);
    await logger.save();
    error = new LogError('run-locked', 'continued');
    await logger.save();
    log(2);
    await logger.finalize();
    expect([errors, warnings, logger.unsaved, logger.isSuperseded]).toEqual([['store-full', 'run-locked'], [], 0, true]);
    expect(await offeredPoints()).toBeUndefined();
  });

  test.each([['it had been stored', true] as const, ['it had not', false] as const])(
    'goes on behind a chunk whose answer got lost and which was let go: %s',
    async (_, isStored) => {
      const base = openMemoryStore(`doubtful ${isStored}`);
      await base.createRun({ id: 'a', startedAt: 1 });
      let state: 'lost' | 'full' | 'ok' = 'lost';
      const { logger, log, errors, offered } = setUp(
        async (chunk) => {
          if (state === 'full') throw full();
          if (state === 'ok' || isStored) await base.append(chunk);
          if (state === 'ok') return;
          state = 'full';
          throw new LogError('store-failed', 'the connection was lost');
        },
        { maxQueue: 70_000 },
      );
      log(70_000);
      await logger.save();
      log(1_100_000);
      // No reader takes what is offered for the chunk that may be there.
      expect((await offered())[0]?.seq).toBe(1);
      state = 'ok';
      const left = logger.unsaved;
      await logger.save();
      expect([logger.unsaved, errors]).toEqual([0, ['store-failed', 'store-full']]);
      const values: number[] = [];
      for await (const { value } of base.chunks('a')) values.push(...value);
      expect(values).toEqual([...upTo(isStored ? 65_536 : 0), ...upTo(1_170_000, 1_170_000 - left)]);
    },
  );
});

let count = 0;

/** A run whose store refuses what a test says. */
async function start(options: StartRunOptions = {}) {
  const name = `trouble ${count++}`;
  const base = openMemoryStore(name);
  const store = openMemoryStore(name);
  const refused = new Set<'append' | 'updateRun'>();
  const told: string[] = [];
  const [append, updateRun] = [store.append.bind(store), store.updateRun.bind(store)];
  store.append = (chunk) => (refused.has('append') ? Promise.reject(full()) : append(chunk));
  store.updateRun = (id, change) => (refused.has('updateRun') ? Promise.reject(full()) : updateRun(id, change));
  const run = await startRun({
    id: 'a',
    store,
    onError: ({ code }) => told.push(code),
    onWarning: ({ key }) => told.push(key),
    ...options,
  });
  return { run, base, store, refused, told };
}

async function valuesOf(store: MetricStore): Promise<number[]> {
  const values: number[] = [];
  for await (const { value } of store.chunks('a')) values.push(...value);
  return values;
}

describe('a run', () => {
  test('notes its end when there is room for it again, also when all its points are stored', async () => {
    const { run, base, refused, told } = await start();
    run.log({ loss: 1 });
    await run.flush();
    refused.add('updateRun');
    await run.finish('stopped');
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await base.run('a'))?.status).toBe('running');
    refused.clear();
    await vi.advanceTimersByTimeAsync(20_000);
    await run.settled;
    expect((await base.run('a'))?.status).toBe('stopped');
    expect(told).toEqual(['store-full']);
    (await base.lockRun('a')).release();
  });

  test('gives up its end when its store is closed', async () => {
    const { run, base, store, refused, told } = await start();
    refused.add('updateRun');
    await run.finish();
    await store.close();
    refused.clear();
    await vi.advanceTimersByTimeAsync(60_000);
    await run.settled;
    expect([(await base.run('a'))?.status, told]).toEqual(['interrupted', ['store-full', 'store-closed']]);
  });

  test('that was continued by another one notes no end, and what it held is no longer exported', async () => {
    const { run, base, store, refused, told } = await start();
    run.log({ loss: 1 }, { step: 0 });
    await run.flush();
    refused.add('append');
    for (const step of [1, 2, 3]) {
      run.log({ loss: step + 1 }, { step });
      await run.flush();
    }
    await store.close();
    refused.clear();
    await run.flush();
    expect(await valuesOf(base)).toEqual([1, 2, 3, 4]);
    await run.finish();
    expect(told).toEqual(['store-full', 'store-closed', 'unsaved', 'store-closed']);
    const next = await startRun({ resume: 'a', fromStep: 1, store: base });
    expect(await valuesOf(base)).toEqual([1]);
    next.log({ loss: 100 }, { step: 1 });
    await next.finish();
    expect(await valuesOf(base)).toEqual([1, 100]);
  });

  test('held for dead whose run goes on elsewhere is told so once, and leaves the run running', async () => {
    for (const isLogging of [true, false]) {
      const { run, base, told } = await start();
      run.log({ loss: 1 }, { step: 0 });
      await run.flush();
      // As another tab does that cannot see the lock.
      await base.resumeRun('a', { at: 1 });
      if (isLogging) for (const step of [1, 2]) run.log({ loss: 9 }, { step });
      await run.flush();
      if (isLogging) run.log({ loss: 9 }, { step: 3 });
      await run.finish();
      expect(told).toEqual(['run-locked']);
      expect((await base.run('a'))?.status).toBe('interrupted');
      expect(await valuesOf(base)).toEqual([1]);
    }
  });

  test('goes on when its listeners throw; what they did not hear is told otherwise, and that they threw', async () => {
    const shown = vi.spyOn(console, 'error').mockImplementation(() => {});
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const mine = new Error('mine');
    const fail = (): never => {
      throw mine;
    };
    const { run, base, refused } = await start({ onError: fail, onWarning: fail });
    refused.add('append');
    for (const step of [0, 1, 2]) {
      run.log({ loss: step }, { step });
      await run.flush();
    }
    // Logged twice on one step, which is warned about.
    run.log({ loss: 3 }, { step: 2 });
    expect(await valuesOf(base)).toEqual([0, 1, 2]);
    refused.clear();
    await expect(run.finish()).rejects.toMatchObject({ code: 'store-full' });
    expect(await valuesOf(base)).toEqual([0, 1, 2, 3]);
    expect(shown.mock.calls.map(([text, cause]) => [text, cause])).toEqual([
      [expect.stringContaining('the store is full'), ''],
      [expect.stringContaining('mine'), mine],
    ]);
    expect(warned).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
  });
});
