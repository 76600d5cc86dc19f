import { isPlainObject } from '../core/config.ts';
import { describe, LogError } from '../core/errors.ts';
import type { HookLog } from '../core/hook-log.ts';
import { HookResults, type HookValue } from '../core/hook-results.ts';
import { isLoggableCollection, isLoggableMetric, type LoggableCollection } from '../core/loggable-metric.ts';
import type { LogOptions, ResolvedLogOptions } from '../core/log-options.ts';
import { LoggerFanOut } from '../core/logger-fan-out.ts';
import type { Metrics, Moment } from '../core/logger.ts';
import { type QueuedValue, ReadbackQueue } from '../core/readback-queue.ts';
import { resolveLogOptions } from '../core/resolve-log-options.ts';
import { ResultCollection } from '../core/result-collection.ts';
import type { EndStatus, Json, RunInfo } from '../core/run-info.ts';
import { isTensorLike, readTensorLike } from '../core/tensor-like.ts';
import type { RunWriter } from '../core/trainable.ts';
import { createWallClock } from '../core/wall-clock.ts';
import type { MetricStore } from '../store/metric-store.ts';
import { EpochMetrics } from './epoch-metrics.ts';
import { onLifecycle } from './lifecycle.ts';
import { type RunEnd, RunEnding } from './run-ending.ts';
import type { RunParts } from './run-parts.ts';

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
  readonly #queue: ReadbackQueue<QueuedValue | HookValue>;
  readonly #results: ResultCollection;
  readonly #fanOut: LoggerFanOut;
  readonly #hooks: HookResults;
  readonly #epochMetrics: EpochMetrics;
  readonly #ending: RunEnding;
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
    this.#fanOut = new LoggerFanOut(
      [...(parts.storeLogger === undefined ? [] : [parts.storeLogger]), ...parts.loggers],
      parts.onError,
      parts.warn,
    );
    this.#ending = new RunEnding(
      parts,
      () => this.#info,
      (info) => (this.#info = info),
    );
    // The step before the first one is the last that is complete.
    const before = { step: Math.max(0, this.#step - 1), epoch: this.#epoch };
    const write = (metrics: Metrics, at: Moment, only?: readonly string[]): void => this.#write(metrics, at, only);
    this.#results = new ResultCollection(write, parts.warn, before);
    this.#queue = new ReadbackQueue({
      engine: parts.engine,
      readEveryMs: parts.readEveryMs,
      deliver: (at, value) => ('entry' in at ? this.#hooks.deliver(at, value) : this.#results.add(at, value)),
      onError: parts.onError,
    });
    this.#epochMetrics = new EpochMetrics(this.#queue, parts.warn, parts.onError);
    this.#hooks = new HookResults({
      queue: this.#queue,
      take: (at, value, call) => this.#enqueue(at, value, call),
      isOnDevice: (value) => parts.engine?.owns(value) === true || isTensorLike(value),
      write,
      at: () => ({ step: this.#step, epoch: this.#epoch }),
      now: this.#clock,
      onError: parts.onError,
      warn: parts.warn,
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

  /** For loops: what their hooks log. */
  get hooks(): HookLog {
    return this.#hooks;
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
    this.#logAll(first, second as LogOptions | undefined, 'run.log'); // the overloads say so
  }

  /** As `log` with several values, and for a collection of metric objects under the names it gives them. */
  logDict(values: Readonly<Record<string, unknown>> | LoggableCollection, options?: Omit<LogOptions, 'metricAttribute'>): void {
    if (this.#finished !== undefined) throw closed(this.#info, 'run.logDict()');
    this.#logAll(values, options, 'run.logDict');
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
   * Reads what is pending, computes and resets metric objects, writes the epoch's values at its last step, advances the epoch and
   * gives those values back by tag.
   */
  async endEpoch(): Promise<Metrics> {
    if (this.#finished !== undefined) throw closed(this.#info, 'run.endEpoch()');
    const epoch = this.#epoch;
    this.#epoch += 1;
    const computed = await this.#epochMetrics.compute();
    let metrics: Metrics = {};
    this.#queue.pushMark(() => {
      metrics = this.#results.closeEpoch(epoch, this.#clock(), computed);
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
    let left: RunEnd | undefined;
    try {
      left = await this.#writeAll(status, failure);
    } finally {
      const close = (): Promise<void> => this.#ending.close().finally(() => this.#settle());
      // What the store has no room for now is stored when there is room, with the lock held until then.
      if (left === undefined) await close();
      else void this.#ending.catchUp(left).then(close);
    }
    this.#ending.throwUntold();
  }

  /** Writes all there is. Gives back the end of the run, if that or anything else waits for the store. */
  async #writeAll(status: EndStatus, failure: string | undefined): Promise<RunEnd | undefined> {
    this.#forgetLifecycle();
    if (this.#idle !== undefined) clearTimeout(this.#idle);
    const computed = await this.#epochMetrics.compute();
    await this.#queue.drain();
    if (this.#results.hasEpochValues || computed.length > 0) this.#results.closeEpoch(this.#epoch, this.#clock(), computed);
    else this.#results.closeStep();
    await this.#fanOut.save();
    await this.#fanOut.finalize(status);
    return this.#ending.note({ status, endedAt: this.#clock(), ...(failure === undefined ? {} : { failure }) });
  }

  #logAll(values: unknown, given: LogOptions | undefined, call: string): void {
    const isCollection = isLoggableCollection(values);
    if (!isCollection && (!isPlainObject(values) || isTensorLike(values))) {
      throw new LogError('bad-value', `${call}(${describe(values)}): need a name and a value, or a plain object such as { loss: 0.3 }.`);
    }
    const options = resolveLogOptions(given, () => `${call}()`);
    const wallTime = this.#begin(options);
    let wrong: unknown;
    const take = (name: string, value: unknown): void => {
      try {
        this.#take(name, value, options, wallTime);
      } catch (thrown) {
        wrong ??= thrown;
      }
    };
    if (isCollection) for (const [name, metric] of values.items()) take(name, metric);
    else for (const name in values) if (Object.hasOwn(values, name)) take(name, values[name]);
    if (wrong !== undefined) throw wrong as LogError; // only #take throws in there
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
    if (typeof value === 'number') this.#queue.pushNumber(at, value);
    else if (isLoggableMetric(value)) this.#epochMetrics.take(at, value);
    else this.#enqueue(at, value, () => `run.log('${name}')`);
  }

  #enqueue(at: QueuedValue | HookValue, value: unknown, call: () => string): void {
    if (typeof value === 'number' || typeof value === 'boolean') {
      this.#queue.pushNumber(at, Number(value));
      return;
    }
    const { engine, warn } = this.#parts;
    if (engine?.owns(value) === true) {
      this.#queue.pushHandle(at, engine.retain(value, call()));
      return;
    }
    if (isTensorLike(value)) {
      warn(
        'no-engine',
        `${call()}: tensors are read one by one. Start the run with startRun({ engine: tfjsEngine() }) to read hundreds at once.`,
      );
      this.#queue.pushPromise(at, readTensorLike(value, call()));
      return;
    }
    throw new LogError(
      'bad-value',
      `${call()}: got ${describe(value)}, need a number or a tensor of one value. ${advice(value)}`,
    );
  }

  #write(metrics: Metrics, at: Moment, only: readonly string[] | undefined): void {
    this.#fanOut.logMetrics(metrics, at, only);
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
  if (isPlainObject(value)) return 'Nested objects cannot be logged: give each value a name of its own.';
  if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)))
    return `Convert it with Number(${JSON.stringify(value)}).`;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return 'Take the mean, or log each value under a name of its own.';
  if (value === undefined || value === null) return 'Was it computed before the call?';
  return 'Log the number itself.';
}
