import { toConfig } from '../core/config.ts';
import { describe, LogError } from '../core/errors.ts';
import type { NewRun, RunChange } from './run-types.ts';

const texts = ['id', 'project', 'name', 'notes', 'parent', 'source', 'failure'] as const;
const moments = ['startedAt', 'endedAt'] as const;
const flags = ['isStarred', 'isArchived'] as const;
const plain = ['config', 'facts'] as const;
const ends: ReadonlySet<unknown> = new Set(['finished', 'failed', 'stopped']);

/** Gives what a run is made from, or a change of it, as it can be stored: config and facts as plain data. Throws `bad-options`. */
export function checkedRun<Fields extends NewRun | RunChange>(fields: Fields, call: string): Fields {
  const values = fields as Readonly<Record<string, unknown>>; // looked at one by one
  const check = (name: string, isGood: (value: unknown) => boolean, need: string): void => {
    const value = values[name];
    if (value === undefined || isGood(value)) return;
    throw new LogError('bad-options', `${call}: ${name} is ${describe(value)}, need ${need}, or leave it out.`);
  };
  for (const name of texts) check(name, (value) => typeof value === 'string' && (value !== '' || name === 'notes'), 'a text');
  for (const name of moments) check(name, (value) => Number.isFinite(value), 'seconds since 1970, e.g. Date.now() / 1000');
  for (const name of flags) check(name, (value) => typeof value === 'boolean', 'true or false');
  check('status', (value) => ends.has(value), "'finished', 'failed' or 'stopped'");
  check('tags', (value) => Array.isArray(value) && value.every((tag) => typeof tag === 'string'), 'a list of texts');
  // toConfig looks whether it is an object.
  const copies = plain
    .filter((name) => values[name] !== undefined)
    .map((name) => [name, toConfig(values[name] as Readonly<Record<string, unknown>>, call)]);
  // The same fields, two of them copied as what they are.
  return { ...fields, ...(Object.fromEntries(copies) as Partial<Fields>) };
}

/** Throws `bad-options` when a reader is to begin at something that is no chunk's number. */
export function checkFromSeq(fromSeq: number, call: string): void {
  if (Number.isSafeInteger(fromSeq) && fromSeq >= 0) return;
  throw new LogError('bad-options', `${call}: fromSeq is ${describe(fromSeq)}, need the number of a chunk: 0, 1, 2, …, or leave it out.`);
}
