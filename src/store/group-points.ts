import type { TaggedPoints } from './points.ts';

/** Which tags occur, and where each of them begins when points are sorted by tag. */
export interface TagGroups {
  /** The numbers of the tags that occur, rising. */
  readonly tags: Uint32Array;
  /** For each of them its points. */
  readonly counts: Uint32Array;
  /** For each number a tag may have the first row of its points. */
  readonly starts: Uint32Array;
}

/** Adds the points of each tag to counts by tag number, which grow where a tag is beyond them. */
export function countTagsInto(counts: Uint32Array, tag: Uint32Array): Uint32Array {
  let top = counts.length - 1;
  for (let row = 0; row < tag.length; row++) top = Math.max(top, tag[row] as number);
  let all = counts;
  if (top >= counts.length) {
    all = new Uint32Array(top + 1);
    all.set(counts);
  }
  for (let row = 0; row < tag.length; row++) all[tag[row] as number] = (all[tag[row] as number] as number) + 1;
  return all;
}

/** Groups from counts by tag number. */
export function groupsOf(all: Uint32Array): TagGroups {
  let row = 0;
  const starts = all.map((count) => (row += count) - count);
  const tags = Uint32Array.from(all.keys()).filter((tag) => (all[tag] as number) > 0);
  return { tags, counts: tags.map((tag) => all[tag] as number), starts };
}

/** Points sorted by tag; those of a tag stay in their order. */
export function groupByTag(points: TaggedPoints): TagGroups & { readonly points: TaggedPoints } {
  const groups = groupsOf(countTagsInto(new Uint32Array(0), points.tag));
  const next = groups.starts.slice();
  const rows = points.tag.map((tag) => (next[tag] = (next[tag] as number) + 1) - 1);
  const sorted = <Column extends Float64Array | Uint32Array>(from: Column, to: Column): Column => {
    for (let i = 0; i < rows.length; i++) to[rows[i] as number] = from[i] as number;
    return to;
  };
  const column = (from: Float64Array): Float64Array => sorted(from, new Float64Array(from.length));
  return {
    ...groups,
    points: {
      tag: sorted(points.tag, new Uint32Array(rows.length)),
      step: column(points.step),
      epoch: column(points.epoch),
      wallTime: column(points.wallTime),
      value: column(points.value),
    },
  };
}
