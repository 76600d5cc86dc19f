import { describe, expect, test } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import type { TrainHooks } from '../../../src/train/hooks.ts';
import { TrainModule } from '../../../src/train/train-module.ts';
import { Trainer, type TrainerOptions } from '../../../src/train/trainer.ts';

const steps: number[] = [];
const module: TrainHooks<number[]> = { trainBatches: () => [[0]], trainingStep: () => void steps.push(1) };

/** What a fit warns of. */
async function warningsOf(hooks: object, settings: TrainerOptions = {}): Promise<string[]> {
  const warnings: string[] = [];
  await new Trainer(settings).fit(hooks as TrainHooks, { store: false, onWarning: ({ text }) => warnings.push(text) }); // some are wrong on purpose
  return warnings;
}

describe('what is not as a module needs it', () => {
  test.each<[string, object, string, string]>([
    [
      'loaders that are data',
      { validationLoaders: [[[1]], [[2]]], validationStep() {} },
      'bad-data',
      'validationLoaders[0] is an array of 1',
    ],
    [
      'a named loader that is none',
      { validationLoaders: { clean: 3 }, validationStep() {} },
      'bad-data',
      'validationLoaders.clean is the number 3',
    ],
    ['no batches', { trainBatches: undefined }, 'bad-options', 'fit(): the module has no trainBatches()'],
    ['no step', { trainingStep: undefined }, 'bad-options', 'fit(): the module has no trainingStep()'],
    ['batches that are none', { trainBatches: () => 5 }, 'bad-data', 'trainBatches() gave the number 5'],
  ])('is refused before anything is trained: %s', async (_, more, code, message) => {
    steps.length = 0;
    const thrown: unknown = await warningsOf({ ...module, ...more }).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(LogError);
    expect(thrown).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(steps).toEqual([]);
  });

  test('is refused in an evaluation: loaders that give no batches', async () => {
    const wrong = { ...module, validationLoaders: { clean: () => 3 }, validationStep() {} };
    await expect(new Trainer().validate(wrong as unknown as TrainHooks, { store: false })).rejects.toMatchObject({
      code: 'bad-data',
      message: 'validationLoaders.clean() gave the number 3, need batches: an array, or another iterable.',
    });
  });
});

describe('validation that is not whole', () => {
  const batches = { validationBatches: () => [[1]] };
  const step = { validationStep() {} };

  test('is warned about: a step without data, data without a step', async () => {
    expect(await warningsOf({ ...module, ...step })).toEqual([expect.stringContaining('is never validated')]);
    expect(await warningsOf({ ...module, ...batches })).toEqual([expect.stringContaining('only other hooks see them')]);
    expect(await warningsOf({ ...module, ...batches, ...step })).toEqual([]);
    expect(await warningsOf({ ...module, ...step }, { limitValBatches: 0 })).toEqual([]);
  });

  test('is warned about when it has two kinds of data, but not in a class that has loaders in place of what it inherits', async () => {
    const validationLoaders = { a: (): number[][] => [[1]] };
    expect(await warningsOf({ ...module, ...batches, ...step, validationLoaders })).toEqual([
      expect.stringContaining('only the loaders are used'),
    ]);
    class Base extends TrainModule<number[]> {
      trainBatches(): number[][] {
        return [[0]];
      }
      trainingStep(): void {}
      override validationBatches(): number[][] {
        return [];
      }
      override validationStep(): void {}
    }
    class Named extends Base {
      override readonly validationLoaders = validationLoaders;
    }
    expect(await warningsOf(new Named())).toEqual([]);
  });
});
