import type { DeviceOps, DeviceState } from '../../core/device-ops.ts';
import type { MetricOptions } from '../metric-base.ts';
import { Metric } from '../metric.ts';
import type { NdArray, NumberArray } from '../nd-array.ts';
import { checkNumOutputs, checkPair, checkRows, perOutput, type PerOutput } from './pairs.ts';

/** Smallest divisor of percentage errors: torchmetrics' choice. */
const epsilon = 1.17e-6;

interface Sums {
  sum: Float64Array;
  total: number;
}

export interface OutputOptions extends MetricOptions {
  /** Columns of (N, numOutputs), each with a value of its own. Default 1. */
  readonly numOutputs?: number;
}

export interface MeanSquaredErrorOptions extends OutputOptions {
  /** False: the root of the mean over all data. Default true. */
  readonly squared?: boolean;
}

/** A mean over samples of a term of prediction and target, for each output. */
abstract class MeanError<Out> extends Metric<[preds: NumberArray, target: NumberArray], Out, Sums> {
  override readonly higherIsBetter: boolean | undefined = false;
  protected readonly numOutputs: number;

  constructor(options: OutputOptions = {}, ownOptions: readonly string[] = []) {
    super(options, ownOptions);
    this.numOutputs = checkNumOutputs(options.numOutputs, `new ${this.constructor.name}()`);
    this.addState('sum', new Float64Array(this.numOutputs), 'sum');
    this.addState('total', 0, 'sum');
  }

  protected abstract term(pred: number, target: number): number;

  /** Gives the samples in a batch. One output takes any shape. */
  protected samples(preds: NdArray, target: NdArray): number {
    const call = this.quote('update');
    if (this.numOutputs > 1) return checkRows(call, preds, target, this.numOutputs);
    checkPair(call, preds, target);
    return preds.values.length;
  }

  protected updateState(state: Sums, preds: NdArray, target: NdArray): void {
    state.total += this.samples(preds, target);
    for (let i = 0; i < preds.values.length; i++) {
      const output = i % this.numOutputs;
      state.sum[output] = (state.sum[output] ?? 0) + this.term(preds.values[i] ?? NaN, target.values[i] ?? NaN);
    }
  }

  protected computeState(state: Sums): Out {
    return perOutput(state.sum.map((sum) => sum / state.total));
  }

  /** Of `[n, Σ(p − t)², Σ|p − t|]` the sum at this place. */
  protected sumOfErrors(sums: Float64Array, place: 1 | 2): Sums {
    return { sum: sums.slice(place, place + 1), total: sums[0] ?? 0 };
  }
}

/** Mean of (p − t)², or with `squared: false` its root over all data, not the mean of the roots of batches. */
export class MeanSquaredError<Options extends MeanSquaredErrorOptions = object> extends MeanError<PerOutput<Options>> {
  static override readonly name: string = 'MeanSquaredError';
  protected override readonly updateKey: string | undefined;
  protected readonly squared: boolean;

  constructor(options?: Options & MeanSquaredErrorOptions) {
    super(options, ['squared', 'numOutputs']);
    this.squared = options?.squared ?? true;
    this.updateKey = `MeanSquaredError ${this.numOutputs}`;
  }

  protected term(pred: number, target: number): number {
    return (pred - target) ** 2;
  }

  protected override updateOnDevice(ops: DeviceOps, preds: NumberArray, target: NumberArray): DeviceState | undefined {
    return this.numOutputs === 1 ? errorSums(ops, preds, target) : undefined;
  }

  protected override statesFromDevice(sums: Float64Array): Sums {
    return this.sumOfErrors(sums, 1);
  }

  protected override computeState(state: Sums): PerOutput<Options> {
    return perOutput(state.sum.map((sum) => (this.squared ? sum / state.total : Math.sqrt(sum / state.total))));
  }
}

/** Mean of |p − t|. */
export class MeanAbsoluteError<Options extends OutputOptions = object> extends MeanError<PerOutput<Options>> {
  static override readonly name: string = 'MeanAbsoluteError';

  constructor(options?: Options & OutputOptions) {
    super(options, ['numOutputs']);
  }

  protected term(pred: number, target: number): number {
    return Math.abs(pred - target);
  }

  protected override updateOnDevice(ops: DeviceOps, preds: NumberArray, target: NumberArray): DeviceState | undefined {
    return this.numOutputs === 1 ? errorSums(ops, preds, target) : undefined;
  }

  protected override statesFromDevice(sums: Float64Array): Sums {
    return this.sumOfErrors(sums, 2);
  }
}

/** Mean of ln cosh(p − t); does not overflow. (N) or (N, numOutputs). */
export class LogCoshError<Options extends OutputOptions = object> extends MeanError<PerOutput<Options>> {
  static override readonly name: string = 'LogCoshError';

  constructor(options?: Options & OutputOptions) {
    super(options, ['numOutputs']);
  }

  protected override samples(preds: NdArray, target: NdArray): number {
    return checkRows(this.quote('update'), preds, target, this.numOutputs);
  }

  protected term(pred: number, target: number): number {
    const distance = Math.abs(pred - target);
    return distance + Math.log1p(Math.exp(-2 * distance)) - Math.LN2;
  }
}

/** Mean of (ln(1 + p) − ln(1 + t))². */
export class MeanSquaredLogError extends MeanError<number> {
  static override readonly name: string = 'MeanSquaredLogError';

  protected term(pred: number, target: number): number {
    return (Math.log1p(pred) - Math.log1p(target)) ** 2;
  }
}

/** Mean of |p − t| / |t|, the divisor at least 1.17e-6. 0.1 means ten per cent. */
export class MeanAbsolutePercentageError extends MeanError<number> {
  static override readonly name: string = 'MeanAbsolutePercentageError';

  protected term(pred: number, target: number): number {
    return Math.abs(pred - target) / Math.max(Math.abs(target), epsilon);
  }
}

/** Mean of 2 |p − t| / (|t| + |p|), the divisor at least 1.17e-6: from 0 to 2. */
export class SymmetricMeanAbsolutePercentageError extends MeanError<number> {
  static override readonly name: string = 'SymmetricMeanAbsolutePercentageError';

  protected term(pred: number, target: number): number {
    return (2 * Math.abs(pred - target)) / Math.max(Math.abs(target) + Math.abs(pred), epsilon);
  }
}

/** Σ|p − t| / Σ|t|, the divisor at least 1.17e-6. */
export class WeightedMeanAbsolutePercentageError extends Metric<
  [preds: NumberArray, target: NumberArray],
  number,
  { sum: number; scale: number }
> {
  static override readonly name: string = 'WeightedMeanAbsolutePercentageError';
  override readonly higherIsBetter: boolean | undefined = false;

  constructor(options?: MetricOptions) {
    super(options);
    this.addState('sum', 0, 'sum');
    this.addState('scale', 0, 'sum');
  }

  protected updateState(state: { sum: number; scale: number }, preds: NdArray, target: NdArray): void {
    checkPair(this.quote('update'), preds, target);
    for (let i = 0; i < preds.values.length; i++) {
      const wanted = target.values[i] ?? NaN;
      state.sum += Math.abs((preds.values[i] ?? NaN) - wanted);
      state.scale += Math.abs(wanted);
    }
  }

  protected computeState(state: { sum: number; scale: number }): number {
    return state.sum / Math.max(state.scale, epsilon);
  }
}

function errorSums(ops: DeviceOps, preds: unknown, target: unknown): DeviceState | undefined {
  if (!ops.owns(preds) || !ops.owns(target)) return undefined;
  const [a, b] = [ops.shapeOf(preds), ops.shapeOf(target)];
  // Anything else goes the way that tells what is wrong.
  return a.length === b.length && a.every((size, axis) => size === b[axis]) ? ops.errorSums(preds, target) : undefined;
}
