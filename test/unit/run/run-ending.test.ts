import { describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/core/engine.ts';
import type { LogError } from '../../../src/core/errors.ts';
import { startRun, type StartRunOptions } from '../../../src/run/start-run.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';
import { rowLogger } from '../tfjs/row-logger.ts';

let count = 0;

async function start(options: StartRunOptions = {}) {
  const store = memoryStore(`run-ending-${count++}`);
  const logger = rowLogger();
  const errors: LogError[] = [];
  const run = await startRun({ store, loggers: [logger], onError: (error) => errors.push(error), onWarning: () => {}, ...options });
  return { store, logger, errors, run };
}

const bad = (): number => {
  throw new Error('my mistake');
};

interface Remote {
  readonly remote: number;
}
const remote = (value: number): Remote => ({ remote: value });
const engine: Engine<Remote> = {
  name: 'far',
  owns: (value): value is Remote => typeof value === 'object' && value !== null && 'remote' in value,
  retain: (value) => value,
  read: (values) => Promise.resolve(Float64Array.from(values, (value) => value.remote)),
  release: () => {},
};

describe("a reduction of the caller's own that throws", () => {
  test('costs neither other values of the epoch nor the end of the run and its loggers', async () => {
    const { store, logger, errors, run } = await start();
    run.log('pre', 1);
    run.log('x', 1, { onEpoch: true, reduceFx: bad });
    run.log('y', 2, { onEpoch: true });
    await run.endStep();
    await run.finish();
    expect([logger.values('pre'), logger.values('x'), logger.values('y'), logger.status]).toEqual([[1], [], [2], 'finished']);
    expect((await store.run(run.id))?.status).toBe('finished');
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['bad-options', "run.log('x'): reduceFx threw: my mistake. This value is left out; all others are kept."],
    ]);
  });

  test('costs nothing of what is read back with it', async () => {
    const { logger, errors, run } = await start({ engine });
    run.log('g', remote(1), { reduceFx: bad });
    run.log('g', remote(2), { reduceFx: bad });
    run.log('other', remote(3));
    await run.endStep();
    run.log('after', 4);
    await run.finish();
    expect([logger.values('other'), logger.values('after'), errors.length]).toEqual([[3], [4], 1]);
  });

  test('in a run within a run does not keep that from ending', async () => {
    const { store, logger, run } = await start();
    run.log('y', 1);
    run.child('c').log('x', 1, { onEpoch: true, reduceFx: bad });
    await run.finish();
    expect([logger.values('y'), logger.status, (await store.run(run.id))?.status]).toEqual([[1], 'finished', 'finished']);
  });
});

describe('a run that has ended', () => {
  test('has its loggers saved no more', async () => {
    let saves = 0;
    const logger = { ...rowLogger(), save: async () => void (saves += 1) };
    const { run } = await start({ loggers: [logger] });
    run.child('c').log('x', 1);
    await run.finish();
    expect(saves).toBeGreaterThan(0);
    const before = saves;
    await run.flush();
    expect(saves).toBe(before);
  });
});

describe('what is refused', () => {
  test('does not move the step', async () => {
    const { run } = await start();
    // @ts-expect-error a text is no value
    expect(() => run.log('x', 'bad', { step: 100 })).toThrow('need a number');
    // @ts-expect-error a text is no value
    expect(() => run.log({ x: 'bad' }, { step: 100 })).toThrow('need a number');
    expect(run.step).toBe(0);
    // @ts-expect-error a text is no value
    expect(() => run.log({ x: 'bad', y: 1 }, { step: 50 })).toThrow('need a number');
    expect(run.step).toBe(50);
    await run.finish();
  });
});

describe('a listener of rows that logs', () => {
  test.each([[(value: number): number => value], [remote]])('loses nothing of it: %o', async (make) => {
    const { logger, run } = await start({ engine });
    run.onRow((metrics) => {
      if ('loss' in metrics) run.log('seen', metrics['loss']!);
    });
    for (let step = 0; step < 4; step++) {
      run.log('loss', make(step));
      await run.endStep();
      await run.flush();
    }
    await run.finish();
    expect([logger.values('loss'), logger.values('seen')]).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ]);
  });
});
