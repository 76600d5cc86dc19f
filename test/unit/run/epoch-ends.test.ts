import { describe, expect, test } from 'vitest';
import type { LogError } from '../../../src/core/errors.ts';
import type { LoggableMetric } from '../../../src/core/loggable-metric.ts';
import { MeanMetric } from '../../../src/metrics/index.ts';
import { startRun } from '../../../src/run/start-run.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';
import { rowLogger } from '../tfjs/row-logger.ts';

let count = 0;

async function start() {
  const logger = rowLogger();
  const errors: LogError[] = [];
  const warnings: string[] = [];
  const run = await startRun({
    store: memoryStore(`epoch-ends-${count++}`),
    loggers: [logger],
    onError: (error) => errors.push(error),
    onWarning: ({ text }) => warnings.push(text),
  });
  return { run, logger, errors, warnings };
}

/** A metric whose value comes when the test says so. */
function slowMetric(value: unknown) {
  let give = (): void => {};
  let heard = (): void => {};
  const asked = new Promise<void>((resolve) => (heard = resolve));
  const metric: LoggableMetric = {
    isMetric: true,
    batchValue: undefined,
    async compute() {
      await new Promise<void>((resolve) => {
        give = resolve;
        heard();
      });
      return value;
    },
    reset() {},
  };
  return { metric, asked, give: () => give() };
}

describe('the end of an epoch', () => {
  test('takes nothing that is logged behind it, awaited or not', async () => {
    const { run, logger } = await start();
    run.log('loss', 1, { onEpoch: true });
    await run.endStep();
    const end = run.endEpoch();
    run.log('loss', 100, { onEpoch: true });
    await run.endStep();
    expect(await end).toEqual({ loss: 1 });
    await run.endEpoch();
    expect(logger.rows.map(({ metrics, at }) => [metrics['loss'], at.step, at.epoch])).toEqual([
      [1, 0, 0],
      [100, 1, 1],
    ]);
    await run.finish();
  });

  test('takes nothing that is logged while a metric is being computed, and lies at its own step', async () => {
    const { run, logger } = await start();
    const { metric, asked, give } = slowMetric(7);
    run.log({ m: metric, loss: 1 }, { onEpoch: true });
    await run.endStep();
    const end = run.endEpoch();
    await asked;
    run.log('loss', 100, { onEpoch: true, onStep: true });
    await run.endStep();
    give();
    expect(await end).toEqual({ loss: 1, m: 7 });
    await run.endEpoch();
    expect(logger.rows.map(({ metrics, at }) => [metrics, at.step, at.epoch])).toEqual([
      [{ loss_step: 100 }, 1, 1],
      [{ loss: 1, m: 7 }, 0, 0],
      [{ loss_epoch: 100 }, 1, 1],
    ]);
    await run.finish();
  });

  test('comes before that of the next epoch, however long its metrics take', async () => {
    const { run, logger } = await start();
    const { metric, asked, give } = slowMetric(7);
    run.log({ m: metric, loss: 1 }, { onEpoch: true });
    const ends = [run.endEpoch()];
    run.log('loss', 2, { onEpoch: true });
    ends.push(run.endEpoch());
    await asked;
    give();
    await Promise.all(ends);
    expect(logger.values('loss')).toEqual([1, 2]);
    await run.finish();
  });

  test('is waited for by finish()', async () => {
    const { run, logger } = await start();
    const { metric, asked, give } = slowMetric(7);
    run.log('m', metric, { onEpoch: true });
    await run.endStep();
    const end = run.endEpoch();
    const finished = run.finish();
    await asked;
    // Time enough to end, if it did not wait.
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(logger.status).toBeUndefined();
    give();
    await finished;
    expect([logger.values('m'), logger.status, await end]).toEqual([[7], 'finished', { m: 7 }]);
  });
});

describe('metric objects given to run.log', () => {
  test('are reset at the end of the epoch, those logged for steps alone, too', async () => {
    const { run, logger } = await start();
    const metric = new MeanMetric();
    for (const value of [1, 2, 3]) {
      void metric.forward(value);
      run.log('m', metric);
      await run.endStep();
      await run.endEpoch();
      expect(metric.updateCount).toBe(0);
    }
    await run.finish();
    expect(logger.values('m')).toEqual([1, 2, 3]);
  });

  test('are computed under all their names before any is reset', async () => {
    const { run } = await start();
    const metric = new MeanMetric();
    await metric.forward(4);
    run.log('last', metric);
    run.log({ a: metric, b: metric }, { onEpoch: true });
    expect(await run.endEpoch()).toEqual({ a: 4, b: 4 });
    await run.finish();
  });

  test('of which one name has two are warned about', async () => {
    const { run, warnings } = await start();
    const [first, second] = [new MeanMetric(), new MeanMetric()];
    first.update(1);
    second.update(5);
    run.log('m', first, { onEpoch: true });
    expect(warnings).toEqual([]);
    run.log('m', first, { onEpoch: true });
    expect(warnings).toEqual([]);
    run.log('m', second, { onEpoch: true });
    expect(warnings).toEqual([
      "run.log('m'): two metric objects are logged under this name; only the last is computed and reset. Give each a name of its own.",
    ]);
    await run.finish();
  });

  test('that cannot be computed or reset are named once, and cost no other value', async () => {
    const { run, logger, errors } = await start();
    const bad = (broken: 'compute' | 'reset'): LoggableMetric => ({
      isMetric: true,
      batchValue: undefined,
      compute: () => (broken === 'compute' ? Promise.reject(new Error('no data')) : Promise.resolve(1)),
      reset() {
        if (broken === 'reset') throw new Error('stuck');
      },
    });
    for (let epoch = 0; epoch < 2; epoch++) {
      run.log({ a: bad('compute'), b: bad('reset'), c: 3 }, { onEpoch: true });
      await run.endEpoch();
    }
    await run.finish();
    expect(logger.rows.map(({ metrics }) => metrics)).toEqual([
      { b: 1, c: 3 },
      { b: 1, c: 3 },
    ]);
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['bad-metric', "run.log('a'): no data"],
      ['bad-metric', "run.log('b'): stuck"],
    ]);
  });

  test('of which several fail in one reading are each named, once', async () => {
    const { run, logger, errors } = await start();
    const failing = (text: string): LoggableMetric => ({
      isMetric: true,
      batchValue: () => Promise.reject(new Error(text)),
      compute: () => Promise.resolve(1),
      reset() {},
    });
    for (let step = 0; step < 2; step++) {
      run.log({ a: failing('first'), b: failing('second'), c: step });
      await run.endStep();
      await run.flush();
    }
    await run.finish();
    expect(errors.map(({ message }) => message)).toEqual([
      "run.log('a'): reading its value back failed: first",
      "run.log('b'): reading its value back failed: second",
    ]);
    expect(logger.values('c')).toEqual([0, 1]);
  });
});
