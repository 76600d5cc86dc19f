import { describe, LogError } from '../../core/errors.ts';
import { MetricBase } from '../metric-base.ts';
import { WrapperMetric } from './wrapper-metric.ts';

/** The value of a metric with the least and greatest that it has given. */
export interface MinMax {
  readonly raw: number;
  readonly min: number;
  readonly max: number;
}

/** Adds to a metric the least and the greatest value that `compute` and `forward` have given. A reset keeps them: they span epochs. */
export class MinMaxMetric<Args extends readonly unknown[]> extends WrapperMetric<Args, MinMax> {
  static override readonly name: string = 'MinMaxMetric';
  protected readonly metric: MetricBase<Args, number>;
  protected min: number = Infinity;
  protected max: number = -Infinity;
  /** The values of all batches so far have been compared. Never rejects. */
  protected compared: Promise<unknown> = Promise.resolve();

  constructor(metric: MetricBase<Args, number>) {
    super();
    this.metric = metric;
  }

  override async compute(): Promise<MinMax> {
    await this.compared;
    return super.compute();
  }

  /** Computes at once: each value counts, awaited or not. */
  override forward(...args: Args): Promise<MinMax> {
    const value = super.forward(...args);
    this.compared = Promise.allSettled([this.compared, value]);
    return value;
  }

  protected inner(): readonly MetricBase<Args, unknown>[] {
    return [this.metric];
  }

  protected combine([raw]: readonly unknown[]): MinMax {
    if (typeof raw !== 'number')
      throw new LogError('bad-metric', `MinMaxMetric.compute(): the metric gave ${describe(raw)}. Wrap one that gives one number.`);
    // As comparisons of torchmetrics: NaN is neither least nor greatest.
    if (raw < this.min) this.min = raw;
    if (raw > this.max) this.max = raw;
    return { raw, min: this.min, max: this.max };
  }
}

export interface ClasswiseOptions {
  /** Names of the classes. Default: their numbers. */
  readonly labels?: readonly string[];
  /** Before each label. Default, without a postfix: the name of the metric in small letters and `_`. */
  readonly prefix?: string;
  readonly postfix?: string;
}

/** Gives the values of a metric without an average by the names of the classes: `multiclassaccuracy_cat`. */
export class ClasswiseWrapper<Args extends readonly unknown[]> extends WrapperMetric<Args, Readonly<Record<string, number>>> {
  static override readonly name: string = 'ClasswiseWrapper';
  override readonly higherIsBetter: boolean | undefined;
  protected readonly metric: MetricBase<Args, unknown>;
  protected readonly options: ClasswiseOptions;

  constructor(metric: MetricBase<Args, unknown>, options: ClasswiseOptions = {}) {
    super();
    this.checkOptions(options, ['labels', 'prefix', 'postfix']);
    this.metric = metric;
    this.options = options;
    this.higherIsBetter = metric.higherIsBetter;
  }

  protected inner(): readonly MetricBase<Args, unknown>[] {
    return [this.metric];
  }

  protected combine([values]: readonly unknown[]): Readonly<Record<string, number>> {
    const { labels, prefix = '', postfix = '' } = this.options;
    const before = prefix === '' && postfix === '' ? `${this.metric.constructor.name.toLowerCase()}_` : prefix;
    if (!ArrayBuffer.isView(values) && !Array.isArray(values))
      throw new LogError('bad-metric', `ClasswiseWrapper.compute(): the metric gave ${describe(values)}. Wrap one with average 'none'.`);
    const perClass = Array.from(values as ArrayLike<number>); // an array of either kind
    if (labels !== undefined && labels.length !== perClass.length) {
      throw new LogError(
        'bad-metric',
        `ClasswiseWrapper.compute(): got ${perClass.length} classes for ${labels.length} labels. Give one for each.`,
      );
    }
    return Object.fromEntries(perClass.map((value, i) => [`${before}${labels?.[i] ?? i}${postfix}`, value]));
  }
}

/**
 * A number made of the values of two metrics, or of a metric and a number: `new CompositionalMetric((a, b) => a - b, train, val)`.
 * Updating it updates both.
 */
export class CompositionalMetric<Args extends readonly unknown[]> extends WrapperMetric<Args, number> {
  static override readonly name: string = 'CompositionalMetric';
  protected readonly operator: (a: number, b: number) => number;
  protected readonly operands: readonly (MetricBase<Args, number> | number)[];

  constructor(operator: (a: number, b: number) => number, a: MetricBase<Args, number> | number, b: MetricBase<Args, number> | number) {
    super();
    this.operator = operator;
    this.operands = [a, b];
  }

  protected inner(): readonly MetricBase<Args, number>[] {
    // One that stands on both sides is updated once.
    return [...new Set(this.operands)].filter((operand) => typeof operand !== 'number');
  }

  protected combine(values: readonly unknown[]): number {
    const inner = this.inner();
    const [a, b] = this.operands.map((operand) => (typeof operand === 'number' ? operand : Number(values[inner.indexOf(operand)])));
    return this.operator(a ?? NaN, b ?? NaN);
  }
}
