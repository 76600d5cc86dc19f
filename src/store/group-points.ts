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

/** Counts the points of each tag in lists of tag numbers, one after the other. */
export function countGroups(lists: readonly Uint32Array[]): TagGroups {
  let top = -1;
  for (const list of lists) for (const tag of list) if (tag > top) top = tag;
  const all = new Uint32Array(top + 1);
  for (const list of lists) for (const tag of list) all[tag] = (all[tag] as number) + 1;
  const starts = new Uint32Array(top + 1);
  let row = 0;
  for (let tag = 0; tag <= top; tag++) {
    starts[tag] = row;
    row += all[tag] as number;
  }
  const tags = Uint32Array.from(all.keys()).filter((tag) => (all[tag] as number) > 0);
  return { tags, counts: tags.map((tag) => all[tag] as number), starts };
}

/** Points sorted by tag; those of a tag stay in their order. */
export function groupByTag(points: TaggedPoints): TagGroups & { readonly points: TaggedPoints } {
  const groups = countGroups([points.tag]);
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
