import type { Batches, Dataloaders } from './hooks.ts';
import { isPromise } from './hook-calls.ts';

/** How many batches there are, if they have a `length`, as arrays do. */
export function countOfBatches(batches: Batches<unknown>): number | undefined {
  return 'length' in batches && typeof batches.length === 'number' ? batches.length : undefined;
}

/** One source of data of an evaluation. */
export interface Dataloader<Batch> {
  readonly name: string | undefined;
  batches(epoch: number): Batches<Batch>;
}

/** Lists dataloaders given as one source, a list, or by name. Empty when there are none. */
export function dataloadersOf<Batch>(
  single: ((epoch: number) => Batches<Batch>) | undefined,
  several: Dataloaders<Batch> | undefined,
): readonly Dataloader<Batch>[] {
  if (several === undefined) return single === undefined ? [] : [{ name: undefined, batches: single }];
  if (Array.isArray(several)) {
    const list = several as readonly ((epoch: number) => Batches<Batch>)[]; // `isArray` does not narrow readonly lists
    return list.map((batches) => ({ name: undefined, batches }));
  }
  return Object.entries(several).map(([name, batches]) => ({ name, batches }));
}

/**
 * Goes through batches, at most `limit` of them. Asks before it takes one: a batch taken is a batch used, for only the step disposes
 * of what it holds. Resolves to false when it may not go on. The iterator is told of every early end.
 */
export async function forEachBatch<Batch>(
  batches: Batches<Batch>,
  limit: number,
  mayGoOn: () => Promise<boolean> | boolean,
  use: (batch: Batch, batchIdx: number) => Promise<void>,
): Promise<boolean> {
  const iterator = Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
  let isOpen = true;
  let isComplete = false;
  try {
    for (let batchIdx = 0; ; batchIdx++) {
      if (batchIdx >= limit) {
        isComplete = true;
        break;
      }
      if (!(await mayGoOn())) break;
      // One that throws while it is asked has ended by itself.
      isOpen = false;
      const asked = iterator.next();
      const next = isPromise(asked) ? await asked : asked;
      if (next.done === true) return true;
      isOpen = true;
      await use(next.value, batchIdx);
    }
  } catch (thrown) {
    // The first error is the one to tell, as in a for…of loop.
    if (isOpen) await close(iterator).catch(() => {});
    throw thrown;
  }
  await close(iterator);
  return isComplete;
}

async function close(iterator: Iterator<unknown> | AsyncIterator<unknown>): Promise<void> {
  await iterator.return?.();
}
