import { defineWords, type Say } from '../core/words.ts';

/** What a training says. */
export const trainTexts = {
  'no-validation-data':
    'fit(): the module has a validationStep, but no validationBatches and no validationLoaders, so it is never validated. Give it one of them.',
  'no-validation-step':
    'fit(): the module has validation data, but no validationStep, so only other hooks see them. Give it one, or leave the data out.',
  'two-validations': 'fit(): the module has validationBatches and validationLoaders; only the loaders are used. Leave one out.',
  accumulated:
    'fit({ accumulateGradBatches: {accumulated} }): an epoch had {batches} batches where stepsPerEpoch says {count}, so the gradients of the last ones were not applied. Set stepsPerEpoch to what trainBatches gives.',
  refused: 'Setting refused',
  'refused-settings': 'set({settings}): {names} was not understood, or has a value that makes no sense; it is as before.',
  warning: 'Warning',
} as const;

/** Says what a training says. */
export const sayOfTrain: Say<typeof trainTexts> = /* @__PURE__ */ defineWords('train', trainTexts);
