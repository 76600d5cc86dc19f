import { afterEach, describe, expect, test, vi } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import type { FitResult, FitSession } from '../../../src/core/trainable.ts';
import type { TrainEvents } from '../../../src/core/train-events.ts';
import { memoryStore, type MetricStore, openStore } from '../../../src/store/index.ts';
import { connectTrainer, type ConnectedTrainer } from '../../../src/worker/connect-trainer.ts';
import { type ExposedTrainer, exposeTrainer } from '../../../src/worker/expose-trainer.ts';
import { type Handshake, protocolVersion } from '../../../src/worker/protocol.ts';
import { FakeTrainable, macrotask } from './fake-trainable.ts';

interface FakeConfig {
  readonly lr: number;
  /** Steps per epoch. Default 4. */
  readonly steps?: number;
}
interface FakeCalls {
  readonly scale: (model: FakeTrainable, values: Float32Array) => Float32Array;
  readonly steps: (model: FakeTrainable) => number;
  readonly fail: (model: FakeTrainable) => never;
  readonly [name: string]: (model: FakeTrainable, ...args: never[]) => unknown;
}
type Api = ExposedTrainer<FakeConfig, FakeTrainable, Pick<FakeCalls, 'scale' | 'steps' | 'fail'>>;

const cleanUp: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of cleanUp.splice(0)) await one.close();
});

/** A page and a worker that share this thread and talk over a port. */
function setUp(
  make: (config: FakeConfig) => FakeTrainable | Promise<FakeTrainable> = plain,
  store: MetricStore | false = false,
): {
  trainer: ConnectedTrainer<Api>;
  made: FakeTrainable[];
  page: MessagePort;
} {
  const made: FakeTrainable[] = [];
  const { port1, port2 } = new MessageChannel();
  const calls = {
    scale: (model: FakeTrainable, values: Float32Array) => values.map((value) => value * model.lr),
    steps: (model: FakeTrainable) => model.steps,
    fail: () => {
      throw new RangeError('no such digit');
    },
  };
  const api = exposeTrainer(
    async (config: FakeConfig) => {
      const trainable = await make(config);
      made.push(trainable);
      return trainable;
    },
    { calls, port: port2 },
  );
  const trainer = connectTrainer<Api>(port1, { store });
  cleanUp.push(trainer, api, { close: () => Promise.resolve(port1.close()) });
  return { trainer, made, page: port1 };
}

function plain({ lr, steps = 4 }: FakeConfig): FakeTrainable {
  return new FakeTrainable(lr, steps);
}

function next<Name extends keyof TrainEvents>(
  trainer: ConnectedTrainer<Api>,
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

describe('a training asked for by the page', () => {
  test('resolves with how it ended, after all its events', async () => {
    const { trainer } = setUp();
    const told: string[] = [];
    trainer.on('status', ({ phase }) => told.push(phase));
    trainer.on('epoch', ({ epoch, step }) => told.push(`epoch ${epoch} at ${step}`));
    trainer.on('step', ({ step }) => told.push(`step ${step}`));
    const outcome = await trainer.fit({ config: { lr: 0.5 }, maxEpochs: 2 });
    expect(outcome).toMatchObject({ status: 'finished', step: 8, epoch: 2 });
    expect(outcome.runId).not.toBe('');
    expect(told.filter((line) => !line.startsWith('step'))).toEqual(['preparing', 'epoch 0 at 4', 'epoch 1 at 8', 'finished']);
    expect(told.filter((line) => line.startsWith('step')).at(-1)).toBe('step 8');
  });

  test('stops within one step of the word', async () => {
    const { trainer, made } = setUp();
    const ending = trainer.fit({ config: { lr: 1, steps: 1_000_000 } });
    await next(trainer, 'step');
    const before = trainer.call('steps');
    expect(await trainer.stop()).toBe('stopped');
    const steps = made[0]?.steps ?? NaN;
    expect(steps - (await before)).toBeLessThanOrEqual(1);
    expect(await ending).toMatchObject({ status: 'stopped', step: steps });
    await macrotask();
    expect(made[0]?.steps).toBe(steps);
  });

  test('continues a run: with a new model, behind its last step or from the step that is named', async () => {
    const store = memoryStore('continued');
    const { trainer } = setUp(plain, store);
    const { runId } = await trainer.fit({ project: 'spiral', config: { lr: 0.5 } });
    const steps = async (): Promise<number[]> => [...(await store.series(runId, 'train/loss/step')).step];
    expect(await steps()).toEqual([0, 1, 2, 3]);
    expect(await trainer.fit({ resume: runId, config: { lr: 0.1 } })).toMatchObject({ runId, status: 'finished' });
    expect(await steps()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    await trainer.fit({ resume: runId, fromStep: 2, config: { lr: 0.2, steps: 1 } });
    expect(await steps()).toEqual([0, 1, 2]);
    expect(await store.runs({ project: 'spiral' })).toMatchObject([{ id: runId, status: 'finished', config: { lr: 0.2 } }]);
  });

  test.each([
    { maxEpochs: 0 },
    { maxEpochs: 1.5 },
    { maxEpochs: '2' as unknown as number },
    { resume: '' },
    { fromStep: 1 },
    { resume: 'a', fromStep: Infinity },
  ])('is refused before anything is begun when asked for with %j', async (wrong) => {
    const store = memoryStore('refused');
    const { trainer, made } = setUp(plain, store);
    const statuses: string[] = [];
    trainer.on('status', ({ phase }) => statuses.push(phase));
    await expect(trainer.fit({ config: { lr: 1 }, ...wrong })).rejects.toMatchObject({
      code: 'bad-options',
      message: expect.stringContaining(Object.keys(wrong).at(-1)!),
    });
    expect([await store.runs(), statuses, made]).toEqual([[], [], []]);
    // The next one is not in its way.
    expect(await trainer.fit({ config: { lr: 1 } })).toMatchObject({ status: 'finished' });
    await Promise.all((await store.runs()).map(({ id }) => store.deleteRun(id)));
  });

  test('is one training for two quick clicks', async () => {
    const { trainer, made } = setUp();
    const first = trainer.fit({ config: { lr: 1 } });
    await expect(trainer.fit({ config: { lr: 1 } })).rejects.toMatchObject({ name: 'LogError', code: 'worker-state' });
    expect(await first).toMatchObject({ status: 'finished' });
    expect(made.length).toBe(1);
  });

  test('is one training for two pages of one worker', async () => {
    const { trainer, made, page } = setUp();
    const second = connectTrainer<Api>(page, { store: false });
    cleanUp.unshift(second);
    const first = trainer.fit({ config: { lr: 1, steps: 1_000_000 } });
    await next(trainer, 'step');
    await expect(second.fit({ config: { lr: 1 } })).rejects.toMatchObject({ code: 'worker-state' });
    await trainer.stop();
    await first;
    expect(made.length).toBe(1);
  });

  test('can be followed by another, for which a new model is made and the old one freed', async () => {
    const { trainer, made } = setUp();
    const first = await trainer.fit({ config: { lr: 1 } });
    expect(made[0]?.isDisposed).toBe(false);
    const second = await trainer.fit({ config: { lr: 2 } });
    expect(made.map(({ lr, isDisposed }) => [lr, isDisposed])).toEqual([
      [1, true],
      [2, false],
    ]);
    expect(second.runId).not.toBe(first.runId);
  });

  test('that was stopped while its model was being made ends as stopped, without a step', async () => {
    let built: () => void = () => {};
    const building = new Promise<void>((resolve) => (built = resolve));
    const { trainer, made } = setUp(async (config) => {
      await building;
      return plain(config);
    });
    const ending = trainer.fit({ config: { lr: 1 } });
    await next(trainer, 'status');
    const stopped = trainer.stop();
    // Answered after the stop has arrived.
    await trainer.set({});
    built();
    expect(await stopped).toBe('stopped');
    expect(await ending).toMatchObject({ status: 'stopped', step: 0 });
    expect(made[0]?.steps).toBe(0);
  });

  test('rejects with what was thrown, and the last status is failed', async () => {
    class ShapeError extends Error {
      readonly code = 'E_SHAPE';
    }
    const { trainer } = setUp(() => {
      throw new LogError('bad-model', 'no layers', { cause: new ShapeError('784 against 10') });
    });
    const phases: string[] = [];
    trainer.on('status', ({ phase }) => phases.push(phase));
    const error: unknown = await trainer.fit({ config: { lr: 1 } }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LogError);
    expect(error).toMatchObject({ code: 'bad-model', message: 'no layers', cause: { name: 'ShapeError', code: 'E_SHAPE' } });
    expect(phases).toEqual(['preparing', 'failed']);
  });

  test('rejects a model that cannot be trained', async () => {
    const { trainer } = setUp(() => ({}) as FakeTrainable); // what a worker in plain JavaScript may give
    await expect(trainer.fit({ config: { lr: 1 } })).rejects.toMatchObject({ code: 'bad-model' });
  });

  test('rejects a config that cannot be kept', async () => {
    const { trainer } = setUp();
    const config = { lr: 1, onStep: () => {} };
    await expect(trainer.fit({ config })).rejects.toMatchObject({ code: 'bad-value', message: expect.stringContaining('trainer.fit()') });
  });
});

describe('the run of a training', () => {
  test('is kept by the page where the worker has no database', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { port1, port2 } = new MessageChannel();
    const api = exposeTrainer(plain, { port: port2 });
    const trainer = connectTrainer<typeof api>(port1);
    cleanUp.push(trainer, api, { close: () => Promise.resolve(port1.close()) });
    const { runId } = await trainer.fit({ project: 'spiral', config: { lr: 0.5 }, maxEpochs: 2 });
    await using store = await openStore();
    expect(await store.run(runId)).toMatchObject({ project: 'spiral', status: 'finished', config: { optimizer: 'none', lr: 0.5 } });
    expect(await store.tags(runId)).toContainEqual({ tag: 'train/loss/step', count: 8 });
    // One warning for the page, none for the worker.
    expect(warned.mock.calls.map(([text]) => String(text).slice(0, 30))).toEqual(["tabtrain: openStore('tabtrain'"]);
    warned.mockRestore();
  });

  test('has failed, with the reason, when training throws', async () => {
    const store = memoryStore(crypto.randomUUID());
    class Failing extends FakeTrainable {
      override async fit(session: FitSession): Promise<FitResult> {
        await super.fit(session);
        throw new RangeError('no more digits');
      }
    }
    const { trainer } = setUp(({ lr }) => new Failing(lr, 4), store);
    const started = next(trainer, 'status');
    await expect(trainer.fit({ config: { lr: 1 } })).rejects.toBeInstanceOf(RangeError);
    expect(await store.run((await started).runId)).toMatchObject({ status: 'failed', failure: 'no more digits' });
  });

  test('sends its warnings to the page as alerts', async () => {
    class Repeating extends FakeTrainable {
      override fit(session: FitSession): Promise<FitResult> {
        session.run.log('loss', 1, { step: 0 });
        session.run.log('loss', 2, { step: 0 });
        return super.fit(session);
      }
    }
    const { trainer } = setUp(({ lr }) => new Repeating(lr, 4));
    const alert = next(trainer, 'alert');
    await trainer.fit({ config: { lr: 1 } });
    expect(await alert).toMatchObject({ level: 'warn', text: expect.stringContaining('loss') });
  });
});

describe('the grip on a training', () => {
  test('pauses, makes single steps, takes settings and goes on', async () => {
    const { trainer, made } = setUp();
    const ending = trainer.fit({ config: { lr: 1, steps: 1_000_000 } });
    await next(trainer, 'step');
    await trainer.pause();
    await macrotask();
    const paused = made[0]?.steps ?? 0;
    await macrotask();
    expect(made[0]?.steps).toBe(paused);
    const two = next(trainer, 'step', ({ step }) => step === paused + 2);
    await trainer.set({ lr: 0.25 });
    await trainer.step(2);
    expect((await two).metrics['train/lr']).toBe(0.25);
    await macrotask();
    expect(made[0]?.steps).toBe(paused + 2);
    const further = next(trainer, 'step', ({ step }) => step > paused + 2);
    await trainer.resume();
    await further;
    await trainer.stop();
    await ending;
  });

  test('is refused with a typed error where no training is going', async () => {
    const { trainer } = setUp();
    await expect(trainer.pause()).rejects.toMatchObject({ code: 'worker-state' });
    await expect(trainer.set({ lr: 1 })).rejects.toMatchObject({ code: 'worker-state' });
    await expect(trainer.step(0)).rejects.toMatchObject({ code: 'bad-options' });
    await expect(trainer.stop({ within: -1 })).rejects.toMatchObject({ code: 'bad-options' });
    expect(await trainer.stop()).toBe('stopped');
  });
});

describe('a call', () => {
  test('before the first training is refused with the next move', async () => {
    const { trainer } = setUp();
    await expect(trainer.call('steps')).rejects.toMatchObject({ code: 'worker-state', message: expect.stringContaining('fit()') });
  });

  test('reaches the current model, while it trains and afterwards', async () => {
    const { trainer } = setUp();
    const ending = trainer.fit({ config: { lr: 3, steps: 1_000_000 } });
    await next(trainer, 'step');
    expect(await trainer.call('scale', new Float32Array([1, 2]))).toEqual(new Float32Array([3, 6]));
    await trainer.stop();
    const { step } = await ending;
    expect(await trainer.call('steps')).toBe(step);
  });

  test('rejects with what was thrown', async () => {
    const { trainer } = setUp();
    await trainer.fit({ config: { lr: 1 } });
    await expect(trainer.call('fail')).rejects.toBeInstanceOf(RangeError);
  });

  test('of an unknown name names those there are', async () => {
    const { trainer } = setUp();
    const name = 'classify' as 'steps'; // what a page in plain JavaScript may ask for
    await expect(trainer.call(name)).rejects.toMatchObject({ code: 'bad-options', message: expect.stringContaining('scale, steps, fail') });
  });
});

describe('a connection', () => {
  test('that is closed asks the training to stop and refuses further calls', async () => {
    const { trainer } = setUp();
    const ending = trainer.fit({ config: { lr: 1, steps: 1_000_000 } });
    await next(trainer, 'step');
    await trainer.close();
    expect(await ending).toMatchObject({ status: 'stopped' });
    await expect(trainer.call('steps')).rejects.toMatchObject({ code: 'worker-state', message: expect.stringContaining('closed') });
  });

  test('can be made again after it was closed', async () => {
    const { trainer, page } = setUp();
    await trainer.fit({ config: { lr: 1 } });
    await trainer.close();
    const again = connectTrainer<Api>(page, { store: false });
    cleanUp.unshift(again);
    expect(await again.call('steps')).toBe(4);
  });

  test('whose other end goes away rejects what is pending as a dead worker', async () => {
    const { port1, port2 } = new MessageChannel();
    // A worker that takes the connection and ends.
    const connected = new Promise<MessagePort>((resolve) => {
      port2.onmessage = ({ data }: MessageEvent<Handshake>) => {
        if (data.tabtrain === 'connect') resolve(data.signals);
        else port2.postMessage({ tabtrain: 'ready', version: protocolVersion });
      };
    });
    const trainer = connectTrainer<Api>(port1, { store: false });
    cleanUp.push(trainer, { close: () => Promise.resolve(port1.close()) });
    const told: string[] = [];
    trainer.on('error', ({ error }) => told.push(`error ${error.code}`));
    trainer.on('status', ({ phase }) => told.push(`status ${phase}`));
    const ending = trainer.fit({ config: { lr: 1 } }).catch((thrown: unknown) => thrown);
    (await connected).close();
    expect(await ending).toMatchObject({ code: 'worker-died', message: expect.stringMatching(/^trainer\.fit\(\): the worker is gone/) });
    expect(told).toEqual(['status failed', 'error worker-died']);
    await expect(trainer.call('steps')).rejects.toMatchObject({
      code: 'worker-died',
      message: expect.stringMatching(/^trainer\.call\('steps'\)/),
    });
  });

  test('to a worker of another version of the library says so', async () => {
    const { port1, port2 } = new MessageChannel();
    port2.onmessage = () => port2.postMessage({ tabtrain: 'ready', version: protocolVersion + 1 });
    const trainer = connectTrainer<Api>(port1, { store: false });
    cleanUp.push(trainer, { close: () => Promise.resolve(port1.close()) });
    await expect(trainer.fit({ config: { lr: 1 } })).rejects.toMatchObject({
      code: 'worker-state',
      message: expect.stringContaining('different versions'),
    });
  });

  test('to a port does not stop what does not want to: it says that a port cannot be terminated', async () => {
    const { port1, port2 } = new MessageChannel();
    const api = exposeTrainer(() => new Promise<FakeTrainable>(() => {}), { port: port2 });
    const trainer = connectTrainer<typeof api>(port1, { store: false });
    cleanUp.push({ close: () => trainer.close({ within: 0 }) }, { close: () => Promise.resolve(port1.close()) });
    const preparing = new Promise((resolve) => trainer.on('status', resolve));
    const ending = trainer.fit({ config: {} }).catch((thrown: unknown) => thrown);
    await preparing;
    await expect(trainer.stop({ within: 0 })).rejects.toMatchObject({ code: 'worker-state' });
    await trainer.close({ within: 0 });
    expect(await ending).toMatchObject({ code: 'worker-state' });
  });

  test('lets a listener undo itself, and one that throws stops no other', async () => {
    const { trainer } = setUp();
    let told = 0;
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (thrown: unknown) => reported.push(thrown));
    const undo = trainer.on('epoch', () => {
      undo();
      throw new Error('listener');
    });
    trainer.on('epoch', () => (told += 1));
    await trainer.fit({ config: { lr: 1, steps: 1 }, maxEpochs: 3 });
    vi.unstubAllGlobals();
    expect(told).toBe(3);
    expect(reported).toMatchObject([{ message: 'listener' }]);
  });
});
