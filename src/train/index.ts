export type {
  EpochContext,
  EvaluationContext,
  Gradients,
  HookContext,
  SilentContext,
  StepContext,
  TrainingStepContext,
} from './contexts.ts';
export { consoleProgressBar, type ConsoleProgressOptions } from './console-progress.ts';
export type { Batches, Callback, Dataloaders, Hooks, TrainHooks } from './hooks.ts';
export {
  Trainer,
  type TrainerEvaluationResult,
  type TrainerFitOptions,
  type TrainerFitResult,
  type TrainerOptions,
  type TrainerPredictResult,
  type TrainListener,
  type TrainListeners,
} from './trainer.ts';
export { trainLoop } from './train-loop.ts';
export { TrainModule } from './train-module.ts';
