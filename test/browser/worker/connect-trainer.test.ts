import { afterEach, describe, expect, test } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import type { Logger } from '../../../src/core/logger.ts';
import type { RunInfo } from '../../../src/core/run-info.ts';
import type { TrainEvents } from '../../../src/core/train-events.ts';
import { deleteStore, memoryStore, type MetricStore, openStore } from '../../../src/store/index.ts';
import { connectTrainer, type ConnectedTrainer } from '../../../src/worker/index.ts';
import type { api } from './fixtures/fake.worker.ts';

type Trainer = ConnectedTrainer<typeof api>;

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of cleanUp.splice(0)) await one();
});

async function indexedDbStore(): Promise<MetricStore> {
  const name = `worker ${crypto.randomUUID()}`;
  const store = await openStore(name);
  expect(store.kind).toBe('indexeddb');
  cleanUp.push(
    () => store.close(),
    () => deleteStore(name),
  );
  return store;
}

async function setUp(store?: MetricStore): Promise<{ trainer: Trainer; worker: Worker; store: MetricStore }> {
  const kept = store ?? (await indexedDbStore());
  const worker = new Worker(new URL('./fixtures/fake.worker.ts', import.meta.url), { type: 'module' });
  const trainer = connectTrainer<typeof api>(worker, { store: kept });
  cleanUp.unshift(() => trainer.close({ terminate: true, within: 0 }));
  return { trainer, worker, store: kept };
}

function next<Name extends keyof TrainEvents>(
  trainer: Trainer,
  name: Name,
  until: (event: TrainEvents[Name]) => boolean = () => true,
): Promise<TrainEvents[Name]> {
  return new Promise((resolve) => {
    const undo = trainer.on(name, (event) => {
      if (!until(event)) return;
      undo();
      resolve(event);
    });
  });
}

/** Resolves when a run reads so. */
function status(store: MetricStore, runId: string, wanted: RunInfo['status']): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      store.run(runId).then((run) => {
        if (run?.status !== wanted) return;
        undo();
        resolve();
      }, reject);
    };
    const undo = store.watchRuns(look);
    look();
  });
}

function count(store: MetricStore, runId: string, tag: string): Promise<number> {
  return store.tags(runId).then((tags) => tags.find((one) => one.tag === tag)?.count ?? 0);
}

/** Resolves to the committed points of a tag once there are some. */
async function committed(store: MetricStore, runId: string): Promise<number> {
  await new Promise<void>((resolve) => {
    const undo = store.follow(runId, () => {
      queueMicrotask(() => undo());
      resolve();
    });
  });
  return count(store, runId, 'train/loss/step');
}

describe('a training in a worker', () => {
  test('writes its run where the page reads, and tells the page', async () => {
    const { trainer, store } = await setUp();
    const epochs: number[] = [];
    trainer.on('epoch', ({ epoch }) => epochs.push(epoch));
    const outcome = await trainer.fit({ project: 'digits', name: 'first', config: { lr: 0.5 }, maxEpochs: 3 });
    expect(outcome).toMatchObject({ status: 'finished', step: 12, epoch: 3 });
    expect(epochs).toEqual([0, 1, 2]);
    expect(await store.run(outcome.runId)).toMatchObject({
      project: 'digits',
      name: 'first',
      status: 'finished',
      config: { optimizer: 'none', lr: 0.5 },
    });
    const series = await store.series(outcome.runId, 'train/loss/step');
    expect([...(series.kind === 'points' ? series.value : [])]).toEqual(Array.from({ length: 12 }, (_, step) => 1 / (1 + step)));
  });

  test('stops within one step of the word', async () => {
    const { trainer, store } = await setUp();
    const ending = trainer.fit({ config: { lr: 1, steps: 1e9 } });
    await next(trainer, 'step');
    const before = trainer.call('steps');
    expect(await trainer.stop({ within: 10_000 })).toBe('stopped');
    const { runId, status: ended, step } = await ending;
    expect(ended).toBe('stopped');
    expect(step - (await before)).toBeLessThanOrEqual(1);
    expect(await trainer.call('steps')).toBe(step);
    expect((await store.run(runId))?.status).toBe('stopped');
    expect(await count(store, runId, 'train/loss/step')).toBe(step);
  });

  test('is one run for two quick clicks', async () => {
    const { trainer, store } = await setUp();
    const clicks = await Promise.allSettled([trainer.fit({ config: { lr: 1 } }), trainer.fit({ config: { lr: 1 } })]);
    expect(clicks).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'worker-state' } }]);
    expect((await store.runs()).length).toBe(1);
  });

  test('answers calls between two steps', async () => {
    const { trainer } = await setUp();
    await expect(trainer.call('steps')).rejects.toMatchObject({ code: 'worker-state' });
    const ending = trainer.fit({ config: { lr: 3, steps: 1e9 } });
    await next(trainer, 'step');
    expect(await trainer.call('scale', new Float32Array([1, 2]))).toEqual(new Float32Array([3, 6]));
    await trainer.stop();
    await ending;
  });

  test('that throws rejects with class, message, stack, code and cause, and the run has failed', async () => {
    const { trainer, store } = await setUp();
    const started = next(trainer, 'status');
    const error: unknown = await trainer.fit({ config: { lr: 1, after: 'throw' } }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LogError);
    expect(error).toMatchObject({
      code: 'bad-data',
      message: 'batch 7: got 27 columns, need 28.',
      stack: expect.stringContaining('fake.worker.ts'),
      cause: { name: 'TypeError', code: 'E_SHAPE', message: '27 against 28' },
    });
    const { runId } = await started;
    expect(await store.run(runId)).toMatchObject({ status: 'failed', failure: 'batch 7: got 27 columns, need 28.' });
    expect(await count(store, runId, 'train/loss/step')).toBe(4);
  });

  test('is told to loggers of the page in order, with its end before fit resolves; one that throws stops nothing', async () => {
    const store = await indexedDbStore();
    const worker = new Worker(new URL('./fixtures/fake.worker.ts', import.meta.url), { type: 'module' });
    const heard: string[] = [];
    const logger: Logger = {
      name: 'page',
      start: ({ project }) => void heard.push(`start ${project}`),
      logMetrics: ({ 'train/loss/step': loss }, { step }) => void heard.push(`${step}: ${loss}`),
      logHyperparams: ({ lr }) => void heard.push(`lr ${String(lr)}`),
      finalize: async (status) => void heard.push(status),
    };
    const broken: Logger = {
      name: 'broken',
      logHyperparams: () => {},
      logMetrics: () => {
        throw new RangeError('no room');
      },
    };
    const trainer = connectTrainer<typeof api>(worker, { store, loggers: [broken, logger] });
    cleanUp.unshift(() => trainer.close({ terminate: true, within: 0 }));
    const errors: string[] = [];
    trainer.on('error', ({ error }) => errors.push(error.message));
    await trainer.fit({ project: 'digits', config: { lr: 0.5, steps: 3 } });
    expect(heard).toEqual(['start digits', 'lr 0.5', '0: 1', '1: 0.5', `2: ${1 / 3}`, 'finished']);
    expect(errors).toEqual([expect.stringContaining("logger 'broken' failed in logMetrics(): no room.")]);
  });

  test('leaves the loggers of the page closed when its worker is terminated', async () => {
    const store = await indexedDbStore();
    const worker = new Worker(new URL('./fixtures/fake.worker.ts', import.meta.url), { type: 'module' });
    let ended: (status: string) => void = () => {};
    const ending = new Promise<string>((resolve) => (ended = resolve));
    let began: () => void = () => {};
    const beginning = new Promise<void>((resolve) => (began = resolve));
    const logger: Logger = { logHyperparams: () => {}, logMetrics: () => began(), finalize: async (status) => ended(status) };
    const trainer = connectTrainer<typeof api>(worker, { store, loggers: [logger] });
    cleanUp.unshift(() => trainer.close({ terminate: true, within: 0 }));
    const fit = trainer.fit({ config: { lr: 1, steps: 1e9 } }).catch((thrown: unknown) => thrown);
    await beginning;
    worker.terminate();
    expect(await fit).toMatchObject({ code: 'worker-died' });
    expect(await ending).toBe('failed');
  });

  test('hears what the page goes through', async () => {
    const { trainer } = await setUp();
    await trainer.fit({ config: { lr: 1 } });
    document.dispatchEvent(new Event('freeze'));
    document.dispatchEvent(new Event('resume'));
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
    Reflect.deleteProperty(document, 'visibilityState');
    document.dispatchEvent(new Event('visibilitychange'));
    // A signal and a command go by different ports; the second answer comes after both.
    await trainer.call('heard');
    expect(await trainer.call('heard')).toEqual(['freeze', 'resume', 'hidden']);
    await trainer.close();
  });
});

describe('a worker that dies', () => {
  test('because its script does not exist rejects what is pending', async () => {
    const worker = new Worker(new URL('./fixtures/missing.js?url', location.href), { type: 'module' });
    const trainer = connectTrainer<typeof api>(worker, { store: false });
    await expect(trainer.fit({ config: { lr: 1 } })).rejects.toMatchObject({ name: 'LogError', code: 'worker-died' });
    await expect(trainer.call('steps')).rejects.toMatchObject({ code: 'worker-died' });
    await trainer.close();
  });

  test('because its script throws rejects with what it said', async () => {
    const worker = new Worker(new URL('./fixtures/broken.worker.ts', import.meta.url), { type: 'module' });
    const trainer = connectTrainer<typeof api>(worker, { store: false });
    await expect(trainer.fit({ config: { lr: 1 } })).rejects.toMatchObject({
      code: 'worker-died',
      message: expect.stringContaining('thrown while the script was starting'),
    });
    await trainer.close();
  });

  test('terminated by the page in mid-training rejects at once; the run reads interrupted and keeps what was committed', async () => {
    const { trainer, worker, store } = await setUp();
    const phases: string[] = [];
    trainer.on('status', ({ phase }) => phases.push(phase));
    const started = next(trainer, 'status');
    const ending = trainer.fit({ config: { lr: 1, steps: 1e9 } }).catch((thrown: unknown) => thrown);
    const { runId } = await started;
    const before = await committed(store, runId);
    expect(before).toBeGreaterThan(0);
    worker.terminate();
    expect(await ending).toMatchObject({ name: 'LogError', code: 'worker-died' });
    expect(phases.at(-1)).toBe('failed');
    await status(store, runId, 'interrupted');
    expect(await count(store, runId, 'train/loss/step')).toBeGreaterThanOrEqual(before);
    // Comlink's own release would wait for an answer that never comes.
    expect(await trainer.close()).toBeUndefined();
  });

  test('by the page while it is busy rejects in the same turn, though its lock comes free two seconds later', async () => {
    const { trainer, worker } = await setUp();
    const ending = trainer.fit({ config: { lr: 1, after: 'never yield' } });
    await next(trainer, 'epoch');
    let failed: unknown;
    ending.catch((thrown: unknown) => (failed = thrown));
    worker.terminate();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    expect(failed).toMatchObject({ code: 'worker-died' });
  });

  test('before its script has run rejects, too', async () => {
    const { trainer, worker } = await setUp();
    const ending = trainer.fit({ config: { lr: 1 } });
    worker.terminate();
    await expect(ending).rejects.toMatchObject({ code: 'worker-died' });
  });

  test('by its own hand, without an event, is noticed by its lock', async () => {
    const { trainer, store } = await setUp();
    const started = next(trainer, 'status');
    const ending = trainer.fit({ config: { lr: 1, steps: 1e9 } }).catch((thrown: unknown) => thrown);
    const { runId } = await started;
    await committed(store, runId);
    const gone = next(trainer, 'error');
    await expect(trainer.call('quit')).rejects.toMatchObject({ code: 'worker-died' });
    expect(await ending).toMatchObject({ code: 'worker-died' });
    expect((await gone).error.code).toBe('worker-died');
    await status(store, runId, 'interrupted');
  });

  test('because it never yields and a stop had a limit: fit is interrupted, not failed', async () => {
    const { trainer, store } = await setUp();
    const ending = trainer.fit({ config: { lr: 1, after: 'never yield' } });
    const { runId } = await next(trainer, 'epoch');
    const call = trainer.call('steps').catch((thrown: unknown) => thrown);
    expect(await trainer.stop({ within: 50 })).toBe('terminated');
    expect(await ending).toMatchObject({ runId, status: 'interrupted' });
    expect(await call).toMatchObject({ code: 'worker-died' });
    await status(store, runId, 'interrupted');
    await expect(trainer.fit({ config: { lr: 1 } })).rejects.toMatchObject({ code: 'worker-died' });
  });

  test('does not die of an error that nobody catches in it: the page hears of it', async () => {
    const { trainer } = await setUp();
    await trainer.fit({ config: { lr: 1 } });
    const rejected = next(trainer, 'error');
    await trainer.call('stray', 'a stray promise');
    expect((await rejected).error).toMatchObject({ code: 'training-failed', cause: { name: 'RangeError', message: 'a stray promise' } });
    const thrown = next(trainer, 'error');
    await trainer.call('throwLater', 'a late error');
    expect((await thrown).error).toMatchObject({ cause: { name: 'RangeError', message: 'a late error' } });
    expect(await trainer.fit({ config: { lr: 1 } })).toMatchObject({ status: 'finished' });
  });
});

describe('a store in the page’s memory', () => {
  test('is written to by the worker', async () => {
    const { trainer, store } = await setUp(memoryStore(crypto.randomUUID()));
    const { runId } = await trainer.fit({ config: { lr: 1 }, maxEpochs: 2 });
    expect(await store.run(runId)).toMatchObject({ status: 'finished' });
    expect(await count(store, runId, 'train/loss/step')).toBe(8);
    const second = await trainer.fit({ config: { lr: 2 } });
    expect((await store.runs()).map(({ id }) => id)).toEqual([runId, second.runId]);
  });

  test('shows a run as interrupted when its worker is terminated', async () => {
    const { trainer, worker, store } = await setUp(memoryStore(crypto.randomUUID()));
    const started = next(trainer, 'status');
    const ending = trainer.fit({ config: { lr: 1, steps: 1e9 } }).catch((thrown: unknown) => thrown);
    const { runId } = await started;
    const before = await committed(store, runId);
    expect((await store.run(runId))?.status).toBe('running');
    worker.terminate();
    expect(await ending).toMatchObject({ code: 'worker-died' });
    expect((await store.run(runId))?.status).toBe('interrupted');
    expect(await count(store, runId, 'train/loss/step')).toBeGreaterThanOrEqual(before);
  });
});

describe('a worker that the page owns', () => {
  test('outlives its connection and can be connected to again', async () => {
    const { trainer, worker, store } = await setUp();
    const { step } = await trainer.fit({ config: { lr: 1 } });
    await trainer.close();
    const again = connectTrainer<typeof api>(worker, { store });
    cleanUp.unshift(() => again.close({ terminate: true }));
    expect(await again.call('steps')).toBe(step);
  });

  test('has its own terminate back after the connection is closed', async () => {
    const { trainer, worker } = await setUp();
    expect(Object.hasOwn(worker, 'terminate')).toBe(true);
    await trainer.close();
    expect(Object.hasOwn(worker, 'terminate')).toBe(false);
    worker.terminate();
  });
});
