import { defined } from '../core/defined.ts';
import { LogError } from '../core/errors.ts';
import type { EndStatus, Json, Resume, RunInfo } from '../core/run-info.ts';
import { nextRunName } from '../core/run-name.ts';
import type { NewRun, RunChange } from './run-types.ts';

/** A run as it is stored: its info without what is derived. */
export interface RunRecord extends Omit<RunInfo, 'status'> {
  readonly status: 'running' | EndStatus;
  /** Counts up with each run made in the store. */
  readonly order: number;
  /** Random; tells it from another run that is made under its id later. Runs made by the first version have none. */
  readonly stamp?: string;
  /** Milliseconds since the Unix epoch at which the writer last said it was alive; kept only where there are no Web Locks. */
  readonly aliveAt?: number;
  /** Milliseconds since the Unix epoch at which it was deleted; until it is purged it can be restored. */
  readonly deletedAt?: number;
  /** What it holds is being removed; it cannot be restored any more. */
  readonly isPurging?: boolean;
  /** The last chunk that is in packs; missing while there are none. Readers pass over packs beyond it. */
  readonly compactedTo?: number;
  /** Ended, and nothing of it is left to compact. Gone when the run is continued. */
  readonly isSettled?: boolean;
  /** The index of the next record beside its numbers; missing while there is none. */
  readonly nextIndex?: number;
}

/** The project of a run that names none. */
export const defaultProject = 'default';

/** A new run's record. `others` are the records of its project, among which its name has to be unique. */
export function newRunRecord(run: NewRun, id: string, order: number, others: readonly RunRecord[]): RunRecord {
  const { project = defaultProject, name, startedAt, config = {}, facts, tags, notes, parent, source } = run;
  return {
    id,
    project,
    name: freeName(project, name, others),
    order,
    status: 'running',
    startedAt,
    config,
    ...defined({ facts, tags, notes, parent, source }),
  };
}

/** The record with a change made to it. `others` are the other records of its project; needed for a change of name only. */
export function changedRunRecord(record: RunRecord, change: RunChange, others: readonly RunRecord[] = []): RunRecord {
  const { name, config, facts, status, endedAt, failure, tags, notes, isStarred, isArchived } = change;
  return {
    ...record,
    ...defined({ status, endedAt, failure, tags, notes, isStarred, isArchived }),
    ...(name === undefined ? {} : { name: freeName(record.project, name, others) }),
    ...(config === undefined ? {} : { config: merged(record.config, config) }),
    ...(facts === undefined ? {} : { facts: merged(record.facts ?? {}, facts) }),
  };
}

/** The record of a run that goes on with chunk `nextSeq`. */
export function resumedRunRecord(record: RunRecord, nextSeq: number, at: number, fromStep: number | undefined): RunRecord {
  const { endedAt: _endedAt, failure: _failure, isSettled: _isSettled, resumes = [], ...rest } = record;
  const resume: Resume = { generation: resumes.length + 1, fromSeq: nextSeq, at, ...defined({ fromStep }) };
  return { ...rest, status: 'running', resumes: [...resumes, resume] };
}

/** What everyone sees of a record. A `running` run whose writer is gone is `interrupted`. */
export function toRunInfo(record: RunRecord, isLive: boolean): RunInfo {
  const {
    order: _order,
    stamp: _stamp,
    aliveAt: _aliveAt,
    deletedAt: _deletedAt,
    isPurging: _isPurging,
    compactedTo: _compactedTo,
    isSettled: _isSettled,
    nextIndex: _nextIndex,
    status,
    ...rest
  } = record;
  return { ...rest, status: status === 'running' && !isLive ? 'interrupted' : status };
}

/** Differs between a run and another that was made under its id after it was deleted. */
export function identityOf({ stamp, order, startedAt }: RunRecord): string {
  return stamp ?? `${order}:${startedAt}`;
}

/** False for a record that was damaged: what is derived from it would be wrong. */
export function isSound({ id, project, name, status, startedAt, config, resumes, compactedTo }: Partial<RunRecord>): boolean {
  const isPlace = ({ generation, fromSeq, fromStep = 0 }: Partial<Resume>): boolean =>
    Number.isSafeInteger(generation) && Number.isSafeInteger(fromSeq) && Number.isFinite(fromStep);
  return (
    [id, project, name, status].every((text) => typeof text === 'string') &&
    Number.isFinite(startedAt) &&
    typeof config === 'object' &&
    (resumes === undefined || (Array.isArray(resumes) && resumes.every(isPlace))) &&
    (compactedTo === undefined || Number.isSafeInteger(compactedTo))
  );
}

/** The error of a record that is not {@link isSound}. */
export function unsoundError(id: string): LogError {
  return new LogError(
    'bad-data',
    `the record of run '${id}' is damaged, so that the run cannot be read. Delete it to free its space; all others are read.`,
  );
}

/** Oldest first; runs that started at the same moment in the order in which they were made. */
export function byAge(a: RunRecord, b: RunRecord): number {
  return a.startedAt - b.startedAt || a.order - b.order;
}

function freeName(project: string, wanted: string | undefined, others: readonly RunRecord[]): string {
  return nextRunName(project, wanted, new Set(others.map((other) => other.name.toLowerCase())));
}

// Not by assignment: a key called __proto__ is a key like any other.
function merged(into: Readonly<Record<string, Json>>, from: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  return Object.fromEntries([...Object.entries(into), ...Object.entries(from)]);
}
