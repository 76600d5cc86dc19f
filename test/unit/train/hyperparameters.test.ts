import { describe, expect, test } from 'vitest';
import type { TrainHooks } from '../../../src/train/hooks.ts';
import { TrainModule } from '../../../src/train/train-module.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { rowLogger } from '../tfjs/row-logger.ts';

describe('hyperparameters', () => {
  class Small extends TrainModule<number[]> {
    trainBatches = (): number[][] => [];
    trainingStep(): void {}
  }

  test('that were saved are in the config of the run, but for those ignored or kept back', async () => {
    const rows = rowLogger();
    const small = new Small();
    small.saveHyperparameters({ lr: 0.1, layers: [3, 4], secret: 'x' }, { ignore: 'secret' });
    small.saveHyperparameters({ device: 'gpu' }, { log: false });
    await new Trainer().fit(small, { store: false, loggers: [rows] });
    expect(rows.config).toEqual({ lr: 0.1, layers: [3, 4] });
    expect(small.hparams).toEqual({ lr: 0.1, layers: [3, 4], device: 'gpu' });
  });

  test('to leave out are named whole, in a text as in a list', () => {
    const small = new Small();
    small.saveHyperparameters({ rate: 1, learning_rate: 2, lr: 3 }, { ignore: 'learning_rate' });
    expect(small.hparams).toEqual({ rate: 1, lr: 3 });
  });

  test.each([['lr'], [undefined], [['lr']]])('are refused when they are names without values: %j', (params) => {
    expect(() => new Small().saveHyperparameters(params as unknown as Record<string, unknown>)).toThrow(
      expect.objectContaining({ code: 'bad-options', message: expect.stringContaining('saveHyperparameters(): config is ') }),
    );
  });

  test('are refused when what to leave out is no name', () => {
    expect(() => new Small().saveHyperparameters({ lr: 1 }, { ignore: 3 as unknown as string })).toThrow(
      expect.objectContaining({
        code: 'bad-options',
        message: 'saveHyperparameters(): ignore is the number 3, need a name or a list of names.',
      }),
    );
  });

  test('that are saved in setup are logged when the fit begins', async () => {
    const rows = rowLogger();
    class Late extends Small {
      override setup(): void {
        this.saveHyperparameters({ depth: 2 });
      }
    }
    await new Trainer().fit(new Late(), { store: false, loggers: [rows], config: { note: 'x' } });
    expect(rows.config).toEqual({ note: 'x', depth: 2 });
  });

  test('with two values are refused before there is a run', async () => {
    class Torn extends Small {
      override readonly hyperparameters = { lr: 0.1 };
    }
    const torn = new Torn();
    torn.saveHyperparameters({ lr: 0.2 });
    await expect(new Trainer().fit(torn, { store: false })).rejects.toMatchObject({
      code: 'bad-options',
      message: expect.stringContaining("'lr'"),
    });
  });

  test("puts the module's hyperparameters under the user's", async () => {
    const rows = rowLogger();
    const module: TrainHooks<number[]> = { trainBatches: () => [], trainingStep: () => {}, hyperparameters: { lr: 0.1, batchSize: 32 } };
    await new Trainer().fit(module, { store: false, loggers: [rows], config: { lr: 0.5, note: 'x' } });
    expect(rows.config).toEqual({ lr: 0.5, batchSize: 32, note: 'x' });
  });
});
