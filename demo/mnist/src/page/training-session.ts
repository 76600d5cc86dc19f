import { LogError } from 'tabtrain';
import type { BackendChoice, MetricStore, ProgressSource, TrainEvents, TrainPhase, TrainProgress } from 'tabtrain';
import { type ConnectedTrainer, connectTrainer } from 'tabtrain/worker';
import type { api } from '../training/train.worker.ts';
import { isWorkerNews, type WorkerNews } from '../training/worker-news.ts';
import type { Settings } from './settings.ts';

/** Runs of this page are kept under this project. */
export const PROJECT = 'mnist';

/** A training that does not stop within this time is ended with its worker: milliseconds. */
const STOP_WITHIN = 10_000;

/** What goes on in the worker, as the page wants to hear it. */
export interface SessionEvents {
  onNews(news: WorkerNews): void;
  onPhase(phase: TrainPhase, backend: BackendChoice | undefined): void;
  onProgress(progress: TrainProgress): void;
  onEpoch(event: TrainEvents['epoch']): void;
  onAlert(alert: TrainEvents['alert']): void;
  /** An error beside the training; it goes on. One that ends it rejects {@link TrainingSession.train}. */
  onError(error: unknown): void;
}

/** How a training ended, as the worker's library says it. */
export type Outcome = Awaited<ReturnType<ConnectedTrainer<typeof api>['fit']>>;

/** One worker at a time, and the training in it. */
export class TrainingSession implements ProgressSource {
  readonly #store: MetricStore;
  readonly #events: SessionEvents;
  readonly #progressListeners = new Set<(progress: TrainProgress) => void>();
  #worker: Worker | undefined;
  #trainer: ConnectedTrainer<typeof api> | undefined;
  #runId: string | undefined;
  #isBusy = false;
  #isLoaded = false;

  constructor(store: MetricStore, events: SessionEvents) {
    this.#store = store;
    this.#events = events;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** True once the worker's script runs: before that, nothing can have been logged. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** The run that is being trained. */
  get runId(): string | undefined {
    return this.#isBusy ? this.#runId : undefined;
  }

  /** Listens to the progress of all trainings, whichever worker makes them. Gives back its undo. */
  on(_name: 'progress', listener: (progress: TrainProgress) => void): () => void {
    this.#progressListeners.add(listener);
    return () => this.#progressListeners.delete(listener);
  }

  /** Trains once. Gives undefined when a training is going already: two clicks make one run. */
  async train(settings: Settings): Promise<Outcome | undefined> {
    if (this.#isBusy) return undefined;
    this.#isBusy = true;
    this.#runId = undefined;
    try {
      const { learningRate, ...rest } = settings;
      return await this.#connect().fit({ project: PROJECT, config: { ...rest, lr: learningRate }, maxEpochs: settings.epochs });
    } catch (thrown) {
      // A worker that is gone takes no second training; the next one gets a new worker.
      if (thrown instanceof LogError && thrown.code === 'worker-died') this.#forget();
      throw thrown;
    } finally {
      this.#isBusy = false;
    }
  }

  /** Stops before the next step; after ten seconds by ending the worker. */
  async stop(): Promise<void> {
    const how = await this.#trainer?.stop({ within: STOP_WITHIN });
    if (how === 'terminated') this.#forget();
  }

  /** Takes effect with the next step. Does nothing when nothing is training. */
  async setLearningRate(lr: number): Promise<void> {
    if (!this.#isBusy) return;
    await this.#trainer?.set({ lr }).catch((thrown: unknown) => this.#tellUnlessIdle(thrown));
  }

  /** Ten probabilities for one digit; undefined while there is no network that could read. */
  async classify(digit: Uint8Array): Promise<Float32Array | undefined> {
    return this.#trainer?.call('classify', digit).catch((thrown: unknown) => this.#tellUnlessIdle(thrown));
  }

  /** Ten probabilities for each of the first `count` test digits; undefined while there is no network that could read. */
  async readTestDigits(count: number): Promise<Float32Array | undefined> {
    return this.#trainer?.call('readTestDigits', count).catch((thrown: unknown) => this.#tellUnlessIdle(thrown));
  }

  #connect(): ConnectedTrainer<typeof api> {
    if (this.#trainer !== undefined) return this.#trainer;
    const worker = new Worker(new URL('../training/train.worker.ts', import.meta.url), { type: 'module', name: 'training' });
    this.#isLoaded = false;
    worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      this.#isLoaded = true;
      if (isWorkerNews(data)) this.#events.onNews(data);
    });
    const trainer = connectTrainer<typeof api>(worker, { store: this.#store });
    trainer.on('status', ({ runId, phase, backend }) => {
      this.#runId = runId;
      this.#events.onPhase(phase, backend);
    });
    trainer.on('progress', (progress) => {
      this.#events.onProgress(progress);
      for (const listener of this.#progressListeners) listener(progress);
    });
    trainer.on('epoch', (event) => this.#events.onEpoch(event));
    trainer.on('alert', (alert) => this.#events.onAlert(alert));
    trainer.on('error', ({ error }) => this.#events.onError(error));
    this.#worker = worker;
    this.#trainer = trainer;
    return trainer;
  }

  #forget(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#trainer = undefined;
  }

  /** No model yet, or the worker has just gone: nothing to read with, which the page shows anyway. */
  #tellUnlessIdle(thrown: unknown): undefined {
    const isIdle = thrown instanceof LogError && (thrown.code === 'worker-state' || thrown.code === 'worker-died');
    if (!isIdle) this.#events.onError(thrown);
  }
}
