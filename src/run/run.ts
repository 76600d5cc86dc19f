import { barVersion } from '../core/bar-text.ts';
import { LogError } from '../core/errors.ts';
import type { Engine } from '../core/engine.ts';
import type { HookLog } from '../core/hook-log.ts';
import type { AttachedHookLog, HookLogParts, HookValue, MakeHookLog } from '../core/hook-parts.ts';
import type { LoggableCollection } from '../core/loggable-metric.ts';
import type { LogOptions, Loggable, OfSeveral, ResolvedLogOptions } from '../core/log-options.ts';
import { LoggerFanOut } from '../core/logger-fan-out.ts';
import type { Metrics, Moment } from '../core/logger.ts';
import { loggingTag, OverheadMeter, type RunOverhead } from '../core/overhead-meter.ts';
import { type QueuedValue, ReadbackQueue } from '../core/readback-queue.ts';
import { type RecordOptions, type RecordVerbs, recordVerbs } from '../core/record-verbs.ts';
import { resolveLogOptions } from '../core/resolve-log-options.ts';
import { ResultCollection } from '../core/result-collection.ts';
import type { EndStatus, Json, RunInfo } from '../core/run-info.ts';
import { epochsFact } from '../core/run-name.ts';
import type { RunWriter } from '../core/trainable.ts';
import { createWallClock } from '../core/wall-clock.ts';
import type { MetricStore } from '../store/metric-store.ts';
import { EpochEnds } from './epoch-ends.ts';
import { EpochMetrics } from './epoch-metrics.ts';
import { childParts, ChildRuns } from './child-run.ts';
import { closedRun } from './closed-run.ts';
import { IdleWriter } from './idle-writer.ts';
import { onLifecycle } from './lifecycle.ts';
import { RecordWriter } from './record-writer.ts';
import { RowListeners } from './row-listeners.ts';
import { type RunEnd, RunEnding } from './run-ending.ts';
import type { RunParts } from './run-parts.ts';
import { refuseNoValues, ValueIntake, type ValueMoment } from './value-intake.ts';

/** The verbs for what lies beside numbers are handed on to the writer of records, one like the other. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- the static block of the class adds each of them
export interface Run extends RecordVerbs {}

/**
 * One run: what you log into. Made by `startRun()`. Logging never waits: numbers and GPU scalars are taken at once and
 * written behind the caller's back, in order.
 */
export class Run implements RunWriter, AsyncDisposable {
  static {
    for (const verb of recordVerbs) {
      Object.defineProperty(Run.prototype, verb, {
        configurable: true,
        writable: true,
        value(this: Run, ...args: readonly unknown[]): unknown {
          return Reflect.apply(this.#records[verb], this.#records, args);
        },
      });
    }
  }

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
  readonly #hookParts: HookLogParts;
  #hooks: AttachedHookLog | undefined;
  readonly #records: RecordWriter;
  readonly #meter: OverheadMeter;
  readonly #epochEnds: EpochEnds;
  readonly #intake: ValueIntake;
  readonly #ending: RunEnding;
  readonly #clock: () => number = createWallClock();
  readonly #rows: RowListeners;
  readonly #forgetLifecycle: () => void;
  /** What this run has changed in its record. */
  #changes: Partial<RunInfo> = {};
  #step: number;
  #epoch: number;
  readonly #idle: IdleWriter = new IdleWriter(() => this.#queue.pushMark(() => this.#results.writeOpen()));
  #finished: Promise<void> | undefined;
  #isOver = false;
  readonly #children = new ChildRuns<Run>();

  /** @internal Use `startRun()`. */
  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#rows = new RowListeners(parts.onError);
    this.settled = new Promise((resolve) => (this.#settle = resolve));
    ({ step: this.#step, epoch: this.#epoch } = parts.from);
    this.#meter = new OverheadMeter({ warn: parts.warn });
    if (parts.storeLogger !== undefined) parts.storeLogger.probe = this.#meter.bulk;
    this.#fanOut = new LoggerFanOut(
      [...(parts.storeLogger === undefined ? [] : [parts.storeLogger]), ...parts.loggers],
      parts.onError,
      parts.warn,
      undefined,
      (name) => this.#meter.part(name),
    );
    this.#ending = new RunEnding(
      parts,
      () => this.#records,
      () => this.info,
      (info) => (this.#changes = info),
    );
    // The step before the first one is the last that is complete.
    const before = { step: Math.max(0, this.#step - 1), epoch: this.#epoch };
    const write = (metrics: Metrics, at: Moment, only?: readonly string[]): void => {
      this.#fanOut.logMetrics(metrics, at, only);
      this.#rows.tell(metrics, at);
    };
    this.#results = new ResultCollection(write, parts.warn, parts.onError, before);
    this.#queue = new ReadbackQueue({
      ...parts,
      callOf: (at) => ('entry' in at ? `log('${at.entry.name}') in ${at.entry.hook}` : `run.log('${at.name}')`),
      deliver: (at, value) => ('entry' in at ? this.#hooks?.deliver(at, value) : this.#results.add(at, value)),
      probe: this.#meter.bulk,
    });
    const epochMetrics = new EpochMetrics(this.#queue, parts.warn, parts.onError);
    this.#epochEnds = new EpochEnds(this.#queue, this.#results, epochMetrics, this.#clock);
    this.#intake = new ValueIntake({ ...parts, queue: this.#queue, epochMetrics, meter: this.#meter });
    this.#hookParts = {
      queue: this.#queue,
      intake: this.#intake,
      write: (metrics, at, only) => this.#results.pass(metrics, at, only),
      at: () => ({ step: this.#step, epoch: this.#epoch }),
      now: this.#clock,
      refuseClosed: (call) => this.#refuseClosed(call),
      onError: parts.onError,
      warn: parts.warn,
      meter: this.#meter,
    };
    this.#records = new RecordWriter({
      ...parts,
      fanOut: this.#fanOut,
      onChange: ({ config, facts }) => {
        this.#changes = { ...this.#changes, ...(config === undefined ? {} : { config }), facts: { ...this.info.facts, ...facts } };
      },
      moment: () => ({ step: this.step, epoch: this.epoch, wallTime: this.#clock() }),
    });
    this.#fanOut.start(parts.info);
    this.#fanOut.logHyperparams(parts.info.config);
    this.#forgetLifecycle = onLifecycle((event) => (event === 'resume' ? undefined : this.flush()));
  }

  get id(): string {
    return this.#parts.info.id;
  }

  /** The run's record as this run last wrote it. */
  get info(): RunInfo {
    return { ...this.#parts.info, ...this.#changes };
  }

  /** The store that keeps the run; undefined with `store: false`. */
  get store(): MetricStore | undefined {
    return this.#parts.store;
  }

  /** Completed steps, and so the step of the next value logged without one. */
  get step(): number {
    this.#follow();
    return this.#step;
  }

  /** 0-based. */
  get epoch(): number {
    this.#follow();
    return this.#epoch;
  }

  /** What the hooks of a loop log. Throws `wrong-hook` before a loop has attached it. */
  get hooks(): HookLog {
    if (this.#hooks === undefined)
      throw new LogError('wrong-hook', 'run.hooks: no loop has begun. Use run.log(), or train with a Trainer.');
    return this.#hooks;
  }

  /** For loops, before they begin: makes {@link Run.hooks}, once. Runs without a loop do not carry the code of it. */
  attachHooks(make: MakeHookLog): HookLog {
    return (this.#hooks ??= make(this.#hookParts));
  }

  /** For what trains, before it logs: reads its tensors in batches, unless the run has an engine. Gives back whom to tell what goes wrong. */
  attachEngine(engine: Engine): Pick<RunParts, 'onError' | 'warn'> {
    this.#parts.engine.attach(engine);
    return this.#parts;
  }

  /** The version of its loggers, which a progress bar shows as `v_num`; undefined when they have none. */
  get version(): number | string | undefined {
    return barVersion(this.#parts.loggers.map(({ version }) => version));
  }

  /** What logging has cost on this thread so far, and which share of the time that is. */
  get overhead(): RunOverhead {
    return this.#meter.overhead;
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
  log(name: string, value: Loggable, options?: LogOptions): void;
  log(values: Readonly<Record<string, Loggable>>, options?: OfSeveral<LogOptions>): void;
  log(first: string | Readonly<Record<string, unknown>>, second?: unknown, third?: LogOptions): void {
    if (this.#finished !== undefined) this.#refuseClosed(typeof first === 'string' ? `run.log('${first}')` : 'run.log()');
    if (typeof first !== 'string') return this.#logAll(first, second as LogOptions | undefined, 'run.log'); // the overloads say so
    const from = this.#meter.calls.enter();
    const options = resolveLogOptions(third, () => `run.log('${first}')`);
    const before = this.#step;
    const moment = this.#begin(options);
    try {
      this.#intake.take(first, second, options, moment);
    } catch (thrown) {
      // What is refused leaves no trace.
      this.#step = before;
      throw thrown;
    }
    this.#meter.calls.leave(from);
  }

  /** As `log` with several values, and for a collection of metric objects under the names it gives them. */
  logDict(values: Readonly<Record<string, Loggable>> | LoggableCollection, options?: OfSeveral<LogOptions>): void {
    this.#refuseClosed('run.logDict()');
    this.#logAll(values, options, 'run.logDict');
  }

  /** Keeps a file, such as a checkpoint or a report, beside the numbers; by default under its tag. Returns at once. */
  logFile(tag: string, content: Blob | string, options?: RecordOptions & { readonly fileName?: string }): void {
    this.#records.logFile(tag, content, options);
  }

  /**
   * A run within this one, e.g. `run.child('validation')`, called `<this one>-validation`: it has a record of its own, whose `parent`
   * is this run, in the same store, and is exported as a folder in that of this run. The loggers of this run get its rows, too, with
   * `validation/` before each tag. The same name gives the same run. What it logs lies at the step and epoch of this one, unless its
   * own `endStep` and `endEpoch` have gone further; it finishes with this one, if not before. Throws `bad-options`, `closed-run`.
   */
  child(name: string): Run {
    this.#refuseClosed(`run.child('${name}')`);
    const at = (): RunParts['from'] => this;
    return this.#children.get(name, () => new Run(childParts(this.#parts, () => this.info, name, at)));
  }

  /**
   * Says that an optimizer step is complete: later values belong to the next one. Resolved at once, except while very
   * many GPU scalars wait to be read, or points to be stored: more than 16 times `maxQueue`. Awaiting it then is what holds the
   * loop back, and what bounds the points that a kill can cost.
   */
  endStep(): Promise<void> {
    this.#refuseClosed('run.endStep()');
    const ended = this.#step;
    this.#step += 1;
    const from = this.#meter.calls.enter();
    this.#queue.pushMark(() => this.#results.closeStep(ended));
    this.#meter.calls.leave(from);
    this.#logOverhead(this.#meter.stepDone());
    const stored = this.#parts.storeLogger?.whenRoom() ?? this.#records.whenRoom();
    return stored === undefined ? this.#queue.whenRoom() : stored.then(() => this.#queue.whenRoom());
  }

  /**
   * Reads what is pending (with `read: false` it is written later), computes metric objects, writes the epoch's values at its last step,
   * advances the epoch and gives those values back by tag. What is logged meanwhile is of the next epoch; metric objects must rest.
   */
  async endEpoch({ read = true }: { readonly read?: boolean } = {}): Promise<Metrics> {
    this.#refuseClosed('run.endEpoch()');
    const epoch = this.#epoch;
    this.#logOverhead(this.#meter.epochDone());
    this.#epoch += 1;
    this.#records.addFacts({ [epochsFact]: this.#epoch });
    const metrics = await this.#epochEnds.close(epoch, read);
    // Not awaited: an epoch's end must not wait for the disk.
    void this.#fanOut.save();
    return metrics;
  }

  /** Adds facts to the run's record, e.g. `{ backend: 'webgpu' }`. */
  async setFacts(facts: Readonly<Record<string, Json>>): Promise<void> {
    // Not what the store gives back: hyperparameters may be on their way to it.
    this.#changes = { ...this.#changes, facts: { ...this.info.facts, ...facts } };
    await this.#parts.store?.updateRun(this.id, { facts });
  }

  /** Calls back with each row on its way to the loggers. Gives back its undo. */
  onRow(listener: (metrics: Metrics, at: Moment) => void): () => void {
    return this.#rows.add(listener);
  }

  /** Reads what is pending and writes it. Resolves once everything logged before is committed. */
  async flush(): Promise<void> {
    // The loggers have saved for the last time.
    if (this.#isOver) return void (await Promise.all([this.#parts.storeLogger?.save(), this.#records.save(), this.#children.flush()]));
    // Numbers first: when the page is going away there may be no time for the device.
    this.#results.writeOpen();
    const isComplete = this.#queue.isIdle && this.#records.pending === 0;
    const saved = Promise.all([this.#fanOut.save(), this.#records.save(), this.#children.flush()]);
    await this.#queue.drain();
    this.#results.writeOpen();
    await saved;
    if (!isComplete) await this.#fanOut.save();
  }

  /**
   * Ends the run: writes everything, sets the status, lets go of the store. Never needed for safety, and harmless when
   * called twice. Rejects with the errors that were met on the way when no `onError` was there to hear them.
   */
  finish(status: EndStatus = 'finished', failure?: string): Promise<void> {
    return (this.#finished ??= this.#finish(status, failure));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.finish();
  }

  async #finish(status: EndStatus, failure: string | undefined): Promise<void> {
    let left: RunEnd | undefined;
    try {
      left = await this.#writeAll(status, failure);
    } finally {
      const { settling } = this.#children;
      const close = (): Promise<void> => this.#ending.close().finally(() => this.#settle());
      // What the store has no room for now is stored when there is room, with the lock held until then.
      if (left === undefined && settling === undefined) await close();
      else void Promise.all([settling, left && this.#ending.catchUp(left)]).then(close);
    }
    this.#ending.throwUntold();
  }

  /** Writes all there is. Gives back the end of the run, if that or anything else waits for the store. */
  async #writeAll(status: EndStatus, failure: string | undefined): Promise<RunEnd | undefined> {
    this.#forgetLifecycle();
    this.#idle.stop();
    await this.#ending.doAll([
      () => this.#children.finish(status, failure),
      () => this.#epochEnds.closeLast(this.#epoch),
      // First, so that the loggers have all records when they save for the last time.
      () => this.#records.finalize(),
      () => this.#fanOut.save(),
      () => {
        this.#isOver = true;
        return this.#fanOut.finalize(status);
      },
    ]);
    return this.#ending.note({ status, endedAt: this.#clock(), ...(failure === undefined ? {} : { failure }) });
  }

  #refuseClosed(call: string): void {
    if (this.#finished !== undefined) throw closedRun(call, this.info.name);
  }

  #logAll(values: unknown, given: LogOptions | undefined, call: string): void {
    const from = this.#meter.calls.enter();
    refuseNoValues(values, call);
    const options = resolveLogOptions(given, () => `${call}()`);
    const before = this.#step;
    const { taken, wrong } = this.#intake.takeAll(values, options, this.#begin(options));
    if (taken === 0) this.#step = before;
    if (wrong !== undefined) throw wrong as LogError; // of one value
    this.#meter.calls.leave(from);
  }

  #logOverhead(ms: number | undefined): void {
    // A run without a loop, or with the very rows of Lightning, holds what its user has logged and nothing else.
    if (ms === undefined || this.#hooks === undefined || this.#hooks.isExact) return;
    // The step it was measured at is already closed.
    this.log(loggingTag, ms, { step: Math.max(0, this.#step - 1) });
  }

  /** A run within another is never behind that one. */
  #follow(): void {
    const { outer } = this.#parts;
    if (outer === undefined) return;
    const { step, epoch } = outer();
    this.#step = Math.max(this.#step, step);
    this.#epoch = Math.max(this.#epoch, epoch);
  }

  #begin({ step }: ResolvedLogOptions): ValueMoment {
    this.#follow();
    if (step !== undefined && step > this.#step) {
      this.#step = step;
      this.#meter.stepDone();
    }
    const wallTime = this.#clock();
    this.#idle.touch(wallTime);
    return { step: step ?? this.#step, epoch: this.#epoch, wallTime };
  }
}
