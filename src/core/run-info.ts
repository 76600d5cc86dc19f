/** A value that survives storage and export as it is. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Hyperparameters of a run. Nested maps are allowed; exporters flatten them with `/`. */
export type Config = Readonly<Record<string, Json>>;

/** What a run's record says. `interrupted` is never stored: it is `running` whose writer is gone. */
export type RunStatus = 'running' | 'finished' | 'failed' | 'stopped' | 'interrupted';

/** The statuses with which a run can end. */
export type EndStatus = Exclude<RunStatus, 'running' | 'interrupted'>;

/** One continuation of a run. Everything from chunk `fromSeq` on belongs to its generation, up to the next continuation. */
export interface Resume {
  /** 1 for the first continuation; what was logged before it is generation 0. */
  readonly generation: number;
  /** The first chunk of the generation. */
  readonly fromSeq: number;
  /** Seconds since the Unix epoch. */
  readonly at: number;
  /** Points of earlier generations at and past this step are superseded: readers and exporters pass over them. */
  readonly fromStep?: number;
  /** True when the superseded points were brought back. */
  readonly isBroughtBack?: boolean;
}

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
  /** Labels of the user's own, to find the run again. */
  readonly tags?: readonly string[];
  /** Free text of the user's own. */
  readonly notes?: string;
  readonly isStarred?: boolean;
  /** Out of sight in lists, kept all the same. */
  readonly isArchived?: boolean;
  /** The id of the run it belongs to. */
  readonly parent?: string;
  /** Where it came from, for a run that was not logged here: the name of a file, another store. */
  readonly source?: string;
  /** How often and where it was continued, oldest first. */
  readonly resumes?: readonly Resume[];
}
