import { isPlainObject } from '../core/config.ts';
import { describe } from '../core/errors.ts';
import type { Resume } from '../core/run-info.ts';
import { importFacts } from '../core/run-name.ts';
import { readPlainJson } from '../formats/archive/plain-json.ts';
import { checkedRun } from '../store/check-run.ts';
import type { NewRun, RunChange } from '../store/metric-store.ts';

/** What an archive says about a run, looked at field by field. */
export interface RunFile {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  /** What the run is made from; parent and source are those of the archive. */
  readonly made: Omit<NewRun, 'id' | 'project' | 'name'>;
  /** What becomes of it when all is in. */
  readonly end: RunChange;
  readonly resumes: readonly Omit<Resume, 'fromSeq'>[];
  /** Each tag at the place of its number in the blocks. */
  readonly tagNames: readonly string[];
  readonly points: number;
  readonly records: number;
  readonly lostContents: readonly string[];
}

const statuses: ReadonlySet<unknown> = new Set(['finished', 'failed', 'stopped', 'interrupted']);
/** Names become keys of databases and lines of lists. */
const mostChars = 65_536;
/** A store copies the list with each continuation: the time for all grows with the square. */
const mostResumes = 4096;

/** Whether it is seconds since 1970, as far as a `Date` reaches. */
export function isTime(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= 8.64e12;
}

/** Reads a `run.json`. Throws an `Error` in words for whatever is not as it should be. */
export function readRunFile(text: string): RunFile {
  const file = readPlainJson(text);
  if (!isPlainObject(file) || !isPlainObject(file['run'])) throw new Error('it says nothing about a run');
  const { id, project, name, status, startedAt, endedAt, config, failure, facts, resumes = [], ...rest } = file['run'];
  const { tags, notes, isStarred, isArchived, parent, source } = rest;
  for (const [key, value] of Object.entries({ id, project, name })) {
    if (typeof value !== 'string' || value === '' || value.length > mostChars) throw new Error(`its ${key} is ${describe(value)}`);
  }
  if (!statuses.has(status)) throw new Error(`its status is ${describe(status)}`);
  if (!isTime(startedAt)) throw new Error(`its startedAt is ${describe(startedAt)}`);
  if (endedAt !== undefined && !isTime(endedAt)) throw new Error(`its endedAt is ${describe(endedAt)}`);
  // The names are those of the types; whether the values fit, the store's own check tells.
  const made = checkedRun(withValues({ startedAt, config: config ?? {}, facts, tags, notes, parent, source }) as unknown as NewRun, 'run');
  const ended = status === 'interrupted' ? {} : { status };
  const end = checkedRun(withValues({ ...ended, endedAt, failure, isStarred, isArchived }) as RunChange, 'run');
  const { tagNames, points, records, lostContents = [] } = file;
  if (!isListOfTexts(tagNames) || new Set(tagNames).size !== tagNames.length) throw new Error('its tags are no list of different texts');
  if (!isListOfTexts(lostContents)) throw new Error('its lost contents are no list of texts');
  if (!Number.isSafeInteger(points) || !Number.isSafeInteger(records))
    throw new Error('it does not say how many points and records there are');
  const own = Object.entries(made.facts ?? {}).filter(([key]) => !importFacts.has(key));
  return {
    id: id as string,
    project: project as string,
    name: name as string, // all three are texts, as looked at
    made: { ...made, ...(made.facts === undefined ? {} : { facts: Object.fromEntries(own) }) },
    end,
    resumes: readResumes(resumes),
    tagNames,
    points: points as number,
    records: records as number, // both are integers, as looked at
    lostContents,
  };
}

function readResumes(value: unknown): readonly Omit<Resume, 'fromSeq'>[] {
  if (!Array.isArray(value)) throw new Error(`its resumes are ${describe(value)}`);
  if (value.length > mostResumes) throw new Error(`it has ${value.length} continuations, and ${mostResumes} can be read`);
  return value.map((resume: unknown, i) => {
    const { generation, at, fromStep, isBroughtBack } = isPlainObject(resume) ? resume : {};
    const isGood =
      generation === i + 1 &&
      isTime(at) &&
      (fromStep === undefined || Number.isFinite(fromStep)) &&
      (isBroughtBack === undefined || (isBroughtBack === true && fromStep !== undefined));
    if (!isGood) throw new Error(`its continuation ${i + 1} is not as it should be`);
    // Each was looked at.
    return withValues({ generation, at, fromStep, isBroughtBack }) as unknown as Omit<Resume, 'fromSeq'>;
  });
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item.length <= mostChars);
}

function withValues(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
