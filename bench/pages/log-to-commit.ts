import { openStore, startRun } from 'tabtrain';
import { countRecords, countWrites, expectCompacted, type WrittenBytes } from './counted-writes.ts';
import { nextTask } from './next-task.ts';

interface Options {
  readonly points: number;
  readonly tags: number;
}

export interface LogToCommitResult {
  readonly points: number;
  /** From the first call of `log()` until everything is committed. */
  readonly seconds: number;
  /** The same, until everything is compacted as well. */
  readonly secondsCompacted: number;
  /** Units that were compacted while the run was still logging. */
  readonly unitsMeanwhile: number;
  /** Longest time in milliseconds that the loop was held up by one turn of the event loop. */
  readonly longestPause: number;
  /** Bytes of this page, array buffers included, at each fifth of the way; the first after 1/5. */
  readonly memory: readonly number[];
  readonly written: WrittenBytes;
  /** Bytes on disk per point once all is compacted, by `navigator.storage.estimate()`. */
  readonly bytesPerPoint: number;
}

const storeName = 'log-to-commit';

/** Chromium's measure of the whole page; needs cross-origin isolation. */
declare global {
  interface Performance {
    measureUserAgentSpecificMemory(): Promise<{ readonly bytes: number }>;
  }
}

/** Logs as fast as a loop can, which like any loop that shares its thread takes a turn of the event loop every 8 ms. */
export default async function measure({ points, tags }: Options): Promise<LogToCommitResult> {
  const counting = countWrites();
  const store = await openStore(storeName);
  const run = await startRun({ store, project: 'log-to-commit' });
  const names = Array.from({ length: tags }, (_, i) => `train/metric${i}`);
  const values: Record<string, number> = {};
  const steps = Math.ceil(points / tags);
  const memory: number[] = [];
  let seconds = 0;
  let longestPause = 0;
  const diskBefore = (await navigator.storage.estimate()).usage ?? 0;
  // As many steps as take well under 8 ms, whatever the number of tags.
  const stepsAtOnce = Math.max(1, Math.floor(320 / tags));
  for (let part = 1, step = 0; part <= 5; part++) {
    const end = Math.floor((steps * part) / 5);
    const began = performance.now();
    let turn = began;
    for (; step < end; step++) {
      for (let i = 0; i < tags; i++) values[names[i] as string] = Math.sin(step * 0.001 + i) + i;
      run.log(values);
      const room = run.endStep();
      if (step % stepsAtOnce === 0 && performance.now() - turn >= 8) {
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
  const unitsMeanwhile = await countRecords(storeName, 'units');
  const began = performance.now();
  await run.finish();
  await store.maintain();
  const secondsCompacted = seconds + (performance.now() - began) / 1000;
  await expectCompacted(storeName);
  const diskAfter = (await navigator.storage.estimate()).usage ?? 0;
  const stored = (await store.tags(run.id)).reduce((sum, { count }) => sum + count, 0);
  if (stored !== steps * tags) throw new Error(`bench: logged ${steps * tags} points, the store holds ${stored}.`);
  await store.close();
  counting.stop();
  return {
    points: stored,
    seconds,
    secondsCompacted,
    unitsMeanwhile,
    longestPause,
    memory,
    written: counting.bytes,
    bytesPerPoint: (diskAfter - diskBefore) / stored,
  };
}
