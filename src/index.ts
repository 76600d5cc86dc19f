/**
 * Everything a page or worker needs to log and to train, without TensorFlow.js, Chart.js or the DOM:
 * `startRun`, `Run`, `openStore`, `Trainer` and their types.
 */
export type { BarContext, BarItems } from './core/bar-text.ts';
export type { Engine } from './core/engine.ts';
export { LogError, type LogErrorCode } from './core/errors.ts';
export type { Logger, Metrics, Moment } from './core/logger.ts';
export type { LogOptions, Reduction } from './core/log-options.ts';
export type { Config, EndStatus, Json, RunInfo, RunStatus } from './core/run-info.ts';
export type { RunOverhead } from './core/overhead-meter.ts';
export type { ProgressSource } from './core/progress-source.ts';
export type { FitResult, FitSession, RunWriter, Trainable } from './core/trainable.ts';
export { TrainControl, type TrainSettings } from './core/train-control.ts';
export type { BackendChoice, BarProgress, TrainEventName, TrainEvents, TrainPhase, TrainProgress } from './core/train-events.ts';
export type { Warning } from './core/warnings.ts';
export * from './metrics/index.ts';
export { Run, startRun, type StartRunOptions } from './run/index.ts';
export * from './store/index.ts';
export * from './train/index.ts';
