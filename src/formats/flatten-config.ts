import type { Config, Json } from '../core/run-info.ts';

/** A hyperparameter after flattening: what a table cell can hold. */
export type FlatValue = string | number | boolean;

/**
 * Flattens nested hyperparameters: keys are joined with `/`, lists become JSON text, `null` and empty maps are left out
 * (a missing cell, not the text "null"). Of two values with one flattened key the later wins.
 */
export function flattenConfig(config: Config): Map<string, FlatValue> {
  const flat = new Map<string, FlatValue>();
  addTo(flat, '', config);
  return flat;
}

function addTo(flat: Map<string, FlatValue>, path: string, value: Json): void {
  if (value === null) return;
  if (typeof value !== 'object') flat.set(path, value);
  else if (isList(value)) flat.set(path, JSON.stringify(value));
  else for (const [key, inner] of Object.entries(value)) addTo(flat, path === '' ? key : `${path}/${key}`, inner);
}

// Array.isArray does not narrow readonly lists.
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
