import type { HookLog } from './hook-log.ts';
import type { MakeHookLog } from './hook-parts.ts';
import type { LoopSettings } from './loop-settings.ts';
import type { LoggableCollection } from './loggable-metric.ts';
import type { RecordVerbs } from './record-verbs.ts';
import type { Engine } from './engine.ts';
import type { LogOptions, Loggable, OfSeveral } from './log-options.ts';
import type { Json, RunInfo } from './run-info.ts';
import type { Metrics, Moment } from './logger.ts';
import type { TrainControl } from './train-control.ts';
import type { EmitTrainEvent } from './train-events.ts';

/** The part of a run that a training loop and its parts write to. `Run` is the one that exists. */
export interface RunWriter extends RecordVerbs {
  readonly id: string;
  readonly info: RunInfo;
  /** Completed steps. */
  readonly step: number;
  /** 0-based. */
  readonly epoch: number;
  /** The version of its loggers, for progress bars; undefined when they have none. */
  readonly version?: number | string | undefined;
  log(name: string, value: Loggable, options?: LogOptions): void;
  log(values: Readonly<Record<string, Loggable>>, options?: OfSeveral<LogOptions>): void;
  /** As `log` with an object or a collection of metrics; nested objects are refused. */
  logDict(values: Readonly<Record<string, Loggable>> | LoggableCollection, options?: OfSeveral<LogOptions>): void;
  /** A run within this one, with a record of its own: the same one for the same name. It ends with this one. */
  child(name: string): RunWriter;
  /** What the hooks of a loop log, by the rules of each hook. Throws `wrong-hook` before a loop has attached it. */
  readonly hooks: HookLog;
  /** For loops, before they begin: makes {@link RunWriter.hooks}, once. */
  attachHooks(make: MakeHookLog): HookLog;
  /** Advances the step. Resolved at once, except when very many values wait to be read back. */
  endStep(): Promise<void>;
  /** Reads what is pending, folds the epoch's values, advances the epoch, and gives back the numbers of the epoch by tag. */
  endEpoch(): Promise<Metrics>;
  /** Adds facts to the run's record, e.g. the backend. */
  setFacts(facts: Readonly<Record<string, Json>>): Promise<void>;
  /** Calls back with each row as it reaches the loggers. Gives back its undo. */
  onRow(listener: (metrics: Metrics, at: Moment) => void): () => void;
}

/** What a training gets to work with. */
export interface FitSession {
  readonly run: RunWriter;
  readonly control: TrainControl;
  readonly emit: EmitTrainEvent;
  /** Epochs to make. Default 1. */
  readonly maxEpochs?: number;
  /** How often steps are logged, when to validate, and what else a loop can be told. */
  readonly loop?: LoopSettings;
  /** `Callback`s of the trainer, in order. Default: none. */
  readonly callbacks?: readonly object[];
}

/** How a training ended. Failure is a rejected promise. */
export interface FitResult {
  readonly status: 'finished' | 'stopped';
  readonly step: number;
  readonly epoch: number;
}

/**
 * Something that can be trained, whoever runs it: the page through a `Trainer`, a worker through `exposeTrainer`.
 * `System` is one.
 */
export interface Trainable {
  /** Attached to the run, so that tensors logged are read in batches. */
  readonly engine?: Engine;
  /** What goes into the run's config unless the caller gave the same keys. */
  readonly hyperparameters?: Readonly<Record<string, Json>>;
  fit(session: FitSession): Promise<FitResult>;
  /** Frees models, optimizers, tensors. */
  dispose?(): void;
}
