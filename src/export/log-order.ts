import type { ScalarChunk } from '../store/metric-store.ts';

/** Points of a chunk that is handed on. */
const piecePoints = 65_536;

/**
 * Mixes what the store keeps sorted by tag back into the order in which it was logged: by wall time, then by step, then in the
 * order of the tags; each tag keeps its own order. What is in order already is handed on as it is. Memory: one stretch that the
 * store has compacted, some 80 bytes a point.
 */
export async function* inLogOrder(
  chunks: AsyncIterable<ScalarChunk> | Iterable<ScalarChunk>,
): AsyncGenerator<ScalarChunk, void, undefined> {
  const numbers = new Map<string, number>();
  let stretch: ScalarChunk[] = [];
  for await (const chunk of chunks) {
    // In the order in which they appeared first, as in the store: the pieces of one stretch come sorted by it.
    for (const tag of chunk.tags) if (!numbers.has(tag)) numbers.set(tag, numbers.size);
    if (stretch.length > 0 && chunk.seq !== stretch[0]!.seq) {
      yield* mixed(stretch, numbers);
      stretch = [];
    }
    stretch.push(chunk);
  }
  if (stretch.length > 0) yield* mixed(stretch, numbers);
}

function* mixed(pieces: readonly ScalarChunk[], numbers: ReadonlyMap<string, number>): Generator<ScalarChunk, void, undefined> {
  if (isInOrder(pieces) || (pieces.length === 1 && !isByTag(pieces[0]!))) return yield* pieces;
  const all = joined(pieces, numbers);
  const { runId, seq } = pieces[0]!; // there is one, or nothing would be out of order
  const order = mixByTime(all);
  for (let from = 0; from < order.length; from += piecePoints) {
    const places = order.subarray(from, from + piecePoints);
    const piece = emptyColumns(all.tags, places.length);
    // Loops, for `from()` with a function is many times slower.
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      piece.tag[i] = all.tag[place]!;
      piece.step[i] = all.step[place]!;
      piece.epoch[i] = all.epoch[place]!;
      piece.wallTime[i] = all.wallTime[place]!;
      piece.value[i] = all.value[place]!;
    }
    yield { runId, seq, ...piece };
  }
}

function isInOrder(pieces: readonly ScalarChunk[]): boolean {
  let latest = -Infinity;
  let furthest = -Infinity;
  for (const { wallTime, step } of pieces) {
    for (let i = 0; i < wallTime.length; i++) {
      const time = wallTime[i]!;
      if (time < latest || (time === latest && step[i]! < furthest)) return false;
      latest = time;
      furthest = step[i]!;
    }
  }
  return true;
}

/** False where the points of several tags lie mixed, as they were logged. */
function isByTag({ tag, tags }: ScalarChunk): boolean {
  let changes = 0;
  for (let i = 1; i < tag.length; i++) if (tag[i] !== tag[i - 1]) changes += 1;
  return changes < tags.length;
}

type Columns = Omit<ScalarChunk, 'runId' | 'seq'>;

function emptyColumns(tags: readonly string[], length: number): Columns {
  const column = (): Float64Array => new Float64Array(length);
  return { tags, tag: new Uint32Array(length), step: column(), epoch: column(), wallTime: column(), value: column() };
}

/** All pieces as one, with the tags in the order of their numbers. */
function joined(pieces: readonly ScalarChunk[], numbers: ReadonlyMap<string, number>): Columns {
  const tags = [...new Set(pieces.flatMap((piece) => piece.tags))].sort((a, b) => numbers.get(a)! - numbers.get(b)!);
  const placeOf = new Map(tags.map((tag, i) => [tag, i]));
  const length = pieces.reduce((sum, piece) => sum + piece.step.length, 0);
  const all = emptyColumns(tags, length);
  let at = 0;
  for (const piece of pieces) {
    const places = piece.tags.map((tag) => placeOf.get(tag)!);
    for (let i = 0; i < piece.tag.length; i++) all.tag[at + i] = places[piece.tag[i]!]!;
    for (const key of ['step', 'epoch', 'wallTime', 'value'] as const) all[key].set(piece[key], at);
    at += piece.step.length;
  }
  return all;
}

/**
 * Where the points are, in the order in which they are to come. Tags that were always logged together are merged as one, so that a
 * training whose rows hold the same tags costs little.
 */
function mixByTime({ tags, tag, step, wallTime }: Columns): Uint32Array {
  const ends = new Uint32Array(tags.length + 1);
  for (let i = 0; i < tag.length; i++) ends[tag[i]! + 1]! += 1;
  for (let i = 0; i < tags.length; i++) ends[i + 1]! += ends[i]!;
  const next = ends.slice();
  const byTag = new Uint32Array(tag.length);
  for (let i = 0; i < tag.length; i++) byTag[next[tag[i]!]!++] = i;

  // A row is named by where its first tag has it in `byTag`; the others have it as far from their own start.
  const groups = new Map<string, number[]>();
  const groupOf: number[][] = [];
  const rows = new Uint32Array(tag.length);
  const bounds = [0];
  for (let i = 0; i < tags.length; i++) {
    const [start, end] = [ends[i]!, ends[i + 1]!];
    const shape = `${end - start} ${wallTime[byTag[start]!]} ${wallTime[byTag[end - 1]!]}`;
    const group = groups.get(shape);
    if (group !== undefined && isAlike(group[0]!, start, end - start)) {
      group.push(start);
      continue;
    }
    groups.set(shape, (groupOf[i] = [start]));
    let at = bounds.at(-1)!;
    for (let row = start; row < end; row++) rows[at++] = row;
    bounds.push(at);
  }
  const inOrder = mergeSorted(rows.subarray(0, bounds.at(-1)), bounds, (a, b) => isBefore(byTag[a]!, byTag[b]!));

  const order = new Uint32Array(tag.length);
  let at = 0;
  for (const row of inOrder) {
    const starts = groupOf[tag[byTag[row]!]!]!;
    for (const start of starts) order[at++] = byTag[row - starts[0]! + start]!;
  }
  for (let from = 0, to = 1; from < order.length; from = to++) {
    let isByTag = true;
    for (; to < order.length && isSame(order[from]!, order[to]!); to++) isByTag &&= tag[order[to - 1]!]! <= tag[order[to]!]!;
    if (!isByTag) order.subarray(from, to).sort((a, b) => tag[a]! - tag[b]! || a - b);
  }
  return order;

  // Where a time or a step is NaN, the tag that appeared first goes first.
  function isBefore(a: number, b: number): boolean {
    return wallTime[a]! < wallTime[b]! || (wallTime[a] === wallTime[b] && step[a]! < step[b]!);
  }

  function isSame(a: number, b: number): boolean {
    return wallTime[a] === wallTime[b] && step[a] === step[b];
  }

  function isAlike(one: number, other: number, length: number): boolean {
    for (let i = 0; i < length; i++) if (!isSame(byTag[one + i]!, byTag[other + i]!)) return false;
    return true;
  }
}

/** Merges sorted stretches that end at the `bounds`, two by two; of equals those of the first stretch come first. */
function mergeSorted(stretches: Uint32Array, bounds: readonly number[], isBefore: (a: number, b: number) => boolean): Uint32Array {
  let from = stretches;
  let to: Uint32Array = new Uint32Array(from.length);
  while (bounds.length > 2) {
    const merged = [0];
    for (let i = 0; i + 1 < bounds.length; i += 2) {
      const middle = bounds[i + 1]!;
      const end = bounds[i + 2] ?? middle;
      let [left, right] = [bounds[i]!, middle];
      for (let at = left; at < end; at++) {
        if (left < middle && (right === end || !isBefore(from[right]!, from[left]!))) to[at] = from[left++]!;
        else to[at] = from[right++]!;
      }
      merged.push(end);
    }
    [from, to] = [to, from];
    bounds = merged;
  }
  return from;
}
