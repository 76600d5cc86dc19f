import { openStore, type ScalarChunk } from 'tabtrain';
import { countWrites, expectCompacted, type WrittenBytes } from './counted-writes.ts';

interface Options {
  readonly points: number;
  readonly tags: number;
}

export interface BigRun {
  readonly runId: string;
  readonly points: number;
  readonly tags: number;
  readonly written: WrittenBytes;
  /** Bytes on disk, by `navigator.storage.estimate()`. */
  readonly usage: number;
}

export const bigStoreName = 'big-run';
const chunkPoints = 4096;

/** Metric `tag` of a training that takes a step every 15 ms or so. */
export function tagName(tag: number): string {
  return `train/metric${tag}`;
}

/** Fills the database with one finished run and compacts it. */
export default async function make({ points, tags }: Options): Promise<BigRun> {
  const counting = countWrites();
  const store = await openStore(bigStoreName);
  const { id } = await store.createRun({ project: 'big', startedAt: 1.7e9, config: { lr: 0.03 } });
  const chunks = Math.ceil(points / chunkPoints);
  for (let seq = 0; seq < chunks; seq++) await store.append(chunkOf(id, seq, tags));
  await store.updateRun(id, { status: 'finished', endedAt: 1.7e9 + ((chunks * chunkPoints) / tags) * 0.015 });
  await store.maintain();
  await store.close();
  counting.stop();
  await expectCompacted(bigStoreName);
  return { runId: id, points: chunks * chunkPoints, tags, written: counting.bytes, usage: (await navigator.storage.estimate()).usage ?? 0 };
}

function chunkOf(runId: string, seq: number, tags: number): ScalarChunk {
  const first = seq * chunkPoints;
  const step = (k: number): number => Math.floor((first + k) / tags);
  const column = (at: (step: number, k: number) => number): Float64Array =>
    Float64Array.from({ length: chunkPoints }, (_, k) => at(step(k), k));
  const present = Math.min(tags, chunkPoints);
  return {
    runId,
    seq,
    tags: Array.from({ length: present }, (_, i) => tagName((first + i) % tags)),
    tag: Uint16Array.from({ length: chunkPoints }, (_, k) => k % present),
    step: column((at) => at),
    epoch: column((at) => Math.floor(at / 1000)),
    // As clocks are: whole milliseconds, none like the other.
    wallTime: column((at) => Math.round(1.7e12 + at * 15 + 5 * Math.sin(at * 1.7)) / 1000),
    value: column((at, k) => Math.exp(-at / 1e5) + 0.05 * Math.sin(at * 12.9898 + k)),
  };
}
