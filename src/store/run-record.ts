import type { EndStatus, Json, RunInfo } from '../core/run-info.ts';
import { nextRunName } from '../core/run-name.ts';
import type { NewRun, RunChange } from './metric-store.ts';

/** A run as it is stored: its info without what is derived. */
export interface RunRecord extends Omit<RunInfo, 'status'> {
  readonly status: 'running' | EndStatus;
  /** Counts up with each run made in the store. */
  readonly order: number;
  /** Milliseconds since the Unix epoch at which the writer last said it was alive; kept only where there are no Web Locks. */
  readonly aliveAt?: number;
}

/** The project of a run that names none. */
export const defaultProject = 'default';

/** A new run's record. `others` are the records of its project, among which its name has to be unique. */
export function newRunRecord(run: NewRun, id: string, order: number, others: readonly RunRecord[]): RunRecord {
  const project = run.project ?? defaultProject;
  const taken = new Set(others.map((other) => other.name.toLowerCase()));
  return {
    id,
    project,
    name: nextRunName(project, run.name, taken),
    order,
    status: 'running',
    startedAt: run.startedAt,
    config: run.config ?? {},
    ...(run.facts === undefined ? {} : { facts: run.facts }),
  };
}

/** The record with a change made to it. */
export function changedRunRecord(record: RunRecord, change: RunChange): RunRecord {
  return {
    ...record,
    ...(change.status === undefined ? {} : { status: change.status }),
    ...(change.endedAt === undefined ? {} : { endedAt: change.endedAt }),
    ...(change.failure === undefined ? {} : { failure: change.failure }),
    ...(change.config === undefined ? {} : { config: merged(record.config, change.config) }),
    ...(change.facts === undefined ? {} : { facts: merged(record.facts ?? {}, change.facts) }),
  };
}

/** What everyone sees of a record. A `running` run whose writer is gone is `interrupted`. */
export function toRunInfo(record: RunRecord, isLive: boolean): RunInfo {
  const { order: _order, aliveAt: _aliveAt, status, ...rest } = record;
  return { ...rest, status: status === 'running' && !isLive ? 'interrupted' : status };
}

/** Oldest first; runs that started at the same moment in the order in which they were made. */
export function byAge(a: RunRecord, b: RunRecord): number {
  return a.startedAt - b.startedAt || a.order - b.order;
}

// Not by assignment: a key called __proto__ is a key like any other.
function merged(into: Readonly<Record<string, Json>>, from: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  return Object.fromEntries([...Object.entries(into), ...Object.entries(from)]);
}
