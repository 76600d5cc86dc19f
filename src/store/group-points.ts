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
