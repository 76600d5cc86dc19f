import type { Config, EndStatus, Json, RunInfo } from '../core/run-info.ts';

/** What a new run is made from; the store chooses `name`, and `id` unless it is given. */
export interface NewRun {
  readonly id?: string;
  /** Default `default`. */
  readonly project?: string;
  /** Made safe as a folder name and unique within the project. Default `<project>-<n>`. */
  readonly name?: string;
  readonly startedAt: number;
  readonly config?: Config;
  readonly facts?: Readonly<Record<string, Json>>;
  readonly tags?: readonly string[];
  readonly notes?: string;
  /** The id of the run it belongs to. */
  readonly parent?: string;
  readonly source?: string;
}

/** A change of a run's record. What is not named stays as it is. */
export interface RunChange {
  /** A new name; made safe as a folder name and unique within the project. */
  readonly name?: string;
  readonly tags?: readonly string[];
  readonly notes?: string;
  readonly isStarred?: boolean;
  readonly isArchived?: boolean;
  readonly status?: EndStatus;
  readonly endedAt?: number;
  readonly failure?: string;
  /** Merged key by key into what is there. */
  readonly config?: Config;
  /** Merged key by key into what is there. */
  readonly facts?: Readonly<Record<string, Json>>;
}

/** Which runs are listed. Deleted runs never are. */
export interface RunFilter {
  readonly project?: string;
  /** Runs that belong to this one. */
  readonly parent?: string;
  /** Default `false`: archived runs are left out. `true`: only those. `'all'`: both. */
  readonly archived?: boolean | 'all';
}

/** How a run is continued. */
export interface ResumeOptions {
  /** Points at and past this step are superseded. Default: none. */
  readonly fromStep?: number;
  /** Seconds since the Unix epoch. */
  readonly at: number;
}

/** A run that is about to be continued. */
export interface ResumedRun {
  readonly info: RunInfo;
  /** The number of the next chunk: one more than its continuation has taken. */
  readonly nextSeq: number;
}

/** How much room the browser gives this page's address, and how much of it is taken, by everything of that address. */
export interface StoreSpace {
  /** Bytes; undefined where the browser does not say. */
  readonly usage: number | undefined;
  /** Bytes; undefined where the browser does not say. */
  readonly quota: number | undefined;
  /** True when the browser will not clear it by itself when the disk fills up; undefined where it does not say. */
  readonly isPersisted: boolean | undefined;
}
