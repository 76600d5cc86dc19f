import type { Reduction } from './log-options.ts';

/**
 * Workers that train together, each with a rank. What is logged with `syncDist` will be reduced over them; with the one worker that there
 * is, every call gives back what it was given.
 */
export interface Collective {
  /** 0-based number of this worker. */
  readonly rank: number;
  /** Workers in all. */
  readonly size: number;
  /** The reduction of the values of all workers, element by element; the same on each of them. */
  allReduce(values: Float64Array, reduction: Reduction, group?: readonly number[]): Promise<Float64Array>;
  /** The values of each worker, by rank. */
  allGather<Value>(value: Value, group?: readonly number[]): Promise<readonly Value[]>;
  /** The value of the worker of rank `from`. */
  broadcast<Value>(value: Value, from: number): Promise<Value>;
  /** Resolves when every worker has come here. */
  barrier(): Promise<void>;
}

/** A collective of one. */
export const singleWorker: Collective = {
  rank: 0,
  size: 1,
  allReduce: (values) => Promise.resolve(values),
  allGather: (value) => Promise.resolve([value]),
  broadcast: (value) => Promise.resolve(value),
  barrier: () => Promise.resolve(),
};
