import { openStore, startRun } from 'tabtrain';
import { nextTask } from './next-task.ts';

interface Options {
  readonly steps: number;
}

export interface TenMetricsResult {
  readonly seconds: number;
  /** Bytes of the page after each fifth of the steps, everything that can be collected left out. */
  readonly memory: readonly number[];
  /** And once what was due to be compacted is. */
  readonly settled: number;
  readonly points: number;
  /** What the run itself says its logging cost, of the time. */
  readonly share: number;
}

/** Logs ten metrics in each step, as fast as a loop can that takes a turn of the event loop every 8 ms. */
export default async function measure({ steps }: Options): Promise<TenMetricsResult> {
  const store = await openStore('log-ten-metrics');
  const run = await startRun({ store, project: 'bench' });
  const memory: number[] = [];
  let milliseconds = 0;
  for (let fifth = 0; fifth < 5; fifth++) {
    const from = performance.now();
    let sliceEnd = from + 8;
    for (let step = 0; step < steps / 5; step++) {
      const x = run.step * 0.001;
      run.log({ loss: x, accuracy: x, precision: x, recall: x, f1: x, auroc: x, lr: x, momentum: x, norm: x, seconds: x });
      await run.endStep();
      if (performance.now() < sliceEnd) continue;
      await nextTask();
      sliceEnd = performance.now() + 8;
    }
    await run.flush();
    milliseconds += performance.now() - from;
    memory.push((await performance.measureUserAgentSpecificMemory()).bytes);
  }
  const { share } = run.overhead;
  await store.maintain();
  const settled = (await performance.measureUserAgentSpecificMemory()).bytes;
  await run.finish();
  const points = (await store.tags(run.id)).filter(({ tag }) => !tag.startsWith('tabtrain/')).reduce((sum, { count }) => sum + count, 0);
  await store.deleteRun(run.id);
  await store.close();
  return { seconds: milliseconds / 1000, memory, settled, points, share };
}
