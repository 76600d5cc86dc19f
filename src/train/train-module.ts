import type { Engine } from '../core/engine.ts';
import type { LogOptions } from '../core/log-options.ts';
import type { Metrics } from '../core/logger.ts';
import type { Json } from '../core/run-info.ts';
import type { TrainSettings } from '../core/train-control.ts';
import type { BackendChoice } from '../core/train-events.ts';
import type { RunWriter } from '../core/trainable.ts';

/** What a hook gets to work with. */
export interface TrainContext {
  readonly run: RunWriter;
  /** Completed steps of the run: the step of what is logged now. */
  readonly step: number;
  /** 0-based, of the run. */
  readonly epoch: number;
  /**
   * Logs into the run with the defaults of the hook it is called from: in `validationStep` and `onEpochEnd` values are
   * folded over the epoch (`onEpoch`), everywhere else they are values of the step (`onStep`).
   */
  log(name: string, value: unknown, options?: LogOptions): void;
  log(values: Readonly<Record<string, unknown>>, options?: LogOptions): void;
}

/**
 * A training written step by step. The trainer calls the hooks in this order: `setup`, then per epoch `onEpochStart`,
 * `trainingStep` for each batch, `validationStep` for each validation batch, `onEpochEnd`. Hooks may be sync or async;
 * sync ones cost nothing, and a `trainingStep` that awaits the device makes every step wait for it.
 *
 * ```ts
 * const module: TrainModule<[Tensor, Tensor]> = {
 *   engine: tfjsEngine(),
 *   trainBatches: () => batches,
 *   trainingStep([x, y], { log }) {
 *     log('train/loss', optimizer.minimize(() => loss(x, y), true));
 *   },
 * };
 * ```
 */
export interface TrainModule<Batch = unknown> {
  /** Attached to the run, so that tensors logged are read in batches. Default: none. */
  readonly engine?: Engine;
  /** What goes into the run's config unless the caller gave the same keys. */
  readonly hyperparameters?: Readonly<Record<string, Json>>;
  /** Where it trains; told in `status` events. Looked at after `setup`. */
  readonly backend?: BackendChoice | undefined;
  /** Steps of one epoch, for the progress; looked at after `setup`. Default: unknown. */
  readonly stepsPerEpoch?: number | undefined;
  /** Called once, before the first epoch: choose the backend, build the model, check the data. */
  setup?(context: TrainContext): Promise<void> | void;
  /** The batches of one epoch, 0-based. */
  trainBatches(epoch: number): Iterable<Batch> | AsyncIterable<Batch>;
  /** One optimizer step. The trainer counts it. */
  trainingStep(batch: Batch, context: TrainContext): Promise<void> | void;
  /** The batches to validate on after each epoch. Default: no validation. */
  validationBatches?(epoch: number): Iterable<Batch> | AsyncIterable<Batch>;
  validationStep?(batch: Batch, context: TrainContext): Promise<void> | void;
  onEpochStart?(context: TrainContext): Promise<void> | void;
  /** Gets the epoch's numbers by tag, validation included. What is logged here belongs to the next epoch. */
  onEpochEnd?(metrics: Metrics, context: TrainContext): Promise<void> | void;
  /**
   * Settings changed from outside, e.g. `{ lr: 1e-4 }`; called before the next step. Gives back the names it refuses,
   * which are told in an alert. Default: all are refused.
   */
  applySettings?(settings: TrainSettings, context: TrainContext): readonly string[];
  /**
   * Resolves once the device has done everything submitted so far, without reading anything back; undefined when work
   * is done as it is called. Keeps the loop from running far ahead of a GPU. Default: undefined.
   */
  deviceIdle?(): Promise<void> | undefined;
}

/** Makes a context whose `log` has the defaults of a kind of hook. */
export function createContext(run: RunWriter, hook: 'step' | 'epoch'): TrainContext {
  return {
    run,
    get step() {
      return run.step;
    },
    get epoch() {
      return run.epoch;
    },
    log(first: string | Readonly<Record<string, unknown>>, second?: unknown, third?: LogOptions): void {
      if (typeof first === 'string') run.log(first, second, withDefaults(third, hook));
      else run.log(first, withDefaults(second as LogOptions | undefined, hook)); // the overloads of `log` say so
    },
  };
}

function withDefaults(options: LogOptions | undefined, hook: 'step' | 'epoch'): LogOptions | undefined {
  if (hook === 'step' || options?.onStep !== undefined || options?.onEpoch !== undefined) return options;
  return { ...options, onStep: false, onEpoch: true };
}
