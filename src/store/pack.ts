import { openRecord, packRecord, readTable, readWholes, versionOf } from './column-record.ts';
import { openChunkV1 } from './pack-v1.ts';
import { type NumberOf, type OpenedChunk, type PointColumns, pointSpec, type TaggedPoints } from './points.ts';

export type { NumberOf, OpenedChunk, PointColumns, TaggedPoints };

const chunkSpec = { tag: {}, ...pointSpec };
const mark = { letter: 'J', version: 2, noun: 'chunk' };

/**
 * Packs a chunk into one buffer. Lossless but for the bits within a NaN. `tagIds[i]` is the number of the chunk's `i`-th tag
 * within the run.
 */
export function packChunk(chunk: PointColumns & { readonly tag: ArrayLike<number> }, tagIds: ArrayLike<number>): ArrayBuffer {
  const { tag } = chunk;
  const numbers = new Uint32Array(tag.length);
  for (let row = 0; row < numbers.length; row++) numbers[row] = tagIds[tag[row] as number] as number; // every index has a tag
  return packRecord(mark, [{ spec: chunkSpec, columns: { ...chunk, tag: numbers } }]);
}

/** Looks a packed chunk through. Throws `bad-data` when it is cut, altered or of a version this program does not know. */
export function openChunk(bytes: ArrayBuffer): OpenedChunk {
  if (versionOf(mark, bytes) === 1) return openChunkV1(bytes);
  const [table] = openRecord(mark, bytes, [chunkSpec] as const);
  return {
    points: table.rows,
    tags: () => readWholes(table.columns.tag),
    columns: (rows) => readTable(pointSpec, table, rows),
  };
}

/** All points of a packed chunk in the order in which they were logged. Throws as {@link openChunk} and its `tags` do. */
export function readPoints(bytes: ArrayBuffer, numberOf: NumberOf): TaggedPoints {
  const chunk = openChunk(bytes);
  return { tag: chunk.tags(numberOf), ...chunk.columns() };
}

/** True when two packed chunks hold the same. */
export function isSamePack(a: ArrayBuffer, b: ArrayBuffer): boolean {
  if (a.byteLength !== b.byteLength) return false;
  const other = new Uint8Array(b);
  return new Uint8Array(a).every((byte, index) => byte === other[index]);
}
