import { isPlainObject } from '../core/config.ts';
import type { Engine } from '../core/engine.ts';
import { describe, LogError } from '../core/errors.ts';
import type { HookValue } from '../core/hook-parts.ts';
import { isPromise } from '../core/is-promise.ts';
import { isLoggableCollection, isLoggableMetric } from '../core/loggable-metric.ts';
import type { ResolvedLogOptions } from '../core/log-options.ts';
import type { OverheadMeter } from '../core/overhead-meter.ts';
import type { QueuedValue, ReadbackQueue } from '../core/readback-queue.ts';
import { isTensorLike, readTensorLike } from '../core/tensor-like.ts';
import type { Warner } from '../core/warnings.ts';
import type { EpochMetrics } from './epoch-metrics.ts';
import { sayOfRuns } from './words.ts';

export interface ValueIntakeParts {
  readonly queue: ReadbackQueue<QueuedValue | HookValue>;
  readonly engine: Engine | undefined;
  readonly epochMetrics: EpochMetrics;
  readonly meter: OverheadMeter;
  readonly warn: Warner;
}

/** Where and when a value is logged. */
export type ValueMoment = Pick<QueuedValue, 'step' | 'epoch' | 'wallTime'>;

/** Puts what is logged into the queue: numbers at once, what lives on an accelerator to be read later. */
export class ValueIntake {
  readonly #parts: ValueIntakeParts;

  constructor(parts: ValueIntakeParts) {
    this.#parts = parts;
  }

  /** True for what would have to be read back. */
  isOnDevice(value: unknown): boolean {
    return this.#parts.engine?.owns(value) === true || isTensorLike(value);
  }

  take(name: string, value: unknown, options: ResolvedLogOptions, { step, epoch, wallTime }: ValueMoment): void {
    if (name === '') throw new LogError('bad-tag', `run.log('', …): the name of ${describe(value)} is empty. Name it, e.g. 'loss'.`);
    // As a key of a plain object it would vanish.
    if (name === '__proto__') throw new LogError('bad-tag', `run.log('__proto__'): this name cannot be used. Choose another one.`);
    const at: QueuedValue = { name, options, step, epoch, wallTime };
    if (isLoggableMetric(value)) this.#parts.epochMetrics.take(at, value);
    else this.enqueue(at, value, () => `run.log('${name}')`);
  }

  /** Takes all values. Gives how many it took, and the first error. */
  takeAll(values: unknown, options: ResolvedLogOptions, moment: ValueMoment): { readonly taken: number; readonly wrong: unknown } {
    let taken = 0;
    let wrong: unknown;
    const take = (name: string, value: unknown): void => {
      try {
        this.take(name, value, options, moment);
        taken += 1;
      } catch (thrown) {
        wrong ??= thrown;
      }
    };
    if (isLoggableCollection(values)) for (const [name, metric] of values.items()) take(name, metric);
    else if (isPlainObject(values)) for (const name in values) if (Object.hasOwn(values, name)) take(name, values[name]);
    return { taken, wrong };
  }

  enqueue(at: QueuedValue | HookValue, value: unknown, call: () => string): void {
    const { queue, engine, meter, warn } = this.#parts;
    meter.values += 1;
    if (typeof value === 'number') queue.pushNumber(at, value);
    else if (typeof value === 'boolean') queue.pushNumber(at, Number(value));
    else if (engine?.owns(value) === true) {
      meter.scalars += 1;
      queue.pushHandle(at, engine.retain(value, call()));
    } else if (isTensorLike(value)) {
      meter.scalars += 1;
      warn('no-engine', sayOfRuns('no-engine', { call: call() }));
      queue.pushPromise(at, readTensorLike(value, call()));
    } else {
      throw new LogError('bad-value', `${call()}: got ${describe(value)}, need a number or a tensor of one value. ${advice(value)}`);
    }
  }
}

/** Throws `bad-value` for what is neither a plain object nor a collection of metrics. */
export function refuseNoValues(values: unknown, call: string): void {
  if (isLoggableCollection(values) || (isPlainObject(values) && !isTensorLike(values))) return;
  throw new LogError('bad-value', `${call}(${describe(values)}): need a name and a value, or a plain object such as { loss: 0.3 }.`);
}

function advice(value: unknown): string {
  if (isPromise(value)) return 'Await it first; of a metric, log the object itself.';
  if (isPlainObject(value)) return 'Nested objects cannot be logged: give each value a name of its own.';
  if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)))
    return `Convert it with Number(${JSON.stringify(value)}).`;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return 'Take the mean, or log each value under a name of its own.';
  if (value === undefined || value === null) return 'Was it computed before the call?';
  return 'Log the number itself.';
}
