import { LogError, toLogError } from '../core/errors.ts';
import type { Logger, Metrics, Moment } from '../core/logger.ts';
import type { Warner } from '../core/warnings.ts';
import type { MetricStore, ScalarChunk } from '../store/metric-store.ts';
import { ChunkBuilder, type Columns } from './chunk-builder.ts';

export interface StoreLoggerOptions {
  readonly store: MetricStore;
  readonly runId: string;
  /** Points that start a flush. */
  readonly maxQueue: number;
  /** Seconds after which a point is flushed however few there are. */
  readonly flushSecs: number;
  readonly onError: (error: LogError) => void;
  readonly warn: Warner;
}

/** While the store refuses writes, at most this many points are held; the oldest go first. */
const mostHeld = 1_000_000;
/** The first flush of a run comes soon, so that a chart appears; the pause then doubles up to `flushSecs`. */
const firstFlushSecs = 0.1;
const longestRetrySecs = 30;

/**
 * Writes rows to a store in chunks: one transaction per flush, one flush at a time; what arrives meanwhile makes the
 * next chunk larger. A chunk the store refuses is kept and offered again.
 */
export class StoreLogger implements Logger {
  readonly name = 'store';
  readonly #store: MetricStore;
  readonly #runId: string;
  readonly #maxQueue: number;
  readonly #flushSecs: number;
  readonly #onError: (error: LogError) => void;
  readonly #warn: Warner;
  readonly #builder = new ChunkBuilder();
  /** Chunks that the store refused so far, oldest first. */
  #held: Columns[] = [];
  #seq = 0;
  #pause = firstFlushSecs;
  #retry = 0;
  #flushing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failedWith: string | undefined;
  #isGone = false;

  constructor(options: StoreLoggerOptions) {
    this.#store = options.store;
    this.#runId = options.runId;
    this.#maxQueue = options.maxQueue;
    this.#flushSecs = options.flushSecs;
    this.#onError = options.onError;
    this.#warn = options.warn;
  }

  /** Points logged that no transaction has committed yet. */
  get unsaved(): number {
    return this.#builder.count + this.#held.reduce((sum, columns) => sum + columns.step.length, 0);
  }

  logMetrics(metrics: Metrics, at: Moment): void {
    if (this.#isGone) return;
    this.#builder.add(metrics, at);
    if (this.#failedWith !== undefined) this.#keepNewest();
    else if (this.#builder.count >= this.#maxQueue) void this.#flush();
    else this.#arm();
  }

  /** Resolves when everything logged before has been committed, or refused once. */
  async save(): Promise<void> {
    // A flush under way holds older points; the next takes the rest.
    if (this.#flushing !== undefined) await this.#flushing;
    await this.#flush();
  }

  async finalize(): Promise<void> {
    await this.save();
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.unsaved > 0 && !this.#isGone) {
      this.#warn(
        'unsaved',
        `${this.unsaved} points of run '${this.#runId}' could not be stored and are lost with this page. The error given before says why.`,
      );
    }
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#flushing !== undefined || this.#isGone) return;
    const seconds = this.#failedWith === undefined ? this.#pause : this.#retry;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.#flush();
      },
      Math.min(seconds * 1000, 2 ** 31 - 1),
    );
  }

  #flush(): Promise<void> {
    this.#flushing ??= this.#flushOnce().finally(() => {
      this.#flushing = undefined;
      if (this.#isGone || this.unsaved === 0) return;
      if (this.#failedWith === undefined && this.#builder.count >= this.#maxQueue) void this.#flush();
      else this.#arm();
    });
    return this.#flushing;
  }

  async #flushOnce(): Promise<void> {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pause = Math.min(this.#pause * 2, this.#flushSecs);
    if (this.#builder.count > 0) this.#held.push(this.#builder.take());
    while (this.#held.length > 0 && !this.#isGone) {
      const columns = this.#held[0] as Columns; // the length was just looked at
      const chunk: ScalarChunk = { runId: this.#runId, seq: this.#seq, ...columns };
      try {
        await this.#store.append(chunk);
      } catch (thrown) {
        this.#refused(toLogError(thrown, 'store-failed', `storing run '${this.#runId}'`));
        return;
      }
      this.#held.shift();
      this.#seq += 1;
      this.#failedWith = undefined;
      this.#retry = 0;
    }
  }

  #refused(error: LogError): void {
    if (error.code === 'run-not-found' || error.code === 'store-closed') {
      this.#isGone = true;
      this.#held = [];
      this.#builder.take();
      this.#onError(
        new LogError(
          error.code,
          `run '${this.#runId}' can no longer be stored: ${error.message} What is logged from now on goes to the other loggers only.`,
          { cause: error },
        ),
      );
      return;
    }
    this.#retry = Math.min(this.#retry === 0 ? this.#flushSecs : this.#retry * 2, longestRetrySecs);
    if (this.#failedWith !== error.code) this.#onError(error);
    this.#failedWith = error.code;
    this.#keepNewest();
  }

  #keepNewest(): void {
    let excess = this.unsaved - mostHeld;
    let dropped = 0;
    while (excess > 0 && this.#held.length > 0) {
      const points = this.#held.shift()?.step.length ?? 0;
      excess -= points;
      dropped += points;
    }
    if (excess > 0) dropped += this.#builder.take().step.length;
    if (dropped > 0)
      this.#warn(
        'points-dropped',
        `the store has refused writes for so long that the oldest points of run '${this.#runId}' had to be let go. Free space or export now.`,
      );
  }
}
