import type { PackedTable, TableSpec } from './column-record.ts';
import { damaged, openRecord, packRecord, readTable, readWholes } from './column-record.ts';
import type { Rows } from './columns.ts';
import { type PointColumns, pointSpec, type TaggedPoints } from './points.ts';

/** Points in columns with the chunk that each came in. */
export interface PackPoints extends PointColumns {
  readonly seq: Float64Array;
}

/** All of a pack: points grouped by tag, those of a tag in log order. */
export interface TaggedPack extends PackPoints, TaggedPoints {
  /** The numbers of the tags, rising. */
  readonly tags: Uint32Array;
  /** For each of them its points. */
  readonly counts: Uint32Array;
}

const mark = { letter: 'P', version: 1, noun: 'pack' };
const packSpec: TableSpec<keyof PackPoints> = { ...pointSpec, seq: {} };

/** Which rows of a table belong to which tag. */
export const tagSpec: TableSpec<'tags' | 'counts'> = { tags: {}, counts: {} };

/** Packs points that are grouped by tag: `counts[i]` of the tag `tags[i]`, whose numbers rise. */
export function packPoints(tags: Uint32Array, counts: Uint32Array, points: PackPoints): ArrayBuffer {
  return packRecord(mark, [
    { spec: tagSpec, columns: { tags, counts } },
    { spec: packSpec, columns: { ...points } },
  ]);
}

/** The points of one tag of a pack, or undefined when it has none. Throws `bad-data`. */
export function readPackTag(bytes: ArrayBuffer, tag: number): PackPoints | undefined {
  const [index, points] = openRecord(mark, bytes, [tagSpec, packSpec] as const);
  const rows = rowsOf(mark.noun, index, points.rows, tag);
  return rows && readTable(packSpec, points, rows);
}

/** All points of a pack. Throws `bad-data`. */
export function readPack(bytes: ArrayBuffer): TaggedPack {
  const [index, points] = openRecord(mark, bytes, [tagSpec, packSpec] as const);
  const { tags, counts } = readTags(mark.noun, index, points.rows);
  const tag = new Uint32Array(points.rows);
  let row = 0;
  for (let i = 0; i < tags.length; i++) tag.fill(tags[i] as number, row, (row += counts[i] as number));
  return { tags, counts, tag, ...readTable(packSpec, points) };
}

/** The rows that belong to a tag; undefined when it has none. Throws `bad-data` when the tags have not as many rows as there are. */
export function rowsOf(noun: string, index: PackedTable<'tags' | 'counts'>, rows: number, tag: number): Rows | undefined {
  const { tags, counts } = readTags(noun, index, rows);
  const at = tags.indexOf(tag);
  if (at === -1) return undefined;
  const from = counts.subarray(0, at).reduce((sum, count) => sum + count, 0);
  return { from, end: from + (counts[at] as number) };
}

function readTags(noun: string, { columns }: PackedTable<'tags' | 'counts'>, rows: number): Pick<TaggedPack, 'tags' | 'counts'> {
  const tags = readWholes(columns.tags);
  const counts = readWholes(columns.counts);
  const sum = counts.reduce((total, count) => total + count, 0);
  if (sum !== rows) throw damaged(noun, `its tags have ${sum} rows, but there are ${rows}`);
  return { tags, counts };
}
