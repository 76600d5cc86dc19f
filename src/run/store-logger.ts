import { isSmallDevice } from '../core/device-memory.ts';
import { LogError, toLogError } from '../core/errors.ts';
import type { Logger, Metrics, Moment } from '../core/logger.ts';
import type { Probe } from '../core/overhead-meter.ts';
import type { Warner } from '../core/warnings.ts';
import type { MetricStore, UnsavedPoints } from '../store/metric-store.ts';
import type { StoreKeeper } from './keep-store.ts';
import { ChunkBuilder, type Columns } from './chunk-builder.ts';
import { sayOfRuns } from './words.ts';

export interface StoreLoggerOptions {
  readonly store: Pick<MetricStore, 'append' | 'offerUnsaved'>;
  readonly runId: string;
  /** The number of the first chunk to write. Default 0. */
  readonly nextSeq?: number;
  /** Points that start a flush. */
  readonly maxQueue: number;
  /** Seconds after which a point is flushed however few there are. */
  readonly flushSecs: number;
  readonly onError: (error: LogError) => void;
  readonly warn: Warner;
  readonly keeper?: StoreKeeper | undefined;
}

/**
 * A training that awaits `endStep()` is held back while more than this many times `maxQueue` points are not committed: the
 * database is slower than the log. So a kill costs at most these points and those of the step under way.
 */
export const mostQueues = 16;
/** No chunk grows much beyond this many points, however long the database takes or refuses. */
const chunkPoints = 65_536;
/** While the store refuses writes, at most this many points are held; the oldest go first. */
const mostHeld: number = /* @__PURE__ */ isSmallDevice() ? 250_000 : 1_000_000;
/** The first flush of a run comes soon, so that a chart appears; the pause then doubles up to `flushSecs`. */
const firstFlushSecs = 0.1;
/** A store that refuses is left alone for so long, then for twice as long each time. */
const firstRetrySecs = 1;
const longestRetrySecs = 30;
/** A store that has not answered for so many seconds counts as one that refuses, until it answers. */
const patienceSecs = 10;
/** After these nothing more can be stored. */
const finalCodes: ReadonlySet<string> = new Set(['run-not-found', 'run-locked', 'store-closed']);

/**
 * Writes rows to a store in chunks: one transaction per flush, one flush at a time; what arrives meanwhile makes the
 * next chunk larger. A chunk the store refuses is kept, offered to exporters, and given to the store again.
 */
export class StoreLogger implements Logger {
  readonly name = 'store';
  /** Adds up the time that flushes take on this thread. */
  probe: Probe | undefined;
  readonly #options: StoreLoggerOptions;
  readonly #builder = new ChunkBuilder();
  /** Chunks that are full or were refused, oldest first. */
  #held: Columns[] = [];
  /** The chunk that is being stored. */
  #inFlight: Columns | undefined;
  /** The last one of which it is not known whether it has been stored. */
  #doubtful: Columns | undefined;
  /** That one was let go: its place may be taken. */
  #mayBeTaken = false;
  #seq: number;
  #pause = firstFlushSecs;
  #retry = 0;
  #flushing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #failedWith: string | undefined;
  #isStalled = false;
  #withdraw: (() => void) | undefined;
  #isGone = false;
  #isSuperseded = false;
  readonly #waiting = new Set<() => void>();

  constructor(options: StoreLoggerOptions) {
    this.#options = options;
    this.#seq = options.nextSeq ?? 0;
  }

  /** Points logged that no transaction has committed yet. */
  get unsaved(): number {
    return this.#held.reduce((sum, { step }) => sum + step.length, this.#builder.count + (this.#inFlight?.step.length ?? 0));
  }

  /** True while points wait for a store that may take them yet. */
  get isWaiting(): boolean {
    return !this.#isGone && this.unsaved > 0;
  }

  /** True while the store does not answer. */
  get isStalled(): boolean {
    return this.#isStalled;
  }

  /** True when somebody else has continued the run. */
  get isSuperseded(): boolean {
    return this.#isSuperseded;
  }

  /** The run's record holds them. */
  logHyperparams(): void {}

  logMetrics(metrics: Metrics, at: Moment): void {
    if (this.#isGone) return;
    this.#builder.add(metrics, at);
    if (this.#builder.count >= chunkPoints) this.#held.push(this.#builder.take());
    if (this.#isRefusing) this.#keepNewest();
    else if (this.#held.length > 0 || this.#builder.count >= this.#options.maxQueue) void this.#flush();
    else this.#arm();
  }

  /** Undefined while there is room, else resolves when there is. A store that refuses holds nobody back. */
  whenRoom(): Promise<void> | undefined {
    return this.#hasRoom ? undefined : this.#until(() => this.#hasRoom);
  }

  /** Resolves when everything logged before has been committed, or refused once, or the store does not answer. */
  async save(): Promise<void> {
    // A flush under way holds older points; the next takes the rest.
    if (this.#flushing !== undefined) await this.#over(this.#flushing);
    await this.#over(this.#flush());
  }

  async finalize(): Promise<void> {
    await this.save();
    this.#options.keeper?.ended();
    if (this.unsaved === 0) return;
    const advice = sayOfRuns(this.#isGone ? 'unsaved-gone' : 'unsaved-full');
    this.#options.warn('unsaved', sayOfRuns('unsaved', { count: this.unsaved, id: this.#options.runId, advice }));
  }

  /** Resolves when nothing is left that could be stored. */
  whenSaved(): Promise<void> {
    return this.#until(() => !this.isWaiting);
  }

  get #isRefusing(): boolean {
    return this.#failedWith !== undefined || this.#isStalled;
  }

  get #hasRoom(): boolean {
    return this.#isRefusing || this.#isGone || this.unsaved <= mostQueues * this.#options.maxQueue;
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#flushing !== undefined || this.#isGone) return;
    const seconds = this.#failedWith === undefined ? this.#pause : this.#retry;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        // Not for what is tried in between, such as at the end of an epoch.
        this.#retry = Math.min(this.#retry * 2, longestRetrySecs);
        const from = this.probe?.enter();
        void this.#flush();
        if (from !== undefined) this.probe?.leave(from);
      },
      Math.min(seconds * 1000, 2 ** 31 - 1),
    );
  }

  #flush(): Promise<void> {
    this.#flushing ??= this.#flushOnce().finally(() => {
      this.#flushing = undefined;
      this.#wake();
      if (!this.isWaiting) return;
      if (this.#failedWith === undefined && this.#builder.count >= this.#options.maxQueue) void this.#flush();
      else this.#arm();
    });
    return this.#flushing;
  }

  #over(flush: Promise<void>): Promise<void> {
    return this.#until(() => this.#isStalled || this.#flushing !== flush);
  }

  async #flushOnce(): Promise<void> {
    if (this.#isGone) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pause = Math.min(this.#pause * 2, this.#options.flushSecs);
    if (this.#builder.count > 0) this.#held.push(this.#builder.take());
    const { store, runId } = this.#options;
    while ((this.#inFlight = this.#held.shift()) !== undefined) {
      const chunk = this.#inFlight;
      this.#wait();
      try {
        await store.append({ runId, seq: this.#seq, ...chunk });
      } catch (thrown) {
        this.#answered();
        // Not lost by what was logged meanwhile: it is still the oldest.
        this.#held.unshift(chunk);
        const error = toLogError(thrown, 'store-failed', `storing run '${runId}'`);
        if (error.code === 'bad-data' && this.#mayBeTaken) {
          // The one that was let go had been stored.
          this.#mayBeTaken = false;
          this.#seq += 1;
          continue;
        }
        if (error.code !== 'store-full') this.#doubtful = chunk;
        this.#refused(error);
        return;
      }
      this.#answered();
      this.#seq += 1;
      this.#mayBeTaken = false;
      this.#retry = 0;
      this.#options.keeper?.stored();
      this.#wake();
    }
    this.#failedWith = undefined;
    this.#takeBack();
  }

  // Not one long timer: behind a long piece of work it would be due before an answer that came meanwhile.
  #wait(seconds = 0): void {
    this.#patience = setTimeout(() => (seconds < patienceSecs ? this.#wait(seconds + 1) : this.#stalled()), 1000);
  }

  #answered(): void {
    clearTimeout(this.#patience);
    this.#inFlight = undefined;
    this.#isStalled = false;
  }

  #stalled(): void {
    const { runId, warn } = this.#options;
    this.#isStalled = true;
    this.#offer();
    this.#keepNewest();
    this.#wake();
    warn('store-stalled', sayOfRuns('store-stalled', { seconds: patienceSecs, id: runId }));
  }

  #offer(): void {
    const { store, runId } = this.#options;
    try {
      this.#withdraw ??= store.offerUnsaved(runId, () => this.#offered());
    } catch {
      // Closed meanwhile; the next append is told so.
    }
  }

  #takeBack(): void {
    this.#withdraw?.();
    this.#withdraw = undefined;
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  // The listener comes last: whatever it does, this must go on.
  #refused(error: LogError): void {
    const { runId, onError } = this.#options;
    if (finalCodes.has(error.code)) {
      this.#isGone = true;
      this.#isSuperseded = error.code === 'run-locked';
      // What is on offer stays so after its store was closed.
      if (error.code !== 'store-closed' || this.#withdraw === undefined) {
        this.#takeBack();
        this.#held = [];
        this.#builder.take();
      }
      onError(
        new LogError(
          error.code,
          `run '${runId}' can no longer be stored: ${error.message} What is logged from now on goes to the other loggers only.`,
          { cause: error },
        ),
      );
      return;
    }
    this.#retry = Math.min(Math.max(this.#options.flushSecs, firstRetrySecs, this.#retry), longestRetrySecs);
    const isNew = this.#failedWith !== error.code;
    this.#failedWith = error.code;
    this.#offer();
    this.#keepNewest();
    if (isNew) onError(error);
  }

  #offered(): readonly UnsavedPoints[] {
    const chunks = [...(this.#inFlight === undefined ? [] : [this.#inFlight]), ...this.#held];
    if (this.#builder.count > 0) chunks.push(this.#builder.columns());
    // Behind the place that may be taken, so that no reader holds the first for stored.
    const seq = this.#seq + (this.#mayBeTaken && chunks[0] !== this.#doubtful ? 1 : 0);
    return chunks.map((columns, i) => ({ seq: seq + i, ...columns }));
  }

  #keepNewest(): void {
    let excess = this.unsaved - mostHeld;
    while (excess > 0 && this.#held.length > 0) {
      const dropped = this.#held.shift();
      excess -= dropped?.step.length ?? 0;
      this.#mayBeTaken ||= dropped === this.#doubtful;
      this.#options.warn('points-dropped', sayOfRuns('points-dropped', { id: this.#options.runId }));
    }
  }
}
