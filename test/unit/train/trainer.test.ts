import { describe, expect, test, vi } from 'vitest';
import type { Metrics } from '../../../src/core/logger.ts';
import type { TrainPhase } from '../../../src/core/train-events.ts';
import { startRun } from '../../../src/run/start-run.ts';
import { memoryStore } from '../../../src/store/index.ts';
import type { TrainHooks } from '../../../src/train/hooks.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { rowLogger } from '../tfjs/row-logger.ts';

/** Four batches an epoch; each step logs its batch as the loss. */
function counting(more: Partial<TrainHooks<number>> = {}): TrainHooks<number> {
  return {
    stepsPerEpoch: 4,
    trainBatches: () => [1, 2, 3, 4],
    trainingStep: (batch, { log }) => log('train/loss', batch, { onStep: true, onEpoch: true, separator: '/', batchSize: 1 }),
    ...more,
  };
}

describe('a fit', () => {
  test('goes through its phases in order and tells each once', async () => {
    const phases: TrainPhase[] = [];
    const trainer = new Trainer({ maxEpochs: 2, on: { status: ({ phase }) => phases.at(-1) !== phase && phases.push(phase) } });
    await trainer.fit(counting({ validationBatches: () => [1], validationStep: () => {} }), { store: false });
    expect(phases).toEqual(['preparing', 'training', 'validating', 'training', 'validating', 'finished']);
  });

  test('calls the hooks in order, with the step and epoch of the run', async () => {
    const calls: string[] = [];
    const note = (hook: string) => (_: unknown, context?: { step: number; epoch: number }) =>
      void calls.push(`${hook} ${context?.epoch}:${context?.step}`);
    await new Trainer({ maxEpochs: 2 }).fit(
      {
        setup: (context) => note('setup')(undefined, context),
        onTrainEpochStart: (context) => note('start')(undefined, context),
        trainBatches: () => [1, 2],
        trainingStep: note('train'),
        validationBatches: () => [1],
        validationStep: note('validate'),
        onTrainEpochEnd: (context) => note('end')(undefined, context),
      },
      { store: false },
    );
    expect(calls).toEqual([
      'setup 0:0',
      ...['start 0:0', 'train 0:0', 'train 0:1', 'validate 0:2', 'end 0:2'],
      ...['start 1:2', 'train 1:2', 'train 1:3', 'validate 1:4', 'end 1:4'],
    ]);
  });

  test('gives the numbers of each epoch, validation folded into them', async () => {
    const epochs: { epoch: number; metrics: Metrics }[] = [];
    const trainer = new Trainer({ maxEpochs: 2, on: { epoch: ({ epoch, metrics }) => epochs.push({ epoch, metrics }) } });
    const module = counting({
      validationBatches: () => [10, 20],
      validationStep: (batch, { log }) => log('val/loss/epoch', batch, { batchSize: 1 }),
    });
    const { runId, ...result } = await trainer.fit(module, { store: false });
    expect(result).toEqual({ status: 'finished', step: 8, epoch: 2 });
    expect(runId).toMatch(/\S/);
    expect(epochs).toEqual([0, 1].map((epoch) => ({ epoch, metrics: { 'train/loss/epoch': 2.5, 'val/loss/epoch': 15 } })));
  });

  test('tells the newest numbers of a step, never those of an epoch', async () => {
    const steps: { step: number; metrics: Metrics }[] = [];
    await new Trainer({ maxEpochs: 3, on: { step: ({ step, metrics }) => steps.push({ step, metrics }) } }).fit(counting(), {
      store: false,
    });
    expect(steps.length).toBeGreaterThan(0);
    for (const { metrics } of steps) expect(Object.keys(metrics)).not.toContain('train/loss/epoch');
    expect(steps.at(-1)?.step).toBe(11);
  });

  test('tells the progress: at the end all steps are done', async () => {
    const seen: { step: number; totalSteps: number | undefined; phase: TrainPhase }[] = [];
    const on = { progress: ({ step, totalSteps, phase }: (typeof seen)[0]) => seen.push({ step, totalSteps, phase }) };
    await new Trainer({ maxEpochs: 3, on }).fit(counting(), { store: false });
    expect(seen[0]).toEqual({ step: 0, totalSteps: 12, phase: 'preparing' });
    expect(seen.at(-1)).toEqual({ step: 12, totalSteps: 12, phase: 'finished' });
  });

  test('takes batches that come asynchronously, and hooks that await', async () => {
    const rows = rowLogger();
    const module = counting({
      async *trainBatches() {
        yield* [5, 6];
      },
      async trainingStep(batch, { log }) {
        await Promise.resolve();
        log('loss', batch);
      },
    });
    await new Trainer().fit(module, { store: false, loggers: [rows] });
    expect(rows.values('loss')).toEqual([5, 6]);
    expect(rows.steps('loss')).toEqual([0, 1]);
  });

  test('logs into a run that is there, and leaves it open', async () => {
    const rows = rowLogger();
    const run = await startRun({ store: false, loggers: [rows] });
    const { runId } = await new Trainer().fit(counting(), { run });
    await new Trainer().fit(counting(), { run });
    expect(runId).toBe(run.id);
    expect(rows.status).toBeUndefined();
    run.log('after', 1);
    await run.finish();
    expect(rows.steps('train/loss/step')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('lets the event loop have turns: a timer fires while it trains', async () => {
    let fired = 0;
    setTimeout(() => (fired += 1), 0);
    const module = counting({
      *trainBatches() {
        // Would never end if nothing but the loop had a turn.
        while (fired === 0) yield 1;
      },
    });
    await new Trainer().fit(module, { store: false });
    expect(fired).toBe(1);
  });
});

describe('the grip', () => {
  test('stop ends it before the next step', async () => {
    const rows = rowLogger();
    const trainer = new Trainer({ maxEpochs: 5 });
    const module = counting({
      trainingStep(batch, { log, step }) {
        log('loss', batch);
        if (step === 5) trainer.control.stop();
      },
    });
    const result = await trainer.fit(module, { store: false, loggers: [rows] });
    expect(result).toMatchObject({ status: 'stopped', step: 6, epoch: 1 });
    expect(rows.steps('loss')).toEqual([0, 1, 2, 3, 4, 5]);
    expect(rows.status).toBe('stopped');
  });

  test('stop while validating ends it there', async () => {
    const trainer = new Trainer({ maxEpochs: 5 });
    const validated: number[] = [];
    const module = counting({
      validationBatches: () => [1, 2, 3],
      validationStep(batch) {
        validated.push(batch);
        trainer.control.stop();
      },
    });
    expect(await trainer.fit(module, { store: false })).toMatchObject({ status: 'stopped', step: 4, epoch: 0 });
    expect(validated).toEqual([1]);
  });

  test('a training stopped before it began makes no step', async () => {
    const trainer = new Trainer();
    trainer.control.stop();
    expect(await trainer.fit(counting(), { store: false })).toMatchObject({ status: 'stopped', step: 0, epoch: 0 });
    expect(await trainer.fit(counting(), { store: false })).toMatchObject({ status: 'finished', step: 4 });
  });

  test('a stop after the last step changes nothing', async () => {
    const trainer = new Trainer();
    trainer.on('epoch', () => trainer.control.stop());
    expect(await trainer.fit(counting(), { store: false })).toMatchObject({ status: 'finished', step: 4, epoch: 1 });
  });

  test('paused it makes no step; single steps and resume go on', async () => {
    const steps: number[] = [];
    const paused: number[] = [];
    const trainer = new Trainer({ maxEpochs: 2 });
    trainer.on('status', ({ phase }) => {
      if (phase !== 'paused') return;
      paused.push(steps.length);
      if (paused.length === 1) trainer.control.step(2);
      else trainer.control.resume();
    });
    const module = counting({
      trainingStep(batch, { step }) {
        steps.push(batch);
        if (step === 2) trainer.control.pause();
      },
    });
    expect(await trainer.fit(module, { store: false })).toMatchObject({ status: 'finished', step: 8 });
    expect(paused).toEqual([3, 5]);
    expect(steps).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
  });

  test('a single step asked for after the last one of an epoch is made in the next', async () => {
    const paused: number[] = [];
    const trainer = new Trainer({ maxEpochs: 2 });
    let steps = 0;
    trainer.on('status', ({ phase }) => {
      if (phase !== 'paused') return;
      paused.push(steps);
      if (paused.length === 1) trainer.control.step();
      else trainer.control.resume();
    });
    const module = counting({
      trainingStep() {
        steps += 1;
        if (steps === 4) trainer.control.pause();
      },
      validationBatches: () => [1],
      validationStep: () => {},
    });
    expect(await trainer.fit(module, { store: false })).toMatchObject({ status: 'finished', step: 8 });
    expect(paused).toEqual([4, 5]);
  });

  test('a pause while validating holds the first step of the next epoch', async () => {
    const paused: number[] = [];
    const trainer = new Trainer({ maxEpochs: 2 });
    let steps = 0;
    trainer.on('status', ({ phase }) => {
      if (phase !== 'paused') return;
      paused.push(steps);
      trainer.control.resume();
    });
    const module = counting({
      trainingStep: () => void (steps += 1),
      validationBatches: () => [1],
      validationStep: () => {
        if (paused.length === 0) trainer.control.pause();
      },
    });
    expect(await trainer.fit(module, { store: false })).toMatchObject({ status: 'finished', step: 8 });
    expect(paused).toEqual([4]);
  });

  test('stop ends a pause', async () => {
    const trainer = new Trainer();
    trainer.control.pause();
    trainer.on('status', ({ phase }) => phase === 'paused' && trainer.control.stop());
    expect(await trainer.fit(counting(), { store: false })).toMatchObject({ status: 'stopped', step: 0 });
  });

  test('settings reach the module before the next step', async () => {
    const taken: unknown[] = [];
    const trainer = new Trainer();
    const module = counting({
      trainingStep(_, { step }) {
        if (step === 1) trainer.control.set({ lr: 0.5 });
      },
      applySettings(settings, { step }) {
        taken.push([settings, step]);
        return [];
      },
    });
    await trainer.fit(module, { store: false });
    expect(taken).toEqual([[{ lr: 0.5 }, 2]]);
  });
});

describe('trouble', () => {
  test('what a hook throws fails the run and reaches the caller as it was thrown', async () => {
    const rows = rowLogger();
    const phases: TrainPhase[] = [];
    const bang = new TypeError('bang');
    const module = counting({
      trainingStep(batch, { log }) {
        if (batch === 3) throw bang;
        log('loss', batch);
      },
    });
    const trainer = new Trainer({ on: { status: ({ phase }) => phases.push(phase) } });
    const caught: unknown = await trainer.fit(module, { store: false, loggers: [rows] }).catch((thrown: unknown) => thrown);
    expect(caught).toBe(bang);
    expect(phases.at(-1)).toBe('failed');
    expect(rows.status).toBe('failed');
    expect(rows.values('loss')).toEqual([1, 2]);
  });

  test('a second fit of the same trainer or the same module is refused; the first goes on', async () => {
    const trainer = new Trainer();
    const module = counting();
    const first = trainer.fit(module, { store: false });
    await expect(trainer.fit(counting(), { store: false })).rejects.toMatchObject({ code: 'already-training' });
    await expect(
      (async () => {
        await new Promise((resolve) => trainer.on('progress', resolve));
        return new Trainer().fit(module, { store: false });
      })(),
    ).rejects.toMatchObject({ code: 'already-training' });
    expect(await first).toMatchObject({ status: 'finished' });
    expect(await trainer.fit(module, { store: false })).toMatchObject({ status: 'finished' });
  });

  test.each([
    ['a text', 'out of paper', 'out of paper'],
    ['nothing', undefined, 'undefined'],
    ['an object without a class', Object.create(null), 'an object (without a class)'],
  ])('%s that is thrown fails the run with a text', async (_name, thrown: unknown, failure) => {
    const store = memoryStore(`thrown ${failure}`);
    const module = counting({
      trainingStep() {
        throw thrown;
      },
    });
    const caught: unknown[] = [];
    await new Trainer().fit(module, { store }).catch((one: unknown) => caught.push(one));
    expect(caught).toEqual([thrown]);
    expect((await store.runs()).map(({ status, failure: text }) => [status, text])).toEqual([['failed', failure]]);
  });

  test.each([0, 1.5, NaN])('epochs that make no sense are refused before there is a run: %s', (maxEpochs) => {
    expect(() => new Trainer({ maxEpochs })).toThrow(
      expect.objectContaining({
        code: 'bad-options',
        message: expect.stringContaining(`new Trainer({ maxEpochs: the number ${maxEpochs} })`),
      }),
    );
  });

  /** Tells which batches it has handed out and whether it was closed. */
  function watched(): { batches(): Generator<number>; readonly given: number[]; closed: number } {
    const watch = {
      given: [] as number[],
      closed: 0,
      *batches() {
        try {
          for (let batch = 1; batch <= 9; batch++) {
            watch.given.push(batch);
            yield batch;
          }
        } finally {
          watch.closed += 1;
        }
      },
    };
    return watch;
  }

  test.each(['training', 'validating'])('stopped while %s it takes no batch that it does not use, and closes the source', async (phase) => {
    const source = watched();
    const used: number[] = [];
    const trainer = new Trainer();
    const use = (batch: number): void => {
      used.push(batch);
      if (batch === 3) trainer.control.stop();
    };
    const module =
      phase === 'training'
        ? { trainBatches: source.batches, trainingStep: use }
        : { validationBatches: source.batches, validationStep: use };
    expect(await trainer.fit(counting(module), { store: false })).toMatchObject({ status: 'stopped' });
    expect(used).toEqual([1, 2, 3]);
    expect(source.given).toEqual([1, 2, 3]);
    expect(source.closed).toBe(1);
  });

  test.each(['training', 'validating'])('an error while %s closes the source of the batches', async (phase) => {
    const source = watched();
    const bang = new Error('bang');
    const use = (): void => {
      throw bang;
    };
    const module =
      phase === 'training'
        ? { trainBatches: source.batches, trainingStep: use }
        : { validationBatches: source.batches, validationStep: use };
    await expect(new Trainer().fit(counting(module), { store: false })).rejects.toBe(bang);
    expect(source.closed).toBe(1);
  });

  test('trouble with a logger that nobody listens for goes to the console and does not undo the training', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    const broken = {
      logHyperparams() {},
      logMetrics() {
        throw new Error('disk full');
      },
    };
    try {
      expect(await new Trainer().fit(counting(), { store: false, loggers: [broken] })).toMatchObject({ status: 'finished', step: 4 });
      expect(told.mock.calls.map(([text]) => text)).toEqual([expect.stringContaining('disk full')]);
    } finally {
      told.mockRestore();
    }
  });

  test('trouble with a logger is an event and does not stop it', async () => {
    const codes: string[] = [];
    const broken = {
      name: 'broken',
      logHyperparams(): void {},
      logMetrics(): void {
        throw new Error('no ink');
      },
    };
    const trainer = new Trainer({ on: { error: ({ error }) => codes.push(error.code) } });
    expect(await trainer.fit(counting(), { store: false, loggers: [broken] })).toMatchObject({ status: 'finished' });
    expect(codes).toEqual(['logger-threw']);
  });
});
