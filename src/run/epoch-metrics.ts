import { type LogError, toLogError } from '../core/errors.ts';
import type { LoggableMetric } from '../core/loggable-metric.ts';
import { oneNumber } from '../core/one-number.ts';
import type { QueuedValue, ReadbackQueue } from '../core/readback-queue.ts';
import type { ComputedValue } from '../core/result-collection.ts';
import type { Warner } from '../core/warnings.ts';

/** Metric objects given to `run.log`: the value of a step is that of the last forward, that of the epoch is computed at its end. */
export class EpochMetrics {
  readonly #queue: Pick<ReadbackQueue<QueuedValue>, 'pushLazy' | 'drain'>;
  readonly #warn: Warner;
  readonly #onError: (error: LogError) => void;
  readonly #metrics = new Map<string, { readonly at: QueuedValue; readonly metric: LoggableMetric }>();

  constructor(queue: Pick<ReadbackQueue<QueuedValue>, 'pushLazy' | 'drain'>, warn: Warner, onError: (error: LogError) => void) {
    this.#queue = queue;
    this.#warn = warn;
    this.#onError = onError;
  }

  take(at: QueuedValue, metric: LoggableMetric): void {
    const { name, options } = at;
    const call = (): string => `run.log('${name}')`;
    if (options.onEpoch) this.#metrics.set(options.onStep ? `${name}${options.separator}epoch` : name, { at, metric });
    if (!options.onStep) return;
    const { batchValue } = metric;
    if (batchValue !== undefined) {
      const place = { ...at, name: options.onEpoch ? `${name}${options.separator}step` : name, options: { ...options, onEpoch: false } };
      this.#queue.pushLazy(place, async () => oneNumber(await batchValue(), call));
    } else if (!options.onEpoch) {
      this.#warn(
        `no-batch-value:${name}`,
        `${call()}: the metric was only updated, so it has no value for the step. Log it with { onEpoch: true }, or get its value by calling it: await metric(preds, target).`,
      );
    }
  }

  /** Computes and resets those logged since the last time. */
  async compute(): Promise<readonly ComputedValue[]> {
    if (this.#metrics.size === 0) return [];
    const metrics = [...this.#metrics];
    this.#metrics.clear();
    await this.#queue.drain();
    const computed: ComputedValue[] = [];
    for (const [name, { at, metric }] of metrics) {
      const call = (): string => `run.log('${at.name}')`;
      try {
        computed.push({ name, value: oneNumber(await metric.compute(), call), logger: at.options.logger });
      } catch (thrown) {
        this.#onError(toLogError(thrown, 'bad-metric', call()));
      }
      metric.reset();
    }
    return computed;
  }
}
