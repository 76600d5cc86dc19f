import { expect, test } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import type { Logger } from '../../../src/core/logger.ts';
import { startRun } from '../../../src/run/start-run.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';

const quiet = { onWarning: () => {} };

test('a logger has every record before its last save', async () => {
  const calls: string[] = [];
  const logger: Logger = {
    logMetrics: () => {},
    logHyperparams: () => {},
    logRecord: ({ tag }) => calls.push(tag),
    save: async () => void calls.push('save'),
    finalize: async () => void calls.push('finalize'),
  };
  const run = await startRun({ store: memoryStore('records-before-save'), loggers: [logger], ...quiet });
  for (const tag of ['1', '2']) run.logImage(tag, { values: [0], shape: [1, 1] });
  await run.finish();
  expect(calls).toEqual(['1', '2', 'save', 'finalize']);
});

test('hyperparameters of a run come into its info at once and into the store, and their metrics are drawn', async () => {
  const store = memoryStore('late-hyperparameters');
  const run = await startRun({ store, config: { lr: 0.1, depth: 2 }, facts: { backend: 'cpu' }, ...quiet });
  run.logHyperparams({ lr: 0.2 }, { 'val/acc': 0.75 });
  expect(run.info).toMatchObject({ config: { lr: 0.2, depth: 2 }, facts: { backend: 'cpu', 'hp.metrics': { 'val/acc': 0.75 } } });
  await run.flush();
  expect(await store.run(run.id)).toMatchObject({
    config: { lr: 0.2, depth: 2 },
    facts: { backend: 'cpu', 'hp.metrics': { 'val/acc': 0.75 } },
  });
  expect(await store.lastValues(run.id)).toMatchObject([{ tag: 'val/acc', step: 0, value: 0.75 }]);
  await run.finish();
});

test('a run that ends while the store has no room for its records is settled when it has', async () => {
  const inner = memoryStore('records-without-room');
  let isFull = true;
  const store = new Proxy(inner, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (key === 'addRecords' && isFull) return () => Promise.reject(new LogError('store-full', 'no room'));
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const errors: string[] = [];
  const run = await startRun({ store, onError: ({ code }) => errors.push(code), ...quiet });
  run.event('late');
  await run.finish();
  expect([await inner.records(run.id), errors]).toEqual([[], ['store-full']]);
  isFull = false;
  await run.settled;
  expect((await inner.records(run.id)).map(({ tag }) => tag)).toEqual(['late']);
  expect((await inner.run(run.id))?.status).toBe('finished');
});

test('a continued run goes on behind the records it has, and supersedes those past where it goes on', async () => {
  const store = memoryStore('continued-records');
  const run = await startRun({ store, ...quiet });
  run.logText('a', 'old', { step: 1 });
  run.logText('a', 'superseded', { step: 5 });
  await run.finish();
  const again = await startRun({ store, resume: run.id, fromStep: 4, ...quiet });
  again.logText('a', 'new');
  await again.finish();
  expect((await store.records(run.id)).map(({ step, data }) => [step, data?.['text']])).toEqual([
    [1, 'old'],
    [4, 'new'],
  ]);
});
