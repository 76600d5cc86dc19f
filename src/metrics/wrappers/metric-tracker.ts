import { describe, LogError } from '../../core/errors.ts';
import { MetricBase } from '../metric-base.ts';
import { MetricCollection } from '../metric-collection.ts';

export interface MetricTrackerOptions {
  /** True: the greatest value is best. Default: as `higherIsBetter` of each metric says. */
  readonly maximize?: boolean;
}

/** The best value, and at which `increment` it was, from 0. */
export interface Best {
  readonly value: number;
  readonly step: number;
}

/** Follows a metric, or a collection, over epochs: `increment()` begins one, and the values of all that went before stay. */
export class MetricTracker<Args extends readonly unknown[], Out> {
  readonly #base: MetricBase<Args, Out> | MetricCollection<Args, Out>;
  readonly #maximize: boolean | undefined;
  #steps: (MetricBase<Args, Out> | MetricCollection<Args, Out>)[] = [];

  constructor(metric: MetricBase<Args, Out> | MetricCollection<Args, Out>, options: MetricTrackerOptions = {}) {
    this.#base = metric;
    this.#maximize = options.maximize;
  }

  /** How often `increment` was called. */
  get nSteps(): number {
    return this.#steps.length;
  }

  /** Begins an epoch with a clone of the metric. */
  increment(): void {
    this.#steps.push(this.#base.clone());
  }

  update(...args: Args): void {
    this.#current('update').update(...args);
  }

  forward(...args: Args): Promise<unknown> {
    return this.#current('forward').forward(...args);
  }

  async compute(): Promise<unknown> {
    return this.#current('compute').compute();
  }

  /** The values of all epochs. */
  async computeAll(): Promise<unknown[]> {
    this.#current('computeAll');
    return Promise.all(this.#steps.map((metric) => metric.compute()));
  }

  /** The best of all epochs; of a collection by name. NaN is never best. */
  async bestMetric(): Promise<Best | Readonly<Record<string, Best>>> {
    const values = await this.computeAll();
    if (this.#base instanceof MetricBase) return this.#best(values, 'the metric', this.#base);
    return Object.fromEntries(
      this.#base.items().map(([name, metric]) => {
        const ofOne = values.map((value) => (value as Readonly<Record<string, unknown>>)[name]); // collections give records
        return [name, this.#best(ofOne, `'${name}'`, metric)];
      }),
    );
  }

  /** Resets the epoch under way. */
  reset(): void {
    this.#current('reset').reset();
  }

  /** Forgets all epochs. */
  resetAll(): void {
    for (const metric of this.#steps) metric.reset();
    this.#steps = [];
  }

  #current(method: string): MetricBase<Args, Out> | MetricCollection<Args, Out> {
    const current = this.#steps.at(-1);
    if (current !== undefined) return current;
    throw new LogError('bad-metric', `MetricTracker.${method}(): no epoch has begun. Call increment() at the beginning of each.`);
  }

  #best(values: readonly unknown[], name: string, metric: MetricBase<Args, Out>): Best {
    const call = 'MetricTracker.bestMetric()';
    const maximize = this.#maximize ?? metric.higherIsBetter;
    if (maximize === undefined)
      throw new LogError('bad-metric', `${call}: ${name} does not say whether more is better. Give the option maximize.`);
    let best: Best = { value: NaN, step: 0 };
    values.forEach((value, step) => {
      if (typeof value !== 'number')
        throw new LogError('bad-metric', `${call}: ${name} gave ${describe(value)}. Only numbers have a best.`);
      if (Number.isNaN(best.value) || (maximize ? value > best.value : value < best.value)) best = { value, step };
    });
    return best;
  }
}
