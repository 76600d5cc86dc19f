import { isPlainObject } from '../core/config.ts';
import type { Config } from '../core/run-info.ts';

/** A hyperparameter after flattening: what a table cell can hold. */
export type FlatValue = string | number | boolean;

/**
 * Flattens nested hyperparameters: keys are joined with `/`, lists of maps go by index (`layers/0/units`), other lists become JSON
 * text, `null` and empty maps are left out (a missing cell, not the text "null"). Of two values with one flattened key the later wins.
 *
 * Never throws: a store can hold a record that another program wrote, with what JSON cannot say. A bigint, a date and any
 * other object become text, `undefined` is left out, and what refers back to itself is `[circular]`.
 */
export function flattenConfig(config: Config): Map<string, FlatValue> {
  const flat = new Map<string, FlatValue>();
  addTo(flat, '', config, []);
  return flat;
}

function addTo(flat: Map<string, FlatValue>, path: string, value: unknown, above: readonly unknown[]): void {
  if (value === null || value === undefined) return;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') flat.set(path, value);
  else if (above.includes(value)) flat.set(path, circular);
  else if (!isPlainObject(value) && !isListOfMaps(value)) flat.set(path, textOf(value));
  else {
    for (const [key, inner] of Object.entries(value)) addTo(flat, path === '' ? key : `${path}/${key}`, inner, [...above, value]);
  }
}

function isListOfMaps(value: unknown): value is readonly Record<string, unknown>[] {
  return Array.isArray(value) && value.length > 0 && value.every(isPlainObject);
}

const circular = '[circular]';

// Lists as JSON text; all else that is no plain data as the text it has for people.
function textOf(value: unknown): string {
  if (typeof value !== 'object') return String(value);
  const json = jsonOf(value, []);
  return typeof json === 'string' ? json : JSON.stringify(json);
}

function jsonOf(value: unknown, above: readonly unknown[]): unknown {
  if (value === undefined) return null;
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) return circular;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  const inside = [...above, value];
  if (Array.isArray(value)) return value.map((item) => jsonOf(item, inside));
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) return jsonOf(Array.from(value as unknown as Iterable<unknown>), inside); // a typed array
  if (value instanceof Map || value instanceof Set) return jsonOf([...value], inside);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonOf(item, inside)]));
}
