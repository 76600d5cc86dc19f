import type { ScalarChunk } from '../store/metric-store.ts';

/** Points of a chunk that is handed on. */
const piecePoints = 65_536;

/**
 * Mixes what the store keeps sorted by tag back into the order in which it was logged: by wall time, then by step, then in the
 * order of the tags; each tag keeps its own order. What is in order already is handed on as it is. Memory: one stretch that the
 * store has compacted, some 60 bytes a point.
 */
export async function* inLogOrder(chunks: AsyncIterable<ScalarChunk>): AsyncGenerator<ScalarChunk, void, undefined> {
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
    yield {
      runId,
      seq,
      tags: all.tags,
      tag: Uint32Array.from(places, (place) => all.tag[place]!),
      step: Float64Array.from(places, (place) => all.step[place]!),
      epoch: Float64Array.from(places, (place) => all.epoch[place]!),
      wallTime: Float64Array.from(places, (place) => all.wallTime[place]!),
      value: Float64Array.from(places, (place) => all.value[place]!),
    };
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

/** All pieces as one, with the tags in the order of their numbers. */
function joined(pieces: readonly ScalarChunk[], numbers: ReadonlyMap<string, number>): Columns {
  const tags = [...new Set(pieces.flatMap((piece) => piece.tags))].sort((a, b) => numbers.get(a)! - numbers.get(b)!);
  const placeOf = new Map(tags.map((tag, i) => [tag, i]));
  const length = pieces.reduce((sum, piece) => sum + piece.step.length, 0);
  const column = (): Float64Array => new Float64Array(length);
  const all = { tags, tag: new Uint32Array(length), step: column(), epoch: column(), wallTime: column(), value: column() };
  let at = 0;
  for (const piece of pieces) {
    const places = piece.tags.map((tag) => placeOf.get(tag)!);
    for (let i = 0; i < piece.tag.length; i++) all.tag[at + i] = places[piece.tag[i]!]!;
    for (const key of ['step', 'epoch', 'wallTime', 'value'] as const) all[key].set(piece[key], at);
    at += piece.step.length;
  }
  return all;
}

/** Where the points are, in the order in which they are to come. Each tag is a queue; the earliest head goes first. */
function mixByTime({ tags, tag, step, wallTime }: Columns): Uint32Array {
  // The queues, one behind the other: places of the points, by tag.
  const ends = new Uint32Array(tags.length + 1);
  for (let i = 0; i < tag.length; i++) ends[tag[i]! + 1]! += 1;
  for (let i = 0; i < tags.length; i++) ends[i + 1]! += ends[i]!;
  const next = ends.slice(0, tags.length);
  const queued = new Uint32Array(tag.length);
  for (let i = 0; i < tag.length; i++) queued[next[tag[i]!]!++] = i;
  next.set(ends.subarray(0, tags.length));

  const heap = new Uint32Array(tags.length);
  const headTime = new Float64Array(tags.length);
  const headStep = new Float64Array(tags.length);
  const before = (a: number, b: number): boolean => {
    if (headTime[a]! !== headTime[b]!) return headTime[a]! < headTime[b]!;
    if (headStep[a]! !== headStep[b]!) return headStep[a]! < headStep[b]!;
    return a < b;
  };
  const readHead = (queue: number): void => {
    const place = queued[next[queue]!]!;
    // What has no time, or no step, goes where its queue is.
    headTime[queue] = Number.isNaN(wallTime[place]!) ? -Infinity : wallTime[place]!;
    headStep[queue] = Number.isNaN(step[place]!) ? -Infinity : step[place]!;
  };
  let size = 0;
  const sink = (from: number): void => {
    const queue = heap[from]!;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, queue)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = queue;
  };
  for (let queue = 0; queue < tags.length; queue++) {
    if (next[queue] === ends[queue + 1]) continue;
    readHead(queue);
    heap[size++] = queue;
  }
  for (let at = size >> 1; at-- > 0;) sink(at);

  const order = new Uint32Array(tag.length);
  for (let i = 0; i < order.length; i++) {
    const queue = heap[0]!;
    order[i] = queued[next[queue]!++]!;
    if (next[queue] === ends[queue + 1]) heap[0] = heap[--size]!;
    else readHead(queue);
    sink(0);
  }
  return order;
}
