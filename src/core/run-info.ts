/** A value that survives storage and export as it is. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Hyperparameters of a run. Nested maps are allowed; exporters flatten them with `/`. */
export type Config = Readonly<Record<string, Json>>;

/** What a run's record says. `interrupted` is never stored: it is `running` whose writer is gone. */
export type RunStatus = 'running' | 'finished' | 'failed' | 'stopped' | 'interrupted';

/** The statuses with which a run can end. */
export type EndStatus = Exclude<RunStatus, 'running' | 'interrupted'>;

/** One run as everyone sees it: run list, panel, exporters, loggers. */
export interface RunInfo {
  /** Unique within its store; chosen at random unless given. */
  readonly id: string;
  readonly project: string;
  /** Unique within its project, safe as a folder name: `spiral-3`. */
  readonly name: string;
  readonly status: RunStatus;
  /** Seconds since the Unix epoch. */
  readonly startedAt: number;
  /** Seconds since the Unix epoch; missing while the run is running or was interrupted. */
  readonly endedAt?: number;
  readonly config: Config;
  /** Why it ended, for `failed`. */
  readonly failure?: string;
  /** Facts that others may add: backend and its reason, counts. Keys are lower case with dots. */
  readonly facts?: Readonly<Record<string, Json>>;
}
