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
  /** Not logged since it was reset. */
  isReset = false;
  #fold: Fold;
  /** What `compute()` of a metric gave. */
  computed: number | undefined;

  constructor(hook: LoggingHook, name: string, options: ResolvedLogOptions, dataloader: DataloaderPlace | undefined) {
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
  }

  addBatchValue(value: number): void {
    this.stepValue = value;
    this.isFresh = true;
  }

  /** The value of a view: of the step, or of the epoch. */
  value(isStep: boolean): number | undefined {
    if (isStep) return this.options.onStep ? this.stepValue : undefined;
    if (!this.options.onEpoch) return undefined;
    return this.metric === undefined ? foldedValue(this.#fold) : this.computed;
  }

  reset(): void {
    this.#fold = startFold(this.options.reduceFx);
    this.isReset = true;
    this.isFresh = false;
    this.stepValue = undefined;
    this.computed = undefined;
    this.metric?.reset();
  }
}

/** The first option in which two calls differ, but for `batchSize`; undefined when they agree. */
export function differingOption(a: ResolvedLogOptions, b: ResolvedLogOptions): string | undefined {
  if (a === b) return undefined;
  for (const key of ['progBar', 'onStep', 'onEpoch', 'reduceFx', 'addDataloaderIdx', 'metricAttribute', 'separator'] as const) {
    if (a[key] !== b[key]) return `${key}: ${shown(a[key])} and ${shown(b[key])}`;
  }
  if (a.logger !== b.logger && String(a.logger) !== String(b.logger)) return `logger: ${String(a.logger)} and ${String(b.logger)}`;
  return undefined;
}

function shown(value: unknown): string {
  return typeof value === 'function' ? `the function '${value.name}'` : String(value);
}
