import { LogError } from '../core/errors.ts';
import type { Warner } from '../core/warnings.ts';
import { loadersOf } from './evaluation-loop.ts';
import type { TrainHooks } from './hooks.ts';
import type { LoopPlan } from './loop-plan.ts';
import { sayOfTrain } from './words.ts';

/**
 * Looks at a module once it is set up, before an epoch is spent on it. Throws `bad-options` when it has no way to train, `bad-data` for
 * loaders that are no functions; warns where data or a step for validation are missing beside the other, as Lightning does.
 */
export function checkModule<Batch>(module: TrainHooks<Batch>, { limits }: LoopPlan, warn: (...args: Parameters<Warner>) => void): void {
  for (const name of ['trainBatches', 'trainingStep'] as const) {
    if (typeof module[name] !== 'function') throw new LogError('bad-options', `fit(): the module has no ${name}(). Give it one.`);
  }
  const hasData = loadersOf(module, 'validate').length > 0;
  const hasStep = module.validationStep !== undefined;
  if (hasData !== hasStep && limits.validate !== 0) {
    warn('no-validation', sayOfTrain(hasStep ? 'no-validation-data' : 'no-validation-step'));
  }
  // A class may have its loaders in place of those it inherits.
  if (module.validationLoaders !== undefined && Object.hasOwn(module, 'validationBatches'))
    warn('two-validations', sayOfTrain('two-validations'));
}
