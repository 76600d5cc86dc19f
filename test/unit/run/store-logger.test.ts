import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import { mostQueues, StoreLogger } from '../../../src/run/store-logger.ts';
import type { ScalarChunk, UnsavedPoints } from '../../../src/store/metric-store.ts';

/** A store whose answers a test gives: each append waits for `answer`, unless it is set to answer by itself. */
class HandStore {
  readonly stored: ScalarChunk[] = [];
  readonly #pending: { readonly chunk: ScalarChunk; settle(error?: LogError): void }[] = [];
  answersWith: LogError | 'yes' | undefined;
  offered: (() => readonly UnsavedPoints[] | Promise<readonly UnsavedPoints[]>) | undefined;

  append = (chunk: ScalarChunk): Promise<void> =>
    new Promise((resolve, reject) => {
      const settle = (error?: LogError): void => {
        if (error === undefined) this.stored.push(chunk);
        if (error === undefined) resolve();
        else reject(error);
      };
      if (this.answersWith === undefined) this.#pending.push({ chunk, settle });
      else settle(this.answersWith === 'yes' ? undefined : this.answersWith);
    });

  offerUnsaved = (_runId: string, read: () => readonly UnsavedPoints[] | Promise<readonly UnsavedPoints[]>): (() => void) => {
    this.offered = read;
    return () => (this.offered = undefined);
  };

  get pending(): number {
    return this.#pending.length;
  }

  /** Answers the oldest append, and lets what waits for it go on. */
  async answer(error?: LogError): Promise<void> {
    this.#pending.shift()?.settle(error);
    await turn();
  }

  get values(): number[] {
    return this.stored.flatMap(({ value }) => [...value]);
  }
}

const full = (): LogError => new LogError('store-full', 'the store is full');
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const upTo = (end: number, from = 0): number[] => Array.from({ length: end - from }, (_, i) => from + i);

function setUp(options: { readonly maxQueue?: number; readonly nextSeq?: number } = {}) {
  const store = new HandStore();
  const errors: LogError[] = [];
  const warnings: string[] = [];
  const warn = Object.assign((key: string) => void warnings.push(key), { count: () => 0 });
  const logger = new StoreLogger({
    store,
    runId: 'a',
    maxQueue: 4,
    flushSecs: 3600,
    onError: (error) => errors.push(error),
    warn,
    ...options,
  });
  let next = 0;
  const log = (count = 1): void => {
    for (const value of upTo(next + count, next)) logger.logMetrics({ loss: value }, { step: value, epoch: 0, wallTime: value });
    next += count;
  };
  return { store, logger, log, errors, warnings };
}

describe('while the database is slower than the log', () => {
  test('a training that waits is held back at sixteen queues and goes on when points are committed; nothing is lost', async () => {
    const { store, logger, log } = setUp();
    let logged = 0;
    let isOver = false;
    const training = (async () => {
      for (; logged < 1000; logged++) {
        log();
        await logger.whenRoom();
      }
      isOver = true;
    })();
    while (!isOver) {
      await turn();
      // One more than the limit is what makes it wait; so many are lost when the process is killed now.
      expect(logged - store.values.length).toBeLessThanOrEqual(mostQueues * 4 + 1);
      expect(store.pending).toBeLessThanOrEqual(1);
      const before = logged;
      await turn();
      if (store.pending === 1 && logged < 1000) expect(logged).toBe(before);
      await store.answer();
    }
    await training;
    store.answersWith = 'yes';
    await store.answer();
    await logger.save();
    expect(store.values).toEqual(upTo(1000));
    expect(store.stored.map(({ seq }) => seq)).toEqual(upTo(store.stored.length));
  });

  test('there is room at once where a few points wait', () => {
    const { logger, log } = setUp();
    log(mostQueues * 4);
    expect(logger.whenRoom()).toBeUndefined();
    log();
    expect(logger.whenRoom()).toBeInstanceOf(Promise);
  });

  test('a loop that never waits loses nothing, and its chunks do not grow without end', async () => {
    const { store, logger, log } = setUp({ maxQueue: 1_000_000 });
    store.answersWith = 'yes';
    log(200_000);
    await logger.save();
    expect(store.stored.map(({ step }) => step.length)).toEqual([65_536, 65_536, 65_536, 200_000 - 3 * 65_536]);
    expect(store.values).toEqual(upTo(200_000));
  });

  test('a logger that continues a run numbers its chunks from there', async () => {
    const { store, logger, log } = setUp({ nextSeq: 7 });
    store.answersWith = 'yes';
    log();
    await logger.save();
    log();
    await logger.save();
    expect(store.stored.map(({ seq }) => seq)).toEqual([7, 8]);
  });
});

describe('while the store refuses', () => {
  test('training is not held back, the refusal is told once, and everything is offered and then stored in order', async () => {
    const { store, logger, log, errors } = setUp();
    store.answersWith = full();
    for (let i = 0; i < 50; i++) {
      log(3);
      await logger.save();
      expect(logger.whenRoom()).toBeUndefined();
    }
    log();
    expect(errors.map(({ code }) => code)).toEqual(['store-full']);
    const offered = await store.offered?.();
    expect(offered?.flatMap(({ value }) => [...value])).toEqual(upTo(151));
    expect(offered?.map(({ seq }) => seq)).toEqual(upTo(offered?.length ?? 0));

    store.answersWith = 'yes';
    await logger.save();
    expect(store.values).toEqual(upTo(151));
    expect(store.offered).toBeUndefined();
    expect(logger.unsaved).toBe(0);
  });

  test('a store that takes one chunk and refuses the next is not told of again and again; after it took all, it is', async () => {
    const { store, logger, log, errors } = setUp();
    for (let i = 0; i < 3; i++) {
      log();
      const saved = logger.save();
      await turn();
      await store.answer(full());
      await saved;
    }
    const saved = logger.save();
    await turn();
    await store.answer();
    await store.answer(full());
    await saved;
    expect(errors).toHaveLength(1);
    expect(store.offered).toBeDefined();

    store.answersWith = 'yes';
    await logger.save();
    expect(store.values).toEqual([0, 1, 2]);
    store.answersWith = full();
    log();
    await logger.save();
    expect(errors).toHaveLength(2);
    expect((await store.offered?.())?.flatMap(({ value }) => [...value])).toEqual([3]);
  });

  test('at most a million points are held, the newest; the oldest are let go with a warning', async () => {
    const { store, logger, log, warnings } = setUp({ maxQueue: 1000 });
    store.answersWith = full();
    log(1000);
    await logger.save();
    log(1_199_000);
    expect(warnings).toContain('points-dropped');
    expect(logger.unsaved).toBeLessThanOrEqual(1_000_000);
    expect(logger.unsaved).toBeGreaterThan(1_000_000 - 65_536);
    const left = 1_200_000 - logger.unsaved;
    store.answersWith = 'yes';
    await logger.save();
    expect(store.values).toEqual(upTo(1_200_000, left));
    expect(store.stored.map(({ seq }) => seq)).toEqual(upTo(store.stored.length));
  });

  test('a chunk that is let go for room while it is being stored after all is not mixed up with the next', async () => {
    const { store, logger, log } = setUp({ maxQueue: 1000 });
    log(1000);
    await turn();
    await store.answer(full());
    const saved = logger.save();
    await turn();
    // On its way for the second time when the ring overflows.
    log(1_300_000);
    store.answersWith = 'yes';
    await store.answer();
    await saved;
    await logger.save();
    const { values } = store;
    expect(values.slice(0, 1000)).toEqual(upTo(1000));
    expect(values.slice(1000)).toEqual(upTo(1_301_000, 1_301_000 - (values.length - 1000)));
    expect(values.length).toBeGreaterThan(900_000);
  });

  test('whatever the store answers, what is stored is what was logged, in order, and what is offered comes behind it', async () => {
    const answers = fc.array(fc.constantFrom('log', 'save', 'yes', 'full', 'failed'), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(answers, async (actions) => {
        const { store, logger, log } = setUp();
        let logged = 0;
        for (const action of actions) {
          if (action === 'log') log(3);
          if (action === 'log') logged += 3;
          if (action === 'save') void logger.save();
          if (action === 'yes') await store.answer();
          if (action === 'full') await store.answer(full());
          if (action === 'failed') await store.answer(new LogError('store-failed', 'no'));
          await turn();
          const offered = (await store.offered?.()) ?? [];
          const { values } = store;
          expect([...values, ...offered.flatMap(({ value }) => [...value])]).toEqual(
            upTo(store.offered === undefined ? values.length : logged),
          );
          expect(values.length + logger.unsaved).toBe(logged);
        }
        store.answersWith = 'yes';
        await store.answer();
        await logger.save();
        expect(store.values).toEqual(upTo(logged));
      }),
      { numRuns: 50 },
    );
  });
});

describe('at the end', () => {
  test('what the store has no room for stays on offer and is stored as soon as there is room', async () => {
    const { store, logger, log, warnings } = setUp();
    store.answersWith = full();
    log(2);
    await logger.finalize();
    expect(warnings).toEqual(['unsaved']);
    expect(logger.isWaiting).toBe(true);
    const saved = logger.whenSaved();
    store.answersWith = 'yes';
    await logger.save();
    await saved;
    expect(store.values).toEqual([0, 1]);
    expect(logger.isWaiting).toBe(false);
  });

  test('it stays on offer when its store is closed, and is forgotten when its run was deleted', async () => {
    for (const code of ['store-closed', 'run-not-found'] as const) {
      const { store, logger, log, errors } = setUp();
      store.answersWith = full();
      log(2);
      await logger.save();
      store.answersWith = new LogError(code, 'no more');
      await logger.finalize();
      expect(errors.map((error) => error.code)).toEqual(['store-full', code]);
      expect((await store.offered?.())?.flatMap(({ value }) => [...value])).toEqual(code === 'store-closed' ? [0, 1] : undefined);
      expect(logger.isWaiting).toBe(false);
      await logger.whenSaved();
    }
  });
});
