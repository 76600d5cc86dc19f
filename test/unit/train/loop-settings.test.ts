import { describe, expect, test } from 'vitest';
import type { LoopSettings } from '../../../src/core/loop-settings.ts';
import { startRun } from '../../../src/run/start-run.ts';
import { memoryStore } from '../../../src/store/index.ts';
import type { HookContext } from '../../../src/train/contexts.ts';
import type { TrainHooks } from '../../../src/train/hooks.ts';
import { Trainer, type TrainerOptions } from '../../../src/train/trainer.ts';
import { rowLogger } from '../tfjs/row-logger.ts';

const batches = (count: number, kind = 't'): string[][] => Array.from({ length: count }, (_, i) => [`${kind}${i}`]);

/** What a module with ten training batches, and as many to validate, is asked to do: `t0 t1 | v0 v1 | …`. */
async function done(settings: TrainerOptions, more: Partial<TrainHooks<string[]>> = {}): Promise<string> {
  const made: string[] = [];
  const module: TrainHooks<string[]> = {
    trainBatches: () => batches(10),
    trainingStep: ([name]) => void made.push(name ?? ''),
    validationBatches: () => batches(2, 'v'),
    onValidationStart: () => void made.push('['),
    validationStep: ([name]) => void made.push(name ?? ''),
    onValidationEnd: () => void made.push(']'),
    ...more,
  };
  await new Trainer(settings).fit(module, { store: false });
  return made.join(' ');
}

/** The same without the names of batches: how many before each validation. */
async function rhythm(settings: TrainerOptions, more?: Partial<TrainHooks<string[]>>): Promise<number[]> {
  const text = await done(settings, more);
  return text.split('[').map((part) => part.split(' ').filter((name) => name.startsWith('t')).length);
}

describe('validation', () => {
  test.each<[string, LoopSettings, number[]]>([
    ['comes after each epoch by default', {}, [10, 10, 0]],
    ['comes after so many batches, and at the end only if that is one of them', { valCheckInterval: 4 }, [4, 4, 2 + 4, 4, 2]],
    ['comes after a share of the epoch', { valCheckInterval: 0.5 }, [5, 5, 5, 5, 0]],
    ['comes in every second epoch', { checkValEveryNEpoch: 2 }, [20, 0]],
    ['comes within every second epoch', { checkValEveryNEpoch: 2, valCheckInterval: 5 }, [15, 5, 0]],
    ['is left out with a limit of none', { limitValBatches: 0 }, [20]],
  ])('%s', async (_name, settings, expected) => {
    expect(await rhythm({ maxEpochs: 2, ...settings })).toEqual(expected);
  });

  test('at the end needs no length of the data', async () => {
    expect(
      await rhythm(
        { maxEpochs: 2 },
        {
          *trainBatches() {
            yield* batches(3);
          },
        },
      ),
    ).toEqual([3, 3, 0]);
  });

  test('within an epoch is logged at the step of the last batch, and the epoch goes on', async () => {
    const rows = rowLogger();
    const module: TrainHooks<string[]> = {
      trainBatches: () => batches(4),
      trainingStep: (_, { log, batchIdx }) => log('loss', batchIdx, { onEpoch: true, batchSize: 1 }),
      validationBatches: () => batches(1),
      validationStep: (_, { log, step }) => log('val', step, { batchSize: 1 }),
    };
    await new Trainer({ valCheckInterval: 2, preset: 'lightning', logEveryNSteps: 2 }).fit(module, { store: false, loggers: [rows] });
    expect(rows.rows.map(({ metrics, at }) => [at.step, metrics])).toEqual([
      [1, { loss_step: 1 }],
      [1, { val: 2 }],
      [3, { loss_step: 3 }],
      [3, { val: 4 }],
      [3, { loss_epoch: 1.5 }],
    ]);
  });

  test('leaves the place of the training as it was', async () => {
    const places: unknown[] = [];
    const note = ({ stage, batchIdx, isSanityChecking }: HookContext): void => void places.push([stage, batchIdx, isSanityChecking]);
    await done({ numSanityValSteps: 1, limitTrainBatches: 3 }, { onTrainStart: note, onTrainEpochEnd: note });
    expect(places).toEqual([
      ['train', 0, false],
      ['train', 2, false],
    ]);
  });

  test('goes through several sources by name', async () => {
    const seen: string[] = [];
    const trainer = new Trainer();
    const module: TrainHooks<string[]> = {
      trainBatches: () => batches(1),
      trainingStep: () => {},
      validationLoaders: { clean: () => batches(2, 'c'), noisy: () => batches(1, 'n') },
      validationStep([name], { log, dataloaderIdx, batchIdx }) {
        seen.push(`${name} ${dataloaderIdx} ${batchIdx}`);
        log('acc', batchIdx, { batchSize: 1 });
      },
    };
    await trainer.fit(module, { store: false });
    expect(seen).toEqual(['c0 0 0', 'c1 0 1', 'n0 1 0']);
    expect(trainer.callbackMetrics).toEqual({ 'acc/clean': 0.5, 'acc/noisy': 0 });
  });
});

describe('limits', () => {
  test('cut off epochs and validations', async () => {
    expect(await done({ limitTrainBatches: 2, limitValBatches: 1 })).toBe('t0 t1 [ v0 ]');
    expect(await done({ limitTrainBatches: 0.25, limitValBatches: 0.5 })).toBe('t0 t1 [ v0 ]');
    expect(await done({ limitTrainBatches: 0 })).toBe('');
  });

  test('close the source of what they cut off, which is not asked for more', async () => {
    const given: number[] = [];
    let closed = 0;
    const trainBatches = function* (): Generator<string[]> {
      try {
        for (let i = 0; ; i++) {
          given.push(i);
          yield [`t${i}`];
        }
      } finally {
        closed += 1;
      }
    };
    await done({ limitTrainBatches: 3 }, { trainBatches });
    expect([given, closed]).toEqual([[0, 1, 2], 1]);
  });

  test('mark the last step of the epoch as the last', async () => {
    const rows = rowLogger();
    const module: TrainHooks<string[]> = { trainBatches: () => batches(9), trainingStep: (_, { log }) => log('a', 1) };
    await new Trainer({ limitTrainBatches: 5, logEveryNSteps: 100 }).fit(module, { store: false, loggers: [rows] });
    expect(rows.steps('a')).toEqual([0, 4]);
  });
});

describe('the sanity check', () => {
  test('tries so many batches before training, and nothing of it is logged or kept', async () => {
    const rows = rowLogger();
    const seen: unknown[] = [];
    const module: TrainHooks<string[]> = {
      trainBatches: () => batches(1),
      trainingStep: () => {},
      validationBatches: () => batches(3, 'v'),
      validationStep([name], { log, logText, isSanityChecking }) {
        seen.push([name, isSanityChecking]);
        log('val', 1, { batchSize: 1 });
        logText('note', name ?? '');
      },
      onTrainStart: ({ callbackMetrics }) => void seen.push({ ...callbackMetrics }),
    };
    const notes: string[] = [];
    const logger = { ...rows, logRecord: (record: { readonly tag?: string }) => void notes.push(record.tag ?? '') };
    await new Trainer({ numSanityValSteps: 2, preset: 'lightning' }).fit(module, { store: false, loggers: [logger] });
    expect(seen).toEqual([['v0', true], ['v1', true], {}, ['v0', false], ['v1', false], ['v2', false]]);
    expect(rows.rows).toHaveLength(1);
    expect(notes).toEqual(['note', 'note', 'note']);
  });

  test('of -1 tries them all', async () => {
    expect(await done({ numSanityValSteps: -1, limitTrainBatches: 1 })).toBe('[ v0 v1 ] t0 [ v0 v1 ]');
  });
});

describe('accumulated gradients', () => {
  test('make a step of the optimizer after so many batches, and after the last of an epoch', async () => {
    const seen: [number, boolean][] = [];
    const module: TrainHooks<string[]> = {
      trainBatches: () => batches(5),
      trainingStep: (_, { step, isAccumulating }) => void seen.push([step, isAccumulating]),
    };
    const result = await new Trainer({ maxEpochs: 2, accumulateGradBatches: 2 }).fit(module, { store: false });
    expect(result).toMatchObject({ step: 6, epoch: 2 });
    const epoch = (step: number): [number, boolean][] => [
      [step, true],
      [step, false],
      [step + 1, true],
      [step + 1, false],
      [step + 2, false],
    ];
    expect(seen).toEqual([...epoch(0), ...epoch(3)]);
  });

  test('count as steps in the progress', async () => {
    const totals = new Set<number | undefined>();
    const trainer = new Trainer({ maxEpochs: 2, accumulateGradBatches: 2, on: { progress: ({ totalSteps }) => totals.add(totalSteps) } });
    await trainer.fit({ stepsPerEpoch: 5, trainBatches: () => batches(5), trainingStep: () => {} }, { store: false });
    expect([...totals]).toEqual([6]);
  });
});

describe('a fast run for developers', () => {
  test('makes one batch of everything, stores nothing, and calls nobody who stops or saves', async () => {
    const store = memoryStore('fast dev run');
    const rows = rowLogger();
    const called: string[] = [];
    const watch = { monitor: 'val', onTrainEpochEnd: () => void called.push('watch') };
    const other = { onTrainEpochEnd: () => void called.push('other') };
    const seen: string[] = [];
    const module: TrainHooks<string[]> = {
      trainBatches: () => batches(10),
      trainingStep: ([name]) => void seen.push(name ?? ''),
      validationBatches: () => batches(3, 'v'),
      validationStep: ([name]) => void seen.push(name ?? ''),
    };
    const trainer = new Trainer({ fastDevRun: true, maxEpochs: 9, numSanityValSteps: 2, callbacks: [watch, other], loggers: [rows] });
    expect(await trainer.fit(module, { store })).toMatchObject({ status: 'finished', step: 1, epoch: 1 });
    expect(seen).toEqual(['t0', 'v0']);
    expect(called).toEqual(['other']);
    expect([await store.runs(), rows.rows]).toEqual([[], []]);
  });

  test('refuses a run to log into', async () => {
    const run = await startRun({ store: false });
    const module: TrainHooks<string[]> = { trainBatches: () => [], trainingStep: () => {} };
    await expect(new Trainer({ fastDevRun: true }).fit(module, { run })).rejects.toMatchObject({ code: 'bad-options' });
    await run.finish();
  });

  test('makes as many as it is told', async () => {
    expect(await done({ fastDevRun: 2 })).toBe('t0 t1 [ v0 v1 ]');
  });
});

describe('validate, test and predict', () => {
  const module: TrainHooks<string[]> = {
    trainBatches: () => [],
    trainingStep: () => {},
    validationBatches: () => batches(2, 'v'),
    validationStep: (_, { log, batchIdx, stage }) => log(`${stage}/x`, batchIdx, { batchSize: 1 }),
    testBatches: () => batches(4),
    testStep: (_, { log, batchIdx, stage }) => log(`${stage}/x`, batchIdx, { batchSize: 1 }),
    predictBatches: () => batches(2, 'p'),
    predictStep: async ([name]) => `got ${name}`,
  };

  test('give back the numbers of their stage, which the run holds, too', async () => {
    const rows = rowLogger();
    const trainer = new Trainer({ limitTestBatches: 3, loggers: [rows] });
    expect(await trainer.validate(module, { store: false })).toMatchObject({ status: 'finished', metrics: { 'validate/x': 0.5 } });
    expect(await trainer.test(module, { store: false })).toMatchObject({ status: 'finished', metrics: { 'test/x': 1 } });
    expect(trainer.callbackMetrics).toEqual({ 'test/x': 1 });
    expect(rows.rows.map(({ metrics, at }) => [at.stage, at.step, metrics])).toEqual([
      ['validate', 0, { 'validate/x': 0.5 }],
      ['test', 0, { 'test/x': 1 }],
    ]);
    expect(rows.status).toBe('finished');
  });

  test('give back what predictStep made of each batch', async () => {
    expect(await new Trainer().predict(module)).toMatchObject({ status: 'finished', predictions: ['got p0', 'got p1'] });
  });

  test('end where they are stopped', async () => {
    const trainer = new Trainer();
    const stopping = { ...module, testStep: () => trainer.control.stop() };
    expect(await trainer.test(stopping, { store: false })).toMatchObject({ status: 'stopped' });
  });

  test('say what the module lacks', async () => {
    const { testBatches: _, ...without } = module;
    await expect(new Trainer().test(without, { store: false })).rejects.toMatchObject({
      code: 'bad-options',
      message: 'trainer.test(): the module has no testBatches and no testLoaders. Give it one.',
    });
  });
});

describe('settings that make no sense', () => {
  test.each<[TrainerOptions, string]>([
    [{ logEveryNSteps: -1 }, 'logEveryNSteps'],
    [{ accumulateGradBatches: 0 }, 'accumulateGradBatches'],
    [{ checkValEveryNEpoch: 0.5 }, 'checkValEveryNEpoch'],
    [{ valCheckInterval: 0 }, 'valCheckInterval'],
    [{ valCheckInterval: 1.5 }, 'valCheckInterval'],
    [{ limitTrainBatches: -2 }, 'limitTrainBatches'],
    [{ limitValBatches: NaN }, 'limitValBatches'],
    [{ numSanityValSteps: -2 }, 'numSanityValSteps'],
    [{ fastDevRun: -1 }, 'fastDevRun'],
    [{ nanPolicy: 'ignore' as 'keep' }, 'nanPolicy'],
  ])('are refused before there is a run: %j', (options, name) => {
    expect(() => new Trainer(options)).toThrow(expect.objectContaining({ code: 'bad-options', message: expect.stringContaining(name) }));
  });

  test.each<[string, LoopSettings]>([
    ['a share of an unknown number', { limitTrainBatches: 0.5 }],
    ['a share of an unknown epoch', { valCheckInterval: 0.5 }],
    ['gradients added up over an unknown number', { accumulateGradBatches: 2 }],
  ])('are refused once the data are seen: %s', async (_name, settings) => {
    const trainBatches = function* (): Generator<string[]> {
      yield* batches(4);
    };
    await expect(done(settings, { trainBatches })).rejects.toMatchObject({
      code: 'bad-options',
      message: expect.stringContaining('stepsPerEpoch'),
    });
  });

  test.each<[string, LoopSettings]>([
    ['validations further apart than an epoch is long', { valCheckInterval: 11 }],
    ['less than one batch', { limitTrainBatches: 0.01 }],
  ])('are refused once the data are seen: %s', async (_name, settings) => {
    await expect(done(settings)).rejects.toMatchObject({ code: 'bad-options' });
  });
});

test('a value that is not finite stops the training where the policy says so', async () => {
  const module: TrainHooks<string[]> = {
    trainBatches: () => batches(10),
    trainingStep: (_, { log, batchIdx }) => log('loss', batchIdx === 3 ? NaN : 1),
  };
  expect(await new Trainer({ nanPolicy: 'stop' }).fit(module, { store: false })).toMatchObject({ status: 'stopped', step: 4 });
});

test("alerts of hooks are the trainer's", async () => {
  const heard: unknown[] = [];
  const trainer = new Trainer({ on: { alert: (alert) => heard.push(alert) } });
  const module: TrainHooks<string[]> = { trainBatches: () => batches(1), trainingStep: (_, { alert }) => alert('Hot', 'very', 'warn') };
  await trainer.fit(module, { store: memoryStore('alerts of hooks') });
  expect(heard).toEqual([{ title: 'Hot', text: 'very', level: 'warn' }]);
});
