import type { RunInfo } from '../core/run-info.ts';
import { createBreather } from '../core/yield-to-page.ts';
import { blockRows, writeBlock } from '../formats/archive/point-block.ts';
import type { MetricStore } from '../store/metric-store.ts';
import { changedError } from './find-runs.ts';
import { inLogOrder } from './log-order.ts';

/** What was found in the points of a run. */
export interface PointsFound {
  /** Each tag at the place of its number in the blocks. */
  readonly tagNames: readonly string[];
  readonly points: number;
}

/** The points of a run as blocks of an archive, in log order. Rejects with `export-failed` when there is no such run any more. */
export async function* archivePoints(store: MetricStore, runId: string): AsyncGenerator<Uint8Array, PointsFound, undefined> {
  const breathe = createBreather();
  const numbers = new Map<string, number>();
  const columns = {
    tag: new Uint32Array(blockRows),
    step: new Float64Array(blockRows),
    epoch: new Float64Array(blockRows),
    wallTime: new Float64Array(blockRows),
    value: new Float64Array(blockRows),
  };
  let rows = 0;
  let generation = 0;
  let points = 0;
  let run: RunInfo | undefined;
  const take = (): Uint8Array => {
    const of = (name: 'step' | 'epoch' | 'wallTime' | 'value'): Float64Array => columns[name].subarray(0, rows);
    const cut = { step: of('step'), epoch: of('epoch'), wallTime: of('wallTime'), value: of('value') };
    const block = writeBlock({ tag: columns.tag.subarray(0, rows), ...cut }, generation);
    rows = 0;
    return block;
  };
  for await (const chunk of inLogOrder(store.chunks(runId, 0, true))) {
    // What a store gives is settled by its first chunk, so that from there on the run's record can only be newer.
    run ??= await store.run(runId);
    if (run === undefined) throw changedError('archive', runId);
    const { resumes = [] } = run;
    let here = generation;
    while ((resumes[here]?.fromSeq ?? Infinity) <= chunk.seq) here += 1;
    if (here !== generation && rows > 0) yield take();
    generation = here;
    const places = chunk.tags.map((tag) => {
      const number = numbers.get(tag) ?? numbers.size;
      numbers.set(tag, number);
      return number;
    });
    for (let from = 0; from < chunk.tag.length;) {
      const count = Math.min(chunk.tag.length - from, blockRows - rows);
      for (let i = 0; i < count; i++) columns.tag[rows + i] = places[chunk.tag[from + i]!]!;
      for (const name of ['step', 'epoch', 'wallTime', 'value'] as const) columns[name].set(chunk[name].subarray(from, from + count), rows);
      from += count;
      rows += count;
      points += count;
      if (rows === blockRows) yield take();
      await breathe();
    }
  }
  if (rows > 0) yield take();
  // Of a run that was deleted before it was asked for them, a store would give no points and no error.
  if (points === 0 && (await store.run(runId)) === undefined) throw changedError('archive', runId);
  return { tagNames: [...numbers.keys()], points };
}
