import { describe, LogError } from './errors.ts';
import type { Config, Json } from './run-info.ts';

/**
 * Copies hyperparameters into plain data that every store and exporter can hold. `undefined` is left out, typed arrays
 * become arrays, dates become ISO text. Functions, symbols, class instances and cycles are refused with their path.
 */
export function toConfig(config: Readonly<Record<string, unknown>>, call: string): Config {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new LogError('bad-options', `${call}: config is ${describe(config)}, need an object of hyperparameters such as { lr: 1e-3 }.`);
  }
  return toJson(config, 'config', call, []) as Config; // an object in gives an object out
}

/**
 * Copies anything that is plain data as `toConfig` does. `name` is what the user calls it, for the message of the error.
 */
export function toPlainData(value: unknown, name: string, call: string): Json {
  return toJson(value ?? null, name, call, []);
}

function toJson(value: unknown, path: string, call: string, above: readonly unknown[]): Json {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return Array.from(value as unknown as ArrayLike<number | bigint>, (item) => toJson(item, path, call, above)); // typed arrays only
  }
  if (above.includes(value)) throw new LogError('bad-options', `${call}: ${path} refers back to itself. Pass plain data.`);
  if (Array.isArray(value)) return value.map((item, i) => toJson(item ?? null, `${path}[${i}]`, call, [...above, value]));
  if (isPlainObject(value)) {
    const copy: Record<string, Json> = {};
    for (const [key, item] of Object.entries(value)) {
      if (key === '__proto__')
        throw new LogError('bad-options', `${call}: ${path} has a key '__proto__', which cannot be kept. Choose another name.`);
      if (item !== undefined) copy[key] = toJson(item, `${path}.${key}`, call, [...above, value]);
    }
    return copy;
  }
  throw new LogError('bad-options', `${call}: ${path} is ${describe(value)}, need plain data. Write its name or its settings instead.`);
}

/** True for what an object literal or `JSON.parse` makes, in this window or another; false for class instances, arrays, maps. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
