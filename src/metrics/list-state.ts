import type { NumberTypedArray } from './nd-array.ts';

/** The numbers of a list state, one chunk behind the other. */
export function concatenate(chunks: readonly NumberTypedArray[]): Float64Array {
  const all = new Float64Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
