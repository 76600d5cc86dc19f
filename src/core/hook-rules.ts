/** Hooks that may log, of modules and callbacks alike. */
export type LoggingHook =
  | 'trainingStep'
  | 'onBeforeBackward'
  | 'backward'
  | 'onAfterBackward'
  | 'onBeforeOptimizerStep'
  | 'optimizerStep'
  | 'configureGradientClipping'
  | 'clipGradients'
  | 'onBeforeZeroGrad'
  | 'optimizerZeroGrad'
  | 'onTrainBatchStart'
  | 'onTrainBatchEnd'
  | 'validationStep'
  | 'testStep'
  | 'onValidationBatchStart'
  | 'onValidationBatchEnd'
  | 'onTestBatchStart'
  | 'onTestBatchEnd'
  | 'onTrainStart'
  | 'onTrainEpochStart'
  | 'onTrainEpochEnd'
  | 'onValidationStart'
  | 'onValidationEpochStart'
  | 'onValidationEpochEnd'
  | 'onTestStart'
  | 'onTestEpochStart'
  | 'onTestEpochEnd';

/** What a hook's values become unless the call says otherwise, and whether it may say otherwise. */
export interface HookRule {
  readonly onStep: boolean;
  readonly onEpoch: boolean;
  /** True where only the values above are allowed. */
  readonly isFixed: boolean;
}

const ofStep: HookRule = { onStep: true, onEpoch: false, isFixed: false };
const ofEvaluation: HookRule = { onStep: false, onEpoch: true, isFixed: false };
const ofEpoch: HookRule = { onStep: false, onEpoch: true, isFixed: true };

/**
 * Where a value may be logged from and what it means there: the table of PyTorch Lightning's `LightningModule.log`, in the names
 * of this library. Every hook that is not in it refuses to log.
 */
export const hookRules: Readonly<Record<LoggingHook, HookRule>> = {
  trainingStep: ofStep,
  onBeforeBackward: ofStep,
  backward: ofStep,
  onAfterBackward: ofStep,
  onBeforeOptimizerStep: ofStep,
  optimizerStep: ofStep,
  configureGradientClipping: ofStep,
  clipGradients: ofStep,
  onBeforeZeroGrad: ofStep,
  optimizerZeroGrad: ofStep,
  onTrainBatchStart: ofStep,
  onTrainBatchEnd: ofStep,
  validationStep: ofEvaluation,
  testStep: ofEvaluation,
  onValidationBatchStart: ofEvaluation,
  onValidationBatchEnd: ofEvaluation,
  onTestBatchStart: ofEvaluation,
  onTestBatchEnd: ofEvaluation,
  onTrainStart: ofEpoch,
  onTrainEpochStart: ofEpoch,
  onTrainEpochEnd: ofEpoch,
  onValidationStart: ofEpoch,
  onValidationEpochStart: ofEpoch,
  onValidationEpochEnd: ofEpoch,
  onTestStart: ofEpoch,
  onTestEpochStart: ofEpoch,
  onTestEpochEnd: ofEpoch,
};

/** Hooks that only refuse: kept by name so that the error can say what to do instead. */
export type SilentHook =
  | 'setup'
  | 'teardown'
  | 'onFitStart'
  | 'onFitEnd'
  | 'onSanityCheckStart'
  | 'onSanityCheckEnd'
  | 'onTrainEnd'
  | 'onValidationEnd'
  | 'onTestEnd'
  | 'onPredictStart'
  | 'onPredictEpochStart'
  | 'onPredictBatchStart'
  | 'predictStep'
  | 'onPredictBatchEnd'
  | 'onPredictEpochEnd'
  | 'onPredictEnd'
  | 'onException'
  | 'onSaveCheckpoint'
  | 'onLoadCheckpoint'
  | 'configureOptimizers';

export type Hook = LoggingHook | SilentHook;

/** True for hooks that may log. */
export function isLoggingHook(hook: Hook): hook is LoggingHook {
  return Object.hasOwn(hookRules, hook);
}
