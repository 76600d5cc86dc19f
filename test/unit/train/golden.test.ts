import { describe, expect, test } from 'vitest';
import type { Metrics } from '../../../src/core/logger.ts';
import type { LogError } from '../../../src/core/errors.ts';
import type { HookLogOptions } from '../../../src/core/log-options.ts';
import type { TrainHooks } from '../../../src/train/hooks.ts';
import { Trainer, type TrainerOptions } from '../../../src/train/trainer.ts';
import { rowLogger } from '../tfjs/row-logger.ts';

// Timelines worked out by hand from the rules of PyTorch Lightning 2.6, none of them taken from this program.

/** Batches of these sizes. */
const batchesOf = (...sizes: number[]): number[][] => sizes.map((size) => Array.from({ length: size }, (_, i) => i));

/** What reached the loggers: step, epoch (undefined where Lightning writes none), numbers to six places. */
async function rowsOf(module: TrainHooks<number[]>, options: TrainerOptions): Promise<[number, number | undefined, Metrics][]> {
  const rows = rowLogger();
  await new Trainer({ preset: 'lightning', ...options }).fit(module, { store: false, loggers: [rows] });
  return rows.rows.map(({ metrics, at }) => [
    at.step,
    at.isWithoutEpoch === true ? undefined : at.epoch,
    Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, Number(value.toFixed(6))])),
  ]);
}

describe('the timeline of two epochs', () => {
  const losses = [1.0, 0.8, 0.6, 0.4];
  const validationLosses = [0.9, 0.5];
  const module: TrainHooks<number[]> = {
    trainBatches: () => batchesOf(4, 4, 4, 2),
    trainingStep: (_, { log, batchIdx }) => log('train_loss', losses[batchIdx], { onStep: true, onEpoch: true }),
    validationBatches: () => batchesOf(4, 2),
    validationStep: (_, { log, batchIdx }) => log('val_loss', validationLosses[batchIdx]),
  };

  test('has its rows at the steps, in the order and with the numbers of Lightning', async () => {
    expect(await rowsOf(module, { maxEpochs: 2, logEveryNSteps: 2 })).toEqual([
      [1, 0, { train_loss_step: 0.8 }],
      [3, 0, { train_loss_step: 0.4 }],
      [3, 0, { val_loss: 0.766667 }],
      [3, 0, { train_loss_epoch: 0.742857 }],
      [5, 1, { train_loss_step: 0.8 }],
      [7, 1, { train_loss_step: 0.4 }],
      [7, 1, { val_loss: 0.766667 }],
      [7, 1, { train_loss_epoch: 0.742857 }],
    ]);
  });

  test('leaves callbacks the numbers of the epoch', async () => {
    const seen: Metrics[] = [];
    const watch = {
      monitor: 'val_loss',
      onTrainEpochEnd: ({ callbackMetrics }: { callbackMetrics: Metrics }) => void seen.push({ ...callbackMetrics }),
    };
    const trainer = new Trainer({ preset: 'lightning', logEveryNSteps: 2, callbacks: [watch] });
    await trainer.fit(module, { store: false });
    const numbers = { train_loss: 0.742857, train_loss_epoch: 0.742857, train_loss_step: 0.4, val_loss: 0.766667 };
    for (const [name, value] of Object.entries(numbers)) {
      expect(seen[0]?.[name]).toBeCloseTo(value, 6);
      expect(trainer.callbackMetrics[name]).toBeCloseTo(value, 6);
    }
    expect(Object.keys(trainer.callbackMetrics).toSorted()).toEqual(Object.keys(numbers).toSorted());
  });
});

describe('the gate', () => {
  const module: TrainHooks<number[]> = {
    trainBatches: () => batchesOf(...Array.from({ length: 10 }, () => 1)),
    trainingStep: (_, { log }) => log('loss', 1, { onStep: true, onEpoch: true }),
  };
  const steps = async (options: TrainerOptions, of = module): Promise<{ step: number[]; epoch: number[] }> => {
    const rows = await rowsOf(of, options);
    const having = (name: string): number[] => rows.flatMap(([x, , metrics]) => (name in metrics ? [x] : []));
    return { step: having('loss_step'), epoch: having('loss_epoch') };
  };

  test('of 50 opens at x = 49 and 99, over epochs of 10 batches', async () => {
    expect(await steps({ maxEpochs: 11 })).toEqual({ step: [49, 99], epoch: Array.from({ length: 11 }, (_, i) => 10 * i + 9) });
  });

  test('of 1 opens at every step', async () => {
    expect((await steps({ logEveryNSteps: 1 })).step).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('of 0 stays shut, and epochs are logged all the same', async () => {
    expect(await steps({ maxEpochs: 2, logEveryNSteps: 0 })).toEqual({ step: [], epoch: [9, 19] });
  });

  test('counts the steps of the optimizer while gradients are added up', async () => {
    const sixteen = { ...module, trainBatches: () => batchesOf(...Array.from({ length: 16 }, () => 1)) };
    expect(await steps({ logEveryNSteps: 2, accumulateGradBatches: 4 }, sixteen)).toEqual({ step: [1, 3], epoch: [3] });
  });

  test('without the preset opens at the first step, too, and at the last of each epoch', async () => {
    const rows = rowLogger();
    await new Trainer({ maxEpochs: 2, logEveryNSteps: 4 }).fit(module, { store: false, loggers: [rows] });
    expect(rows.steps('loss_step')).toEqual([0, 3, 7, 9, 11, 15, 19]);
  });
});

describe('the names', () => {
  const twoLoaders = (options: HookLogOptions): TrainHooks<number[]> => ({
    trainBatches: () => batchesOf(1),
    trainingStep: () => {},
    validationLoaders: [() => batchesOf(1, 1), () => batchesOf(1)],
    validationStep: (_, { log, dataloaderIdx, batchIdx }) => log('m', 10 * dataloaderIdx + batchIdx, options),
  });

  test('of several dataloaders end in their number', async () => {
    const trainer = new Trainer({ preset: 'lightning' });
    const rows = rowLogger();
    await trainer.fit(twoLoaders({ onStep: true, onEpoch: true }), { store: false, loggers: [rows] });
    expect(rows.rows.map(({ metrics, at }) => [at.step, metrics])).toEqual([
      [0, { 'm_step/dataloader_idx_0': 0 }],
      [1, { 'm_step/dataloader_idx_0': 1 }],
      [0, { 'm_step/dataloader_idx_1': 10 }],
      [0, { 'm_epoch/dataloader_idx_0': 0.5, 'm_epoch/dataloader_idx_1': 10 }],
    ]);
    expect(trainer.callbackMetrics).toMatchObject({ 'm/dataloader_idx_1': 10, 'm_epoch/dataloader_idx_1': 10 });
  });

  test('are one without the number, where the values of all dataloaders come together', async () => {
    const rows = await rowsOf(twoLoaders({ addDataloaderIdx: false, reduceFx: 'sum' }), {});
    expect(rows).toEqual([[0, 0, { m: 11 }]]);
  });
});

describe('an error', () => {
  const failing = async (hooks: Partial<TrainHooks<number[]>>): Promise<string> => {
    const module: TrainHooks<number[]> = { trainBatches: () => batchesOf(1), trainingStep: () => {}, ...hooks };
    const thrown: unknown = await new Trainer().fit(module, { store: false }).catch((error: unknown) => error);
    return (thrown as LogError).code;
  };
  // For programs without types: the checker refuses what these do.
  const wrong = (value: unknown): never => value as never;

  test('is thrown when nothing would be recorded', async () => {
    expect(await failing({ trainingStep: (_, { log }) => log('a', 1, { onStep: false, onEpoch: false as true }) })).toBe('bad-options');
  });

  test('is thrown by hooks that may not log', async () => {
    const log = (context: object): void => (context as { log(name: string, value: number): void }).log('a', 1);
    expect(await failing({ onFitEnd: log })).toBe('wrong-hook');
    const predicting = {
      trainBatches: () => [],
      trainingStep: () => {},
      predictBatches: () => batchesOf(1),
      predictStep: (_: number[], context: object) => log(context),
    };
    await expect(new Trainer().predict(predicting)).rejects.toMatchObject({ code: 'wrong-hook' });
  });

  test('is thrown for a value of the step in a hook of the epoch', async () => {
    expect(await failing({ onTrainEpochEnd: ({ log }) => log('a', 1, wrong({ onStep: true })) })).toBe('bad-options');
  });

  test.each([
    ['an object as the value', 'a', { b: 1 }, 'bad-value'],
    ['a tensor of two values', 'a', { size: 2, data: async () => [1, 2] }, 'bad-value'],
    ['a name with the number of a dataloader', 'a/dataloader_idx_0', 1, 'bad-tag'],
  ])('is thrown for %s', async (_case, name, value, code) => {
    expect(await failing({ trainingStep: (_, { log }) => log(name, value) })).toBe(code);
  });

  test('is thrown for a reduction that there is not', async () => {
    expect(await failing({ trainingStep: (_, { log }) => log('a', 1, { onEpoch: true, reduceFx: wrong('median') }) })).toBe('bad-options');
  });

  test('is thrown when a name is logged again with other options', async () => {
    const twice: TrainHooks<number[]>['trainingStep'] = (_, { log }) => {
      log('a', 1, { progBar: true });
      log('a', 1, { progBar: false });
    };
    expect(await failing({ trainingStep: twice })).toBe('bad-options');
  });
});
