import type { Metrics } from '../core/logger.ts';
import type { QueuedValue, ReadbackQueue } from '../core/readback-queue.ts';
import type { ComputedValue, ResultCollection } from '../core/result-collection.ts';
import type { EpochMetrics } from './epoch-metrics.ts';

/** Ends the epochs of a run, one after the other: what is logged while one is being computed and written belongs to the next. */
export class EpochEnds {
  readonly #queue: Pick<ReadbackQueue<QueuedValue>, 'pushMark' | 'drain'>;
  readonly #results: Pick<ResultCollection, 'closeEpoch' | 'closeStep' | 'hasEpochValues'>;
  readonly #metrics: EpochMetrics;
  readonly #now: () => number;
  #last: Promise<unknown> | undefined;

  constructor(
    queue: Pick<ReadbackQueue<QueuedValue>, 'pushMark' | 'drain'>,
    results: Pick<ResultCollection, 'closeEpoch' | 'closeStep' | 'hasEpochValues'>,
    metrics: EpochMetrics,
    now: () => number,
  ) {
    this.#queue = queue;
    this.#results = results;
    this.#metrics = metrics;
    this.#now = now;
  }

  /**
   * Takes at once what belongs to the epoch, then reads, computes and writes it, and gives it back by tag. Unless it `reads`, what only
   * waits to be read is written when that has happened, and not given back.
   */
  close(epoch: number, reads: boolean = true): Promise<Metrics> {
    const before = this.#last;
    const metrics = this.#metrics.takeAll();
    // Without anything to wait for, its row lies before all that is logged from now on.
    const isAtOnce = before === undefined && metrics.length === 0;
    let write: (computed: readonly ComputedValue[]) => Metrics = () => ({});
    let written: Metrics = {};
    this.#queue.pushMark(() => {
      write = this.#results.closeEpoch(epoch, this.#now());
      if (isAtOnce) written = write([]);
    });
    if (isAtOnce && !reads) return Promise.resolve(written);
    const close = async (): Promise<Metrics> => {
      await this.#queue.drain();
      if (isAtOnce) return written;
      await before;
      return write(await this.#metrics.compute(metrics));
    };
    const closing = close();
    const last: Promise<void> = closing.then(
      () => this.#forget(last),
      () => this.#forget(last),
    );
    this.#last = last;
    return closing;
  }

  /** Writes everything there is: the epoch only if something was logged for it. */
  async closeLast(epoch: number): Promise<void> {
    await this.#last;
    await this.#queue.drain();
    if (this.#results.hasEpochValues || this.#metrics.hasEpochValues) await this.close(epoch);
    else this.#results.closeStep();
  }

  #forget(last: Promise<unknown>): void {
    if (this.#last === last) this.#last = undefined;
  }
}
