import type { LoggableCollection } from '../core/loggable-metric.ts';
import type { EpochLogOptions, HookLogOptions, Loggable, OfSeveral } from '../core/log-options.ts';
import type { LoopStage, Metrics } from '../core/logger.ts';
import type { RecordVerbs } from '../core/record-verbs.ts';
import type { TensorLike } from '../core/tensor-like.ts';
import type { RunWriter } from '../core/trainable.ts';

/** Gradients by the names of what they change; tensors of any engine. */
export type Gradients = Readonly<Record<string, TensorLike>>;

/**
 * What every hook gets to work with. Its verbs log beside numbers, from every hook; during the sanity check they do
 * nothing. Each can be taken out by itself: `({ logText, step }) => …`.
 */
export interface HookContext extends RecordVerbs {
  /** The run itself: its `log` knows no hooks and is never gated. */
  readonly run: RunWriter;
  /** A run within the run, with a record of its own: `child('samples').logImage(…)`. */
  child(name: string): RunWriter;
  /** Completed optimizer steps of the run. */
  readonly step: number;
  /** 0-based, of the run. */
  readonly epoch: number;
  /** 0-based number of the batch within the epoch, or within the dataloader of an evaluation. */
  readonly batchIdx: number;
  /** 0-based number of the evaluation's dataloader. */
  readonly dataloaderIdx: number;
  /** Which data the loop goes through. */
  readonly stage: LoopStage;
  readonly isSanityChecking: boolean;
  /** True while gradients are only added up: the batch at hand makes no optimizer step. */
  readonly isAccumulating: boolean;
  /** Newest numbers for callbacks that watch them; of the epoch once one is over, under base and forked names. */
  readonly callbackMetrics: Metrics;
  readonly progressBarMetrics: Metrics;
  /** The last value of everything that went to the loggers. */
  readonly loggedMetrics: Metrics;
  /** Ends the training before its next step. */
  stop(reason?: string): void;
}

/** What a hook that may not log numbers gets; `run.log` is there for those who must. */
export type SilentContext = HookContext;

/** What hooks of a training step get: values are those of the step, unless the call says otherwise. */
export interface StepContext extends HookContext {
  log(name: string, value: Loggable, options?: HookLogOptions): void;
  log(values: Readonly<Record<string, Loggable>>, options?: OfSeveral<HookLogOptions>): void;
  logDict(values: Readonly<Record<string, Loggable>> | LoggableCollection, options?: OfSeveral<HookLogOptions>): void;
}

/** What `trainingStep` gets. */
export interface TrainingStepContext extends StepContext {
  /**
   * Makes the gradient step with its hooks: `onBeforeZeroGrad` when a sum of gradients begins, `onBeforeBackward`, `compute`,
   * `onAfterBackward`; then, unless gradients are only added up, `onBeforeOptimizerStep`, `clipGradients` and `apply`. Adding up is
   * up to `compute`: on the batch that steps it gives what is to be applied, the mean of the sum. Never needed where no
   * callback wants to see gradients. All of it is synchronous; throws `wrong-hook` when one of the hooks is not.
   *
   * ```ts
   * gradientStep(
   *   () => tf.variableGrads(() => loss(x, y)).grads,
   *   (gradients) => optimizer.applyGradients(gradients),
   * );
   * ```
   */
  gradientStep<G extends Gradients>(compute: () => G, apply: (gradients: G) => void): void;
}

/** What hooks of an evaluation's batches get: values are folded over the evaluation, unless the call says otherwise. */
export interface EvaluationContext extends HookContext {
  log(name: string, value: Loggable, options?: HookLogOptions): void;
  log(values: Readonly<Record<string, Loggable>>, options?: OfSeveral<HookLogOptions>): void;
  logDict(values: Readonly<Record<string, Loggable>> | LoggableCollection, options?: OfSeveral<HookLogOptions>): void;
}

/** What hooks of a whole epoch get: values are always those of the epoch. */
export interface EpochContext extends HookContext {
  log(name: string, value: Loggable, options?: EpochLogOptions): void;
  log(values: Readonly<Record<string, Loggable>>, options?: OfSeveral<EpochLogOptions>): void;
  logDict(values: Readonly<Record<string, Loggable>> | LoggableCollection, options?: OfSeveral<EpochLogOptions>): void;
}
