/**
 * What logging needs of a metric object; `Metric` of this library is one. Its step value is the result of its last
 * `forward`, its epoch value is `compute()` over everything since the last reset, after which it is reset.
 */
export interface LoggableMetric {
  readonly isMetric: true;
  /** Where it counts, when that is not here: its batch value then has to be read back, which is not done for the progress bar alone. */
  readonly device?: object | undefined;
  /**
   * Reads the value that the last `forward` (or call) gave for its batch; undefined after `update` alone. Taken only when
   * the value is wanted: who takes it calls it once, be it after the next batch. With a device calling is what reads it back.
   */
  readonly batchValue: (() => Promise<unknown>) | undefined;
  /** The value over everything since the last reset; kept until the next update. */
  compute(): Promise<unknown>;
  reset(): void;
}

/** Several metrics under names, prefix and postfix included; what `logDict` takes beside a plain object. */
export interface LoggableCollection {
  readonly isMetricCollection: true;
  items(): readonly (readonly [name: string, metric: LoggableMetric])[];
}

/** True for a metric object. */
export function isLoggableMetric(value: unknown): value is LoggableMetric {
  // A metric is callable, hence a function.
  return (typeof value === 'function' || typeof value === 'object') && value !== null && 'isMetric' in value && value.isMetric === true;
}

/** True for a collection of metric objects. */
export function isLoggableCollection(value: unknown): value is LoggableCollection {
  return (
    (typeof value === 'function' || typeof value === 'object') &&
    value !== null &&
    'isMetricCollection' in value &&
    value.isMetricCollection === true
  );
}
