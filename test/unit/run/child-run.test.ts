import { describe, expect, test, vi } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import type { Logger } from '../../../src/core/logger.ts';
import { csv, tfevents } from '../../../src/export/index.ts';
import { decodeEvent } from '../../../src/formats/tfevents/read.ts';
import { readRecords } from '../../../src/formats/tfevents/read-records.ts';
import { startRun, type StartRunOptions } from '../../../src/run/start-run.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';
import type { MetricStore } from '../../../src/store/metric-store.ts';
import { collect } from '../export/sample-runs.ts';

let count = 0;
const freshStore = (): MetricStore => memoryStore(`child-run-${count++}`);

async function start(options: StartRunOptions = {}) {
  const store = freshStore();
  const errors: LogError[] = [];
  const run = await startRun({
    project: 'spiral',
    name: 'first',
    store,
    onError: (error) => errors.push(error),
    onWarning: () => {},
    ...options,
  });
  return { store, run, errors };
}

async function stored(store: MetricStore, runId: string, tag: string): Promise<(readonly number[])[]> {
  const series = await store.series(runId, tag);
  if (series.kind !== 'points') throw new Error('points were expected');
  return [[...series.step], [...series.value]];
}

describe('a run within a run', () => {
  test('is logged into at once, has a record of its own that names its parent, and finishes with it', async () => {
    const { store, run, errors } = await start();
    await run.endStep();
    const child = run.child('validation');
    child.log({ loss: 0.5 });
    child.logText('note', 'x');
    await child.setFacts({ size: 10 });
    expect(run.child('validation')).toBe(child);
    await run.endStep();
    run.child('validation').log({ loss: 0.25 });
    await run.finish();
    const info = await store.run(child.id);
    expect(info).toMatchObject({ project: 'spiral', name: 'first-validation', parent: run.id, status: 'finished', facts: { size: 10 } });
    expect(await stored(store, child.id, 'loss')).toEqual([
      [1, 2],
      [0.5, 0.25],
    ]);
    expect((await store.records(child.id)).map(({ kind, tag, step }) => [kind, tag, step])).toEqual([['text', 'note', 1]]);
    expect((await store.tags(run.id)).filter(({ tag }) => tag === 'loss')).toEqual([]);
    expect((await store.runs({ parent: run.id })).map(({ id }) => id)).toEqual([child.id]);
    expect(errors).toEqual([]);
  });

  test('kept in a variable logs at the step and epoch of its parent', async () => {
    const warnings: string[] = [];
    const { store, run } = await start({ onWarning: ({ text }) => warnings.push(text) });
    const child = run.child('validation');
    for (let step = 0; step < 5; step++) {
      run.log('loss', step);
      child.log('v', step);
      child.logText('note', 'x');
      await run.endStep();
      if (step === 2) await run.endEpoch();
    }
    expect([child.step, child.epoch]).toEqual([5, 1]);
    await run.finish();
    expect(await stored(store, child.id, 'v')).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ]);
    expect([...(await store.series(child.id, 'v')).epoch]).toEqual([0, 0, 0, 1, 1]);
    expect((await store.records(child.id)).map(({ step, epoch }) => [step, epoch])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 1],
    ]);
    expect(warnings).toEqual([]);
  });

  test('may be ahead of its parent', async () => {
    const { run } = await start();
    const child = run.child('validation');
    for (let step = 0; step < 3; step++) await child.endStep();
    await run.endStep();
    child.log('v', 1);
    expect([run.step, child.step]).toEqual([1, 3]);
    await run.finish();
  });

  test('is called as it is stored, where the name it would have is taken', async () => {
    const { store, run } = await start();
    await store.createRun({ id: 'other', project: 'spiral', name: 'first-val', startedAt: 1, config: {} });
    const child = run.child('val');
    child.log('x', 1);
    child.logHyperparams({ lr: 0.1 });
    await child.flush();
    expect(child.info).toMatchObject({ name: 'first-val-2', config: { lr: 0.1 }, facts: { 'run.child': 'val' } });
    expect((await store.run(child.id))?.name).toBe('first-val-2');
    await run.finish();
    expect(child.info).toMatchObject({ name: 'first-val-2', status: 'finished' });
  });

  test('holds a loop back as its parent does', async () => {
    const { store, run } = await start({ maxQueue: 10, flushSecs: 3600 });
    const child = run.child('val');
    for (let i = 0; i < 400; i++) {
      child.log('x', i);
      await child.endStep();
    }
    expect((await store.lastValues(child.id)).length).toBe(1);
    await run.finish();
  });

  test('ends as its parent does, and takes nothing after that', async () => {
    const { store, run } = await start();
    const [a, b] = [run.child('a'), run.child('a').child('b')];
    await run.finish('failed', 'diverged');
    expect([await store.run(a.id), await store.run(b.id)]).toMatchObject([
      { status: 'failed', failure: 'diverged' },
      { status: 'failed', parent: a.id, name: 'first-a-b' },
    ]);
    expect(() => b.log({ x: 1 })).toThrow(expect.objectContaining({ code: 'closed-run' }));
    expect(() => run.child('c')).toThrow(
      expect.objectContaining({ code: 'closed-run', message: expect.stringContaining("run.child('c')") }),
    );
  });

  test('leaves it to its parent to reject with what nobody was there to hear', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
    const logRecord = (): void => {
      throw new Error('no disk');
    };
    const throwing: Logger = { logMetrics: () => {}, logHyperparams: () => {}, logRecord };
    const run = await startRun({ store: freshStore(), loggers: [throwing], onWarning: () => {} });
    const child = run.child('val');
    child.event('e');
    await child.finish();
    await expect(run.finish()).rejects.toMatchObject({ code: 'logger-threw' });
    printed.mockRestore();
  });

  test.each([[''], [undefined], [3]])('is not called %o', async (name) => {
    const { run } = await start();
    expect(() => run.child(name as string)).toThrow(expect.objectContaining({ code: 'bad-options' }));
    await run.finish();
  });

  test('goes on where it was when its parent is continued, without what that supersedes', async () => {
    const { store, run } = await start();
    for (let step = 0; step < 4; step++) {
      run.child('val').log({ loss: step });
      await run.endStep();
    }
    await run.finish();
    const again = await startRun({ store, resume: run.id, fromStep: 2, onWarning: () => {} });
    const child = again.child('val');
    child.log({ loss: 20 });
    child.logText('note', 'x');
    await again.finish();
    expect(child.id).toBe(`${run.id}/val`);
    expect(await stored(store, child.id, 'loss')).toEqual([
      [0, 1, 2],
      [0, 1, 20],
    ]);
    expect(await store.run(child.id)).toMatchObject({ status: 'finished', name: 'first-val' });
    expect((await store.runs()).length).toBe(2);
  });

  test('waits for a store that has no room for its record, and loses nothing', async () => {
    const inner = freshStore();
    let isFull = false;
    const store = new Proxy(inner, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (key === 'createRun' && isFull) return () => Promise.reject(new LogError('store-full', 'no room'));
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const { run, errors } = await start({ store, flushSecs: 0.01 });
    isFull = true;
    const child = run.child('val');
    child.log({ loss: 1 });
    child.event('e');
    await child.flush();
    expect([errors.map(({ code }) => code), await inner.run(child.id)]).toEqual([['store-full', 'store-full'], undefined]);
    isFull = false;
    await run.finish();
    await run.settled;
    expect(await stored(inner, child.id, 'loss')).toEqual([[0], [1]]);
    expect((await inner.records(child.id)).length).toBe(1);
    expect(await inner.run(child.id)).toMatchObject({ status: 'finished' });
  });

  test('without a store goes to the loggers, as do all, with its name before each tag', async () => {
    const calls: unknown[] = [];
    const logger: Logger = {
      name: 'mine',
      start: ({ name }) => calls.push(['start', name]),
      logMetrics: (metrics, { step }) => calls.push([metrics, step]),
      logHyperparams: (params, metrics) => calls.push([params, metrics]),
      logRecord: ({ kind, tag }) => calls.push([kind, tag]),
      finalize: async (status) => void calls.push(status),
    };
    const run = await startRun({ store: false, name: 'r', loggers: [logger], config: { lr: 1 }, onWarning: () => {} });
    const child = run.child('val');
    child.log({ loss: 2 }, { step: 5 });
    child.logText('note', 'x');
    child.logHyperparams({ size: 3 }, { acc: 1 });
    await run.finish();
    expect(calls).toEqual([
      ['start', 'r'],
      [{ lr: 1 }, undefined],
      [{ lr: 1, val: { size: 3 } }, { 'val/acc': 1 }],
      ...[
        [{ 'val/acc': 1 }, 5],
        [{ 'val/loss': 2 }, 5],
      ],
      ['text', 'val/note'],
      'finished',
    ]);
  });
});

describe('exports', () => {
  test('put a run within a run into the folder of its parent, however that is called by then', async () => {
    const { store, run } = await start();
    const [child, grandchild] = [run.child('val:1'), run.child('val:1').child('hard')];
    child.log({ loss: 1 });
    grandchild.log({ loss: 2 });
    await run.finish();
    await store.updateRun(run.id, { name: 'renamed' });
    const folders = async (...ids: readonly string[]): Promise<readonly string[]> =>
      (await collect(tfevents(store, ids))).map(({ path }) => path.slice(0, path.lastIndexOf('/')));
    expect(await folders(run.id, child.id, grandchild.id)).toEqual([
      ...['spiral/renamed', 'spiral/renamed/val-1', 'spiral/renamed/val-1/hard'],
    ]);
    expect(await folders(grandchild.id)).toEqual(['spiral/renamed/val-1/hard']);
    const [table] = await collect(csv(store, [child.id]));
    expect(new TextDecoder().decode(table?.bytes)).toContain('spiral/renamed/val-1');
    await store.deleteRun(run.id);
    expect(await folders(child.id)).toEqual(['spiral/first-val-1']);
  });

  test('leave the hyperparameters of TensorBoard to the parent, unless the child has some', async () => {
    const { store, run } = await start({ config: { lr: 1 } });
    const [plain, own] = [run.child('plain'), run.child('own')];
    plain.log({ loss: 1 });
    own.logHyperparams({ size: 2 });
    await run.finish();
    const sessions = (await collect(tfevents(store, [run.id, plain.id, own.id]))).map(
      ({ bytes }) =>
        [...readRecords(bytes)].filter(({ payload }) => JSON.stringify(decodeEvent(payload)).includes('_hparams_/session_start_info'))
          .length,
    );
    expect(sessions).toEqual([1, 0, 1]);
  });
});

test('a logger is saved by the parent alone, so never while a save is under way', async () => {
  let [now, most, saves] = [0, 0, 0];
  const save = async (): Promise<void> => {
    most = Math.max(most, ++now);
    saves += 1;
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    now -= 1;
  };
  const run = await startRun({ store: freshStore(), loggers: [{ name: 'slow', logMetrics() {}, logHyperparams() {}, save }] });
  run.child('validation').log('x', 1);
  await run.flush();
  expect([saves, most]).toEqual([1, 1]);
  await run.finish();
  expect(most).toBe(1);
});

test('loggers within a collection are reached by name from a child, too', async () => {
  const got: string[] = [];
  const named = (name: string): Logger => ({
    name,
    logMetrics: (metrics) => void got.push(`${name} ${Object.keys(metrics).join()}`),
    logHyperparams() {},
  });
  const run = await startRun({ store: false, loggers: [{ ...named('both'), loggers: [named('a'), named('b')] }] });
  run.child('val').log('x', 1, { logger: ['b'] });
  await run.finish();
  expect(got).toEqual(['b val/x']);
});
