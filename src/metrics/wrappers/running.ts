import type { DeviceOps } from '../../core/device-ops.ts';
import { describe, LogError } from '../../core/errors.ts';
import { MeanMetric, SumMetric } from '../aggregation/aggregators.ts';
import type { AggregatorOptions } from '../aggregation/nan-strategy.ts';
import { MetricBase } from '../metric-base.ts';
import type { NumberArray } from '../nd-array.ts';

export interface RunningOptions {
  /** Batches that count. Default 5. */
  readonly window?: number;
}

/** A metric whose states can be merged: any but those that wrap others. */
export type Mergeable<Args extends readonly unknown[], Out> = MetricBase<Args, Out> & { mergeState(other: unknown): void };

/** A metric over the last `window` batches. `forward` gives the value of the batch, `compute` that of the window. */
export class Running<Args extends readonly unknown[], Out> extends MetricBase<Args, Out> {
  static override readonly name: string = 'Running';
  protected readonly window: number;
  /** Never updated: what the others are made from. */
  protected readonly base: Mergeable<Args, Out>;
  /** One for each batch of the window, the oldest first. */
  protected parts: Mergeable<Args, Out>[] = [];
  protected updates: number = 0;

  constructor(metric: Mergeable<Args, Out>, options: RunningOptions = {}) {
    super();
    this.checkOptions(options, ['window']);
    this.window = options.window ?? 5;
    if (!Number.isInteger(this.window) || this.window < 1)
      throw new LogError(
        'bad-options',
        `new ${this.constructor.name}(): window is ${describe(options.window)}. Give a whole number above 0.`,
      );
    this.base = metric.clone();
    this.base.reset();
  }

  override get updateCount(): number {
    return this.updates;
  }

  override get batchValue(): (() => Promise<Out>) | undefined {
    return this.parts.at(-1)?.batchValue;
  }

  override get device(): DeviceOps | undefined {
    return this.base.device;
  }

  override set device(ops: DeviceOps | undefined) {
    this.base.device = ops;
  }

  update(...args: Args): void {
    const part = this.base.clone();
    part.update(...args);
    this.keep(part);
  }

  async compute(): Promise<Out> {
    const whole = this.base.clone();
    for (const part of this.parts) whole.mergeState(part);
    return whole.compute();
  }

  forward(...args: Args): Promise<Out> {
    const part = this.base.clone();
    const value = part.forward(...args);
    this.keep(part);
    return value;
  }

  reset(): void {
    for (const part of this.parts) part.reset();
    this.parts = [];
    this.updates = 0;
  }

  protected keep(part: Mergeable<Args, Out>): void {
    this.updates += 1;
    this.parts.push(part);
    // What it holds on a device goes at once.
    if (this.parts.length > this.window) this.parts.shift()?.reset();
  }
}

/** The weighted mean of the last `window` updates. */
export class RunningMean extends Running<[value: NumberArray, weight?: NumberArray], number> {
  static override readonly name: string = 'RunningMean';

  constructor({ window, ...options }: RunningOptions & AggregatorOptions = {}) {
    super(new MeanMetric(options), window === undefined ? {} : { window });
  }
}

/** The sum of the last `window` updates. */
export class RunningSum extends Running<[value: NumberArray], number> {
  static override readonly name: string = 'RunningSum';

  constructor({ window, ...options }: RunningOptions & AggregatorOptions = {}) {
    super(new SumMetric(options), window === undefined ? {} : { window });
  }
}
