import { describe, LogError, toLogError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { type LoopSettings, pickLoopSettings, refuseUnknownSettings } from '../core/loop-settings.ts';
import { newRunId } from '../core/run-id.ts';
import type { TrainSettings } from '../core/train-control.ts';
import type { BackendChoice, TrainEventName, TrainEvents } from '../core/train-events.ts';
import { keepAfterMs } from '../run/keep-store.ts';
import type { MetricStore } from '../store/metric-store.ts';
import { keepPersistently } from '../store/space.ts';
import { decodeError } from './error-codec.ts';
import { EventListeners } from './event-listeners.ts';
import type { ExposedTrainer } from './expose-trainer.ts';
import { PageConnection } from './page-connection.ts';
import { describeLoggers } from './serve-loggers.ts';

/** What {@link connectTrainer} takes beside the worker. */
export interface ConnectOptions {
  /**
   * Where runs are kept. Default `openStore()`. One in IndexedDB is opened again in the worker, by its name; any other is
   * written to through the page. `false` keeps nothing.
   */
  readonly store?: MetricStore | false;
  /**
   * Ask the browser, once a training has gone on for a minute or has ended, not to clear the store by itself when the disk
   * fills up: a worker cannot. Default true.
   */
  readonly persist?: boolean;
  /**
   * Loggers that live in the page and get a copy of everything that is logged in the worker, ten times a second. One that throws is
   * named once, in an `error` event. Those that can do their work in a worker are better given to `exposeTrainer`.
   */
  readonly loggers?: readonly Logger[];
}

/** One training as the page asks for it. */
export interface FitRequest<Config> extends LoopSettings {
  /** Runs of one project are listed and drawn together. Default `default`. */
  readonly project?: string;
  /** Name of the run. Default: made from the project. */
  readonly name?: string;
  /** Given to the worker's `make` and kept as the run's hyperparameters. */
  readonly config: Config;
  /** Epochs to make. Default 1. */
  readonly maxEpochs?: number;
  /** The id of a run to continue, with a new model; see `startRun`. */
  readonly resume?: string;
  /** Where to continue it: points at and past this step are superseded. Default: behind the last step. */
  readonly fromStep?: number;
}

// As properties, so that the compiler misses none.
const requestOptions: Readonly<Record<Exclude<keyof FitRequest<unknown>, keyof LoopSettings>, true>> = {
  project: true,
  name: true,
  config: true,
  maxEpochs: true,
  resume: true,
  fromStep: true,
};

/** How a training ended. */
export interface FitOutcome {
  readonly runId: string;
  /** `interrupted`: it was told to stop, did not within the time given, and the worker was terminated. */
  readonly status: 'finished' | 'stopped' | 'interrupted';
  /** Completed steps; for `interrupted` the last ones heard of. */
  readonly step: number;
  readonly epoch: number;
}

/** How {@link ConnectedTrainer.close} goes about it. */
export interface CloseOptions {
  /** Ends the worker as well. Default false: who made it may still need it. */
  readonly terminate?: boolean;
  /** Milliseconds to wait for a training to stop and for the worker's goodbye. Default 2,000. */
  readonly within?: number;
}

type Types<Api> =
  Api extends ExposedTrainer<infer Config, infer _Model, infer Calls> ? { readonly config: Config; readonly calls: Calls } : never;
type ConfigOf<Api> = Types<Api>['config'];
// A trainer exposed without calls is inferred to have any name; it has none.
type CallName<Api> = string extends keyof Types<Api>['calls'] ? never : keyof Types<Api>['calls'] & string;
type CallOf<Api, Name extends CallName<Api>> = Types<Api>['calls'][Name];
type CallArguments<Call> = Call extends (model: never, ...args: infer Args) => unknown ? Args : never;
type CallResult<Call> = Call extends (...args: never[]) => infer Result ? Awaited<Result> : never;

/** What is known of the training that is going. */
interface Fitting {
  readonly runId: string;
  step: number;
  epoch: number;
  backend: BackendChoice | undefined;
  isStopping: boolean;
  /** Milliseconds, as `performance.now()` counts. */
  readonly startedAt: number;
}

/**
 * Connects to a worker whose file calls `exposeTrainer`. The page makes the worker and owns it. Needs no waiting: what is
 * called before the worker's script has run is done then. Given a function that makes the worker, the next `fit` after one was
 * terminated or has died starts a new one, so that {@link ConnectedTrainer.stop} with `within` is a hard stop and no more.
 *
 * ```ts
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = connectTrainer<typeof api>(worker, { store });
 * ```
 */
export function connectTrainer<Api extends ExposedTrainer<unknown, unknown, unknown>>(
  worker: Worker | MessagePort | (() => Worker),
  options: ConnectOptions = {},
): ConnectedTrainer<Api> {
  return new ConnectedTrainer<Api>(worker, options);
}

/**
 * A trainer in a worker, as the page holds it. Every call rejects with `worker-died` when the worker is gone: within a second, over plain http
 * within about a minute, as browsers tell nobody there.
 */
export class ConnectedTrainer<Api extends ExposedTrainer<unknown, unknown, unknown>> implements AsyncDisposable {
  readonly #events = new EventListeners();
  readonly #connect: () => PageConnection;
  readonly #canReplace: boolean;
  readonly #mayAskToKeep: boolean;
  readonly #loggers: readonly Logger[];
  #connection: PageConnection;
  #isClosed = false;
  #fitting: Fitting | undefined;
  #settled: Promise<unknown> = Promise.resolve();

  /** @internal Use `connectTrainer()`. */
  constructor(worker: Worker | MessagePort | (() => Worker), options: ConnectOptions) {
    refuseBadLoggers(options.loggers ?? []);
    // Others may train at the same time.
    const loggers = (options.loggers ?? []).map((logger) => logger.forRun?.() ?? logger);
    this.#loggers = loggers;
    const events = this.#events;
    this.#canReplace = typeof worker === 'function';
    const nextMove = this.#canReplace ? 'The next fit() starts a new one' : 'Make a new Worker and connect again';
    this.#connect = () =>
      new PageConnection(typeof worker === 'function' ? worker() : worker, {
        store: options.store,
        loggers,
        events,
        nextMove,
        died: (ending) => this.#workerDied(ending('the trainer')),
      });
    this.#connection = this.#connect();
    // Other stores are not the browser's to clear.
    this.#mayAskToKeep =
      options.persist !== false && (options.store === undefined || (options.store && options.store.kind === 'indexeddb'));
    events.on('step', (event) => this.#note(event));
    events.on('epoch', (event) => this.#note(event));
    events.on('progress', (event) => this.#note(event));
    events.on('status', ({ backend }) => {
      if (this.#fitting !== undefined) this.#fitting.backend = backend;
    });
  }

  /**
   * Listens to what the training tells. `step` and `progress` come at most ten times a second. Gives back its undo. Throws `bad-options`
   * for an event that there is not.
   */
  on<Name extends TrainEventName>(name: Name, listener: (event: TrainEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * Trains a new model in the worker and writes a new run, or continues one. Resolves when the training has ended by itself or by
   * {@link stop}. Rejects with what was thrown in the worker: a `LogError` as such, others by name, message, stack, `code`
   * and cause; with `worker-state` while a training is going; with `worker-died` when the worker is gone, the run then
   * reads `interrupted` and keeps what was committed.
   */
  fit(request: FitRequest<ConfigOf<Api>>): Promise<FitOutcome> {
    if (this.#fitting !== undefined) {
      return Promise.reject(new LogError('worker-state', 'trainer.fit(): a training is already going. Wait for it, or stop() it first.'));
    }
    const { maxEpochs = 1, resume, fromStep } = request;
    try {
      refuseUnknownSettings(request, Object.keys(requestOptions), 'trainer.fit');
    } catch (thrown) {
      return Promise.reject(thrown as LogError); // it throws nothing else
    }
    // Before anything is begun for nothing.
    if (!Number.isSafeInteger(maxEpochs) || maxEpochs < 1)
      return refuse(`maxEpochs: ${describe(maxEpochs)}`, 'need a whole number of at least 1');
    if (resume !== undefined && (typeof resume !== 'string' || resume === ''))
      return refuse(`resume: ${describe(resume)}`, 'need the id of a run');
    if (fromStep !== undefined && (resume === undefined || !Number.isFinite(fromStep)))
      return refuse(`fromStep: ${describe(fromStep)}`, 'need a step, and resume with the id of the run to continue');
    try {
      this.#replaceDead();
    } catch (thrown) {
      return Promise.reject(toLogError(thrown, 'worker-died', 'trainer.fit(): a new worker could not be started'));
    }
    const fitting: Fitting = {
      runId: resume ?? newRunId(),
      step: 0,
      epoch: 0,
      backend: undefined,
      isStopping: false,
      startedAt: performance.now(),
    };
    this.#fitting = fitting;
    const outcome = this.#fit(request, fitting).finally(() => (this.#fitting = undefined));
    this.#settled = outcome.catch(() => {});
    return outcome;
  }

  /**
   * Calls one of the functions named in `exposeTrainer`'s `calls` with the current model, while training, too: between two
   * steps. Arguments and result are copied; see {@link transfer}. Rejects with `worker-state` before the first model is made.
   */
  async call<Name extends CallName<Api>>(name: Name, ...args: CallArguments<CallOf<Api, Name>>): Promise<CallResult<CallOf<Api, Name>>> {
    const value = await this.#connection.send(`trainer.call('${name}')`, 'call', name, ...args);
    // What this call's function gives, by the type of the worker's own api.
    return value as CallResult<CallOf<Api, Name>>;
  }

  /** Changes settings before the next step, e.g. `set({ lr: 1e-4 })`. Rejects with `worker-state` when no training is going. */
  set(settings: TrainSettings): Promise<void> {
    return this.#connection.send('trainer.set()', 'set', settings);
  }

  /** Holds the training before its next step. Rejects with `worker-state` when none is going. */
  pause(): Promise<void> {
    return this.#connection.send('trainer.pause()', 'pause');
  }

  /** Lets a paused training go on. Rejects with `worker-state` when none is going. */
  resume(): Promise<void> {
    return this.#connection.send('trainer.resume()', 'resume');
  }

  /** Makes `count` more steps, then pauses. Default 1. Rejects with `worker-state` when no training is going. */
  step(count = 1): Promise<void> {
    if (!Number.isInteger(count) || count < 1) {
      return Promise.reject(new LogError('bad-options', `trainer.step(${describe(count)}): need a whole number of steps, at least 1.`));
    }
    return this.#connection.send('trainer.step()', 'step', count);
  }

  /**
   * Asks the training to stop, which it does before its next step, and resolves when it has ended; `fit` then resolves with
   * `stopped`. With `within` the worker is terminated after so many milliseconds: `fit` resolves with `interrupted`, other
   * pending calls reject with `worker-died`, and a new Worker is needed, which `connectTrainer(() => new Worker(…))` makes by itself. Without `within` it waits as long as it takes.
   */
  async stop({ within }: { readonly within?: number } = {}): Promise<'stopped' | 'terminated'> {
    if (within !== undefined && !(within >= 0)) {
      throw new LogError(
        'bad-options',
        `trainer.stop({ within: ${describe(within)} }): need milliseconds, 0 or more. Leave it out to wait.`,
      );
    }
    if (this.#fitting === undefined) return 'stopped';
    this.#fitting.isStopping = true;
    const settled = this.#settled;
    const asked = this.#connection.send('trainer.stop()', 'stop').then(
      () => settled,
      // The training's own end says what became of it.
      () => settled,
    );
    if (!(await endsWithin(asked, within)) && this.#connection.ending === undefined && !this.#connection.terminate()) {
      throw new LogError(
        'worker-state',
        `trainer.stop({ within: ${within} }): the training did not stop in time, and what serves it is a port, not a worker. End its thread where it was made.`,
      );
    }
    await settled;
    return this.#connection.ending === undefined ? 'stopped' : 'terminated';
  }

  /**
   * Ends the connection and releases all it holds. A training that is going is asked to stop. The worker itself lives on,
   * and can be connected to again, unless `terminate` is set.
   */
  async close({ terminate = false, within = 2000 }: CloseOptions = {}): Promise<void> {
    this.#isClosed = true;
    if (this.#fitting !== undefined) this.#fitting.isStopping = true;
    const goodbye = this.#connection.send('trainer.close()', 'disconnect').catch(() => {});
    await endsWithin(Promise.all([goodbye, this.#settled]), within);
    if (terminate) this.#connection.terminate();
    await this.#connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // Before a training that needs it, not as soon as the old one is gone: a worker whose script does not load must not be started for ever.
  #replaceDead(): void {
    if (!this.#canReplace || this.#connection.ending === undefined) return;
    if (this.#isClosed) {
      throw new LogError('worker-state', 'trainer.fit(): the connection was closed with close(). Connect again with connectTrainer().');
    }
    void this.#connection.close();
    this.#events.begin();
    this.#connection = this.#connect();
  }

  async #fit(request: FitRequest<ConfigOf<Api>>, fitting: Fitting): Promise<FitOutcome> {
    const { runId } = fitting;
    const connection = this.#connection;
    const call = 'trainer.fit()';
    try {
      const { project, name, maxEpochs, resume, fromStep } = request;
      // The type of `exposeTrainer` lets only plain data be a config.
      const config = { ...(request.config as Record<string, never>) };
      const reply = await connection.send(call, 'fit', {
        runId,
        isResumed: resume !== undefined,
        fromStep,
        project,
        name,
        config,
        maxEpochs,
        loop: pickLoopSettings(request),
        loggers: describeLoggers(this.#loggers),
      });
      await connection.untilEnd(call, connection.events.told(reply.lastBatch));
      if ('error' in reply) throw decodeError(reply.error);
      if (reply.result.step > 0) this.#askToKeep();
      return { runId, status: reply.result.status, step: reply.result.step, epoch: reply.result.epoch };
    } catch (thrown) {
      // Who asked for the end gets it as a result, not as an error.
      const isGone = thrown instanceof LogError && thrown.code === 'worker-died';
      if (isGone && fitting.isStopping) {
        await connection.freeRun(runId);
        return { runId, status: 'interrupted', step: fitting.step, epoch: fitting.epoch };
      }
      throw thrown;
    }
  }

  #note(at: { readonly step: number; readonly epoch: number }): void {
    if (this.#fitting === undefined) return;
    this.#fitting.step = at.step;
    this.#fitting.epoch = at.epoch;
    if (performance.now() - this.#fitting.startedAt >= keepAfterMs) this.#askToKeep();
  }

  #askToKeep(): void {
    if (this.#mayAskToKeep) void keepPersistently();
  }

  #workerDied(error: LogError): void {
    const fitting = this.#fitting;
    const events = this.#events;
    if (fitting !== undefined)
      events.tell('status', { runId: fitting.runId, phase: fitting.isStopping ? 'stopped' : 'failed', backend: fitting.backend });
    if (fitting?.isStopping !== true) events.tell('error', { error });
  }
}

function refuseBadLoggers(loggers: unknown): void {
  const list: readonly unknown[] = Array.isArray(loggers) ? loggers : [undefined];
  if (list.every((logger) => typeof (logger as Logger | null | undefined)?.logMetrics === 'function')) return;
  throw new LogError(
    'bad-options',
    `connectTrainer({ loggers: ${describe(loggers)} }): need a list of loggers. Each has at least logMetrics(metrics, at).`,
  );
}

function refuse(what: string, need: string): Promise<never> {
  return Promise.reject(new LogError('bad-options', `trainer.fit({ ${what} }): ${need}.`));
}

/** True when `work` settles within so many milliseconds; without a limit always, once it has. */
async function endsWithin(work: Promise<unknown>, milliseconds: number | undefined): Promise<boolean> {
  if (milliseconds === undefined) {
    await work;
    return true;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), milliseconds)));
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
