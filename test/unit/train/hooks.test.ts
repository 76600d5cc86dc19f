import { describe, expect, test, vi } from 'vitest';
import type { Hook } from '../../../src/core/hook-rules.ts';
import type { HookContext, StepContext } from '../../../src/train/contexts.ts';
import type { Callback, TrainHooks } from '../../../src/train/hooks.ts';
import { TrainModule } from '../../../src/train/train-module.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { rowLogger } from '../tfjs/row-logger.ts';

const all = [
  ...['setup', 'teardown', 'onFitStart', 'onFitEnd', 'onSanityCheckStart', 'onSanityCheckEnd', 'onTrainStart', 'onTrainEnd'],
  ...['onTrainEpochStart', 'onTrainEpochEnd', 'onTrainBatchStart', 'onTrainBatchEnd'],
  ...['onBeforeZeroGrad', 'onBeforeBackward', 'onAfterBackward', 'onBeforeOptimizerStep'],
  ...[
    'onValidationStart',
    'onValidationEpochStart',
    'onValidationBatchStart',
    'onValidationBatchEnd',
    'onValidationEpochEnd',
    'onValidationEnd',
  ],
  ...['onTestStart', 'onTestEpochStart', 'onTestBatchStart', 'onTestBatchEnd', 'onTestEpochEnd', 'onTestEnd'],
  ...[
    'onPredictStart',
    'onPredictEpochStart',
    'onPredictBatchStart',
    'onPredictBatchEnd',
    'onPredictEpochEnd',
    'onPredictEnd',
    'onException',
  ],
] as Hook[];

/** An object with every hook, which notes who was called. */
function noting(who: string, calls: string[]): Callback {
  return Object.fromEntries(all.map((hook) => [hook, () => void calls.push(`${who}.${hook}`)]));
}

/** A module with one batch of everything. */
function module(calls: string[], more: Partial<TrainHooks<number[]>> = {}): TrainHooks<number[]> {
  const step = (name: string) => () => void calls.push(`module.${name}`);
  return {
    ...noting('module', calls),
    trainBatches: () => [[1]],
    trainingStep: step('trainingStep'),
    validationBatches: () => [[1]],
    validationStep: step('validationStep'),
    testBatches: () => [[1]],
    testStep: step('testStep'),
    predictBatches: () => [[1]],
    predictStep: step('predictStep'),
    ...more,
  };
}

const both = (...hooks: string[]): string[] => hooks.flatMap((hook) => [`callback.${hook}`, `module.${hook}`]);
const validation = [
  ...both('onValidationStart', 'onValidationEpochStart', 'onValidationBatchStart'),
  'module.validationStep',
  ...both('onValidationBatchEnd', 'onValidationEpochEnd', 'onValidationEnd'),
];

describe('the order of the hooks', () => {
  test("of a fit is Lightning's, callbacks before the module", async () => {
    const calls: string[] = [];
    const trainer = new Trainer({ numSanityValSteps: 1, callbacks: [noting('callback', calls)] });
    await trainer.fit(module(calls), { store: false });
    expect(calls).toEqual([
      ...both('setup', 'onFitStart', 'onSanityCheckStart'),
      ...validation,
      ...both('onSanityCheckEnd', 'onTrainStart', 'onTrainEpochStart', 'onTrainBatchStart'),
      'module.trainingStep',
      ...both('onTrainBatchEnd'),
      ...validation,
      ...both('onTrainEpochEnd', 'onTrainEnd', 'onFitEnd', 'teardown'),
    ]);
  });

  test.each(['validate', 'test', 'predict'] as const)('of %s is that of its stage alone', async (stage) => {
    const calls: string[] = [];
    await new Trainer({ callbacks: [noting('callback', calls)] })[stage](module(calls), { store: false });
    const name = { validate: 'Validation', test: 'Test', predict: 'Predict' }[stage];
    expect(calls).toEqual([
      ...both('setup', `on${name}Start`, `on${name}EpochStart`, `on${name}BatchStart`),
      `module.${name.toLowerCase()}Step`,
      ...both(`on${name}BatchEnd`, `on${name}EpochEnd`, `on${name}End`, 'teardown'),
    ]);
  });

  test('waits for each hook before it calls the next', async () => {
    const calls: string[] = [];
    const slow = (who: string) => async (): Promise<void> => {
      calls.push(`${who} begins`);
      await Promise.resolve();
      calls.push(`${who} ends`);
    };
    const hooks = { trainBatches: () => [[1]], trainingStep: slow('step'), onTrainBatchStart: slow('module') };
    await new Trainer({ callbacks: [{ onTrainBatchStart: slow('first') }, { onTrainBatchStart: slow('second') }] }).fit(hooks, {
      store: false,
    });
    expect(calls).toEqual(['first', 'second', 'module', 'step'].flatMap((who) => [`${who} begins`, `${who} ends`]));
  });

  test('puts callbacks that watch a number last where an epoch ends, when its numbers are known', async () => {
    const calls: string[] = [];
    const seen: unknown[] = [];
    const end = ({ callbackMetrics }: HookContext): void => void seen.push({ ...callbackMetrics });
    const watch = { monitor: 'late', onTrainEpochEnd: (context: HookContext) => (calls.push('watch'), end(context)) };
    const trainer = new Trainer({ callbacks: [watch, { onTrainEpochEnd: () => void calls.push('other') }] });
    const hooks: TrainHooks<number[]> = {
      trainBatches: () => [[1]],
      trainingStep: (_, { log }) => log('loss', 0.5, { onEpoch: true }),
      onTrainEpochEnd({ log, callbackMetrics }) {
        calls.push(`module sees ${callbackMetrics['loss_epoch']}`);
        log('late', 7);
      },
    };
    await trainer.fit(hooks, { store: false });
    expect(calls).toEqual(['other', 'module sees 0.5', 'watch']);
    expect(seen).toEqual([{ loss: 0.5, loss_step: 0.5, loss_epoch: 0.5, late: 7 }]);
  });

  test('shows the numbers of a validation in its last hooks, also those that had to be read back', async () => {
    const seen: unknown[] = [];
    const hooks: TrainHooks<number[]> = {
      trainBatches: () => [[1]],
      trainingStep: () => {},
      validationBatches: () => [[1], [2]],
      validationStep: ([x], { log }) => log('val', { size: 1, data: async () => [x ?? NaN] }),
      onValidationEpochEnd({ callbackMetrics, log }) {
        seen.push({ ...callbackMetrics });
        log('late', 3);
      },
      onValidationEnd: ({ callbackMetrics }) => void seen.push({ ...callbackMetrics }),
    };
    await new Trainer({ on: { alert: () => {} } }).fit(hooks, { store: false });
    expect(seen).toEqual([{ val: 1.5 }, { val: 1.5, late: 3 }]);
  });

  test('gives batch hooks the batch and what the step gave', async () => {
    const seen: unknown[] = [];
    const callback: Callback = { onTrainBatchEnd: (_context, outputs, batch) => void seen.push([outputs, batch]) };
    const hooks = { trainBatches: () => [[1], [2]], trainingStep: async ([x]: number[]) => `made ${x}` };
    await new Trainer({ callbacks: [callback] }).fit(hooks, { store: false });
    expect(seen).toEqual([
      ['made 1', [1]],
      ['made 2', [2]],
    ]);
  });

  test('a failure is told to onException and torn down, and reaches the caller as it was thrown', async () => {
    const calls: string[] = [];
    const bang = new Error('bang');
    const told: unknown[] = [];
    const failing: TrainHooks<number[]> = {
      trainBatches: () => [[1]],
      trainingStep() {
        throw bang;
      },
      onException(_context, thrown) {
        told.push(thrown);
        throw new Error('trouble while telling');
      },
      teardown: () => void calls.push('teardown'),
      onTrainEnd: () => void calls.push('onTrainEnd'),
    };
    await expect(new Trainer().fit(failing, { store: false })).rejects.toBe(bang);
    expect(told).toEqual([bang]);
    expect(calls).toEqual(['teardown']);
  });
});

describe('where a callback logs from', () => {
  test('is the hook it is called in, with the rules of that hook', async () => {
    const rows = rowLogger();
    const callback: Callback = {
      onTrainBatchEnd: ({ log, step }) => log('of_step', step),
      onValidationBatchEnd: ({ log, batchIdx }) => log('of_validation', batchIdx),
      onTrainEpochEnd: ({ logDict, epoch }) => logDict({ of_epoch: epoch }),
    };
    const hooks = { trainBatches: () => [[1], [2]], trainingStep: () => {}, validationBatches: () => [[1], [2]] };
    await new Trainer({ maxEpochs: 2, callbacks: [callback] }).fit(hooks, { store: false, loggers: [rows] });
    expect(rows.steps('of_step')).toEqual([0, 1, 2, 3]);
    expect([rows.steps('of_validation'), rows.values('of_validation')]).toEqual([
      [1, 3],
      [0.5, 0.5],
    ]);
    expect([rows.steps('of_epoch'), rows.values('of_epoch')]).toEqual([
      [1, 3],
      [0, 1],
    ]);
  });

  test('stays that hook while it waits', async () => {
    const rows = rowLogger();
    const callback: Callback = {
      async onTrainBatchEnd({ log, step }) {
        await Promise.resolve();
        log('late', step);
      },
    };
    await new Trainer({ callbacks: [callback] }).fit(
      { trainBatches: () => [[1], [2]], trainingStep: () => {} },
      { store: false, loggers: [rows] },
    );
    expect(rows.steps('late')).toEqual([0, 1]);
  });

  test('can stop the training, which ends its epoch', async () => {
    const calls: string[] = [];
    const callback: Callback = { onTrainBatchEnd: ({ stop, batchIdx }) => (batchIdx === 1 ? stop('enough') : undefined) };
    const hooks = module(calls, { trainBatches: () => [[1], [2], [3]] });
    const result = await new Trainer({ callbacks: [callback] }).fit(hooks, { store: false });
    expect(result).toMatchObject({ status: 'stopped', step: 2, epoch: 0 });
    expect(calls.slice(-4)).toEqual(['module.onTrainEpochEnd', 'module.onTrainEnd', 'module.onFitEnd', 'module.teardown']);
    expect(calls).not.toContain('module.validationStep');
  });

  test('is refused once its hook is over', async () => {
    let late: StepContext | undefined;
    const hooks: TrainHooks<number[]> = {
      trainBatches: () => [[1]],
      trainingStep: (_, context) => void (late = context),
      onTrainEpochEnd: () => late?.log('a', 1),
    };
    await expect(new Trainer().fit(hooks, { store: false })).rejects.toMatchObject({
      code: 'wrong-hook',
      message: expect.stringContaining("log('a'): trainingStep is over"),
    });
  });
});

describe('a module as a class', () => {
  class Counting extends TrainModule<number[]> {
    seen: unknown[] = [];
    override trainBatches = (): number[][] => [[1], [2, 2, 2]];
    override trainingStep([x]: number[]): void {
      this.log('loss', x, { onEpoch: true });
    }
    override validationBatches = (): number[][] => [[1]];
    override async validationStep(): Promise<void> {
      await Promise.resolve();
      this.log('val', 4);
    }
    override onTrainEpochEnd(): void {
      this.logDict({ a: 1, b: 2 });
      this.seen.push(this.run.step, { ...this.run.hooks.callbackMetrics });
    }
  }

  test('logs by the rules of the hook it is in, also after it has waited', async () => {
    const rows = rowLogger();
    const counting = new Counting();
    await new Trainer().fit(counting, { store: false, loggers: [rows] });
    expect(rows.rows.filter(({ metrics }) => !('train/steps_per_second' in metrics)).map(({ metrics, at }) => [at.step, metrics])).toEqual([
      [0, { loss_step: 1 }],
      [1, { loss_step: 2 }],
      [1, { val: 4 }],
      [1, { loss_epoch: 1.75, a: 1, b: 2 }],
    ]);
    expect(counting.seen).toEqual([2, expect.objectContaining({ loss: 1.75, val: 4 })]);
  });

  test('warns once when it is in no training, and does nothing', () => {
    const told = vi.spyOn(console, 'warn').mockImplementation(() => {});
    try {
      const counting = new Counting();
      counting.trainingStep([1]);
      counting.logText('note', 'hello');
      expect(told.mock.calls).toEqual([[expect.stringContaining('this.log(): the module is in no training')]]);
      expect(counting.supports('scalar')).toBe(false);
      expect(() => counting.run).toThrow(expect.objectContaining({ code: 'wrong-hook' }));
    } finally {
      told.mockRestore();
    }
  });

  test('may not log between hooks, nor after the training', async () => {
    const counting = new Counting();
    const caught: unknown[] = [];
    const trainer = new Trainer({
      on: {
        status() {
          try {
            counting.log('a', 1);
          } catch (thrown) {
            caught.push(thrown);
          }
        },
      },
    });
    await trainer.fit(counting, { store: false });
    expect(caught.length).toBeGreaterThan(0);
    for (const thrown of caught) expect(thrown).toMatchObject({ code: 'wrong-hook' });
    expect(() => counting.log('a', 1)).toThrow(expect.objectContaining({ code: 'wrong-hook' }));
  });

  test('holds a run within its run', async () => {
    class Nested extends Counting {
      override async validationStep(): Promise<void> {
        this.child('samples').log({ seen: 1 });
      }
    }
    const store = memoryStore('nested-module');
    await new Trainer().fit(new Nested(), { store, project: 'p', name: 'outer' });
    expect((await store.runs()).map(({ name, status }) => [name, status])).toEqual([
      ['outer', 'finished'],
      ['outer-samples', 'finished'],
    ]);
    expect(() => new Counting().child('samples')).toThrow(expect.objectContaining({ code: 'wrong-hook' }));
  });

  test('trains wherever something with a fit is taken', () => {
    expect(typeof new Counting().fit).toBe('function');
  });
});

describe('the gradient step', () => {
  const gradient = { w: { size: 1, data: async () => [1] } };

  test('calls its hooks around the update, and those of the update only when there is one', async () => {
    const calls: string[] = [];
    const hooks: TrainHooks<number[]> = {
      ...noting('module', calls),
      trainBatches: () => [[1], [2], [3]],
      trainingStep: (_, { gradientStep }) =>
        gradientStep(
          () => (calls.push('compute'), gradient),
          () => calls.push('apply'),
        ),
    };
    const among = ['compute', 'apply', ...all.filter((hook) => /^on(?:Before|After)/.test(hook)).map((hook) => `module.${hook}`)];
    await new Trainer({ accumulateGradBatches: 2 }).fit(hooks, { store: false });
    const made = ['module.onBeforeBackward', 'compute', 'module.onAfterBackward'];
    const applied = ['module.onBeforeOptimizerStep', 'apply'];
    expect(calls.filter((call) => among.includes(call))).toEqual([
      'module.onBeforeZeroGrad',
      ...made,
      ...made,
      ...applied,
      'module.onBeforeZeroGrad',
      ...made,
      ...applied,
    ]);
  });

  test('applies the gradients that were clipped, and what the hooks log belongs to the step', async () => {
    const rows = rowLogger();
    const clipped = { w: { size: 1, data: async () => [0.5] } };
    const applied: unknown[] = [];
    const hooks: TrainHooks<number[]> = {
      trainBatches: () => [[1], [2]],
      trainingStep(_, { gradientStep, log }) {
        gradientStep(
          () => gradient,
          (gradients) => applied.push(gradients),
        );
        log('after', 1);
      },
      clipGradients: () => clipped,
    };
    const callback: Callback = { onBeforeOptimizerStep: ({ log }, gradients) => log('tensors', Object.keys(gradients).length) };
    await new Trainer({ callbacks: [callback] }).fit(hooks, { store: false, loggers: [rows] });
    expect(applied).toEqual([clipped, clipped]);
    expect([rows.steps('tensors'), rows.values('tensors'), rows.steps('after')]).toEqual([
      [0, 1],
      [1, 1],
      [0, 1],
    ]);
  });

  test('refuses hooks that make it wait', async () => {
    const hooks: TrainHooks<number[]> = {
      trainBatches: () => [[1]],
      trainingStep: (_, { gradientStep }) =>
        gradientStep(
          () => gradient,
          () => {},
        ),
    };
    const callback = { onAfterBackward: async () => {} };
    await expect(new Trainer({ callbacks: [callback] }).fit(hooks, { store: false })).rejects.toMatchObject({
      code: 'wrong-hook',
      message: expect.stringContaining('onAfterBackward'),
    });
  });
});
