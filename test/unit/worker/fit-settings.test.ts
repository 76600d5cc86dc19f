import { afterEach, describe, expect, test } from 'vitest';
import type { Logger } from '../../../src/core/logger.ts';
import type { FitResult, FitSession } from '../../../src/core/trainable.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';
import { connectTrainer, type ConnectedTrainer, type ConnectOptions } from '../../../src/worker/connect-trainer.ts';
import { type ExposedTrainer, type ExposeOptions, exposeTrainer } from '../../../src/worker/expose-trainer.ts';
import { FakeTrainable } from './fake-trainable.ts';

type Api = ExposedTrainer<{ readonly lr: number }, Recording, {}>;

const cleanUp: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of cleanUp.splice(0)) await one.close();
});

/** Keeps the session it was given. */
class Recording extends FakeTrainable {
  session: FitSession | undefined;
  override fit(session: FitSession): Promise<FitResult> {
    this.session = session;
    return super.fit(session);
  }
}

function setUp(connect: ConnectOptions = {}, expose: ExposeOptions<{}> = {}): { trainer: ConnectedTrainer<Api>; made: Recording[] } {
  const made: Recording[] = [];
  const { port1, port2 } = new MessageChannel();
  const make = ({ lr }: { readonly lr: number }): Recording => {
    const recording = new Recording(lr, 3);
    made.push(recording);
    return recording;
  };
  const api = exposeTrainer(make, { ...expose, port: port2 });
  const trainer = connectTrainer<Api>(port1, { store: false, ...connect });
  cleanUp.push(trainer, api, { close: () => Promise.resolve(port1.close()) });
  return { trainer, made };
}

function rowLogger(name: string): Logger & { readonly rows: string[] } {
  const rows: string[] = [];
  return {
    name,
    rows,
    start: ({ project }) => void rows.push(`start ${project}`),
    logMetrics: (metrics, { step }) => void rows.push(`${step}: ${Object.keys(metrics).join()}`),
    logHyperparams: (params) => void rows.push(JSON.stringify(params)),
    finalize: async (status) => void rows.push(status),
  };
}

describe('what a page asks of a training', () => {
  test('reaches its loop: settings of the loop as they are, and nothing else', async () => {
    const { trainer, made } = setUp();
    await trainer.fit({
      project: 'p',
      config: { lr: 1 },
      maxEpochs: 2,
      logEveryNSteps: 5,
      preset: 'lightning',
      limitValBatches: 0.5,
      fastDevRun: false,
    });
    const session = made[0]?.session;
    expect(session?.loop).toEqual({ logEveryNSteps: 5, preset: 'lightning', limitValBatches: 0.5, fastDevRun: false });
    expect([session?.maxEpochs, session?.callbacks]).toEqual([2, []]);
  });

  test('meets the callbacks and loggers that the worker makes for it', async () => {
    const asked: unknown[] = [];
    const logger = rowLogger('in the worker');
    const callback = { onFitStart: (): void => {} };
    const { trainer, made } = setUp(
      {},
      {
        loggers: (fit) => {
          asked.push(fit);
          return [logger];
        },
        callbacks: ({ maxEpochs }) => (maxEpochs > 1 ? [callback] : []),
      },
    );
    const { runId } = await trainer.fit({ project: 'p', name: 'n', config: { lr: 1 }, maxEpochs: 2 });
    await trainer.fit({ config: { lr: 2 } });
    expect(asked).toEqual([
      { runId, project: 'p', name: 'n', config: { lr: 1 }, maxEpochs: 2 },
      { runId: expect.any(String), project: undefined, name: undefined, config: { lr: 2 }, maxEpochs: 1 },
    ]);
    expect(made.map(({ session }) => session?.callbacks)).toEqual([[callback], []]);
    expect(logger.rows.filter((row) => row.includes('train/'))).toHaveLength(9);
  });

  test('is refused with the reason when the worker cannot make its loggers', async () => {
    const loggers = (): Logger[] => {
      throw new RangeError('no folder');
    };
    const { trainer } = setUp({}, { loggers });
    await expect(trainer.fit({ config: { lr: 1 } })).rejects.toMatchObject({ name: 'RangeError', message: 'no folder' });
  });
});

test('an alert of the run is an alert of the trainer', async () => {
  const { trainer, made } = setUp();
  const alerts: unknown[] = [];
  trainer.on('alert', (alert) => alerts.push(alert));
  const ending = trainer.fit({ config: { lr: 1 }, maxEpochs: 2 });
  await new Promise<void>((resolve) => trainer.on('step', () => resolve()));
  made[0]?.session?.run.alert('Loss rises', 'twice in a row', 'warn');
  await ending;
  expect(alerts).toContainEqual({ title: 'Loss rises', text: 'twice in a row', level: 'warn' });
});

describe('a logger of the page', () => {
  test('has heard everything, the end included, when fit resolves; each training anew', async () => {
    const logger = rowLogger('page');
    const { trainer } = setUp({ loggers: [logger] });
    await trainer.fit({ project: 'p', config: { lr: 1 } });
    const rows = ['start p', '{"optimizer":"none","lr":1}', ...[0, 1, 2].map((step) => `${step}: train/loss/step,train/lr`), 'finished'];
    expect(logger.rows).toEqual(rows);
    await trainer.fit({ project: 'p', config: { lr: 1 } });
    expect(logger.rows).toEqual([...rows, ...rows]);
  });

  test('that makes one for each run makes one for each worker', async () => {
    const made: ReturnType<typeof rowLogger>[] = [];
    const one: Logger = {
      ...rowLogger('page'),
      forRun() {
        made.push(rowLogger('page'));
        return made.at(-1)!;
      },
    };
    const fits = ['p', 'q'].map((project) => setUp({ loggers: [one] }).trainer.fit({ project, config: { lr: 1 } }));
    await Promise.all(fits);
    expect(made.map(({ rows }) => [rows[0], rows.length])).toEqual([
      ['start p', 6],
      ['start q', 6],
    ]);
  });

  test('that throws is named once, in an error event, and stops nothing', async () => {
    const broken: Logger = {
      ...rowLogger('broken'),
      logMetrics: () => {
        throw new RangeError('disk is full');
      },
    };
    const logger = rowLogger('page');
    const { trainer } = setUp({ loggers: [broken, logger] });
    const errors: string[] = [];
    trainer.on('error', ({ error }) => errors.push(`${error.code} ${error.message}`));
    expect(await trainer.fit({ config: { lr: 1 } })).toMatchObject({ status: 'finished', step: 3 });
    expect(errors).toEqual([expect.stringMatching(/^logger-threw logger 'broken' failed in logMetrics\(\): disk is full\./)]);
    expect(logger.rows.filter((row) => row.includes('train/'))).toHaveLength(3);
  });

  test('needs at least logMetrics', () => {
    const { port1 } = new MessageChannel();
    const wrong = [{ log: () => {} }] as unknown as Logger[]; // what a page in plain JavaScript may pass
    expect(() => connectTrainer(port1, { loggers: wrong })).toThrow(expect.objectContaining({ code: 'bad-options' }));
    port1.close();
  });
});

describe('what a page asks wrongly', () => {
  test.each<[object, string]>([
    [{ log_every_n_steps: 5 }, "trainer.fit(): there is no option 'log_every_n_steps'. Did you mean 'logEveryNSteps'?"],
    [{ maxEpoch: 5 }, "trainer.fit(): there is no option 'maxEpoch'. Did you mean 'maxEpochs'?"],
    [{ logFirstStep: 'no' }, 'trainer.fit({ logFirstStep: the string "no" }): need true or false.'],
  ])('is refused at once: %j', async (more, message) => {
    const { trainer, made } = setUp();
    await expect(trainer.fit({ config: { lr: 1 }, ...more })).rejects.toMatchObject({ code: 'bad-options', message });
    expect(made).toEqual([]);
  });

  test('is refused of events, too', () => {
    const { trainer } = setUp();
    expect(() => trainer.on('warning' as 'alert', () => {})).toThrow(
      expect.objectContaining({
        code: 'bad-options',
        message: expect.stringContaining('trainer.on(): there is no event the string "warning".'),
      }),
    );
  });
});

test('a fast run for developers stores nothing and tells no logger, here or there', async () => {
  const [inPage, inWorker] = [rowLogger('page'), rowLogger('worker')];
  const store = memoryStore('fast run in a worker');
  const { trainer, made } = setUp({ store, loggers: [inPage] }, { loggers: () => [inWorker] });
  expect(await trainer.fit({ config: { lr: 1 }, fastDevRun: true })).toMatchObject({ status: 'finished' });
  expect(made[0]?.session?.loop).toEqual({ fastDevRun: true });
  expect([await store.runs(), inPage.rows, inWorker.rows]).toEqual([[], [], []]);
});
