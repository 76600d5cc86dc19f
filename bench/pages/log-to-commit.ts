import { openStore, startRun } from 'tabtrain';
import { nextTask } from './next-task.ts';

interface Options {
  readonly points: number;
  readonly tags: number;
}

export interface LogToCommitResult {
  readonly points: number;
  /** From the first call of `log()` until everything is committed. */
  readonly seconds: number;
  /** Longest time in milliseconds that the loop was held up by one turn of the event loop. */
  readonly longestPause: number;
  /** Bytes of this page, array buffers included, at each fifth of the way; the first after 1/5. */
  readonly memory: readonly number[];
  /** Bytes on disk per point, by `navigator.storage.estimate()`. */
  readonly bytesPerPoint: number;
}

/** Chromium's measure of the whole page; needs cross-origin isolation. */
declare global {
  interface Performance {
    measureUserAgentSpecificMemory(): Promise<{ readonly bytes: number }>;
  }
}

/** Logs as fast as a loop can, which like any loop that shares its thread takes a turn of the event loop every 8 ms. */
export default async function measure({ points, tags }: Options): Promise<LogToCommitResult> {
  const store = await openStore('log-to-commit');
  const run = await startRun({ store, project: 'log-to-commit' });
  const names = Array.from({ length: tags }, (_, i) => `train/metric${i}`);
  const values: Record<string, number> = {};
  const steps = Math.ceil(points / tags);
  const memory: number[] = [];
  let seconds = 0;
  let longestPause = 0;
  const diskBefore = (await navigator.storage.estimate()).usage ?? 0;
  for (let part = 1, step = 0; part <= 5; part++) {
    const end = Math.floor((steps * part) / 5);
    const began = performance.now();
    let turn = began;
    for (; step < end; step++) {
      for (let i = 0; i < tags; i++) values[names[i] as string] = Math.sin(step * 0.001 + i) + i;
      run.log(values);
      const room = run.endStep();
      if (step % 16 === 0 && performance.now() - turn >= 8) {
        const from = performance.now();
        await room;
        await nextTask();
        turn = performance.now();
        longestPause = Math.max(longestPause, turn - from);
      }
    }
    await run.flush();
    seconds += (performance.now() - began) / 1000;
    memory.push((await performance.measureUserAgentSpecificMemory()).bytes);
  }
  const diskAfter = (await navigator.storage.estimate()).usage ?? 0;
  const stored = (await store.tags(run.id)).reduce((sum, { count }) => sum + count, 0);
  if (stored !== steps * tags) throw new Error(`bench: logged ${steps * tags} points, the store holds ${stored}.`);
  await run.finish();
  await store.close();
  return { points: stored, seconds, longestPause, memory, bytesPerPoint: (diskAfter - diskBefore) / stored };
}
