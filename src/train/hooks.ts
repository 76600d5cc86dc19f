import type { Engine } from '../core/engine.ts';
import type { ModelGraph } from '../core/logger.ts';
import type { Json } from '../core/run-info.ts';
import type { TrainSettings } from '../core/train-control.ts';
import type { BackendChoice } from '../core/train-events.ts';
import type {
  EpochContext,
  EvaluationContext,
  Gradients,
  HookContext,
  SilentContext,
  StepContext,
  TrainingStepContext,
} from './contexts.ts';

/** Data in the order in which they are used. */
export type Batches<Batch> = Iterable<Batch> | AsyncIterable<Batch>;

/** Several sources of evaluation data, in a list or under names: for each a function that gives its batches. */
export type Dataloaders<Batch> =
  | readonly ((epoch: number) => Batches<Batch>)[]
  | { readonly [name: string]: (epoch: number) => Batches<Batch> };

/**
 * The hooks that modules and callbacks share, in the order and with the meaning they have in PyTorch Lightning. All are optional and
 * may be sync or async; sync ones cost nothing. The context comes first, then what the hook is about.
 */
export interface Hooks<Batch = unknown> {
  /** Called once, before anything else: choose the backend, build the model, check the data. */
  setup?(context: SilentContext): Promise<void> | void;
  /** Called once, after anything else, also when it failed. */
  teardown?(context: SilentContext): Promise<void> | void;
  onFitStart?(context: SilentContext): Promise<void> | void;
  onFitEnd?(context: SilentContext): Promise<void> | void;
  onSanityCheckStart?(context: SilentContext): Promise<void> | void;
  onSanityCheckEnd?(context: SilentContext): Promise<void> | void;
  onTrainStart?(context: EpochContext): Promise<void> | void;
  onTrainEnd?(context: SilentContext): Promise<void> | void;
  onTrainEpochStart?(context: EpochContext): Promise<void> | void;
  /** `context.callbackMetrics` are the numbers of the epoch, validation included. */
  onTrainEpochEnd?(context: EpochContext): Promise<void> | void;
  onTrainBatchStart?(context: StepContext, batch: Batch): Promise<void> | void;
  /** `outputs` is what `trainingStep` gave. */
  onTrainBatchEnd?(context: StepContext, outputs: unknown, batch: Batch): Promise<void> | void;
  /** Around the gradient step of a `System`, or of a module that calls `gradientStep`; these few have to be synchronous. */
  onBeforeZeroGrad?(context: StepContext): void;
  onBeforeBackward?(context: StepContext): void;
  /** Gets the gradients of this batch. */
  onAfterBackward?(context: StepContext, gradients: Gradients): void;
  /** Gets the gradients that are about to be applied: with accumulation their mean. Not called while they are only added up. */
  onBeforeOptimizerStep?(context: StepContext, gradients: Gradients): void;
  onValidationStart?(context: EpochContext): Promise<void> | void;
  onValidationEpochStart?(context: EpochContext): Promise<void> | void;
  onValidationBatchStart?(context: EvaluationContext, batch: Batch): Promise<void> | void;
  onValidationBatchEnd?(context: EvaluationContext, outputs: unknown, batch: Batch): Promise<void> | void;
  onValidationEpochEnd?(context: EpochContext): Promise<void> | void;
  onValidationEnd?(context: SilentContext): Promise<void> | void;
  onTestStart?(context: EpochContext): Promise<void> | void;
  onTestEpochStart?(context: EpochContext): Promise<void> | void;
  onTestBatchStart?(context: EvaluationContext, batch: Batch): Promise<void> | void;
  onTestBatchEnd?(context: EvaluationContext, outputs: unknown, batch: Batch): Promise<void> | void;
  onTestEpochEnd?(context: EpochContext): Promise<void> | void;
  onTestEnd?(context: SilentContext): Promise<void> | void;
  onPredictStart?(context: SilentContext): Promise<void> | void;
  onPredictEpochStart?(context: SilentContext): Promise<void> | void;
  onPredictBatchStart?(context: SilentContext, batch: Batch): Promise<void> | void;
  onPredictBatchEnd?(context: SilentContext, outputs: unknown, batch: Batch): Promise<void> | void;
  onPredictEpochEnd?(context: SilentContext): Promise<void> | void;
  onPredictEnd?(context: SilentContext): Promise<void> | void;
  /** Gets what a hook or the loop threw; it is thrown on afterwards. */
  onException?(context: SilentContext, thrown: unknown): Promise<void> | void;
}

/**
 * Something that looks on and takes part; an object literal is enough. Callbacks are called in their order and before the module.
 * At the end of epochs and evaluations those with a `monitor` come last, once the numbers they watch are known.
 *
 * ```ts
 * const watch: Callback = {
 *   onTrainBatchEnd({ log, step }) { log('gap', gapAt(step)); },
 *   onValidationEnd({ callbackMetrics, stop }) { if (callbackMetrics['val_loss'] < 0.1) stop('good enough'); },
 * };
 * await new Trainer({ callbacks: [watch] }).fit(module);
 * ```
 */
export interface Callback extends Hooks {
  /** The name of the number it watches. */
  readonly monitor?: string | undefined;
}

/**
 * A training written step by step; an object literal is enough, a class extends `TrainModule`. Only `trainBatches` and
 * `trainingStep` are needed. Steps take the batch first, all other hooks the context. A `trainingStep` that awaits the
 * device makes every step wait for it.
 *
 * ```ts
 * const module: TrainHooks<[Tensor, Tensor]> = {
 *   engine: tfjsEngine(),
 *   trainBatches: () => batches,
 *   trainingStep([x, y], { log }) {
 *     log('train/loss', optimizer.minimize(() => loss(x, y), true));
 *   },
 * };
 * ```
 */
export interface TrainHooks<Batch = unknown> extends Hooks<Batch> {
  /** Attached to the run, so that tensors logged are read in batches. Default: none. */
  readonly engine?: Engine;
  /** What goes into the run's config unless the caller gave the same keys. */
  readonly hyperparameters?: Readonly<Record<string, Json>>;
  /** Where it trains; told in `status` events. Looked at after `setup`. */
  readonly backend?: BackendChoice | undefined;
  /**
   * How many batches one epoch has; looked at after `setup`. Default: the `length` of what `trainBatches` gives, else unknown. Shares
   * of an epoch and accumulated gradients need it.
   */
  readonly stepsPerEpoch?: number | undefined;
  /** The model as a graph, for loggers that show one; looked at after `setup`. Default: none. */
  readonly graph?: ModelGraph | undefined;
  /** The batches of one epoch, 0-based. */
  trainBatches(epoch: number): Batches<Batch>;
  /**
   * Forward, backward and update for one batch. The trainer counts it as an optimizer step, except while
   * `context.isAccumulating`: then gradients are to be added up and not applied.
   */
  trainingStep(batch: Batch, context: TrainingStepContext): unknown;
  /** The batches to validate on. Default: no validation. */
  validationBatches?(epoch: number): Batches<Batch>;
  /** In place of `validationBatches`: several sources, whose numbers are told apart by `/dataloader_idx_N` or `/name`. */
  readonly validationLoaders?: Dataloaders<Batch> | undefined;
  validationStep?(batch: Batch, context: EvaluationContext): unknown;
  /** The batches for `Trainer.test`. */
  testBatches?(epoch: number): Batches<Batch>;
  readonly testLoaders?: Dataloaders<Batch> | undefined;
  testStep?(batch: Batch, context: EvaluationContext): unknown;
  /** The batches for `Trainer.predict`. */
  predictBatches?(epoch: number): Batches<Batch>;
  readonly predictLoaders?: Dataloaders<Batch> | undefined;
  predictStep?(batch: Batch, context: SilentContext): unknown;
  /** The gradients to apply in place of those given, or nothing to leave them. Synchronous, as all hooks of `gradientStep`. */
  clipGradients?(context: StepContext, gradients: Gradients): Gradients | void;
  /**
   * Settings changed from outside, e.g. `{ lr: 1e-4 }`; called before the next step. Gives back the names it refuses,
   * which are told in an alert. Default: all are refused.
   */
  applySettings?(settings: TrainSettings, context: HookContext): readonly string[];
  /**
   * Resolves once the device has done everything submitted so far, without reading anything back; undefined when work
   * is done as it is called. Keeps the loop from running far ahead of a GPU. Default: undefined.
   */
  deviceIdle?(): Promise<void> | undefined;
}
