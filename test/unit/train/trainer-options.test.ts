import { describe, expect, test } from 'vitest';
import type { HookContext } from '../../../src/train/contexts.ts';
import type { ModelGraph } from '../../../src/core/logger.ts';
import { startRun } from '../../../src/run/start-run.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';
import type { TrainHooks } from '../../../src/train/hooks.ts';
import { Trainer, type TrainerOptions } from '../../../src/train/trainer.ts';
import { rowLogger } from '../tfjs/row-logger.ts';

const module: TrainHooks<number[]> = {
  trainBatches: () => [[1], [2], [3]],
  trainingStep: ([x], { log }) => log('loss', x, { progBar: true }),
};

test('a context is made once for each hook, not for each step', async () => {
  const contexts = new Set<HookContext>();
  const note = (context: HookContext): void => void contexts.add(context);
  await new Trainer({ maxEpochs: 2 }).fit(
    { ...module, onTrainBatchEnd: note, trainingStep: (_, context) => note(context) },
    { store: false },
  );
  expect(contexts.size).toBe(2);
});

test("the trainer's loggers get every run, besides those of the fit", async () => {
  const [mine, theirs] = [rowLogger(), rowLogger()];
  const trainer = new Trainer({ loggers: [mine] });
  await trainer.fit(module, { store: false, loggers: [theirs] });
  await trainer.fit(module, { store: false });
  expect(mine.values('loss')).toEqual([1, 2, 3, 1, 2, 3]);
  expect(theirs.values('loss')).toEqual([1, 2, 3]);
});

test('the trainer shows the newest numbers, also after the fit', async () => {
  const trainer = new Trainer();
  expect([trainer.callbackMetrics, trainer.progressBarMetrics, trainer.loggedMetrics]).toEqual([{}, {}, {}]);
  await trainer.fit(module, { store: false });
  expect([trainer.callbackMetrics, trainer.progressBarMetrics, trainer.loggedMetrics]).toEqual([{ loss: 3 }, { loss: 3 }, { loss: 3 }]);
});

test('the graph of a module is logged when the fit begins', async () => {
  const graphs: ModelGraph[] = [];
  const logger = { ...rowLogger(), logGraph: (graph: ModelGraph) => void graphs.push(graph) };
  const graph: ModelGraph = { name: 'tiny', nodes: [{ name: 'dense', op: 'Dense', inputs: [] }] };
  await new Trainer({ loggers: [logger] }).fit({ ...module, graph }, { store: false });
  expect(graphs).toEqual([graph]);
});

describe('options that there are not', () => {
  test.each<[object, string]>([
    [{ log_every_n_steps: 50 }, "new Trainer(): there is no option 'log_every_n_steps'. Did you mean 'logEveryNSteps'?"],
    [{ maxEpoch: 3 }, "new Trainer(): there is no option 'maxEpoch'. Did you mean 'maxEpochs'?"],
    [{ precision: 16 }, "new Trainer(): there is no option 'precision'. There are: logEveryNSteps,"],
    [{ logFirstStep: 'no' }, 'new Trainer({ logFirstStep: the string "no" }): need true or false.'],
    [{ logLastStepOfEpoch: 1 }, 'new Trainer({ logLastStepOfEpoch: the number 1 }): need true or false.'],
    [{ logEverySeconds: '5' }, 'new Trainer({ logEverySeconds: the string "5" }): need seconds above 0.'],
    [{ fastDevRun: 'yes' }, 'fastDevRun'],
    [{ callbacks: { onFitStart() {} } }, 'new Trainer({ callbacks: an object (Object) }): need a list of callbacks.'],
    [{ loggers: rowLogger() }, 'new Trainer({ loggers: an object (Object) }): need a list of loggers.'],
    [{ on: { epochs() {} } }, `new Trainer({ on }): there is no event the string "epochs". Did you mean 'epoch'?`],
    [{ on: { epoch: 'log' } }, `new Trainer({ on }): the listener of 'epoch' is the string "log", need a function.`],
  ])('are refused by the trainer: %j', (options, message) => {
    expect(() => new Trainer(options as TrainerOptions)).toThrow(
      expect.objectContaining({ code: 'bad-options', message: expect.stringContaining(message) }),
    );
  });

  test('are refused by a fit, before a run is started', async () => {
    const store = memoryStore('unknown options of a fit');
    await expect(new Trainer().fit(module, { store, maxEpochs: 3 } as object)).rejects.toMatchObject({
      code: 'bad-options',
      message: expect.stringContaining("trainer.fit(): there is no option 'maxEpochs'. There are: run, project,"),
    });
    expect(await store.runs()).toEqual([]);
  });

  test('are refused beside a run that is there', async () => {
    const run = await startRun({ store: false });
    await expect(new Trainer().fit(module, { run, project: 'other' })).rejects.toMatchObject({
      code: 'bad-options',
      message: 'trainer.fit({ run }): project is for a new run. Give it to startRun(), or leave run out.',
    });
    await new Trainer().predict({ ...module, predictBatches: () => [[1]], predictStep() {} }, { run });
    await run.finish();
  });

  test('are refused by on()', () => {
    expect(() => new Trainer().on('foo' as 'step', () => {})).toThrow(
      expect.objectContaining({
        code: 'bad-options',
        message: 'trainer.on(): there is no event the string "foo". There are: step, epoch, progress, status, alert, error.',
      }),
    );
  });
});
