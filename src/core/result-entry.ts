import type { LogError } from './errors.ts';
import type { LoggingHook } from './hook-rules.ts';
import type { LoggableMetric } from './loggable-metric.ts';
import type { ResolvedLogOptions } from './log-options.ts';
import { addToFold, type Fold, foldedValue, startFold } from './reduce.ts';

/** Where a dataloader's values go: `/dataloader_idx_1`, or `/cifar`. */
export interface DataloaderPlace {
  readonly index: number;
  readonly suffix: string;
}

/** One name logged by one hook: what it was logged with, and what has come of it. Made when first logged, kept for the whole loop. */
export class ResultEntry {
  readonly hook: LoggingHook;
  readonly name: string;
  readonly options: ResolvedLogOptions;
  /** Of several; undefined in training and with one. */
  readonly dataloader: DataloaderPlace | undefined;
  readonly stepName: string;
  readonly epochName: string;
  /** Under which callbacks find it, beside the names above. */
  readonly baseName: string;
  metric: LoggableMetric | undefined;
  /** Of the last call; undefined before one, and while a metric has only been updated. */
  stepValue: number | undefined;
  /** Logged since it was last written. */
  isFresh = false;
  /** Not logged since it was reset, or ever. */
  isReset = true;
  #fold: Fold;
  readonly #onError: (error: LogError) => void;
  #hasFailed = false;
  /** What `compute()` of a metric gave. */
  computed: number | undefined;
  /** The metric was logged since it was last computed. */
  isDue = false;

  /** @param onError Hears once when the reduction, being the caller's own, fails. */
  constructor(
    hook: LoggingHook,
    name: string,
    options: ResolvedLogOptions,
    dataloader: DataloaderPlace | undefined,
    onError: (error: LogError) => void,
  ) {
    this.hook = hook;
    this.name = name;
    this.options = options;
    this.dataloader = dataloader;
    const suffix = options.addDataloaderIdx ? (dataloader?.suffix ?? '') : '';
    const isForked = options.onStep && options.onEpoch;
    this.baseName = name + suffix;
    this.stepName = isForked ? `${name}${options.separator}step${suffix}` : this.baseName;
    this.epochName = isForked ? `${name}${options.separator}epoch${suffix}` : this.baseName;
    this.#fold = startFold(options.reduceFx);
    this.#onError = onError;
  }

  add(value: number, weight: number): void {
    this.isReset = false;
    this.isFresh = true;
    if (this.options.onStep) this.stepValue = value;
    if (this.options.onEpoch) addToFold(this.#fold, value, weight);
  }

  /** Notes that a metric object was logged; its value of the step comes later, if it is wanted. */
  addMetric(metric: LoggableMetric): void {
    this.isReset = false;
    this.metric = metric;
    this.stepValue = undefined;
    this.computed = undefined;
    this.isDue = true;
  }

  /** The value of this call was not kept: the one before is no longer the last. */
  miss(): void {
    this.stepValue = undefined;
    this.isFresh = false;
  }

  addBatchValue(value: number): void {
    this.stepValue = value;
    this.isFresh = true;
  }

  /** The value of a view: of the step, or of the epoch. */
  value(isStep: boolean): number | undefined {
    if (isStep) return this.options.onStep ? this.stepValue : undefined;
    if (!this.options.onEpoch) return undefined;
    return this.metric === undefined ? this.#folded() : this.computed;
  }

  #folded(): number | undefined {
    return foldedValue(
      this.#fold,
      () => `log('${this.name}') in ${this.hook}`,
      (error) => {
        if (!this.#hasFailed) this.#onError(error);
        this.#hasFailed = true;
      },
    );
  }

  reset(): void {
    this.#fold = startFold(this.options.reduceFx);
    this.isReset = true;
    this.isFresh = false;
    this.stepValue = undefined;
    this.computed = undefined;
    this.isDue = false;
    this.metric?.reset();
  }
}

/** The first option in which two calls differ, but for `batchSize`; undefined when they agree. */
export function differingOption(a: ResolvedLogOptions, b: ResolvedLogOptions): string | undefined {
  if (a === b) return undefined;
  for (const key of ['progBar', 'onStep', 'onEpoch', 'reduceFx', 'addDataloaderIdx', 'metricAttribute', 'separator'] as const) {
    // A function written in the call is another one each time; the first is used.
    if (typeof a[key] === 'function' && typeof b[key] === 'function') continue;
    if (a[key] !== b[key]) return `${key}: ${shown(a[key])} and ${shown(b[key])}`;
  }
  if (a.logger !== b.logger && String(a.logger) !== String(b.logger)) return `logger: ${String(a.logger)} and ${String(b.logger)}`;
  return undefined;
}

function shown(value: unknown): string {
  return typeof value === 'function' ? 'a function' : String(value);
}
