import { describe, LogError } from '../../core/errors.ts';
import type { MetricBase } from '../metric-base.ts';
import { checkAlive, isNdArray, isShapedTensor, type NdArray, readTensor, type ShapedTensor, toNdArray } from '../nd-array.ts';
import { WrapperMetric } from './wrapper-metric.ts';

export interface BootStrapperOptions {
  /** Samples that are drawn. Default 10. */
  readonly numBootstraps?: number;
  /** Each row so many times as a Poisson distribution of mean 1 says, or as many rows as there are, with replacement. Default `poisson`. */
  readonly samplingStrategy?: 'poisson' | 'multinomial';
  /** Give this quantile, from 0 to 1, between values by linear interpolation. Default: none. */
  readonly quantile?: number;
  /** Give the values of all samples. Default false. */
  readonly raw?: boolean;
  /** The same seed draws the same samples. Default 0. */
  readonly seed?: number;
}

/** What the samples say of a metric; `std` over n − 1. */
export interface BootStrapped {
  readonly mean: number;
  readonly std: number;
  readonly quantile?: number;
  readonly raw?: Float64Array;
}

/** How sure a metric is: its value over samples of the rows of each batch, drawn with replacement. */
export class BootStrapper<Args extends readonly unknown[]> extends WrapperMetric<Args, BootStrapped> {
  static override readonly name: string = 'BootStrapper';
  protected readonly metrics: readonly MetricBase<Args, number>[];
  protected readonly options: BootStrapperOptions;
  /** Of the generator of random numbers. */
  protected randomState: number;

  constructor(metric: MetricBase<Args, number>, options: BootStrapperOptions = {}) {
    super();
    this.checkOptions(options, ['numBootstraps', 'samplingStrategy', 'quantile', 'raw', 'seed']);
    const { numBootstraps = 10, quantile = 0, samplingStrategy = 'poisson' } = options;
    if (!Number.isInteger(numBootstraps) || numBootstraps < 1)
      throw new LogError('bad-options', `new BootStrapper(): numBootstraps is ${describe(numBootstraps)}. Give a whole number above 0.`);
    if (!(quantile >= 0 && quantile <= 1))
      throw new LogError('bad-options', `new BootStrapper(): quantile is ${describe(quantile)}. Give a number from 0 to 1.`);
    if (samplingStrategy !== 'poisson' && samplingStrategy !== 'multinomial')
      throw new LogError(
        'bad-options',
        `new BootStrapper(): samplingStrategy is ${describe(samplingStrategy)}. Give 'poisson' or 'multinomial'.`,
      );
    this.metrics = Array.from({ length: numBootstraps }, () => metric.clone());
    this.options = options;
    this.randomState = options.seed ?? 0;
  }

  protected inner(): readonly MetricBase<Args, unknown>[] {
    return this.metrics;
  }

  override update(...args: Args): void {
    this.batch = undefined;
    const rowsOf = this.takeRows(args);
    for (const metric of this.metrics) {
      const rows = this.drawRows(rowsOf.count);
      if (rows.length > 0) metric.update(...rowsOf.sample(rows));
    }
  }

  override forward(...args: Args): Promise<BootStrapped> {
    const rowsOf = this.takeRows(args);
    const values = this.metrics.map((metric) => {
      const rows = this.drawRows(rowsOf.count);
      return rows.length > 0 ? metric.forward(...rowsOf.sample(rows)) : NaN;
    });
    return this.lazily(values);
  }

  protected combine(values: readonly unknown[]): BootStrapped {
    const raw = Float64Array.from(values, Number);
    const mean = raw.reduce((sum, value) => sum + value, 0) / raw.length;
    const std = Math.sqrt(raw.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (raw.length - 1));
    const { quantile } = this.options;
    return {
      mean,
      std,
      ...(quantile !== undefined && { quantile: quantileOf(raw, quantile) }),
      ...(this.options.raw === true && { raw }),
    };
  }

  /** Reads each tensor among the arguments once for all samples. */
  protected takeRows(args: Args): { readonly count: number; readonly sample: (rows: Uint32Array) => Args } {
    const call = this.quote('update');
    for (const arg of args) if (isShapedTensor(arg)) checkAlive(arg, call);
    const taken = args.map((arg) => (isShapedTensor(arg) ? { shape: arg.shape, read: readTensor(arg) } : toNdArray(arg, call)));
    const first = taken.find((arg) => isNdArray(arg) || isReading(arg));
    const count = first?.shape[0];
    if (count === undefined)
      throw new LogError('bad-metric', `${call}: there are no rows to draw from. Give arrays or tensors of at least one axis.`);
    const sample = (rows: Uint32Array): Args =>
      taken.map((arg) => (isNdArray(arg) ? selectRows(arg, rows) : isReading(arg) ? laterRows(arg, rows) : arg)) as unknown as Args; // one for each
    return { count, sample };
  }

  /** Row numbers in ascending order for `poisson`, in the order drawn for `multinomial`. */
  protected drawRows(count: number): Uint32Array {
    if (this.options.samplingStrategy === 'multinomial')
      return Uint32Array.from({ length: count }, () => Math.floor(this.random() * count));
    const rows: number[] = [];
    for (let row = 0; row < count; row++) {
      // Knuth's way to a Poisson variate: uniform numbers are multiplied until they fall below e^-1.
      for (let product = this.random(); product > Math.exp(-1); product *= this.random()) rows.push(row);
    }
    return Uint32Array.from(rows);
  }

  /** From 0 to 1 without 1: Mulberry32, by Tommy Ettinger. */
  protected random(): number {
    this.randomState = (this.randomState + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.randomState ^ (this.randomState >>> 15), 1 | this.randomState);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }
}

interface Reading {
  readonly shape: readonly number[];
  readonly read: Promise<NdArray>;
}

function isReading(value: unknown): value is Reading {
  return typeof value === 'object' && value !== null && 'read' in value;
}

function selectRows({ values, shape }: NdArray, rows: Uint32Array): NdArray {
  const width = values.length / Math.max(1, shape[0] ?? 1);
  const at = (i: number): number => (rows[Math.floor(i / width)] ?? 0) * width + (i % width);
  return {
    values: Float64Array.from({ length: rows.length * width }, (_, i) => values[at(i)] ?? NaN),
    shape: [rows.length, ...shape.slice(1)],
  };
}

/** Rows of a tensor that is being read, as a tensor that can be read then. */
function laterRows({ shape, read }: Reading, rows: Uint32Array): ShapedTensor {
  const sizes = [rows.length, ...shape.slice(1)];
  return {
    shape: sizes,
    size: sizes.reduce((product, size) => product * size, 1),
    data: async () => selectRows(await read, rows).values,
  };
}

function quantileOf(values: Float64Array, quantile: number): number {
  const sorted = values.toSorted();
  const at = quantile * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN];
  return low + (high - low) * (at - Math.floor(at));
}
