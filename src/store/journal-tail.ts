import { pickRows } from './join.ts';
import { openChunk } from './pack.ts';
import type { PointColumns } from './points.ts';
import { chunksPlace, journalBatches, readable, type RunSnapshot } from './run-snapshot.ts';
import type { TagRecord } from './schema.ts';
import { pointsWithin } from './series.ts';
import type { Reading } from './store-backend.ts';
import type { StoreContext } from './store-context.ts';

/** The points of some tags that are still in the journal, by the number of the tag, a part for each chunk; superseded ones left out. */
export async function readTail(
  tx: Reading,
  context: StoreContext,
  run: RunSnapshot,
  tags: readonly TagRecord[],
): Promise<ReadonlyMap<number, readonly PointColumns[]>> {
  const parts = new Map(tags.map(({ order }): [number, PointColumns[]] => [order, []]));
  if (tags.length === 0) return parts;
  const numbers = new Map(tags.map(({ tag, order }) => [tag, order]));
  // A number that none of the tags has stands for all the others.
  const other = Math.max(...tags.map(({ order }) => order)) + 1;
  const places = new Int32Array(other + 1).fill(-1);
  tags.forEach(({ order }, place) => {
    places[order] = place;
  });
  const runId = run.record.id;
  const first = Math.max(run.compactedTo + 1, Math.min(...tags.map(({ firstSeq }) => firstSeq)));
  for await (const records of journalBatches(tx, context, run, first)) {
    for (const { seq, bytes } of records) {
      const window = { bounds: undefined, cutoff: run.cutoffOf(seq) };
      const found = readable(context, chunksPlace(runId, seq), () => {
        const chunk = openChunk(bytes);
        const rows = rowsByPlace(
          chunk.tags((name) => numbers.get(name) ?? other),
          places,
          tags.length,
        );
        // Of several tags, all columns are unpacked once.
        const all = tags.length < 3 ? undefined : chunk.columns();
        return rows.map((list) => (list.length === 0 ? undefined : pointsWithin(all ? pickRows(all, list) : chunk.columns(list), window)));
      });
      found?.forEach((points, place) => points && parts.get((tags[place] as TagRecord).order)?.push(points));
    }
  }
  return parts;
}

/** For each place the rows of its tag. `places` gives the place of a tag's number, -1 for those that are not wanted. */
function rowsByPlace(tags: Uint32Array, places: Int32Array, length: number): readonly Uint32Array[] {
  const counts = new Uint32Array(length);
  for (const tag of tags) {
    const place = places[tag] ?? -1;
    if (place >= 0) counts[place] = (counts[place] as number) + 1;
  }
  const rows = Array.from(counts, (count) => new Uint32Array(count));
  counts.fill(0);
  for (let row = 0; row < tags.length; row++) {
    const place = places[tags[row] as number] ?? -1;
    if (place < 0) continue;
    const at = counts[place] as number;
    (rows[place] as Uint32Array)[at] = row; // as many lists as places
    counts[place] = at + 1;
  }
  return rows;
}
