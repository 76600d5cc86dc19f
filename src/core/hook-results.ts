import { batchSizeOf } from './batch-size.ts';
import { isPlainObject } from './config.ts';
import { describe, LogError, toLogError } from './errors.ts';
import { refuseBadName } from './hook-checks.ts';
import type { BatchPlace, HookLogSettings, NanPolicy } from './hook-log.ts';
import type { AttachedHookLog, HookLogParts, HookValue, MakeHookLog } from './hook-parts.ts';
import type { Hook, LoggingHook } from './hook-rules.ts';
import { isPromise } from './is-promise.ts';
import { LogGate } from './log-gate.ts';
import { isLoggableCollection, isLoggableMetric, type LoggableCollection, type LoggableMetric } from './loggable-metric.ts';
import type { HookLogOptions, ResolvedLogOptions } from './log-options.ts';
import type { LoopStage, Metrics, Moment } from './logger.ts';
import { oneNumber, warnNoBatchValue, warnTwoMetrics } from './one-number.ts';
import { resolveHookOptions } from './resolve-log-options.ts';
import type { ResultEntry } from './result-entry.ts';
import { type LogRows, StageResults, type View } from './stage-results.ts';
import { isTensorLike } from './tensor-like.ts';
import { sayOfHooks } from './core-words.ts';

/** A loop that goes on, and what it was doing when one within it began. */
interface Frame {
  readonly stage: LoopStage;
  readonly results: StageResults;
  /** Undefined before the first batch of an epoch, then whether it is the first: who logs first in an epoch starts afresh. */
  isFirst: boolean | undefined;
  isStepView: boolean;
}

/** The results of hooks, by the rules of PyTorch Lightning's logger connector, with values that may still be on the accelerator. */
export class HookResults implements AttachedHookLog {
  readonly #parts: HookLogParts;
  #stages: Readonly<Record<StageName, StageResults>>;
  #outer: Frame[] = [];
  #frame: Frame;
  #gate = new LogGate();
  #nanPolicy: NanPolicy = 'warn';
  #shouldStop: () => boolean = () => false;
  #requestStop: (reason: string) => void = () => {};
  #place: BatchPlace | undefined;
  #lastHook: Hook | undefined;
  /** The step of the last batch of training. */
  #x: number | undefined;
  #isOpen = false;
  #isInBatch = false;
  /** The step at which the epoch of training began, until a row of one of its steps is written. */
  #epochFrom: number | undefined;
  /** Whose metric could not be computed: told once. */
  readonly #failed = new WeakSet<ResultEntry>();
  #callback: Record<string, number> = {};
  #progressBar: Record<string, number> = {};
  #logged: Record<string, number> = {};

  constructor(parts: HookLogParts) {
    this.#parts = parts;
    this.#stages = newStages(parts.onError);
    this.#frame = frameOf('train', this.#stages.train);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isExact(): boolean {
    return this.#gate.repeats;
  }

  get callbackMetrics(): Metrics {
    return Object.assign(this.#callback, this.#viewNow().callback);
  }

  get progressBarMetrics(): Metrics {
    // Not kept: a bar looks whenever there is time.
    return { ...this.#progressBar, ...this.#viewNow().progressBar };
  }

  get loggedMetrics(): Metrics {
    return Object.assign(this.#logged, this.#viewNow().logged);
  }

  /** Counts the loops of this run: what one has left in the queue is nothing to the next one's callbacks. */
  #loops = 0;

  begin({ gate, shouldStop = () => false, nanPolicy = 'warn', requestStop = () => {} }: HookLogSettings = {}): void {
    this.#parts.refuseClosed('trainer.fit()');
    this.#gate = new LogGate(gate);
    this.#loops += 1;
    this.#isInBatch = false;
    this.#shouldStop = shouldStop;
    this.#requestStop = requestStop;
    this.#nanPolicy = nanPolicy;
    this.#stages = newStages(this.#parts.onError);
    this.#outer = [];
    this.#frame = frameOf('train', this.#stages.train);
    this.#place = undefined;
    this.#lastHook = undefined;
    this.#x = undefined;
    this.#isOpen = false;
    this.#forget();
  }

  startEpoch(stage: LoopStage, dataloaders: readonly (string | undefined)[] = []): void {
    const results = this.#stages[resultsOf(stage)];
    if (stage !== 'train') this.#outer.push(this.#frame);
    this.#frame = frameOf(stage, results);
    results.dataloaders = dataloaders.length > 1 ? dataloaders : [];
    if (stage === 'train') this.#epochFrom = this.#parts.at().step;
    if (stage === 'sanity') this.#forget();
  }

  startBatch(place: BatchPlace): void {
    const frame = this.#frame;
    const { step } = this.#parts.at();
    this.#place = place;
    frame.isFirst = frame.isFirst === undefined;
    frame.isStepView = true;
    this.#isInBatch = true;
    frame.results.startBatch(place);
    if (frame.stage === 'train') {
      this.#x = step;
      this.#isOpen = this.#gate.opens(step, place, this.#parts.now());
    } else this.#isOpen = this.#gate.opensEvaluation(place.batchIdx + 1);
  }

  endBatch(): void {
    this.#endBatch(false);
  }

  abort(): void {
    if (this.#isInBatch) this.#endBatch(true);
  }

  #endBatch(isAborted: boolean): void {
    this.#isInBatch = false;
    const { results, stage } = this.#frame;
    const { queue, at, now, meter } = this.#parts;
    const dataloader = results.dataloader?.index;
    const isStopping = this.#gate.mayOpen && this.#place?.isAccumulating !== true && this.#shouldStop();
    const isEvaluation = stage !== 'train';
    const isWritten = isEvaluation ? stage !== 'sanity' : isAborted || this.#isOpen || isStopping;
    const { step, epoch } = at();
    const x = isEvaluation ? results.countBatch() : step;
    const moment: Moment = {
      step: x,
      epoch,
      wallTime: now(),
      rhythm: 'step',
      stage,
      ...(isEvaluation ? { isWithoutEpoch: true } : {}),
    };
    if (isWritten && !isEvaluation) this.#epochFrom = undefined;
    const { repeats } = this.#gate;
    results.endBatch();
    this.#isOpen = false;
    const loop = this.#loops;
    const from = meter.calls.enter();
    queue.pushMark(() => {
      if (loop === this.#loops) this.#mergeView(results.view(true, dataloader));
      // What a closed gate keeps out of this row is not for a later one: numbers and tensors alike.
      const rows = isWritten || !repeats ? results.rows(true, dataloader, repeats) : new Map();
      if (isWritten) this.#writeRows(rows, moment, !isEvaluation);
    });
    meter.calls.leave(from);
  }

  async endDataloader(): Promise<void> {
    const { results } = this.#frame;
    this.#frame.isStepView = false;
    if (results.dataloaders.length === 0) return;
    const dataloader = results.dataloader?.index;
    await this.#compute(results, dataloader);
    this.#mergeView(results.view(false, dataloader));
    results.keep(dataloader);
  }

  log(hook: Hook, name: string, value: unknown, options?: HookLogOptions): void {
    const from = this.#parts.meter.calls.enter();
    this.#log(hook, name, value, options);
    this.#parts.meter.calls.leave(from);
  }

  #log(hook: Hook, name: string, value: unknown, options?: HookLogOptions): void {
    const call = (): string => `log('${name}') in ${hook}`;
    this.#parts.refuseClosed(`log('${name}')`);
    const resolved = resolveHookOptions(hook, options, call);
    refuseBadName(name, resolved, value, call);
    const logging = hook as LoggingHook; // others have thrown
    const results = this.#stages[stageOfHook(logging)];
    const entry = results.entry(logging, name, resolved, call, this.#parts.warn);
    if (this.#lastHook !== hook) {
      if (this.#frame.isFirst !== false && results.has(logging)) this.#parts.queue.pushMark(() => results.resetValues(logging));
      this.#lastHook = hook;
    }
    if (isLoggableMetric(value)) this.#takeMetric(entry, value, call);
    // What neither a row, nor the bar, nor an epoch will show is not kept: a tensor would cost memory and a reading.
    else if (this.#isWanted(entry) || !this.#parts.intake.isOnDevice(value)) {
      this.#parts.intake.enqueue({ entry, weight: this.#weightOf(resolved, results, call) }, value, call);
    } else this.#parts.queue.pushMark(() => entry.miss());
  }

  logDict(hook: Hook, values: Readonly<Record<string, unknown>> | LoggableCollection, options?: HookLogOptions): void {
    if (!isLoggableCollection(values) && (!isPlainObject(values) || isTensorLike(values))) {
      throw new LogError(
        'bad-value',
        `logDict(${describe(values)}) in ${hook}: need a plain object such as { loss: 0.3 }, or a MetricCollection${isPromise(values) ? '; await it first' : ''}.`,
      );
    }
    let wrong: unknown;
    for (const [name, value] of isLoggableCollection(values) ? values.items() : Object.entries(values)) {
      try {
        this.log(hook, name, value, options);
      } catch (thrown) {
        wrong ??= thrown;
      }
    }
    if (wrong !== undefined) throw wrong as LogError; // only `log` throws in there
  }

  /** Takes a value out of the queue. */
  deliver({ entry, weight }: HookValue, value: number): void {
    if (!Number.isFinite(value) && !this.#admit(entry, value)) return;
    if (weight === undefined) entry.addBatchValue(value);
    else entry.add(value, weight);
  }

  warn(key: string, text: string): void {
    this.#parts.warn(key, text);
  }

  async settle(): Promise<void> {
    const frame = this.#frame;
    frame.isFirst = undefined;
    frame.isStepView = false;
    frame.results.dataloader = undefined;
    await this.#compute(frame.results, undefined);
  }

  async endEpoch(): Promise<Metrics> {
    await this.settle();
    const { results, stage } = this.#frame;
    const { at, now } = this.#parts;
    const { step, epoch } = at();
    this.#mergeView(results.view(false, undefined));
    const rows = results.epochRows();
    if (stage === 'train') this.#warnSilent(results, step);
    const x = stage === 'train' ? Math.max(0, step - 1) : (this.#x ?? step);
    if (stage !== 'sanity') this.#writeRows(rows, { step: x, epoch, wallTime: now(), rhythm: 'epoch', stage }, true);
    results.reset();
    this.#lastHook = undefined;
    if (stage === 'sanity') {
      results.forget();
      this.#forget();
    }
    const outer = this.#outer.pop();
    if (outer !== undefined) this.#frame = outer;
    return stage === 'sanity' ? {} : Object.assign({}, ...[...rows.values()].map(({ metrics }) => metrics));
  }

  write(metrics: Metrics): void {
    const { queue, at, now } = this.#parts;
    const { step, epoch } = at();
    const moment: Moment = { step, epoch, wallTime: now(), rhythm: 'step', stage: this.#frame.stage, isWithoutEpoch: true };
    const copy = { ...metrics };
    queue.pushMark(() => {
      Object.assign(this.#callback, copy);
      Object.assign(this.#logged, copy);
      if (Object.keys(copy).length > 0) this.#parts.write(copy, moment);
    });
  }

  #warnSilent(results: StageResults, step: number): void {
    const { everyNSteps } = this.#gate;
    const steps = step - (this.#epochFrom ?? step);
    if (steps === 0 || everyNSteps <= steps || !results.hasStepValues) return;
    this.#parts.warn('silent-epoch', sayOfHooks('silent-epoch', { every: everyNSteps, steps }));
  }

  #isWanted({ options }: ResultEntry): boolean {
    // The GPU is never read for the progress bar alone.
    return options.onEpoch || this.#frame.stage !== 'train' || this.#isOpen || this.#shouldStop();
  }

  #takeMetric(entry: ResultEntry, metric: LoggableMetric, call: () => string): void {
    const { queue } = this.#parts;
    queue.pushMark(() => {
      if (entry.metric !== undefined && entry.metric !== metric && !entry.isReset) warnTwoMetrics(this.#parts.warn, entry.name, call);
      entry.addMetric(metric);
    });
    const { options } = entry;
    if (!options.onStep) return;
    const isForBar = options.progBar && metric.device === undefined;
    if (!isForBar && this.#frame.stage === 'train' && !this.#isOpen && !this.#shouldStop()) return;
    const { batchValue } = metric;
    if (batchValue !== undefined) queue.pushLazy({ entry, weight: undefined }, async () => oneNumber(await batchValue(), call));
    else if (!options.onEpoch) warnNoBatchValue(this.#parts.warn, entry.name, call);
  }

  #weightOf({ batchSize, onEpoch, reduceFx }: ResolvedLogOptions, results: StageResults, call: () => string): number {
    if (batchSize !== undefined) return batchSize;
    if (!onEpoch || (reduceFx !== 'mean' && typeof reduceFx === 'string')) return 1;
    const { batch } = results;
    if (batch === undefined) return 1;
    return (results.batchSize ??= batchSizeOf(batch, call, this.#parts.warn));
  }

  /** False when it is to be left out. */
  #admit(entry: ResultEntry, value: number): boolean {
    if (this.#nanPolicy === 'keep') return true;
    const what = sayOfHooks('not-finite', { name: entry.name, hook: entry.hook, value: String(value) });
    if (this.#nanPolicy === 'stop') this.#requestStop(what);
    const then = ({ skip: 'left-out', stop: 'stop', warn: 'kept' } as const)[this.#nanPolicy];
    this.#parts.warn(`not-finite:${entry.name}`, sayOfHooks(`not-finite-${then}`, { what }));
    return this.#nanPolicy !== 'skip';
  }

  async #compute(results: StageResults, dataloader: number | undefined): Promise<void> {
    await this.#parts.queue.drain();
    // All at once: metrics that count on a device then share one reading.
    await Promise.all(Array.from(results.valid(dataloader), (entry) => this.#computeMetric(entry)));
  }

  async #computeMetric(entry: ResultEntry): Promise<void> {
    const { metric, options } = entry;
    if (metric === undefined) {
      const folded = entry.value(false);
      if (folded !== undefined && !Number.isFinite(folded) && !this.#admit(entry, folded)) entry.reset();
      return;
    }
    if (!options.onEpoch || !entry.isDue) return;
    entry.isDue = false;
    const call = (): string => `log('${entry.name}') in ${entry.hook}`;
    try {
      const computed = oneNumber(await metric.compute(), call);
      entry.computed = Number.isFinite(computed) || this.#admit(entry, computed) ? computed : undefined;
    } catch (thrown) {
      entry.computed = undefined;
      if (!this.#failed.has(entry)) this.#parts.onError(toLogError(thrown, 'bad-metric', call()));
      this.#failed.add(entry);
    }
  }

  #writeRows(rows: LogRows, moment: Moment, mayMove: boolean): void {
    for (const { metrics, only } of rows.values()) {
      Object.assign(this.#logged, metrics);
      const { step: x, ...rest } = metrics;
      // Lightning's way to plot against something else: the value named `step` becomes the x of the row.
      if (mayMove && x !== undefined) {
        if (Object.keys(rest).length > 0) this.#parts.write(rest, { ...moment, step: Math.trunc(x), isWithoutEpoch: true }, only);
      } else this.#parts.write(metrics, moment, only);
    }
  }

  #viewNow(): View {
    const { results, isStepView } = this.#frame;
    return results.view(isStepView, results.dataloader?.index);
  }

  #mergeView({ callback, progressBar, logged }: View): void {
    Object.assign(this.#callback, callback);
    Object.assign(this.#progressBar, progressBar);
    Object.assign(this.#logged, logged);
  }

  #forget(): void {
    this.#callback = {};
    this.#progressBar = {};
    this.#logged = {};
  }
}

/** For `run.attachHooks()`. */
export const makeHookLog: MakeHookLog = (parts) => new HookResults(parts);

type StageName = 'train' | 'validate' | 'test';

function newStages(onError: HookLogParts['onError']): Readonly<Record<StageName, StageResults>> {
  return {
    train: new StageResults(true, onError),
    validate: new StageResults(false, onError),
    test: new StageResults(false, onError),
  };
}

function frameOf(stage: LoopStage, results: StageResults): Frame {
  return { stage, results, isFirst: undefined, isStepView: false };
}

function resultsOf(stage: LoopStage): StageName {
  return stage === 'train' || stage === 'test' ? stage : 'validate';
}

function stageOfHook(hook: LoggingHook): StageName {
  return /^(?:onV|v)alidation/.test(hook) ? 'validate' : /^(?:onT|t)est/.test(hook) ? 'test' : 'train';
}
