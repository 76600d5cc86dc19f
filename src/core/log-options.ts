import type { LoggableMetric } from './loggable-metric.ts';
import type { TensorLike } from './tensor-like.ts';

/**
 * What can be logged under one name: a number, a truth value as 1 or 0, a tensor of one value or what else an engine holds, or a metric
 * object. Texts, lists and what has to be awaited are none. What is missing passes the types, for `minimize` of TensorFlow.js gives a scalar
 * or null; it is refused when it is logged.
 */
export type Loggable =
  | number
  | boolean
  | null
  | undefined
  | TensorLike
  | LoggableMetric
  | (object & { readonly length?: never; readonly then?: never });

/** How the values of one epoch become one number. */
export type Reduction = 'mean' | 'sum' | 'min' | 'max';

/**
 * A reduction of your own: all values of the epoch and their weights in, one number out. The values are kept until the epoch ends,
 * at most the last 1,048,576 of them.
 */
export type CustomReduction = (values: Float64Array, weights: Float64Array) => number;

/** `avg` means `mean`; names are taken in any case. */
export type ReduceFx = Reduction | 'avg' | CustomReduction;

/** What each log call may say about its values; all are optional. */
export interface CommonLogOptions {
  /**
   * Default `mean`, weighted by `batchSize`. On a run: when it is given, values of the same name on one step are reduced too;
   * otherwise the last one counts. Has no effect on metric objects, which reduce by themselves.
   */
  readonly reduceFx?: ReduceFx;
  /** The weight of this value in an epoch mean: samples in the batch. Default: in steps the size of the batch, elsewhere 1. */
  readonly batchSize?: number;
  /** Show it in the progress bar. Default false. */
  readonly progBar?: boolean;
  /** Send it to the loggers, the store included, or only to those named. Default true. */
  readonly logger?: boolean | readonly string[];
  /** With several evaluation dataloaders, put `/dataloader_idx_N` or the loader's name behind the name. Default true. */
  readonly addDataloaderIdx?: boolean;
  /**
   * Stands between the name and `step` or `epoch` when both are recorded: `_` gives Lightning's `loss_step` and
   * `loss_epoch`, `/` gives `loss/step` and `loss/epoch`. Default `_`.
   */
  readonly separator?: '_' | '/';
  /** The name under which a checkpoint keeps the metric object. Default: the name it is logged by. */
  readonly metricAttribute?: string;
  /** Taken and without effect: a tensor of TensorFlow.js holds no graph outside a gradient function. Default false. */
  readonly enableGraph?: boolean;
  /** Reduce over all workers of a group. Without effect with one. Default false. */
  readonly syncDist?: boolean;
  /** The workers to reduce over. Without effect with one. Default: all. */
  readonly syncDistGroup?: readonly number[];
  /** Only the first worker makes this call. Without effect with one. Default false. */
  readonly rankZeroOnly?: boolean;
}

/** When a value is recorded. Nowhere at all makes no sense, so not both are false. */
export type LogRhythm =
  | {
      /** Record the value of this step. Default: by the hook; on a run true, false when only `onEpoch` is given. */
      readonly onStep?: boolean;
      /** Fold the values of the epoch into one, written at the epoch's end. Default: by the hook; on a run false. */
      readonly onEpoch?: true;
    }
  | { readonly onStep?: true; readonly onEpoch?: boolean };

/** Options of a hook that belongs to a step, such as `trainingStep`. */
export type HookLogOptions = CommonLogOptions & LogRhythm;

/** Options of `run.log`. */
export type LogOptions = HookLogOptions & {
  /**
   * The step of these values. Explicit steps win over the run's own counter; a higher one closes the step before.
   * Default: the run's current step. Not in hooks, where a value named `step` moves the row.
   */
  readonly step?: number;
};

/** Options of a call that logs several values: there is no one metric object that an attribute could hold. */
export type OfSeveral<Options> = Options & { readonly metricAttribute?: never };

/** Options of a hook whose values are always folded over the epoch, such as `onTrainEpochEnd`. */
export interface EpochLogOptions extends CommonLogOptions {
  readonly onStep?: false;
  readonly onEpoch?: true;
}

/** Options with every default filled in. */
export interface ResolvedLogOptions {
  readonly step: number | undefined;
  readonly onStep: boolean;
  readonly onEpoch: boolean;
  readonly reduceFx: Reduction | CustomReduction;
  /** Undefined: not given. */
  readonly batchSize: number | undefined;
  readonly separator: '_' | '/';
  /** The caller named a reduction, so values of one step are folded; otherwise the last one counts. */
  readonly isReduced: boolean;
  readonly progBar: boolean;
  readonly logger: boolean | readonly string[];
  readonly addDataloaderIdx: boolean;
  readonly metricAttribute: string | undefined;
}
