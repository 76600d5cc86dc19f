import { describe, LogError } from './errors.ts';

/** How the values of one epoch become one number. `avg` means `mean`. */
export type Reduction = 'mean' | 'sum' | 'min' | 'max';

/** What a log call may say about its values; all are optional. */
export interface LogOptions {
  /**
   * The step of these values. Explicit steps win over the run's own counter; a higher one closes the step before.
   * Default: the run's current step.
   */
  readonly step?: number;
  /** Record the value of this step. Default true, false when only `onEpoch` is given. */
  readonly onStep?: boolean;
  /** Fold the values of the epoch into one, written at the epoch's end. Default false. */
  readonly onEpoch?: boolean;
  /**
   * Default `mean`, weighted by `batchSize`. When it is given, values of the same name on one step are reduced too;
   * otherwise the last one counts.
   */
  readonly reduceFx?: Reduction | 'avg';
  /** The weight of this value in an epoch mean: samples in the batch. Default 1. */
  readonly batchSize?: number;
  /**
   * Stands between the name and `step` or `epoch` when both are recorded: `_` gives Lightning's `loss_step` and
   * `loss_epoch`, `/` gives `loss/step` and `loss/epoch`. Default `_`.
   */
  readonly separator?: '_' | '/';
}

/** Options with every default filled in. */
export interface ResolvedLogOptions {
  readonly step: number | undefined;
  readonly onStep: boolean;
  readonly onEpoch: boolean;
  readonly reduceFx: Reduction;
  readonly batchSize: number;
  readonly separator: '_' | '/';
  /** The caller named a reduction, so values of one step are folded; otherwise the last one counts. */
  readonly isReduced: boolean;
}

const defaults: ResolvedLogOptions = {
  step: undefined,
  onStep: true,
  onEpoch: false,
  reduceFx: 'mean',
  batchSize: 1,
  separator: '_',
  isReduced: false,
};
const reductions: Readonly<Record<string, Reduction>> = { mean: 'mean', avg: 'mean', sum: 'sum', min: 'min', max: 'max' };

/** Fills in the defaults and refuses what makes no sense. `call` is the user's call, for the message. */
export function resolveLogOptions(options: LogOptions | undefined, call: () => string): ResolvedLogOptions {
  if (options === undefined) return defaults;
  if (typeof options !== 'object' || options === null) {
    const hint = typeof options === 'number' ? `Write { step: ${String(options)} }.` : 'Leave them out, or pass an object.';
    throw new LogError('bad-options', `${call()}: the options are ${describe(options)}, need an object such as { step: 10 }. ${hint}`);
  }
  const { step, batchSize = 1, separator = '_' } = options;
  const onEpoch = options.onEpoch ?? false;
  const onStep = options.onStep ?? !onEpoch;
  if (!onStep && !onEpoch) {
    throw new LogError('bad-options', `${call()}: nothing would be recorded, onStep and onEpoch are both false. Set one of them.`);
  }
  if (step !== undefined && !Number.isSafeInteger(step)) {
    throw new LogError('bad-options', `${call()}: step is ${describe(step)}, need an integer. Round it, or log it as a value.`);
  }
  if (typeof batchSize !== 'number' || !(batchSize >= 0) || batchSize === Infinity) {
    throw new LogError('bad-options', `${call()}: batchSize is ${describe(batchSize)}, need a count of samples.`);
  }
  const reduceFx = reductions[String(options.reduceFx ?? 'mean').toLowerCase()];
  if (reduceFx === undefined || !Object.hasOwn(reductions, String(options.reduceFx ?? 'mean').toLowerCase())) {
    throw new LogError('bad-options', `${call()}: reduceFx is ${describe(options.reduceFx)}, need 'mean', 'sum', 'min' or 'max'.`);
  }
  return { step, onStep, onEpoch, reduceFx, batchSize, separator, isReduced: options.reduceFx !== undefined };
}
