import { type MetricStore, openStore, type Run, startRun } from 'tabtrain';
import { nextTask } from './next-task.ts';

interface Options {
  /** Numbers to log. */
  readonly calls: number;
  /** Calls between two turns of the event loop, as a training loop makes them. */
  readonly block: number;
}

/** One step of each way to log a number. `numbers` is how many it logs. */
const ways = {
  'log(name, value)': {
    numbers: 1,
    step(run: Run, i: number): void {
      run.log('loss', i * 0.001);
      void run.endStep();
    },
  },
  'log({ one })': {
    numbers: 1,
    step(run: Run, i: number): void {
      run.log({ loss: i * 0.001 });
      void run.endStep();
    },
  },
  'log({ one }, { step })': {
    numbers: 1,
    step(run: Run, i: number): void {
      run.log({ loss: i * 0.001 }, { step: i });
    },
  },
  'log({ four })': {
    numbers: 4,
    step(run: Run, i: number): void {
      run.log({ loss: i * 0.001, accuracy: i * 0.002, lr: 0.03, norm: i });
      void run.endStep();
    },
  },
};

/** Microseconds per number: in the calls alone, with everything that the page's thread did for them, and per tenth of the run. */
export interface LogCallResult {
  readonly inCalls: number;
  readonly allIn: number;
  readonly tenths: readonly number[];
}

export default async function measure({ calls, block }: Options): Promise<Record<string, LogCallResult>> {
  const store = await openStore('log-call');
  const results: Record<string, LogCallResult> = {};
  await warmUp(store);
  for (const [way, { numbers, step }] of Object.entries(ways)) {
    const run = await startRun({ store, project: 'log-call' });
    const blocks: number[] = [];
    const stepsPerBlock = block / numbers;
    let i = 0;
    const began = performance.now();
    while (i * numbers < calls) {
      const from = performance.now();
      for (const end = i + stepsPerBlock; i < end; i++) step(run, i);
      blocks.push(((performance.now() - from) * 1000) / block);
      await nextTask();
    }
    await run.flush();
    const allIn = ((performance.now() - began) * 1000) / calls;
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const tenth = (k: number): number =>
      mean(blocks.slice(Math.floor((k * blocks.length) / 10), Math.floor(((k + 1) * blocks.length) / 10)));
    results[way] = { inCalls: mean(blocks), allIn, tenths: Array.from({ length: 10 }, (_, k) => tenth(k)) };
    await run.finish();
    await store.deleteRun(run.id);
  }
  await store.close();
  return results;
}

/** Lets the browser compile every way before any is timed, else the first pays for all. */
async function warmUp(store: MetricStore): Promise<void> {
  const run = await startRun({ store, project: 'warm-up' });
  for (const { step } of Object.values(ways)) {
    for (let i = 0; i < 20_000; i++) step(run, run.step + 1);
    await nextTask();
  }
  await run.finish();
  await store.deleteRun(run.id);
}
