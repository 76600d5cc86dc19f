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
  const parts = new Map<number, PointColumns[]>();
  if (tags.length === 0) return parts;
  for (const { order } of tags) parts.set(order, []);
  const numbers = new Map(tags.map(({ tag, order }) => [tag, order]));
  // A number that none of the tags has stands for all the others.
  const other = tags.reduce((highest, { order }) => Math.max(highest, order), 0) + 1;
  const runId = run.record.id;
  const first = Math.max(run.compactedTo + 1, Math.min(...tags.map(({ firstSeq }) => firstSeq)));
  for await (const records of journalBatches(tx, context, run, first)) {
    for (const { seq, bytes } of records) {
      const cutoff = run.cutoffOf(seq);
      readable(context, chunksPlace(runId, seq), () => {
        const chunk = openChunk(bytes);
        const rows = rowsByTag(
          chunk.tags((name) => numbers.get(name) ?? other),
          parts,
        );
        const found = [...rows].map(([tag, list]) => [tag, pointsWithin(chunk.columns(list), { bounds: undefined, cutoff })] as const);
        for (const [tag, points] of found) parts.get(tag)?.push(points);
      });
    }
  }
  return parts;
}

function rowsByTag(tags: Uint32Array, wanted: ReadonlyMap<number, unknown>): ReadonlyMap<number, Uint32Array> {
  const counts = new Map<number, number>();
  for (const tag of tags) if (wanted.has(tag)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const rows = new Map<number, Uint32Array>();
  for (const [tag, count] of counts) {
    rows.set(tag, new Uint32Array(count));
    counts.set(tag, 0);
  }
  for (let row = 0; row < tags.length; row++) {
    const tag = tags[row] as number;
    const list = rows.get(tag);
    if (list === undefined) continue;
    const at = counts.get(tag) as number; // every tag with rows was counted
    list[at] = row;
    counts.set(tag, at + 1);
  }
  return rows;
}
