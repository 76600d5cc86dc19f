import type { NumberTypedArray } from './nd-array.ts';
import { sayOfLists } from './words.ts';

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

/** Bytes from which a list state is worth a warning. */
const manyBytes = 256 * 2 ** 20;

/** A sentence for a warning once a list has grown large. Looks when the number of chunks has doubled, so it costs nothing. */
export function sizeWarning(chunks: readonly NumberTypedArray[]): string | undefined {
  if ((chunks.length & (chunks.length - 1)) !== 0) return undefined;
  const bytes = chunks.reduce((total, chunk) => total + chunk.byteLength, 0);
  if (bytes <= manyBytes) return undefined;
  return sayOfLists('size', { megabytes: Math.round(bytes / 2 ** 20) });
}
