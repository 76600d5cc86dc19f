import type { Config, EndStatus, RunInfo } from './run-info.ts';

/** When a row was logged. */
export interface Moment {
  /** Completed optimizer steps, or the step the user gave. */
  readonly step: number;
  /** 0-based. */
  readonly epoch: number;
  /** Seconds since the Unix epoch. */
  readonly wallTime: number;
}

/** Numbers by tag. NaN and ±Infinity are numbers here: they are kept, drawn as gaps and exported as such. */
export type Metrics = Readonly<Record<string, number>>;

/**
 * A place that gets a copy of everything a run logs, while it logs. Two verbs are required; the rest is optional.
 * A logger that throws is reported once and stops neither the training nor the other loggers.
 */
export interface Logger {
  /** Shown in error messages. Default: the class name. */
  readonly name?: string;
  /** Called once, before the first row. */
  start?(run: RunInfo): void;
  /** One row: numbers of one moment, in call order. Must not keep the object. */
  logMetrics(metrics: Metrics, at: Moment): void;
  logHyperparams?(params: Config): void;
  /** Asked for at points where data should be safe: epoch end, the page being hidden, finish. */
  save?(): Promise<void>;
  /** Called once, after the last row. */
  finalize?(status: EndStatus): Promise<void>;
}
