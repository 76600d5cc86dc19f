import type { DeviceOps } from '../core/device-ops.ts';
import { describe, LogError } from '../core/errors.ts';
import type { LoggableCollection } from '../core/loggable-metric.ts';
import type { Leader } from './batch.ts';
import { LazyPromise } from './lazy-promise.ts';
import { Callable, MetricBase } from './metric-base.ts';
import type { MetricStates } from './metric-states.ts';
import { Metric } from './metric.ts';

/** What a collection is made of: metrics that take the same arguments, alone or in collections. */
export type Collectable<Args extends readonly unknown[], Out> = MetricBase<Args, Out> | MetricCollection<Args, Out>;

export interface MetricCollectionOptions {
  /** Before each name: `val_`. Default none. */
  readonly prefix?: string;
  /** Behind each name. Default none. */
  readonly postfix?: string;
}

/** Calling a collection is calling its `forward`. */
// oxlint-disable-next-line no-unsafe-declaration-merging -- a call signature can be declared in no other way
export interface MetricCollection<Args extends readonly unknown[], Out = number> {
  (...args: Args): Promise<Record<string, Out>>;
}

/**
 * Several metrics that are updated by one call and give their values by name. A list names them by their classes, in its order; a
 * record by its keys, sorted. Collections within are taken apart. Metrics that count the same share one update.
 */
export class MetricCollection<Args extends readonly unknown[], Out = number> extends Callable implements LoggableCollection {
  #metrics: ReadonlyMap<string, MetricBase<Args, Out>>;
  readonly #options: MetricCollectionOptions;

  /** Throws `bad-options` for two metrics of one name, or what is no metric. */
  constructor(
    metrics: readonly Collectable<Args, Out>[] | Readonly<Record<string, Collectable<Args, Out>>>,
    options: MetricCollectionOptions = {},
  ) {
    super();
    this.#options = options;
    this.#metrics = nameAll(metrics);
  }

  get isMetricCollection(): true {
    return true;
  }

  /** Each metric under its name with prefix and postfix; what `logDict` logs. */
  items(): readonly (readonly [name: string, metric: MetricBase<Args, Out>])[] {
    return [...this.#metrics].map(([name, metric]) => [this.#named(name), metric]);
  }

  /** One metric, by its name without prefix and postfix. */
  get(name: string): MetricBase<Args, Out> | undefined {
    return this.#metrics.get(name);
  }

  set device(ops: DeviceOps | undefined) {
    for (const metric of this.#metrics.values()) metric.device = ops;
  }

  update(...args: Args): void {
    const leaders: Leader[] = [];
    for (const metric of this.#metrics.values()) {
      if (metric instanceof Metric) metric.updateAmong(leaders, this, args);
      else metric.update(...args);
    }
  }

  /** The values over everything since the last reset, by name. */
  async compute(): Promise<Record<string, Out>> {
    return this.#values(await Promise.all([...this.#metrics.values()].map((metric) => metric.compute())));
  }

  /** Updates all, and gives the values of this batch alone. They are computed when they are awaited. */
  forward(...args: Args): Promise<Record<string, Out>> {
    const leaders: Leader[] = [];
    const values = [...this.#metrics.values()].map((metric) =>
      metric instanceof Metric ? metric.forwardAmong(leaders, this, args) : metric.forward(...args),
    );
    return new LazyPromise(async () => this.#values(await Promise.all(values)));
  }

  reset(): void {
    for (const metric of this.#metrics.values()) metric.reset();
  }

  /** Clones of all metrics; prefix and postfix are replaced where they are given. */
  clone(options: MetricCollectionOptions = {}): MetricCollection<Args, Out> {
    const twin = new MetricCollection<Args, Out>([], { ...this.#options, ...options });
    twin.#metrics = new Map([...this.#metrics].map(([name, metric]) => [name, metric.clone()]));
    return twin;
  }

  /** The states of each metric by its name without prefix and postfix, to be sent to another thread. */
  get metricState(): Readonly<Record<string, Readonly<MetricStates>>> {
    return Object.fromEntries(this.#mergeable().map(([name, metric]) => [name, metric.metricState]));
  }

  /** Folds another collection of the same metrics, or its {@link MetricCollection.metricState}, into this one. */
  mergeState(other: MetricCollection<Args, Out> | Readonly<Record<string, Readonly<MetricStates>>>): void {
    for (const [name, metric] of this.#mergeable()) {
      const theirs: unknown = other instanceof MetricCollection ? other.#metrics.get(name) : other[name];
      if (typeof theirs !== 'function' && typeof theirs !== 'object')
        throw new LogError('bad-metric', `MetricCollection.mergeState(): got no '${name}'. Merge collections of the same metrics.`);
      metric.mergeState(theirs as Readonly<MetricStates>); // a metric is checked by itself
    }
  }

  #mergeable(): [name: string, metric: Metric<Args, Out, object>][] {
    return [...this.#metrics].map(([name, metric]) => {
      if (metric instanceof Metric) return [name, metric];
      throw new LogError('bad-metric', `MetricCollection.mergeState(): '${name}' wraps another metric and has no states of its own.`);
    });
  }

  #named(name: string): string {
    return `${this.#options.prefix ?? ''}${name}${this.#options.postfix ?? ''}`;
  }

  /** Values by name; those of a metric that gives several go under their own names, behind that of the metric if they clash. */
  #values(values: readonly Out[]): Record<string, Out> {
    const names = [...this.#metrics.keys()];
    const flat = values.flatMap((value, i) => Object.keys(isRecord(value) ? value : { [names[i] ?? '']: value }));
    const clash = new Set(flat).size < flat.length;
    const result: Record<string, Out> = {};
    values.forEach((value, i) => {
      const own = names[i] ?? '';
      if (!isRecord(value)) result[this.#named(own)] = value;
      else for (const [name, part] of Object.entries(value)) result[this.#named(clash ? `${own}_${name}` : name)] = part as Out; // of a metric that gives several
    });
    return result;
  }
}

function nameAll<Args extends readonly unknown[], Out>(
  metrics: readonly Collectable<Args, Out>[] | Readonly<Record<string, Collectable<Args, Out>>>,
): Map<string, MetricBase<Args, Out>> {
  const named = new Map<string, MetricBase<Args, Out>>();
  const add = (name: string, metric: MetricBase<Args, Out>): void => {
    if (named.has(name)) {
      throw new LogError(
        'bad-options',
        `new MetricCollection(): there are two metrics named '${name}'. Give a record with a name for each.`,
      );
    }
    named.set(name, metric);
  };
  const take = (key: string | undefined, given: Collectable<Args, Out>): void => {
    if (given instanceof MetricBase) add(key ?? given.constructor.name, given);
    else if (given instanceof MetricCollection)
      for (const [name, metric] of given.items()) add(key === undefined ? name : `${key}_${name}`, metric);
    else throw new LogError('bad-options', `new MetricCollection(): got ${describe(given)}. Give metrics, or collections of them.`);
  };
  if (isList(metrics)) for (const metric of metrics) take(undefined, metric);
  else for (const name of Object.keys(metrics).sort()) take(name, metrics[name] as Collectable<Args, Out>); // name is a key of it
  return named;
}

function isList<Item>(value: readonly Item[] | Readonly<Record<string, Item>>): value is readonly Item[] {
  return Array.isArray(value);
}

/** Several numbers by name, as wrappers give them. */
function isRecord(value: unknown): value is Readonly<Record<string, number>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !ArrayBuffer.isView(value) &&
    !Array.isArray(value) &&
    Object.values(value).every((part) => typeof part === 'number')
  );
}
