import { type LogError, toLogError } from '../core/errors.ts';
import type { LoggableMetric } from '../core/loggable-metric.ts';
import { oneNumber, warnNoBatchValue, warnTwoMetrics } from '../core/one-number.ts';
import type { QueuedValue, ReadbackQueue } from '../core/readback-queue.ts';
import type { ComputedValue } from '../core/result-collection.ts';
import type { Warner } from '../core/warnings.ts';

/** A metric object as it was logged last. */
export interface LoggedMetric {
  /** Under which its value of the epoch is written. */
  readonly tag: string;
  readonly at: QueuedValue;
  readonly metric: LoggableMetric;
}

/** Metric objects given to `run.log`: the value of a step is that of the last forward, that of the epoch is computed at its end. */
export class EpochMetrics {
  readonly #queue: Pick<ReadbackQueue<QueuedValue>, 'pushLazy'>;
  readonly #warn: Warner;
  readonly #onError: (error: LogError) => void;
  #metrics = new Map<string, LoggedMetric>();
  /** Names of those that could not be computed: told once. */
  readonly #failed = new Set<string>();

  constructor(queue: Pick<ReadbackQueue<QueuedValue>, 'pushLazy'>, warn: Warner, onError: (error: LogError) => void) {
    this.#queue = queue;
    this.#warn = warn;
    this.#onError = onError;
  }

  /** True while metrics wait for the end of their epoch to be computed. */
  get hasEpochValues(): boolean {
    return [...this.#metrics.values()].some(({ at }) => at.options.onEpoch);
  }

  take(at: QueuedValue, metric: LoggableMetric): void {
    const { name, options } = at;
    const call = (): string => `run.log('${name}')`;
    const tag = options.onStep ? `${name}${options.separator}epoch` : name;
    // Those logged for steps alone, too: they are reset at the end of the epoch.
    const key = options.onEpoch ? tag : `${name}\n`;
    const known = this.#metrics.get(key);
    if (options.onEpoch && known !== undefined && known.metric !== metric) warnTwoMetrics(this.#warn, name, call);
    this.#metrics.set(key, { tag, at, metric });
    if (!options.onStep) return;
    const { batchValue } = metric;
    if (batchValue !== undefined) {
      const place = { ...at, name: options.onEpoch ? `${name}${options.separator}step` : name, options: { ...options, onEpoch: false } };
      this.#queue.pushLazy(place, async () => oneNumber(await batchValue(), call));
    } else if (!options.onEpoch) warnNoBatchValue(this.#warn, name, call);
  }

  /** Gives those logged since the last time. */
  takeAll(): readonly LoggedMetric[] {
    const taken = [...this.#metrics.values()];
    this.#metrics = new Map();
    return taken;
  }

  /** Computes those that are logged for epochs, all at once so that they can share a reading, then resets all. Never rejects. */
  async compute(metrics: readonly LoggedMetric[]): Promise<readonly ComputedValue[]> {
    const computed: ComputedValue[][] = await Promise.all(
      metrics.map(async ({ tag, at, metric }) => {
        if (!at.options.onEpoch) return [];
        try {
          const value = oneNumber(await metric.compute(), () => `run.log('${at.name}')`);
          return [{ name: tag, value, logger: at.options.logger }];
        } catch (thrown) {
          this.#tell(at.name, thrown);
          return [];
        }
      }),
    );
    for (const { at, metric } of metrics) {
      try {
        metric.reset();
      } catch (thrown) {
        this.#tell(at.name, thrown);
      }
    }
    return computed.flat();
  }

  #tell(name: string, thrown: unknown): void {
    if (!this.#failed.has(name)) this.#onError(toLogError(thrown, 'bad-metric', `run.log('${name}')`));
    this.#failed.add(name);
  }
}
