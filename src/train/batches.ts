import { describe, LogError } from '../core/errors.ts';
import type { Batches, Dataloaders } from './hooks.ts';
import { isPromise } from '../core/is-promise.ts';

/** How many batches there are, if they have a `length`, as arrays do. */
export function countOfBatches(batches: Batches<unknown>): number | undefined {
  return 'length' in batches && typeof batches.length === 'number' ? batches.length : undefined;
}

/** One source of data of an evaluation. */
export interface Dataloader<Batch> {
  readonly name: string | undefined;
  /** What the user calls it, for messages. */
  readonly label: string;
  batches(epoch: number): Batches<Batch>;
}

/**
 * Lists dataloaders given as one source, a list, or by name. Empty when there are none. `kind` begins what they are called:
 * `validation`. Throws `bad-data` for those that are no functions.
 */
export function dataloadersOf<Batch>(
  kind: string,
  single: ((epoch: number) => Batches<Batch>) | undefined,
  several: Dataloaders<Batch> | undefined,
): readonly Dataloader<Batch>[] {
  if (several === undefined) return single === undefined ? [] : [{ name: undefined, label: `${kind}Batches`, batches: single }];
  const isList = Array.isArray(several);
  return Object.entries(several).map(([key, batches]: [string, unknown]) => {
    const label = `${kind}Loaders${isList ? `[${key}]` : `.${key}`}`;
    if (typeof batches !== 'function') {
      throw new LogError('bad-data', `${label} is ${describe(batches)}, need a function that gives the batches: () => batches.`);
    }
    return { name: isList ? undefined : key, label, batches: batches as (epoch: number) => Batches<Batch> }; // by the types of the hooks
  });
}

/** Throws `bad-data` for what is no source of batches. `label` is what the user calls it. */
export function refuseNoBatches(batches: unknown, label: string): void {
  if (typeof batches === 'object' && batches !== null && (Symbol.iterator in batches || Symbol.asyncIterator in batches)) return;
  throw new LogError('bad-data', `${label}() gave ${describe(batches)}, need batches: an array, or another iterable.`);
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
