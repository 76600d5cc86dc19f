import { openStore } from 'tabtrain';
import { bigStoreName } from './big-run.ts';
import { countReads } from './counted-reads.ts';

interface Options {
  readonly runId: string;
  readonly tag: string;
  readonly maxPoints: number;
  /** Default: the buckets of a chart. `all`: every point of the run is read, and those of the tag are kept. */
  readonly way: 'buckets' | 'all';
}

export interface ColdResult {
  /** Milliseconds until the store is open. */
  readonly opening: number;
  /** Milliseconds from then on until the answer is there. */
  readonly reading: number;
  readonly rows: number;
  /** Points of the tag that the rows stand for. */
  readonly points: number;
  /** What the database handed over after the store was open. */
  readonly bytes: number;
  readonly requests: number;
}

/** Asks for one tag of a long run, as the first thing that this browser process does with the database. */
export default async function measure({ runId, tag, maxPoints, way }: Options): Promise<ColdResult> {
  const began = performance.now();
  const store = await openStore(bigStoreName);
  const reads = countReads();
  const opened = performance.now();
  let rows = 0;
  let points = 0;
  if (way === 'buckets') {
    const series = await store.series(runId, tag, { maxPoints });
    rows = series.step.length;
    points = series.kind === 'points' ? rows : series.count.reduce((sum, count) => sum + count, 0);
  } else {
    const values: number[] = [];
    for await (const chunk of store.chunks(runId)) {
      const wanted = chunk.tags.indexOf(tag);
      if (wanted < 0) continue;
      for (const [row, index] of chunk.tag.entries()) if (index === wanted) values.push(chunk.value[row] as number);
    }
    rows = values.length;
    points = values.length;
  }
  const reading = performance.now() - opened;
  await store.close();
  return { opening: opened - began, reading, rows, points, ...reads };
}
