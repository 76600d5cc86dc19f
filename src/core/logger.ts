import type { NewRecord, RecordKind } from './records.ts';
import type { Config, EndStatus, RunInfo } from './run-info.ts';

/** Which data a loop goes through. */
export type LoopStage = 'train' | 'validate' | 'test' | 'predict' | 'sanity';

/** When a row was logged. */
export interface Moment {
  /** Completed optimizer steps, or the step the user gave. */
  readonly step: number;
  /** 0-based. */
  readonly epoch: number;
  /** Seconds since the Unix epoch. */
  readonly wallTime: number;
  /** Values of one step, or folded over an epoch. Missing when logged by `run.log` outside a loop. */
  readonly rhythm?: 'step' | 'epoch';
  /** The loop that logged it; missing when logged by `run.log` outside a loop. */
  readonly stage?: LoopStage;
  /**
   * The row says nothing about epochs: batches of an evaluation, and rows whose x the user gave as a value named `step`. Loggers
   * with a column for the epoch leave it empty, as Lightning's do. `epoch` is still the one it was logged in.
   */
  readonly isWithoutEpoch?: boolean;
}

/** Numbers by tag. NaN and ±Infinity are numbers here: they are kept, drawn as gaps and exported as such. */
export type Metrics = Readonly<Record<string, number>>;

/** A model as a graph, for loggers that show one. */
export interface ModelGraph {
  readonly name: string;
  readonly nodes: readonly {
    readonly name: string;
    /** The class of the layer or the name of the operation: `Dense`. */
    readonly op: string;
    /** Names of the nodes it takes its inputs from. */
    readonly inputs: readonly string[];
    /** Settings and shapes, for people. */
    readonly attributes?: Readonly<Record<string, string>>;
  }[];
}

/**
 * A place that gets a copy of everything a run logs, while it logs. Two verbs are required, `logMetrics` and `logHyperparams`; the
 * rest is optional. A logger that throws is reported once and stops neither the training nor the other loggers.
 */
export interface Logger {
  /** Shown in error messages, and the name by which `{ logger: ['csv'] }` picks it, with all others of that name. Default: the class name. */
  readonly name?: string;
  /** Its version, for the progress bar's `v_num`: `3`, `version_3`. Looked at after `start`. */
  readonly version?: number | string | undefined;
  /** Those it is made of, for one that only passes on: they are called in its place. Its name picks all of them, theirs picks one. */
  readonly loggers?: readonly Logger[];
  /**
   * For one that keeps apart the runs it is given to at the same time, as rows do not say whose they are: makes a logger for one more
   * run, which is called in its place from `start` on.
   */
  forRun?(): Logger;
  /** Called once, before the first row. */
  start?(run: RunInfo): void;
  /** One row: numbers of one moment, in call order. Must not keep the object. */
  logMetrics(metrics: Metrics, at: Moment): void;
  /** All hyperparameters, and the metrics to compare runs by, which come as a row, too. May come again, with more of them. */
  logHyperparams(params: Config, metrics?: Metrics): void;
  /** A text, an image, an event … Called only with kinds that {@link Logger.supports} says yes to. */
  logRecord?(record: NewRecord): void;
  /** Which kinds of records it takes. Default: all, if it has `logRecord`. */
  supports?(kind: RecordKind): boolean;
  logGraph?(graph: ModelGraph): void;
  /**
   * Asked for at points where data should be safe: epoch end, the page being hidden, finish. A rejection with a
   * `RetryLater` is tried again as it asks.
   */
  save?(): Promise<void>;
  /** Called once, after the last row. */
  finalize?(status: EndStatus): Promise<void>;
}
