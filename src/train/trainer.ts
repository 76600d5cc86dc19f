import { describe, LogError, toLogError } from '../core/errors.ts';
import { TrainControl } from '../core/train-control.ts';
import type { TrainEventName, TrainEvents } from '../core/train-events.ts';
import type { FitResult, Trainable } from '../core/trainable.ts';
import type { Run } from '../run/run.ts';
import { startRun, type StartRunOptions } from '../run/start-run.ts';
import { refuseIfTraining, trainLoop } from './train-loop.ts';
import type { TrainModule } from './train-module.ts';

/** Hears one kind of event of a training. */
export type TrainListener<Name extends TrainEventName> = (event: TrainEvents[Name]) => void;

/** Listeners by event name. */
export type TrainListeners = { readonly [Name in TrainEventName]?: TrainListener<Name> };

export interface TrainerOptions {
  /** Epochs of each fit. Default 1. */
  readonly maxEpochs?: number;
  /** Listeners from the start; more with `trainer.on()`. */
  readonly on?: TrainListeners;
}

/** How a fit is logged: the options of `startRun`, or a run that is there already and stays open. */
export interface TrainerFitOptions extends StartRunOptions {
  /** Log into this run; it is not finished at the end. Excludes the other options. */
  readonly run?: Run;
}

/** How a fit ended, and the run that holds its numbers. */
export interface TrainerFitResult extends FitResult {
  readonly runId: string;
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
  readonly #listeners = new Map<TrainEventName, Set<(event: never) => void>>();
  #control = new TrainControl();
  #isTraining = false;

  /** Throws `bad-options` for epochs that make no sense. */
  constructor(options: TrainerOptions = {}) {
    const { maxEpochs = 1 } = options;
    if (!Number.isSafeInteger(maxEpochs) || maxEpochs < 1) {
      throw new LogError('bad-options', `new Trainer({ maxEpochs: ${describe(maxEpochs)} }): need a whole number of at least 1.`);
    }
    this.#maxEpochs = maxEpochs;
    for (const [name, listener] of Object.entries(options.on ?? {})) {
      // `TrainListeners` pairs each name with its listener.
      if (listener !== undefined) this.#add(name as TrainEventName, listener as (event: never) => void);
    }
  }

  /** Stop, pause, step, set: the grip on the fit that is going, or on the next one. A new one after each fit. */
  get control(): TrainControl {
    return this.#control;
  }

  /** Listens to `step`, `epoch`, `progress`, `status`, `alert` or `error`. Gives back its undo. */
  on<Name extends TrainEventName>(name: Name, listener: TrainListener<Name>): () => void {
    this.#add(name, listener);
    return () => this.#listeners.get(name)?.delete(listener);
  }

  /**
   * Trains a `System`, a `TrainModule`, or anything with a `fit` of its own. Rejects with the very error a hook
   * threw; the run is then `failed` and keeps everything logged. Rejects with `already-training` when this trainer or
   * the module is training.
   */
  async fit<Batch>(module: TrainModule<Batch> | Trainable, options: TrainerFitOptions = {}): Promise<TrainerFitResult> {
    if (this.#isTraining) {
      throw new LogError(
        'already-training',
        'trainer.fit(): this trainer is training right now. Wait for its fit() to end, or stop it first.',
      );
    }
    // Before a run is started for nothing.
    refuseIfTraining(module);
    this.#isTraining = true;
    try {
      return await this.#fit(module, options);
    } finally {
      this.#isTraining = false;
      this.#control = new TrainControl();
    }
  }

  async #fit<Batch>(module: TrainModule<Batch> | Trainable, options: TrainerFitOptions): Promise<TrainerFitResult> {
    const run = options.run ?? (await startRun(this.#runOptions(module, options)));
    const session = { run, control: this.#control, emit: this.#emit, maxEpochs: this.#maxEpochs };
    let result: FitResult;
    try {
      result = 'fit' in module ? await module.fit(session) : await trainLoop(module, session);
    } catch (thrown) {
      const failure = thrown instanceof Error ? thrown.message : typeof thrown === 'string' ? thrown : describe(thrown);
      // What stopped the training is the reason to give; trouble in writing the end comes beside it.
      if (options.run === undefined) {
        await run
          .finish('failed', failure)
          .catch((second: unknown) => this.#emit('error', { error: toLogError(second, 'store-failed', 'trainer.fit()') }));
      }
      throw thrown;
    }
    if (options.run === undefined) await run.finish(result.status);
    return { ...result, runId: run.id };
  }

  #runOptions<Batch>(module: TrainModule<Batch> | Trainable, options: TrainerFitOptions): StartRunOptions {
    const { run: _, ...own } = options;
    return {
      ...own,
      ...(own.engine === undefined && module.engine !== undefined ? { engine: module.engine } : {}),
      config: { ...module.hyperparameters, ...own.config },
      ...this.#reporting(own),
    };
  }

  /** Errors and warnings of the run are events too. Errors nobody listens for go to the console: they do not undo a training. */
  #reporting(own: StartRunOptions): Pick<StartRunOptions, 'onError' | 'onWarning'> {
    const { onError, onWarning } = own;
    return {
      onError: (error) => {
        onError?.(error);
        if (this.#hears('error')) this.#emit('error', { error });
        // oxlint-disable-next-line no-console -- nobody else is there to tell
        else if (onError === undefined) console.error(`tabtrain: ${error.message}`, error.cause ?? '');
      },
      ...(onWarning === undefined && !this.#hears('alert')
        ? {}
        : {
            onWarning: (warning) => {
              onWarning?.(warning);
              this.#emit('alert', { title: 'Warning', text: warning.text, level: 'warn' });
            },
          }),
    };
  }

  #hears(name: TrainEventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  #add(name: TrainEventName, listener: (event: never) => void): void {
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
