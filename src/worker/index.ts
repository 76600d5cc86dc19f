export {
  type CloseOptions,
  connectTrainer,
  ConnectedTrainer,
  type ConnectOptions,
  type FitOutcome,
  type FitRequest,
} from './connect-trainer.ts';
export { type ExposedTrainer, type ExposeOptions, exposeTrainer, type TrainerCalls } from './expose-trainer.ts';
export { moduleWorker, type ModuleWorkerOptions } from './module-worker.ts';
export type { FitInfo } from './training-host.ts';
export { transfer } from './transfer.ts';
