import { describe, expect, test } from 'vitest';
import { startRun } from '../../../src/run/start-run.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';
import type { Callback, TrainHooks } from '../../../src/train/hooks.ts';
import { Trainer, type TrainerOptions } from '../../../src/train/trainer.ts';
import { rowLogger } from '../tfjs/row-logger.ts';

const module: TrainHooks<number[]> = {
  trainBatches: () => [[0], [1]],
  trainingStep() {},
  validationBatches: () => [[0]],
  validationStep() {},
};

describe('a step that throws', () => {
  test('loses nothing of what it has logged before, nor of its callbacks', async () => {
    const rows = rowLogger();
    const watch: Callback = { onTrainBatchStart: ({ log, batchIdx }) => log('seen', batchIdx) };
    const failing: TrainHooks<number[]> = {
      trainBatches: () => [[0], [1], [2]],
      trainingStep([i], { log }) {
        log('loss', i === 2 ? NaN : 1);
        if (i === 2) throw new Error('diverged');
      },
    };
    const trainer = new Trainer({ callbacks: [watch], logEveryNSteps: 2, logFirstStep: false });
    await expect(trainer.fit(failing, { store: false, loggers: [rows], onWarning() {} })).rejects.toThrow('diverged');
    expect([rows.steps('loss'), rows.values('loss'), rows.values('seen')]).toEqual([
      [1, 2],
      [1, NaN],
      [1, 2],
    ]);
    expect(rows.status).toBe('failed');
  });

  test('after its batch, repeats no row', async () => {
    const rows = rowLogger();
    const failing: TrainHooks<number[]> = {
      ...module,
      trainingStep: (_, { log }) => log('loss', 1),
      onTrainEpochEnd() {
        throw new Error('full');
      },
    };
    await expect(new Trainer().fit(failing, { store: false, loggers: [rows] })).rejects.toThrow('full');
    expect(rows.steps('loss')).toEqual([0, 1]);
  });
});

describe('a run that has finished', () => {
  test.each(['fit', 'validate', 'test', 'predict'] as const)('is refused by %s before any hook is called', async (call) => {
    const rows = rowLogger();
    const run = await startRun({ store: false, loggers: [rows] });
    await run.finish();
    const called: string[] = [];
    const full: TrainHooks<number[]> = {
      ...module,
      testBatches: () => [[0]],
      testStep() {},
      predictBatches: () => [[0]],
      predictStep() {},
      setup: () => void called.push('setup'),
      onException: () => void called.push('onException'),
      teardown: () => void called.push('teardown'),
    };
    await expect(new Trainer()[call](full, { run })).rejects.toMatchObject({
      code: 'closed-run',
      message: `trainer.${call}({ run }): run 'default' has finished. Start another one, or leave run out.`,
    });
    expect([called, rows.rows]).toEqual([[], []]);
  });

  test('is refused while it is finishing, too', async () => {
    const run = await startRun({ store: false });
    const finishing = run.finish();
    await expect(new Trainer().validate(module, { run })).rejects.toMatchObject({ code: 'closed-run' });
    await finishing;
  });
});

describe('a stop in the last batch of an epoch', () => {
  const stopping = async (settings: TrainerOptions, more: Partial<TrainHooks<number[]>> = {}): Promise<unknown> => {
    const calls: string[] = [];
    const { status, epoch } = await new Trainer(settings).fit(
      {
        ...module,
        trainingStep: ([i], { stop }) => void (i === 1 && stop()),
        validationStep: () => void calls.push('step'),
        onValidationStart: () => void calls.push('start'),
        ...more,
      },
      { store: false, onWarning() {} },
    );
    return [status, epoch, calls];
  };

  test.each<[string, TrainerOptions]>([
    ['by the data alone', {}],
    ['by a limit', { limitTrainBatches: 2 }],
  ])('means the same when its length is known %s: no validation is begun', async (_, settings) => {
    expect(await stopping(settings)).toEqual(['stopped', 0, []]);
    expect(await stopping({ ...settings, maxEpochs: 2 })).toEqual(['stopped', 0, []]);
  });

  test('leaves a training complete that had nothing to do after it', async () => {
    expect(await stopping({ limitValBatches: 0 })).toEqual(['finished', 1, []]);
    expect(await stopping({ limitValBatches: 0, maxEpochs: 2 })).toEqual(['stopped', 1, []]);
  });
});

test('hooks around the sanity check know of it, and what they log beside numbers is not kept', async () => {
  const store = memoryStore('sanity hooks');
  const seen: unknown[] = [];
  const note: Callback['onSanityCheckStart'] = ({ isSanityChecking, stage, event }) => {
    seen.push([isSanityChecking, stage]);
    event('sane');
  };
  const { runId } = await new Trainer({ numSanityValSteps: 1 }).fit(
    {
      ...module,
      onSanityCheckStart: note,
      onSanityCheckEnd: note,
      onTrainStart: ({ isSanityChecking, stage }) => void seen.push([isSanityChecking, stage]),
    },
    { store },
  );
  expect(seen).toEqual([
    [true, 'sanity'],
    [true, 'sanity'],
    [false, 'train'],
  ]);
  expect(await store.records(runId)).toEqual([]);
});

test('a sanity check that throws leaves the stage as it was, so that onException can log', async () => {
  const store = memoryStore('sanity throws');
  const broken: TrainHooks<number[]> = {
    ...module,
    validationStep() {
      throw new Error('bad data');
    },
    onException: ({ event }, thrown) => event(String(thrown)),
  };
  await expect(new Trainer({ numSanityValSteps: 1 }).fit(broken, { store })).rejects.toThrow('bad data');
  const [run] = await store.runs();
  expect(await store.records(run?.id ?? '')).toMatchObject([{ kind: 'event', tag: 'Error: bad data' }]);
});

describe('gradients added up over data that are not as long as was said', () => {
  test.each([
    ['shorter', 8],
    ['longer', 4],
  ])('%s: the rest is dropped with a warning, and the next epoch begins a sum of its own', async (_, stepsPerEpoch) => {
    const warnings: string[] = [];
    const done: string[] = [];
    const uneven: TrainHooks<number[]> = {
      stepsPerEpoch,
      *trainBatches() {
        for (let i = 0; i < 6; i++) yield [i];
      },
      trainingStep: ([i], { gradientStep }) =>
        gradientStep(
          () => ({}),
          () => void done.push(`step ${i}`),
        ),
      onBeforeZeroGrad: ({ batchIdx }) => void done.push(`zero ${batchIdx}`),
    };
    const trainer = new Trainer({ accumulateGradBatches: 4, maxEpochs: 2 });
    const { step } = await trainer.fit(uneven, { store: false, onWarning: ({ text }) => warnings.push(text) });
    const epoch = ['zero 0', 'step 3', 'zero 4'];
    expect([step, done]).toEqual([2, [...epoch, ...epoch]]);
    expect(warnings).toEqual([expect.stringContaining(`an epoch had 6 batches where stepsPerEpoch says ${stepsPerEpoch}`)]);
  });
});
