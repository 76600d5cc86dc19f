import { withDefaults } from '../core/config-text.ts';
import { describe, LogError, toLogError } from '../core/errors.ts';
import type { HookLog } from '../core/hook-log.ts';
import { makeHookLog } from '../core/hook-results.ts';
import type { Logger, Metrics } from '../core/logger.ts';
import { isFastDevRun, type LoopSettings, pickLoopSettings, refuseUnknownNames, refuseUnknownSettings } from '../core/loop-settings.ts';
import { TrainControl } from '../core/train-control.ts';
import { refuseBadListener, type TrainEventName, type TrainEvents } from '../core/train-events.ts';
import type { FitResult, FitSession, Trainable } from '../core/trainable.ts';
import type { Run } from '../run/run.ts';
import { startRun, type StartRunOptions } from '../run/start-run.ts';
import { evaluateModule, type EvaluationResult } from './evaluate-module.ts';
import type { Callback, TrainHooks } from './hooks.ts';
import { hyperparametersOf } from './hyperparameters.ts';
import { planLoop } from './loop-plan.ts';
import { trainLoop } from './train-loop.ts';
import { refuseIfTraining } from './with-loop.ts';
import { sayOfTrain } from './words.ts';

/** Hears one kind of event of a training. */
export type TrainListener<Name extends TrainEventName> = (event: TrainEvents[Name]) => void;

/** Listeners by event name. */
export type TrainListeners = { readonly [Name in TrainEventName]?: TrainListener<Name> };

export interface TrainerOptions extends LoopSettings {
  /** Epochs of each fit. Default 1. */
  readonly maxEpochs?: number;
  /** Further places that get everything of every run, beside the store and those of `fit`. */
  readonly loggers?: readonly Logger[];
  /** Called in this order, before the module. */
  readonly callbacks?: readonly Callback[];
  /** Listeners from the start; more with `trainer.on()`. */
  readonly on?: TrainListeners;
}

/** How a fit is logged: the options of `startRun`, or a run that is there already and stays open. */
export interface TrainerFitOptions extends StartRunOptions {
  /** Log into this run; it is not finished at the end. Excludes the other options. */
  readonly run?: Run;
}

// As properties, so that the compiler misses none.
const fitOptions: Readonly<Record<keyof TrainerFitOptions, true>> = {
  run: true,
  project: true,
  name: true,
  id: true,
  resume: true,
  fromStep: true,
  tags: true,
  notes: true,
  parent: true,
  config: true,
  store: true,
  loggers: true,
  engine: true,
  maxQueue: true,
  flushSecs: true,
  readEveryMs: true,
  persist: true,
  facts: true,
  onError: true,
  onAlert: true,
  onWarning: true,
};

/** How a fit ended, and the run that holds its numbers. */
export interface TrainerFitResult extends FitResult {
  readonly runId: string;
}

/** What a run is told about what is trained. */
type Told = Pick<Trainable, 'engine' | 'hyperparameters'>;

/** How a validation or test ended, its numbers, and the run that holds them. */
export interface TrainerEvaluationResult extends EvaluationResult {
  readonly runId: string;
}

/** What `predictStep` gave for each batch. */
export interface TrainerPredictResult extends TrainerEvaluationResult {
  readonly predictions: readonly unknown[];
}

/**
 * Trains in this very thread, page or worker. Starts a run, trains, and finishes the run with the right status,
 * whatever happens.
 *
 * ```ts
 * const trainer = new Trainer({ maxEpochs: 5, on: { epoch: ({ metrics }) => console.log(metrics) } });
 * await trainer.fit(system, { project: 'mnist' });
 * ```
 */
export class Trainer {
  readonly #maxEpochs: number;
  readonly #loop: LoopSettings;
  readonly #loggers: readonly Logger[];
  readonly #callbacks: readonly Callback[];
  readonly #listeners = new Map<TrainEventName, Set<(event: never) => void>>();
  #control = new TrainControl();
  #isTraining = false;
  /** Of the newest run. */
  #hooks: HookLog | undefined;

  /** Throws `bad-options` for settings that make no sense, or that there are not. */
  constructor(options: TrainerOptions = {}) {
    refuseUnknownSettings(options, ['maxEpochs', 'loggers', 'callbacks', 'on'], 'new Trainer');
    const { maxEpochs = 1, loggers = [], callbacks = [], on = {} } = options;
    refuseNoList('loggers', loggers);
    refuseNoList('callbacks', callbacks);
    this.#loop = pickLoopSettings(options);
    planLoop(this.#loop, maxEpochs, 'new Trainer');
    this.#maxEpochs = maxEpochs;
    this.#loggers = loggers;
    this.#callbacks = callbacks;
    for (const [name, listener] of Object.entries(on)) {
      // `TrainListeners` pairs each name with its listener.
      if (listener !== undefined) this.#add(name as TrainEventName, listener as (event: never) => void, 'new Trainer({ on })');
    }
  }

  /** Stop, pause, step, set: the grip on the fit that is going, or on the next one. A new one after each fit. */
  get control(): TrainControl {
    return this.#control;
  }

  /** Newest numbers for callbacks that watch them, base and forked names, also after the fit. */
  get callbackMetrics(): Metrics {
    return this.#hooks?.callbackMetrics ?? {};
  }

  /** Newest numbers logged with `progBar: true`. */
  get progressBarMetrics(): Metrics {
    return this.#hooks?.progressBarMetrics ?? {};
  }

  /** The last value of everything that hooks have sent to the loggers. */
  get loggedMetrics(): Metrics {
    return this.#hooks?.loggedMetrics ?? {};
  }

  /** Listens to `step`, `epoch`, `progress`, `status`, `alert` or `error`. Gives back its undo. Throws `bad-options` for other names. */
  on<Name extends TrainEventName>(name: Name, listener: TrainListener<Name>): () => void {
    this.#add(name, listener, 'trainer.on()');
    return () => this.#listeners.get(name)?.delete(listener);
  }

  /**
   * Trains a `System`, a `TrainModule`, an object with its hooks, or anything with a `fit` of its own. Rejects with the very error a
   * hook threw; the run is then `failed` and keeps everything logged. Rejects with `already-training` when this trainer
   * or the module is training, with `closed-run` for a run that has finished, with `bad-options` for options that there are not.
   */
  fit<Batch>(module: TrainHooks<Batch> | Trainable, options: TrainerFitOptions = {}): Promise<TrainerFitResult> {
    return this.#inRun('fit', module, options, (session) => ('fit' in module ? module.fit(session) : trainLoop(module, session)));
  }

  /** Goes once through the validation data, without training. Rejects as `fit` does, and with `bad-options` when there are none. */
  validate<Batch>(module: TrainHooks<Batch>, options: TrainerFitOptions = {}): Promise<TrainerEvaluationResult> {
    return this.#inRun('validate', module, options, (session) => evaluateModule(module, session, 'validate'));
  }

  /** Goes once through the test data. Rejects as `validate` does. */
  test<Batch>(module: TrainHooks<Batch>, options: TrainerFitOptions = {}): Promise<TrainerEvaluationResult> {
    return this.#inRun('test', module, options, (session) => evaluateModule(module, session, 'test'));
  }

  /**
   * Goes once through the data to predict and gives back what `predictStep` gave for each batch. Nothing can be logged in its hooks,
   * so its run is not stored, unless a `store` is given. Rejects as `validate` does.
   */
  predict<Batch>(module: TrainHooks<Batch>, options: TrainerFitOptions = {}): Promise<TrainerPredictResult> {
    return this.#inRun('predict', module, options.run === undefined ? { store: false, ...options } : options, async (session) => {
      const predictions: unknown[] = [];
      const result = await evaluateModule(module, session, 'predict', (outputs) => predictions.push(outputs));
      return { ...result, predictions };
    });
  }

  async #inRun<Result extends { readonly status: FitResult['status'] }>(
    call: string,
    module: Told,
    options: TrainerFitOptions,
    act: (session: FitSession) => Promise<Result>,
  ): Promise<Result & { readonly runId: string }> {
    if (this.#isTraining) {
      throw new LogError(
        'already-training',
        `trainer.${call}(): this trainer is training right now. Wait for its fit() to end, or stop it first.`,
      );
    }
    // Before a run is started for nothing.
    refuseIfTraining(module);
    refuseUnknownNames(options, Object.keys(fitOptions), `trainer.${call}`);
    if (options.run !== undefined) this.#refuseBadRun(call, options.run, options);
    this.#isTraining = true;
    try {
      const run = options.run ?? (await startRun(this.#runOptions(module, options)));
      this.#hooks = run.attachHooks(makeHookLog);
      const session: FitSession = {
        run,
        control: this.#control,
        emit: this.#emit,
        maxEpochs: this.#maxEpochs,
        loop: this.#loop,
        callbacks: this.#callbacks,
      };
      const result = await this.#ending(run, options.run === undefined, () => act(session));
      return { ...result, runId: run.id };
    } finally {
      this.#isTraining = false;
      this.#control = new TrainControl();
    }
  }

  #refuseBadRun(call: string, run: Run, options: TrainerFitOptions): void {
    const refuse = (code: 'bad-options' | 'closed-run', text: string): never => {
      throw new LogError(code, `trainer.${call}({ run }): ${text}`);
    };
    const { run: _, ...others } = options;
    const beside = Object.entries(others).find(([, value]) => value !== undefined)?.[0];
    if (beside !== undefined) refuse('bad-options', `${beside} is for a new run. Give it to startRun(), or leave run out.`);
    if (isFastDevRun(this.#loop)) refuse('bad-options', 'with fastDevRun nothing is logged. Leave one of the two out.');
    if (run.info.status !== 'running') refuse('closed-run', `run '${run.info.name}' has finished. Start another one, or leave run out.`);
  }

  /** Ends a run of ours, whatever happens. */
  async #ending<Result extends { readonly status: FitResult['status'] }>(
    run: Run,
    isOurs: boolean,
    act: () => Promise<Result>,
  ): Promise<Result> {
    let result: Result;
    try {
      result = await act();
    } catch (thrown) {
      const failure = thrown instanceof Error ? thrown.message : typeof thrown === 'string' ? thrown : describe(thrown);
      // What stopped the training is the reason to give; trouble in writing the end comes beside it.
      if (isOurs) {
        await run
          .finish('failed', failure)
          .catch((second: unknown) => this.#emit('error', { error: toLogError(second, 'store-failed', 'trainer.fit()') }));
      }
      throw thrown;
    }
    if (isOurs) await run.finish(result.status);
    return result;
  }

  #runOptions(module: Told, options: TrainerFitOptions): StartRunOptions {
    const { run: _, ...own } = options;
    return {
      ...own,
      ...(own.engine === undefined && module.engine !== undefined ? { engine: module.engine } : {}),
      loggers: [...this.#loggers, ...(own.loggers ?? [])],
      config: withDefaults(hyperparametersOf(module), own.config),
      ...this.#reporting(own),
      ...(isFastDevRun(this.#loop) ? { store: false, loggers: [] } : {}),
    };
  }

  /** Errors, alerts and warnings of the run are events too. Errors nobody listens for go to the console: they do not undo a training. */
  #reporting(own: StartRunOptions): Pick<StartRunOptions, 'onError' | 'onWarning' | 'onAlert'> {
    const { onError, onWarning, onAlert } = own;
    return {
      onError: (error) => {
        onError?.(error);
        if (this.#hears('error')) this.#emit('error', { error });
        // oxlint-disable-next-line no-console -- nobody else is there to tell
        else if (onError === undefined) console.error(`tabtrain: ${error.message}`, error.cause ?? '');
      },
      onAlert: (alert) => {
        onAlert?.(alert);
        this.#emit('alert', alert);
      },
      ...(onWarning === undefined && !this.#hears('alert')
        ? {}
        : {
            onWarning: (warning) => {
              onWarning?.(warning);
              this.#emit('alert', { title: sayOfTrain('warning'), text: warning.text, level: 'warn' });
            },
          }),
    };
  }

  #hears(name: TrainEventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  #add(name: TrainEventName, listener: (event: never) => void, call: string): void {
    refuseBadListener(name, listener, call);
    const known = this.#listeners.get(name);
    if (known === undefined) this.#listeners.set(name, new Set([listener]));
    else known.add(listener);
  }

  readonly #emit = <Name extends TrainEventName>(name: Name, event: TrainEvents[Name]): void => {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        // Listeners are kept under the name of the event they take.
        (listener as TrainListener<Name>)(event);
      } catch (thrown) {
        // A listener's bug is shown like any uncaught error and does not stop the training.
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  };
}

function refuseNoList(name: string, value: unknown): void {
  if (!Array.isArray(value)) throw new LogError('bad-options', `new Trainer({ ${name}: ${describe(value)} }): need a list of ${name}.`);
}
