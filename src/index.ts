/**
 * Everything a page or worker needs to log and to train, without TensorFlow.js, Chart.js or the DOM:
 * `startRun`, `Run`, `openStore`, `Trainer` and their types.
 */
export type { BarContext, BarItems } from './core/bar-text.ts';
export { type Collective, singleWorker } from './core/collective.ts';
export type { ConfigText } from './core/config-text.ts';
export type { DeviceOps } from './core/device-ops.ts';
export type { Engine } from './core/engine.ts';
export { LogError, type LogErrorCode } from './core/errors.ts';
export type { GateOptions, HookLog, NanPolicy } from './core/hook-log.ts';
export type { Hook, HookRule, LoggingHook } from './core/hook-rules.ts';
export { hookRules } from './core/hook-rules.ts';
export type { LoggableCollection, LoggableMetric } from './core/loggable-metric.ts';
export type { Logger, LoopStage, Metrics, ModelGraph, Moment } from './core/logger.ts';
export type { CustomReduction, EpochLogOptions, HookLogOptions, Loggable, LogOptions, ReduceFx, Reduction } from './core/log-options.ts';
export type { LoopSettings } from './core/loop-settings.ts';
export type {
  AudioOptions,
  FigureSource,
  HistogramOptions,
  ImageOptions,
  ImageSource,
  NumberData,
  PixelData,
  RecordOptions,
  RecordVerbs,
  TableData,
} from './core/record-verbs.ts';
export type { NewRecord, RecordData, RecordKind } from './core/records.ts';
export { RetryLater } from './core/retry-later.ts';
export type { Config, EndStatus, Json, RunInfo, RunStatus } from './core/run-info.ts';
export type { RunOverhead } from './core/overhead-meter.ts';
export type { ProgressSource } from './core/progress-source.ts';
export type { FitResult, FitSession, RunWriter, Trainable } from './core/trainable.ts';
export { TrainControl, type TrainSettings } from './core/train-control.ts';
export type { BackendChoice, BarProgress, TrainEventName, TrainEvents, TrainPhase, TrainProgress } from './core/train-events.ts';
export type { Warning } from './core/warnings.ts';
export { currentLanguage, type Language, onLanguage, setLanguage } from './core/words.ts';
export * from './metrics/index.ts';
export { Run, startRun, type StartRunOptions } from './run/index.ts';
export * from './store/index.ts';
export * from './train/index.ts';
