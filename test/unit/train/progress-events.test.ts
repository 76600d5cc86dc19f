import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Logger } from '../../../src/core/logger.ts';
import type { TrainProgress } from '../../../src/core/train-events.ts';
import type { TrainHooks } from '../../../src/train/hooks.ts';
import { Trainer, type TrainerOptions } from '../../../src/train/trainer.ts';

const batchesOf = (...sizes: number[]): number[][] => sizes.map((size) => Array.from({ length: size }, (_, i) => i));

const module: TrainHooks<number[]> = {
  trainBatches: () => batchesOf(4, 4, 2),
  trainingStep: (_, { log, batchIdx }) => log('loss', 1 / (1 + batchIdx), { progBar: true, onStep: true, onEpoch: true }),
  validationLoaders: { clean: () => batchesOf(3), noisy: () => batchesOf(3, 1) },
  validationStep: (_, { log }) => log('val_loss', 0.25, { progBar: true }),
  testBatches: () => batchesOf(5),
  testStep: (_, { log }) => log('test_loss', 0.5, { progBar: true }),
  predictBatches: () => batchesOf(1, 1, 1),
  predictStep: () => 1,
};

function listen(options: TrainerOptions = {}): { trainer: Trainer; seen: TrainProgress[]; last: () => string[] } {
  const seen: TrainProgress[] = [];
  const trainer = new Trainer({ ...options, on: { progress: (progress) => seen.push(progress) } });
  // The last one of each loop: its stage, place and counts.
  const last = (): string[] => {
    const texts = seen.flatMap(({ bar, epoch }) =>
      bar === undefined || bar.batch !== bar.totalBatches
        ? []
        : [`${epoch} ${bar.stage} ${bar.dataloaderName ?? ''} ${bar.batch}${bar.outer === undefined ? '' : ` in ${bar.outer.batch}`}`],
    );
    return texts.filter((text, i) => text !== texts[i - 1]);
  };
  return { trainer, seen, last };
}

describe('the progress of a training', () => {
  test('comes with the last batch of each epoch and each dataloader, however fast they are', async () => {
    const { trainer, last } = listen({ maxEpochs: 2, numSanityValSteps: 1 });
    await trainer.fit(module, { store: false });
    expect(last()).toEqual([
      '0 sanity clean 1',
      '0 sanity noisy 1',
      '0 train  3',
      '0 validate clean 1 in 3',
      '0 validate noisy 2 in 3',
      '0 train  3',
      '1 train  3',
      '1 validate clean 1 in 3',
      '1 validate noisy 2 in 3',
      '1 train  3',
    ]);
  });

  test('has what was logged for the bar, the numbers of an epoch before its event, and the version of the loggers', async () => {
    const logger: Logger = { version: 'version_3', logMetrics: () => {}, logHyperparams: () => {} };
    const { trainer, seen } = listen({ loggers: [logger] });
    let atEpoch: TrainProgress | undefined;
    trainer.on('epoch', () => (atEpoch = seen.at(-1)));
    await trainer.fit(module, { store: false });
    expect(atEpoch?.bar).toMatchObject({ stage: 'train', batch: 3, version: 'on_3' });
    expect(Object.keys(atEpoch?.bar?.metrics ?? {}).toSorted()).toEqual(['loss_epoch', 'loss_step', 'val_loss/clean', 'val_loss/noisy']);
    expect(seen.at(-1)).toMatchObject({ phase: 'finished', bar: { stage: 'train', batch: 3 } });
  });

  test('counts samples; time moves only as the clock does, and stands while it is paused', async () => {
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    onTestFinished(() => clock.mockRestore());
    const { trainer, seen } = listen();
    const stepwise: TrainHooks<number[]> = {
      trainBatches: () => batchesOf(4, 4, 2),
      trainingStep: (_, { batchIdx }) => {
        now += 1000;
        if (batchIdx === 1) trainer.control.pause();
      },
    };
    trainer.on('status', ({ phase }) => {
      if (phase !== 'paused') return;
      now += 60_000;
      queueMicrotask(() => trainer.control.resume());
    });
    await trainer.fit(stepwise, { store: false });
    expect(seen.at(-1)?.bar).toMatchObject({ batch: 3, elapsedMs: 3000, itPerSec: 1, samplesPerSec: 10 / 3, remainingMs: 0 });
  });

  test('does not know the number of batches of a generator', async () => {
    const { trainer, seen } = listen();
    const endless: TrainHooks<number[]> = {
      *trainBatches() {
        yield* batchesOf(2, 2);
      },
      trainingStep: () => {},
    };
    await trainer.fit(endless, { store: false });
    expect(seen.at(-1)?.bar).toMatchObject({ batch: 2, totalBatches: undefined, remainingMs: undefined });
  });

  test.each([
    ['validate', ['0 validate clean 1', '0 validate noisy 2']],
    ['test', ['0 test  1']],
    ['predict', ['0 predict  3']],
  ] as const)('%s has a bar of its own', async (call, expected) => {
    const { trainer, seen, last } = listen();
    await trainer[call](module, { store: false });
    expect(last()).toEqual(expected);
    expect(seen.at(-1)?.phase).toBe('finished');
  });

  test('asks nothing of the bar in steps between', async () => {
    let reads = 0;
    const { trainer } = listen();
    const counting: TrainHooks<number[]> = {
      trainBatches: () => batchesOf(...Array.from({ length: 5000 }, () => 1)),
      trainingStep: () => {},
      onTrainStart: ({ run }) => {
        const { hooks } = run;
        const find = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(hooks), 'progressBarMetrics');
        Object.defineProperty(hooks, 'progressBarMetrics', {
          get() {
            reads += 1;
            return find?.get?.call(hooks);
          },
        });
      },
    };
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 0.001));
    onTestFinished(() => clock.mockRestore());
    await trainer.fit(counting, { store: false });
    // By the clock the whole training takes a few of the tenths of a second at which it is told.
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThan(20);
  });
});
