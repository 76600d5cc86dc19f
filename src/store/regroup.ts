import type { TaggedPack } from './point-pack.ts';
import type { TaggedPoints } from './points.ts';

/**
 * The points of a unit by the chunk in which they came, for some of its chunks. Points of a tag stay in log order; which tags were
 * logged before which within a chunk is not kept.
 */
export function regroup(packs: readonly TaggedPack[], fromSeq: number, throughSeq: number): ReadonlyMap<number, TaggedPoints> {
  const length = throughSeq - fromSeq + 1;
  const counts = new Uint32Array(length);
  for (const { seq } of packs) {
    for (const at of seq) if (at >= fromSeq && at <= throughSeq) counts[at - fromSeq] = (counts[at - fromSeq] as number) + 1;
  }
  const chunks = Array.from(counts, (count) => ({
    tag: new Uint32Array(count),
    step: new Float64Array(count),
    epoch: new Float64Array(count),
    wallTime: new Float64Array(count),
    value: new Float64Array(count),
  }));
  const filled = new Uint32Array(length);
  for (const { seq, tag, step, epoch, wallTime, value } of packs) {
    for (let row = 0; row < seq.length; row++) {
      const place = (seq[row] as number) - fromSeq;
      const chunk = chunks[place];
      if (chunk === undefined) continue;
      const at = filled[place] as number;
      filled[place] = at + 1;
      chunk.tag[at] = tag[row] as number;
      chunk.step[at] = step[row] as number;
      chunk.epoch[at] = epoch[row] as number;
      chunk.wallTime[at] = wallTime[row] as number;
      chunk.value[at] = value[row] as number;
    }
  }
  return new Map(chunks.map((points, place) => [fromSeq + place, points]));
}
