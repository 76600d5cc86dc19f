import type { Engine } from '../core/engine.ts';
import { describe, LogError, toLogError } from '../core/errors.ts';
import { type LogOptions, type ResolvedLogOptions, resolveLogOptions } from '../core/log-options.ts';
import { LoggerFanOut } from '../core/logger-fan-out.ts';
import type { Logger, Metrics, Moment } from '../core/logger.ts';
import { type QueuedValue, ReadbackQueue } from '../core/readback-queue.ts';
import { ResultCollection } from '../core/result-collection.ts';
import type { EndStatus, Json, RunInfo } from '../core/run-info.ts';
import { isTensorLike, readTensorLike } from '../core/tensor-like.ts';
import type { RunWriter } from '../core/trainable.ts';
import { createWallClock } from '../core/wall-clock.ts';
import type { Warner } from '../core/warnings.ts';
import type { MetricStore, RunChange, RunLock } from '../store/metric-store.ts';
import { isPlainObject } from '../core/config.ts';
import { onLifecycle } from './lifecycle.ts';
import type { StoreLogger } from './store-logger.ts';

/** Everything a run is made of. `startRun` puts it together. */
export interface RunParts {
  readonly info: RunInfo;
  readonly store: MetricStore | undefined;
  readonly ownsStore: boolean;
  readonly lock: RunLock | undefined;
  /** Further loggers; the one that writes to the store is `storeLogger`. */
  readonly loggers: readonly Logger[];
  readonly storeLogger: StoreLogger | undefined;
  /** Where it begins: `{ step: 0, epoch: 0 }` for a new run. */
  readonly from: { readonly step: number; readonly epoch: number };
  readonly engine: Engine | undefined;
  readonly readEveryMs: number;
  readonly onError: (error: LogError) => void;
  /** Errors nobody has been told of; thrown by `finish()`. */
  readonly untold: readonly LogError[];
  readonly warn: Warner;
}

/** Longest pause in seconds between two attempts to note the end of a run. */
const longestPauseSecs = 30;
/** Refusals that may pass. */
const passingCodes: ReadonlySet<string> = new Set(['store-full', 'store-failed', 'store-blocked']);

/** How a run ends. */
type End = RunChange & { readonly status: EndStatus };

/** Milliseconds without a new value after which an open step is written though nobody closed it. */
const idleMs = 250;

/**
 * One run: what you log into. Made by `startRun()`. Logging never waits: numbers and GPU scalars are taken at once and
 * written behind the caller's back, in order.
 */
export class Run implements RunWriter, AsyncDisposable {
  /**
   * Resolves when nothing of the run waits for its store any more: with `finish()`, or later, when the store has had room for
   * what it refused until then. Never rejects.
   */
  readonly settled: Promise<void>;
  #settle: () => void = () => {};
  readonly #parts: RunParts;
  readonly #queue: ReadbackQueue;
  readonly #results: ResultCollection;
  readonly #fanOut: LoggerFanOut;
  readonly #clock: () => number = createWallClock();
  readonly #rowListeners = new Set<(metrics: Metrics, at: Moment) => void>();
  readonly #forgetLifecycle: () => void;
  #info: RunInfo;
  #step: number;
  #epoch: number;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #lastLog = 0;
  #finished: Promise<void> | undefined;

  /** @internal Use `startRun()`. */
  constructor(parts: RunParts) {
    this.#parts = parts;
    this.settled = new Promise((resolve) => (this.#settle = resolve));
    this.#info = parts.info;
    this.#step = parts.from.step;
    this.#epoch = parts.from.epoch;
    this.#fanOut = new LoggerFanOut([...(parts.storeLogger === undefined ? [] : [parts.storeLogger]), ...parts.loggers], parts.onError);
    // The step before the first one is the last that is complete.
    const before = { step: Math.max(0, this.#step - 1), epoch: this.#epoch };
    this.#results = new ResultCollection((metrics, at) => this.#write(metrics, at), parts.warn, before);
    this.#queue = new ReadbackQueue({
      engine: parts.engine,
      readEveryMs: parts.readEveryMs,
      deliver: (at, value) => this.#results.add(at, value),
      onError: parts.onError,
    });
    this.#fanOut.start(parts.info);
    this.#fanOut.logHyperparams(parts.info.config);
    this.#forgetLifecycle = onLifecycle((event) => (event === 'resume' ? undefined : this.flush()));
  }

  get id(): string {
    return this.#info.id;
  }

  /** The run's record as this run last wrote it. */
  get info(): RunInfo {
    return this.#info;
  }

  /** The store that keeps the run; undefined with `store: false`. */
  get store(): MetricStore | undefined {
    return this.#parts.store;
  }

  /** Completed steps, and so the step of the next value logged without one. */
  get step(): number {
    return this.#step;
  }

  /** 0-based. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Device round trips made for logging. */
  get deviceReads(): number {
    return this.#queue.reads;
  }

  /**
   * Logs one value by name, or several at once. A value is a number, or a tensor of one value when the run has an
   * engine (`startRun({ engine: tfjsEngine() })`); a tensor may be disposed right after the call. Returns at once.
   *
   * Throws `closed-run` after `finish()`, `bad-tag`, `bad-value` or `bad-options`; the other values of the same call
   * are logged all the same.
   *
   * ```ts
   * run.log({ loss: 0.3, accuracy: 0.9 }, { step });
   * run.log('loss', lossTensor, { onEpoch: true, batchSize: 32 });
   * ```
   */
  log(name: string, value: unknown, options?: LogOptions): void;
  log(values: Readonly<Record<string, unknown>>, options?: LogOptions): void;
  log(first: string | Readonly<Record<string, unknown>>, second?: unknown, third?: LogOptions): void {
    if (this.#finished !== undefined) throw closed(this.#info, typeof first === 'string' ? `run.log('${first}')` : 'run.log()');
    if (typeof first === 'string') {
      const options = resolveLogOptions(third, () => `run.log('${first}')`);
      this.#take(first, second, options, this.#begin(options));
      return;
    }
    if (!isPlainObject(first) || isTensorLike(first)) {
      throw new LogError('bad-value', `run.log(${describe(first)}): need a name and a value, or a plain object such as { loss: 0.3 }.`);
    }
    const options = resolveLogOptions(second as LogOptions | undefined, () => 'run.log()'); // the overloads say so
    const wallTime = this.#begin(options);
    let wrong: unknown;
    for (const name in first) {
      if (!Object.hasOwn(first, name)) continue;
      try {
        this.#take(name, first[name], options, wallTime);
      } catch (thrown) {
        wrong ??= thrown;
      }
    }
    if (wrong !== undefined) throw wrong as LogError; // only #take throws in there
  }

  /**
   * Says that an optimizer step is complete: later values belong to the next one. Resolved at once, except while very
   * many GPU scalars wait to be read, or points to be stored: more than 16 times `maxQueue`. Awaiting it then is what holds the
   * loop back, and what bounds the points that a kill can cost.
   */
  endStep(): Promise<void> {
    if (this.#finished !== undefined) throw closed(this.#info, 'run.endStep()');
    const ended = this.#step;
    this.#step += 1;
    this.#queue.pushMark(() => this.#results.closeStep(ended));
    const stored = this.#parts.storeLogger?.whenRoom();
    return stored === undefined ? this.#queue.whenRoom() : stored.then(() => this.#queue.whenRoom());
  }

  /**
   * Reads what is pending, writes the epoch's folded values at its last step, advances the epoch and gives those values
   * back by tag.
   */
  async endEpoch(): Promise<Metrics> {
    if (this.#finished !== undefined) throw closed(this.#info, 'run.endEpoch()');
    const epoch = this.#epoch;
    this.#epoch += 1;
    let metrics: Metrics = {};
    this.#queue.pushMark(() => {
      metrics = this.#results.closeEpoch(epoch, this.#clock());
    });
    await this.#queue.drain();
    // Not awaited: an epoch's end must not wait for the disk.
    void this.#fanOut.save();
    return metrics;
  }

  /** Adds facts to the run's record, e.g. `{ backend: 'webgpu' }`. */
  async setFacts(facts: Readonly<Record<string, Json>>): Promise<void> {
    if (this.#parts.store === undefined) this.#info = { ...this.#info, facts: { ...this.#info.facts, ...facts } };
    else this.#info = await this.#parts.store.updateRun(this.id, { facts });
  }

  /** Calls back with each row on its way to the loggers. Gives back its undo. */
  onRow(listener: (metrics: Metrics, at: Moment) => void): () => void {
    this.#rowListeners.add(listener);
    return () => this.#rowListeners.delete(listener);
  }

  /** Reads what is pending and writes it. Resolves once everything logged before is committed. */
  async flush(): Promise<void> {
    // Numbers first: when the page is going away there may be no time for the device.
    this.#results.writeOpen();
    const saved = this.#fanOut.save();
    if (this.#queue.isIdle) return saved;
    await this.#queue.drain();
    this.#results.writeOpen();
    await saved;
    await this.#fanOut.save();
  }

  /**
   * Ends the run: writes everything, sets the status, lets go of the store. Never needed for safety, and harmless when
   * called twice. Rejects with the errors that were met on the way when no `onError` was there to hear them.
   */
  finish(status: EndStatus = 'finished', failure?: string): Promise<void> {
    this.#finished ??= this.#finish(status, failure);
    return this.#finished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.finish();
  }

  async #finish(status: EndStatus, failure: string | undefined): Promise<void> {
    const { untold } = this.#parts;
    let left: End | undefined;
    try {
      left = await this.#writeAll(status, failure);
    } finally {
      // What the store has no room for now is stored when there is room, with the lock held until then.
      if (left === undefined) await this.#close();
      else void this.#catchUp(left).then(() => this.#close());
    }
    if (untold.length === 1) throw untold[0] as LogError; // the length was just looked at
    if (untold.length > 1) {
      throw new LogError(
        (untold[0] as LogError).code,
        `run.finish(): ${untold.length} errors were met while '${this.#info.name}' was running. The list is the cause.`,
        {
          cause: new AggregateError(untold),
        },
      );
    }
  }

  /** Writes all there is. Gives back the end of the run, if that or anything else waits for the store. */
  async #writeAll(status: EndStatus, failure: string | undefined): Promise<End | undefined> {
    const { storeLogger } = this.#parts;
    this.#forgetLifecycle();
    if (this.#idle !== undefined) clearTimeout(this.#idle);
    await this.#queue.drain();
    if (this.#results.hasEpochValues) this.#results.closeEpoch(this.#epoch, this.#clock());
    else this.#results.closeStep();
    await this.#fanOut.save();
    await this.#fanOut.finalize(status);
    const end = { status, endedAt: this.#clock(), ...(failure === undefined ? {} : { failure }) };
    const isWaiting = storeLogger?.isWaiting === true;
    // A store that does not answer would not answer this either. That it refuses is no news where it has refused points.
    const isNoted = storeLogger?.isStalled !== true && (await this.#writeEnd(end, !isWaiting));
    return isNoted && !isWaiting ? undefined : end;
  }

  /** Goes on until the store has had room for everything, and for the end of the run. */
  async #catchUp(end: End): Promise<void> {
    await this.#parts.storeLogger?.whenSaved();
    for (let pause = 1; !(await this.#writeEnd(end, false)); pause = Math.min(2 * pause, longestPauseSecs)) {
      await new Promise((resolve) => setTimeout(resolve, pause * 1000));
    }
  }

  async #close(): Promise<void> {
    const { store, lock, ownsStore } = this.#parts;
    lock?.release();
    try {
      if (ownsStore) await store?.close();
    } finally {
      this.#settle();
    }
  }

  /** False when it could not be noted yet. */
  async #writeEnd(end: End, isNews: boolean): Promise<boolean> {
    const { store, storeLogger, onError, info } = this.#parts;
    if (this.#info.status === end.status || storeLogger?.isSuperseded === true) return true;
    try {
      const stored = await store?.run(this.id);
      if ((stored?.resumes?.length ?? 0) > (info.resumes?.length ?? 0)) {
        throw new LogError(
          'run-locked',
          `run.finish(): run '${this.id}' has been continued by another tab or worker, whose end it is to note.`,
        );
      }
      this.#info = store === undefined ? { ...this.#info, ...end } : await store.updateRun(this.id, end);
      return true;
    } catch (thrown) {
      const error = toLogError(thrown, 'store-failed', `run.finish(): the end of run '${this.id}' could not be stored`);
      if (error.code === 'run-not-found') return true;
      const mayPass = passingCodes.has(error.code);
      if (isNews || !mayPass) onError(error);
      return !mayPass;
    }
  }

  #begin(options: ResolvedLogOptions): number {
    const { step } = options;
    if (step !== undefined && step > this.#step) this.#step = step;
    const wallTime = this.#clock();
    this.#lastLog = wallTime;
    if (this.#idle === undefined) this.#armIdle();
    return wallTime;
  }

  #take(name: string, value: unknown, options: ResolvedLogOptions, wallTime: number): void {
    if (name === '') throw new LogError('bad-tag', `run.log('', …): the name of ${describe(value)} is empty. Name it, e.g. 'loss'.`);
    // As a key of a plain object it would vanish.
    if (name === '__proto__') throw new LogError('bad-tag', `run.log('__proto__'): this name cannot be used. Choose another one.`);
    const at: QueuedValue = { name, options, step: options.step ?? this.#step, epoch: this.#epoch, wallTime };
    if (typeof value === 'number') {
      this.#queue.pushNumber(at, value);
      return;
    }
    const { engine, warn } = this.#parts;
    if (engine?.owns(value) === true) {
      this.#queue.pushHandle(at, engine.retain(value, `run.log('${name}')`));
      return;
    }
    if (isTensorLike(value)) {
      warn(
        'no-engine',
        `run.log('${name}'): tensors are read one by one. Start the run with startRun({ engine: tfjsEngine() }) to read hundreds at once.`,
      );
      this.#queue.pushPromise(at, readTensorLike(value, `run.log('${name}')`));
      return;
    }
    throw new LogError('bad-value', `run.log('${name}'): got ${describe(value)}, need a number or a tensor of one value. ${advice(value)}`);
  }

  #write(metrics: Metrics, at: Moment): void {
    this.#fanOut.logMetrics(metrics, at);
    for (const listener of this.#rowListeners) {
      try {
        listener(metrics, at);
      } catch (thrown) {
        this.#rowListeners.delete(listener);
        const text = thrown instanceof Error ? thrown.message : String(thrown);
        this.#parts.onError(
          new LogError('logger-threw', `run.onRow(): a listener failed: ${text}. It is not called again; everything else goes on.`, {
            cause: thrown,
          }),
        );
      }
    }
  }

  /** A step that nobody closes is written once the log falls silent. */
  #armIdle(): void {
    this.#idle = setTimeout(() => {
      this.#idle = undefined;
      if (Date.now() - this.#lastLog * 1000 >= idleMs * 0.9) {
        this.#queue.pushMark(() => this.#results.writeOpen());
      } else this.#armIdle();
    }, idleMs);
  }
}

function closed(info: RunInfo, call: string): LogError {
  return new LogError('closed-run', `${call}: run '${info.name}' has finished. Log before finish(), or start another run with startRun().`);
}

function advice(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)))
    return `Convert it with Number(${JSON.stringify(value)}).`;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return 'Take the mean, or log each value under a name of its own.';
  if (value === undefined || value === null) return 'Was it computed before the call?';
  return 'Log the number itself.';
}
