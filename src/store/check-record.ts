import { isPlainObject } from '../core/config.ts';
import { describe, LogError } from '../core/errors.ts';
import type { NewRecord, RecordData, RecordKind } from '../core/records.ts';
import type { Json } from '../core/run-info.ts';
import type { RecordQuery } from './record-types.ts';

const kinds: ReadonlySet<unknown> = new Set(
  Object.keys({
    text: 0,
    image: 0,
    audio: 0,
    histogram: 0,
    table: 0,
    figure: 0,
    event: 0,
    alert: 0,
    graph: 0,
    checkpoint: 0,
    file: 0,
  } satisfies Record<RecordKind, 0>),
);

/** True for the kinds of records there are. */
export function isRecordKind(kind: unknown): kind is RecordKind {
  return kinds.has(kind);
}

/** A copy that its maker cannot change any more. Throws `bad-data`, `bad-tag` for what cannot be stored as it is. */
export function copyRecord(record: NewRecord, call: string): NewRecord {
  const { kind, tag, step, epoch, wallTime, data, content } = record;
  if (!isRecordKind(kind)) {
    throw new LogError('bad-data', `${call}: the kind of a record is ${describe(kind)}, need one of ${[...kinds].join(', ')}.`);
  }
  if (typeof tag !== 'string' || tag === '') {
    throw new LogError('bad-tag', `${call}: the tag of a record of kind ${kind} is ${describe(tag)}, need a name such as 'val/confusion'.`);
  }
  const what = `${call}: ${kind} '${tag}'`;
  for (const [name, value] of Object.entries({ step, epoch, wallTime })) {
    if (!Number.isFinite(value)) throw new LogError('bad-data', `${what}: ${name} is ${describe(value)}, need a finite number.`);
  }
  if (data !== undefined && !isPlainObject(data)) {
    throw new LogError('bad-data', `${what}: data is ${describe(data)}, need an object such as { text: '…' }.`);
  }
  if (content !== undefined && !(content instanceof Blob)) {
    throw new LogError(
      'bad-data',
      `${what}: content is ${describe(content)}, need a Blob. Write new Blob([bytes], { type: 'image/png' }).`,
    );
  }
  return {
    kind,
    tag,
    step,
    epoch,
    wallTime,
    ...(data === undefined ? {} : { data: copyData(data, what) }),
    ...(content === undefined ? {} : { content }),
  };
}

/** Throws `bad-options` for a query that cannot be answered. */
export function checkRecordQuery({ kind, tag, fromIndex = 0, limit = 0 }: RecordQuery, call: string): void {
  if (kind !== undefined && !isRecordKind(kind)) {
    throw new LogError('bad-options', `${call}: kind is ${describe(kind)}, need one of ${[...kinds].join(', ')}.`);
  }
  if (tag !== undefined && (typeof tag !== 'string' || kind === undefined)) {
    throw new LogError('bad-options', `${call}: tag is ${describe(tag)} and kind ${describe(kind)}, need both as text, or no tag.`);
  }
  for (const [name, value] of Object.entries({ fromIndex, limit })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new LogError('bad-options', `${call}: ${name} is ${describe(value)}, need 0, 1, 2, …`);
    }
  }
}

function copyData(data: RecordData, what: string): RecordData {
  return Object.fromEntries(
    Object.entries(data)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, isColumn(value) ? value.slice() : copyJson(value, `data.${name}`, what, [])]),
  );
}

function isColumn(value: unknown): value is Exclude<RecordData[string], Json> {
  return (
    value instanceof Float64Array ||
    value instanceof Float32Array ||
    value instanceof Uint32Array ||
    value instanceof Int32Array ||
    value instanceof Uint8Array
  );
}

function copyJson(value: unknown, path: string, what: string, above: readonly unknown[]): Json {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (above.includes(value)) throw new LogError('bad-data', `${what}: ${path} refers back to itself. Pass plain data.`);
  const around = [...above, value];
  if (Array.isArray(value)) return value.map((item, i) => copyJson(item ?? null, `${path}[${i}]`, what, around));
  if (isPlainObject(value)) {
    // Not by assignment: a key called __proto__ is a key like any other.
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => [key, copyJson(item, `${path}.${key}`, what, around)]),
    );
  }
  throw new LogError('bad-data', `${what}: ${path} is ${describe(value)}, need plain data. Put bytes and files into content, as a Blob.`);
}
