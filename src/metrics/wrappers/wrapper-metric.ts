import type { DeviceOps } from '../../core/device-ops.ts';
import { LazyPromise } from '../lazy-promise.ts';
import { MetricBase } from '../metric-base.ts';

/** A metric made of others, which hold the states. */
export abstract class WrapperMetric<Args extends readonly unknown[], Out> extends MetricBase<Args, Out> {
  protected batch: (() => Promise<Out>) | undefined = undefined;

  /** The metrics within. */
  protected abstract inner(): readonly MetricBase<Args, unknown>[];

  /** The value of the values of those within. */
  protected abstract combine(values: readonly unknown[]): Out;

  override get updateCount(): number {
    return this.inner()[0]?.updateCount ?? 0;
  }

  override get batchValue(): (() => Promise<Out>) | undefined {
    // Those within are told that their values will be asked for, be it after the next batch.
    for (const metric of this.inner()) void metric.batchValue;
    return this.batch;
  }

  override get device(): DeviceOps | undefined {
    return this.inner()[0]?.device;
  }

  override set device(ops: DeviceOps | undefined) {
    for (const metric of this.inner()) metric.device = ops;
  }

  update(...args: Args): void {
    this.batch = undefined;
    for (const metric of this.inner()) metric.update(...args);
  }

  async compute(): Promise<Out> {
    return this.combine(await Promise.all(this.inner().map((metric) => metric.compute())));
  }

  forward(...args: Args): Promise<Out> {
    return this.lazily(this.inner().map((metric) => metric.forward(...args)));
  }

  reset(): void {
    this.batch = undefined;
    for (const metric of this.inner()) metric.reset();
  }

  override clone(): this {
    const twin = super.clone();
    twin.batch = undefined;
    return twin;
  }

  protected lazily(values: readonly unknown[]): Promise<Out> {
    const value = new LazyPromise(async () => this.combine(await Promise.all(values)));
    this.batch = (): Promise<Out> => value;
    return value;
  }
}
