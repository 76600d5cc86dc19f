import type { DeviceOps } from '../core/device-ops.ts';
import { LogError } from '../core/errors.ts';
import type { LoggableMetric } from '../core/loggable-metric.ts';
import { createWarner, type Warner, type Warning } from '../core/warnings.ts';

/** What every metric can be told. */
export interface MetricOptions {
  /** Counts on the accelerator, where the metric can: only its states are read back. Default: predictions are read. */
  readonly device?: DeviceOps;
  /** Keep the result of `compute` until the next update. Default true. */
  readonly computeWithCache?: boolean;
  /** Gets each warning once. Default: the console. */
  readonly onWarning?: (warning: Warning) => void;
}

/** Any metric, whatever it takes and gives. */
export type AnyMetric = MetricBase<never, unknown>;

const warnConsole = createWarner();

/** Makes instances callable: the constructor gives back a function whose prototype is that of the class, and which calls `forward`. */
export class Callable {
  constructor() {
    const call = (...args: readonly unknown[]): unknown =>
      (call as unknown as { forward(...args: readonly unknown[]): unknown }).forward(...args);
    // A function's own two names would hide fields of a class.
    Reflect.deleteProperty(call, 'name');
    Reflect.deleteProperty(call, 'length');
    // oxlint-disable-next-line no-constructor-return
    return Object.setPrototypeOf(call, new.target.prototype) as this; // a function of the class's prototype is an instance of it
  }
}

/** Calling a metric is calling its `forward`. */
// oxlint-disable-next-line no-unsafe-declaration-merging -- a call signature can be declared in no other way
export interface MetricBase<Args extends readonly unknown[], Out> {
  (...args: Args): Promise<Out>;
}

/** What metrics with states ({@link Metric}) and those that wrap others have in common. Callable: `await metric(preds, target)`. */
export abstract class MetricBase<Args extends readonly unknown[], Out> extends Callable implements LoggableMetric {
  /** True: more is better; false: less is; undefined: neither. */
  readonly higherIsBetter: boolean | undefined = undefined;
  #warn: Warner;

  constructor(options: Pick<MetricOptions, 'onWarning'> = {}) {
    super();
    this.#warn = options.onWarning === undefined ? warnConsole : createWarner(options.onWarning);
  }

  get isMetric(): true {
    return true;
  }

  /** Updates made since the last reset. */
  abstract readonly updateCount: number;
  /** Reads the value of the batch that the last `forward` got; undefined after `update` alone and after a reset. */
  abstract readonly batchValue: (() => Promise<Out>) | undefined;
  /** Where it counts from now on; undefined: on the processor. */
  abstract device: DeviceOps | undefined;
  /**
   * Takes a batch. Arrays are taken at once; of tensors a copy is kept until it has been read, in the order of the calls.
   * Throws `bad-metric` for input that does not fit, and leaves the states as they were; where tensors had to be read first,
   * the next `compute` throws it.
   */
  abstract update(...args: Args): void;
  /** The value over everything since the last reset. Kept until the next update. Warns before the first. */
  abstract compute(): Promise<Out>;
  /** Takes a batch and gives the value of this batch alone. The value is computed when it is awaited. */
  abstract forward(...args: Args): Promise<Out>;
  /** Back to the states of the beginning. */
  abstract reset(): void;
  /**
   * A metric of the same kind, options and states, with a life of its own. Runs no constructor of a subclass, whose arguments nobody
   * kept: ordinary fields are copied, metrics in them cloned.
   */
  clone(): this {
    return this.copyFieldsTo(Reflect.construct(MetricBase, [], this.constructor) as this); // an instance of the same class
  }

  /** Gives a new instance the fields of this one. */
  protected copyFieldsTo(twin: this): this {
    for (const [name, value] of Object.entries(this)) Reflect.set(twin, name, copyField(value));
    twin.#warn = this.#warn;
    return twin;
  }

  /** The call in words, for an error message: `MeanMetric.update()`. */
  protected quote(method: string): string {
    return `${this.constructor.name}.${method}()`;
  }

  /** True once `update` or `forward` was called since the last reset. */
  get updateCalled(): boolean {
    return this.updateCount > 0;
  }

  /** Warns once per key and kind of metric. */
  protected warn(key: string, text: string): void {
    this.#warn(`${this.constructor.name} ${key}`, `${this.constructor.name}: ${text}`);
  }

  /** Throws `bad-options` for an option that is not among the known ones. */
  protected checkOptions(options: object, known: readonly string[]): void {
    const all = ['onWarning', ...known];
    const unknown = Object.keys(options).find((key) => !all.includes(key));
    if (unknown === undefined) return;
    throw new LogError('bad-options', `new ${this.constructor.name}(): there is no option '${unknown}'. There are: ${all.join(', ')}.`);
  }
}

function copyField(value: unknown): unknown {
  if (value instanceof MetricBase) return value.clone();
  return Array.isArray(value) ? value.map(copyField) : value;
}
