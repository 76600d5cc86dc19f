import { pickRows } from './join.ts';
import type { TaggedPoints } from './points.ts';
import type { ScalarChunk } from './series-types.ts';
import type { RunTags } from './tag-names.ts';

/** Puts points under the names of their tags. Those of a tag whose name is lost are left out, and reported. */
export function toScalarChunk(runId: string, seq: number, points: TaggedPoints, tags: RunTags): ScalarChunk {
  const names: string[] = [];
  const places = new Map<number, number>();
  let isWhole = true;
  for (const number of points.tag) {
    if (places.has(number)) continue;
    const name = tags.nameOf(number);
    if (name === undefined) isWhole = false;
    places.set(number, name === undefined ? -1 : names.push(name) - 1);
  }
  const placeOf = (number: number): number => places.get(number) as number; // all numbers have been gone through
  const named = isWhole ? points : pointsWhere(points, (row) => placeOf(points.tag[row] as number) !== -1);
  const { length } = named.tag;
  const tag = names.length <= 0x1_0000 ? new Uint16Array(length) : new Uint32Array(length);
  for (let row = 0; row < length; row++) tag[row] = placeOf(named.tag[row] as number);
  return { runId, seq, tags: names, tag, step: named.step, epoch: named.epoch, wallTime: named.wallTime, value: named.value };
}

/** The points before the step from which on they are superseded; the same columns when that is all of them. */
export function beforeCutoff(points: TaggedPoints, cutoff: number): TaggedPoints {
  return cutoff === Infinity ? points : pointsWhere(points, (row) => !((points.step[row] as number) >= cutoff));
}

/** Some of the points, in their order; the same columns when all are wanted. */
export function pointsWhere(points: TaggedPoints, isWanted: (row: number) => boolean): TaggedPoints {
  const rows = new Uint32Array(points.tag.length);
  let count = 0;
  for (let row = 0; row < rows.length; row++) if (isWanted(row)) rows[count++] = row;
  if (count === rows.length) return points;
  const picked = rows.subarray(0, count);
  const tag = new Uint32Array(count);
  for (let i = 0; i < count; i++) tag[i] = points.tag[picked[i] as number] as number;
  return { ...pickRows(points, picked), tag };
}
