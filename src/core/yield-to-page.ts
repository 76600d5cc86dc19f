import { nextTask } from './next-task.ts';

const sliceMs = 8;

/**
 * Makes a pause that costs nothing most of the time: awaited between small pieces of work, it lets the page draw and
 * answer whenever 8 ms have gone by. A store in memory never waits for anything, so an export would else freeze the tab.
 */
export function createBreather(now: () => number = () => performance.now()): () => Promise<void> {
  let since = now();
  return async () => {
    if (now() - since < sliceMs) return;
    await nextTask();
    since = now();
  };
}
