import { toPlainData } from '../core/config.ts';
import { describe, LogError, toLogError } from '../core/errors.ts';
import type { EndStatus } from '../core/run-info.ts';
import { createWarner, type Warner } from '../core/warnings.ts';
import type { Run } from '../run/run.ts';
import { startRun, type StartRunOptions } from '../run/start-run.ts';
import type { ModelLike } from './model-like.ts';
import { Provenance } from './provenance.ts';
import type { UnifiedItems, UnifiedKind } from './unified-kinds.ts';
import { type Kit, type UnifiedLogOptions, verbs } from './unified-verbs.ts';
import { sayOfWriters } from './words.ts';

/** How often items of batches are logged: never but at epochs, always, or those whose index is a multiple of a number. */
export type LogFreq = 'epoch' | 'batch' | number;

export interface UnifiedLoggerOptions extends StartRunOptions {
  /** Log into this run, which stays open. Excludes the options of `startRun`. */
  readonly run?: Run;
  /** Default `epoch`. */
  readonly logFreq?: LogFreq;
  /** The ranks of the workers that log: one, several, or -1 for all. Default 0. */
  readonly logOnWorkers?: number | readonly number[];
}

/** A model under watch. */
interface Watched {
  readonly model: ModelLike;
  readonly identifier: string;
  readonly every: number;
  nextStep: number;
}

/**
 * One verb for everything, as itwinai's loggers have it: `log(item, identifier, kind)`. What is logged goes into a run, its store and
 * its loggers. Nothing is logged before {@link UnifiedLogger.createLoggerContext}.
 *
 * ```ts
 * await using logger = new UnifiedLogger({ project: 'mnist', logFreq: 10 });
 * await logger.createLoggerContext();
 * logger.log(loss, 'train_loss', 'metric', { step, batchIdx });
 * ```
 *
 * The end of a scope does not know why it ends: with `await using` the run is `finished` though the block threw. What may throw goes
 * into {@link UnifiedLogger.startLogging}, whose run is then `failed`.
 */
export class UnifiedLogger implements AsyncDisposable {
  readonly #options: UnifiedLoggerOptions;
  readonly #logFreq: LogFreq;
  readonly #warn: Warner;
  readonly #pending = new Set<Promise<void>>();
  readonly #errors: LogError[] = [];
  readonly #watched: Watched[] = [];
  #provenance = new Provenance();
  #rank: number | undefined;
  #run: Run | undefined;
  #startedAt = 0;

  /** Throws `bad-options` for a rhythm or ranks that make no sense. */
  constructor(options: UnifiedLoggerOptions = {}) {
    const { logFreq = 'epoch', logOnWorkers = 0 } = options;
    if (logFreq !== 'epoch' && logFreq !== 'batch' && !(Number.isSafeInteger(logFreq) && logFreq > 0)) {
      throw new LogError(
        'bad-options',
        `new UnifiedLogger({ logFreq: ${describe(logFreq)} }): need 'epoch', 'batch' or a whole number above 0.`,
      );
    }
    if (![logOnWorkers].flat().every((rank) => Number.isSafeInteger(rank) && rank >= -1)) {
      throw new LogError(
        'bad-options',
        `new UnifiedLogger({ logOnWorkers: ${describe(logOnWorkers)} }): need -1 for all, a rank, or a list of ranks.`,
      );
    }
    this.#options = options;
    this.#logFreq = logFreq;
    this.#warn = createWarner(options.onWarning);
  }

  /** The run that is logged into. Throws `closed-run` before there is one, and on workers that do not log. */
  get run(): Run {
    if (this.#run !== undefined) return this.#run;
    throw new LogError(
      'closed-run',
      this.#rank === undefined
        ? 'UnifiedLogger.run: logging has not begun. Call await createLoggerContext() first.'
        : `UnifiedLogger.run: the worker of rank ${this.#rank} does not log. Pass logOnWorkers: -1 to log on all.`,
    );
  }

  /** True when an item of this batch is logged on this worker; without a batch index always. */
  shouldLog(batchIdx?: number | null): boolean {
    if (!this.#isSelected) return false;
    if (batchIdx === undefined || batchIdx === null) return true;
    return typeof this.#logFreq === 'number' ? batchIdx % this.#logFreq === 0 : this.#logFreq === 'batch';
  }

  /** Begins to log: starts the run, unless one was given. Begun already it warns and does nothing. Rejects as `startRun` does. */
  async createLoggerContext({ rank = 0 }: { readonly rank?: number } = {}): Promise<void> {
    if (this.#rank !== undefined) {
      this.#warn('begun', sayOfWriters('begun'));
      return;
    }
    this.#rank = rank;
    this.#startedAt = performance.now();
    if (!this.#isSelected) return;
    const { run, logFreq: _, logOnWorkers: __, ...own } = this.#options;
    try {
      this.#run = run ?? (await startRun(own));
    } catch (thrown) {
      this.#rank = undefined;
      throw thrown;
    }
    this.#provenance = new Provenance();
  }

  /**
   * Ends logging: waits for what is being written, and finishes the run unless it was given. Rejects with what could not be logged:
   * the error of an item, or one that tells all, whose `cause` is an `AggregateError` of them. Harmless when called twice.
   */
  async destroyLoggerContext(status: EndStatus = 'finished'): Promise<void> {
    const run = this.#run;
    await Promise.all(this.#pending);
    this.#run = undefined;
    this.#rank = undefined;
    this.#watched.length = 0;
    const ended = run !== undefined && this.#options.run === undefined ? run.finish(status) : undefined;
    await ended?.catch((thrown: unknown) => this.#errors.push(toLogError(thrown, 'internal', 'destroyLoggerContext()')));
    const errors = this.#errors.splice(0);
    const [first] = errors;
    if (first === undefined) return;
    if (errors.length === 1) throw first;
    throw new LogError(first.code, errors.map(({ message }) => message).join('\n'), { cause: new AggregateError(errors) });
  }

  /** Logs within a scope: begins, calls, and ends whatever happens; a run of its own is `failed` when `act` throws. */
  async startLogging<Result>(act: (logger: this) => Promise<Result> | Result, options?: { readonly rank?: number }): Promise<Result> {
    await this.createLoggerContext(options);
    let result: Result;
    try {
      result = await act(this);
    } catch (thrown) {
      // What stopped the work is the error to tell.
      await this.destroyLoggerContext('failed').catch(() => {});
      throw thrown;
    }
    await this.destroyLoggerContext();
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.destroyLoggerContext();
  }

  /** Adds hyperparameters to the run's. */
  saveHyperparameters(params: Readonly<Record<string, unknown>>): void {
    this.#refuseUnstarted('saveHyperparameters()');
    this.#run?.logHyperparams(params);
  }

  /** Keeps plain data as a file of JSON text. Throws `bad-options` for what JSON cannot hold. */
  serialize(item: unknown, identifier: string): void {
    this.#refuseUnstarted(`serialize('${identifier}')`);
    if (this.#run !== undefined) this.#keepJson(this.#run, item, identifier, `logger.serialize('${identifier}')`, {});
  }

  /**
   * Logs one item, if {@link UnifiedLogger.shouldLog} says so. Returns at once. Throws `closed-run` before logging has begun,
   * `bad-options` for an unknown kind, `bad-value` for an item that is not of its kind.
   *
   * @param at Step and index of the batch by name, or as itwinai has it the step, followed by the index.
   */
  log<Kind extends UnifiedKind = 'metric'>(
    item: UnifiedItems[Kind],
    identifier: string,
    kind?: Kind,
    at?: UnifiedLogOptions | number,
    batchIdx?: number,
  ): void {
    const call = `logger.log(…, '${identifier}', '${kind ?? 'metric'}')`;
    this.#refuseUnstarted(`log(…, '${identifier}')`);
    const chosen: unknown = kind ?? 'metric';
    if (typeof chosen !== 'string' || !Object.hasOwn(verbs, chosen)) {
      throw new LogError('bad-options', `${call}: the kind is ${describe(kind)}, need one of ${Object.keys(verbs).join(', ')}.`);
    }
    if (typeof identifier !== 'string' || identifier === '') {
      throw new LogError('bad-tag', `logger.log(…, ${describe(identifier)}): need a name for the item, e.g. 'train_loss'.`);
    }
    const options = typeof at === 'number' ? { step: at } : (at ?? {});
    if (this.#run === undefined || !this.shouldLog(batchIdx ?? options.batchIdx)) return;
    // The name was just looked up among the verbs, and `Kind` ties the item to it.
    const act = verbs[chosen as UnifiedKind] as (kit: Kit, item: never, identifier: string, at: UnifiedLogOptions) => void;
    const kit = this.#kit(this.#run, call);
    try {
      act(kit, item as never, identifier, options);
    } catch (thrown) {
      throw inWordsOf(call, thrown);
    }
  }

  get #isSelected(): boolean {
    const { logOnWorkers = 0 } = this.#options;
    const ranks = [logOnWorkers].flat();
    return ranks.includes(-1) || ranks.includes(this.#rank ?? 0);
  }

  #kit(run: Run, call: string): Kit {
    return {
      run,
      call,
      provenance: this.#provenance,
      secondsSinceStart: () => (performance.now() - this.#startedAt) / 1000,
      later: (work) => this.#later(work, call),
      keepJson: (item, identifier, at) => this.#keepJson(run, item, identifier, call, at),
      watch: (model, identifier, every) => this.#watched.push({ model, identifier, every, nextStep: 0 }),
      lookAtWatched: (step) => this.#lookAtWatched(run, step),
    };
  }

  #keepJson(run: Run, item: unknown, identifier: string, call: string, { step }: UnifiedLogOptions): void {
    const text = JSON.stringify(toPlainData(item, 'item', call));
    const fileName = identifier.endsWith('.json') ? identifier : `${identifier}.json`;
    run.logFile(identifier, new Blob([text], { type: 'application/json' }), { fileName, ...(step === undefined ? {} : { step }) });
  }

  #later(work: () => Promise<void>, call: string): void {
    const done = work().catch((thrown: unknown) => {
      this.#errors.push(toLogError(inWordsOf(call, thrown), 'bad-value', call));
    });
    this.#pending.add(done);
    void done.finally(() => this.#pending.delete(done));
  }

  #lookAtWatched(run: Run, step: number): void {
    for (const watched of this.#watched) {
      if (step < watched.nextStep) continue;
      watched.nextStep = step + watched.every;
      for (const weight of watched.model.weights ?? []) {
        const values = weight.read?.();
        if (values !== undefined) run.logHistogram(`${watched.identifier}/${weight.name}`, values, { step });
      }
    }
  }

  #refuseUnstarted(call: string): void {
    if (this.#rank !== undefined) return;
    throw new LogError('closed-run', `UnifiedLogger.${call}: logging has not begun, or has ended. Call await createLoggerContext() first.`);
  }
}

/** The error of the run's verb that a call was turned into, with the call that the user made. */
function inWordsOf(call: string, thrown: unknown): unknown {
  if (!(thrown instanceof LogError)) return thrown;
  const message = thrown.message.replace(/^run\.\w+\(.*?\)(?=: )/, () => call);
  return message === thrown.message ? thrown : new LogError(thrown.code, message, { cause: thrown });
}

/** Kept for those who look for what can be logged: every kind of {@link UnifiedLogger.log}. */
export const unifiedKinds: readonly UnifiedKind[] = Object.keys(verbs) as UnifiedKind[]; // the keys of this very object
