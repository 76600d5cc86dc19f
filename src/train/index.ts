export {
  Trainer,
  type TrainerFitOptions,
  type TrainerFitResult,
  type TrainerOptions,
  type TrainListener,
  type TrainListeners,
} from './trainer.ts';
export { trainLoop } from './train-loop.ts';
export type { TrainContext, TrainModule } from './train-module.ts';
