import { describe, LogError, toLogError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { isFastDevRun } from '../core/loop-settings.ts';
import type { Config } from '../core/run-info.ts';
import type { FitResult, FitSession, Trainable } from '../core/trainable.ts';
import { TrainControl } from '../core/train-control.ts';
import type { EmitTrainEvent, TrainEventName, TrainEvents, TrainPhase } from '../core/train-events.ts';
import type { Run } from '../run/run.ts';
import { startRun } from '../run/start-run.ts';
import type { MetricStore } from '../store/metric-store.ts';
import type { FitCommand } from './protocol.ts';
import { sayOfWorker } from './words.ts';

/** One training, as it is about to begin. */
export interface FitInfo {
  readonly runId: string;
  readonly project: string | undefined;
  /** Undefined where it is made from the project. */
  readonly name: string | undefined;
  /** As the page gave it. */
  readonly config: Config;
  readonly maxEpochs: number;
}

/** What a worker's author gives, with the types erased: the page's end has checked them. */
export interface TrainingParts {
  readonly make: (config: never) => Trainable | Promise<Trainable>;
  readonly calls: Readonly<Record<string, (trainable: never, ...args: never[]) => unknown>>;
  readonly loggers: ((fit: FitInfo) => readonly Logger[]) | undefined;
  readonly callbacks: ((fit: FitInfo) => readonly object[]) | undefined;
  readonly emit: EmitTrainEvent;
}

/** The store of one training. */
export interface TrainingStore {
  readonly store: MetricStore | false;
  /** Called once, when nothing of the training waits for the store any more. */
  release(): Promise<void>;
}

/** A model and what is still computing on it. */
interface Made {
  readonly trainable: Trainable;
  readonly calls: Set<Promise<unknown>>;
}

/** In the worker: makes models, trains one at a time, answers calls to the current one. */
export class TrainingHost {
  readonly #parts: TrainingParts;
  #current: Made | undefined;
  #control: TrainControl | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(parts: TrainingParts) {
    this.#parts = parts;
  }

  /** Trains a new model. Rejects with `worker-state` while another training is going, else with what was thrown. */
  fit(command: FitCommand, pageLoggers: readonly Logger[], openStore: () => Promise<TrainingStore>): Promise<FitResult> {
    if (this.#control !== undefined) {
      return Promise.reject(
        new LogError('worker-state', 'trainer.fit(): a training is already going in this worker. Wait for it, or stop() it first.'),
      );
    }
    // Set in the same turn as it is looked at: of two clicks the second must find it.
    const control = new TrainControl();
    this.#control = control;
    const result = this.#fit(command, { control, pageLoggers, openStore }).finally(() => (this.#control = undefined));
    this.#ended = result.catch(() => {});
    return result;
  }

  /** The grip on the training that is going. Throws `worker-state` when none is. */
  control(call: string): TrainControl {
    if (this.#control === undefined) throw new LogError('worker-state', `${call}: no training is going. Call fit() first.`);
    return this.#control;
  }

  /** Asks the training to stop. Resolves when none is going any more. */
  async stop(reason?: string): Promise<void> {
    this.#control?.stop(reason);
    await this.#ended;
  }

  /** Calls one of the author's functions with the current model. */
  async call(name: string, args: readonly unknown[]): Promise<unknown> {
    const { calls } = this.#parts;
    if (!Object.hasOwn(calls, name)) {
      const known = Object.keys(calls);
      throw new LogError(
        'bad-options',
        `trainer.call(${describe(name)}): the worker has no such call. ${known.length === 0 ? 'Name it in exposeTrainer(make, { calls }).' : `It has: ${known.join(', ')}.`}`,
      );
    }
    const made = this.#current;
    if (made === undefined) {
      throw new LogError(
        'worker-state',
        `trainer.call('${name}'): there is no model yet. Call fit() first and wait for its first 'status' that is not 'preparing'.`,
      );
    }
    // The caller's types are those of `exposeTrainer`'s `calls`.
    const call = calls[name] as (trainable: Trainable, ...rest: readonly unknown[]) => unknown;
    const answer = Promise.resolve(call(made.trainable, ...args));
    made.calls.add(answer);
    try {
      return await answer;
    } finally {
      made.calls.delete(answer);
    }
  }

  /** Stops the training and frees the model. */
  async dispose(): Promise<void> {
    await this.stop();
    this.#replace(undefined);
  }

  async #fit(
    command: FitCommand,
    { control, pageLoggers, openStore }: { control: TrainControl; pageLoggers: readonly Logger[]; openStore: () => Promise<TrainingStore> },
  ): Promise<FitResult> {
    const status = this.#watchStatus(command.runId);
    status.tell('preparing');
    let opened: TrainingStore | undefined;
    let run: Run | undefined;
    try {
      // Only tried: nothing is kept, and no logger is told.
      const isTrial = isFastDevRun(command.loop);
      opened = isTrial ? { store: false, release: () => Promise.resolve() } : await openStore();
      const trainable = await this.#make(command);
      this.#replace({ trainable, calls: new Set() });
      const info = infoOf(command);
      const loggers = isTrial ? [] : [...(this.#parts.loggers?.(info) ?? []), ...pageLoggers];
      const callbacks = this.#parts.callbacks?.(info) ?? [];
      run = await this.#startRun(command, trainable, { store: opened.store, loggers });
      const result = await this.#train(run, trainable, {
        control,
        emit: status.emit,
        maxEpochs: info.maxEpochs,
        loop: command.loop,
        callbacks,
      });
      status.tell(result.status);
      return result;
    } catch (thrown) {
      status.tell('failed');
      throw thrown;
    } finally {
      // What the store has refused so far is stored when there is room, whether or not anybody still waits for this training.
      if (run === undefined) await opened?.release();
      else void run.settled.then(() => opened?.release());
    }
  }

  #startRun(
    command: FitCommand,
    trainable: Trainable,
    { store, loggers }: { store: MetricStore | false; loggers: readonly Logger[] },
  ): Promise<Run> {
    const { emit } = this.#parts;
    return startRun({
      ...(command.isResumed ? { resume: command.runId } : { id: command.runId }),
      ...(command.fromStep === undefined ? {} : { fromStep: command.fromStep }),
      ...(command.project === undefined ? {} : { project: command.project }),
      ...(command.name === undefined ? {} : { name: command.name }),
      config: { ...trainable.hyperparameters, ...command.config },
      store,
      loggers,
      ...(trainable.engine === undefined ? {} : { engine: trainable.engine }),
      onError: (error) => emit('error', { error }),
      onAlert: (alert) => emit('alert', alert),
      onWarning: ({ text }) => emit('alert', { title: sayOfWorker('warning'), text, level: 'warn' }),
    });
  }

  /** Trains and ends the run, whatever happens. */
  async #train(run: Run, trainable: Trainable, session: Omit<FitSession, 'run'>): Promise<FitResult> {
    const { control, emit } = session;
    let result: FitResult;
    try {
      // Stopped while the model was being made: the run is kept, with no steps, because the page has been promised one.
      if (control.shouldStop) result = { status: 'stopped', step: 0, epoch: 0 };
      else result = await trainable.fit({ run, ...session });
    } catch (thrown) {
      const failure = thrown instanceof Error ? thrown.message : String(thrown);
      // What was thrown first is what the page should hear as the reason; this one comes beside it.
      await run
        .finish('failed', failure)
        .catch((second: unknown) => emit('error', { error: toLogError(second, 'store-failed', 'trainer.fit()') }));
      throw thrown;
    }
    await run.finish(result.status);
    return result;
  }

  async #make(command: FitCommand): Promise<Trainable> {
    // `connectTrainer<typeof api>` has checked the config against this very function.
    const make = this.#parts.make as (config: unknown) => Trainable | Promise<Trainable>;
    const trainable: unknown = await make(command.config);
    if (isTrainable(trainable)) return trainable;
    throw new LogError('bad-model', `exposeTrainer(make): make() gave ${describe(trainable)}, need something with fit(), e.g. a System.`);
  }

  #replace(next: Made | undefined): void {
    const previous = this.#current;
    this.#current = next;
    if (previous === undefined) return;
    const free = (): void => {
      try {
        previous.trainable.dispose?.();
      } catch (thrown) {
        this.#parts.emit('error', { error: toLogError(thrown, 'training-failed', 'freeing the previous model') });
      }
    };
    // What still computes on the old model would find its tensors gone.
    if (previous.calls.size === 0) free();
    else void Promise.allSettled(previous.calls).then(free);
  }

  /** Passes events on, and tells a status only where the training has not told it already. */
  #watchStatus(runId: string): { readonly emit: EmitTrainEvent; tell(phase: TrainPhase): void } {
    let last: TrainEvents['status'] | undefined;
    const emit = <Name extends TrainEventName>(name: Name, event: TrainEvents[Name]): void => {
      // The name says which event it is; the checker does not follow that through a type parameter.
      if (name === 'status') last = event as TrainEvents['status'];
      this.#parts.emit(name, event);
    };
    return {
      emit,
      tell(phase) {
        if (last?.phase !== phase) emit('status', { runId, phase, backend: last?.backend });
      },
    };
  }
}

function infoOf({ runId, project, name, config, maxEpochs = 1 }: FitCommand): FitInfo {
  return { runId, project, name, config, maxEpochs };
}

function isTrainable(value: unknown): value is Trainable {
  return typeof value === 'object' && value !== null && 'fit' in value && typeof value.fit === 'function';
}
