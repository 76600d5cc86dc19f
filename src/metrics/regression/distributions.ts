import { LogError } from '../../core/errors.ts';
import { concatenate } from '../list-state.ts';
import type { MetricOptions } from '../metric-base.ts';
import { Metric } from '../metric.ts';
import type { NdArray, NumberArray, NumberTypedArray } from '../nd-array.ts';
import { checkPair, checkWord } from './pairs.ts';

export interface RowReductionOptions extends MetricOptions {
  /** How the rows become one number; `none`: an array with one for each row, all of which are kept. */
  readonly reduction?: 'sum' | 'mean' | 'none';
}

export interface KLDivergenceOptions extends RowReductionOptions {
  /** True: both are logarithms of probabilities, and are not normalised. Default false. */
  readonly logProb?: boolean;
}

/** An array for `none`, else a number. */
export type RowOutput<Options> = Options extends { readonly reduction: 'none' } ? Float64Array : number;

interface Rows {
  sum: number;
  total: number;
  rows: NumberTypedArray[];
}

/** One number for each row of two (N, D) arrays. */
abstract class RowMetric<Options> extends Metric<[preds: NumberArray, target: NumberArray], RowOutput<Options>, Rows> {
  protected readonly reduction: 'sum' | 'mean' | 'none';

  constructor(options: RowReductionOptions, byDefault: 'sum' | 'mean', ownOptions: readonly string[] = []) {
    super(options, ['reduction', ...ownOptions]);
    this.reduction = checkWord(`new ${this.constructor.name}()`, 'reduction', options.reduction ?? byDefault, ['sum', 'mean', 'none']);
    this.addState('sum', 0, 'sum');
    this.addState('total', 0, 'sum');
    this.addState('rows', [], 'cat');
  }

  /** Of the row that begins at `from` and ends before `to`. */
  protected abstract row(a: NumberTypedArray, b: NumberTypedArray, from: number, to: number): number;

  protected updateState(state: Rows, preds: NdArray, target: NdArray): void {
    const call = this.quote('update');
    checkPair(call, preds, target);
    if (preds.values.length === 0) return;
    const [rows = 1, width = 1] = preds.shape;
    if (preds.shape.length !== 2)
      throw new LogError('bad-metric', `${call}: got ${preds.shape.length} axes, need (N, D). Put each sample in a row.`);
    const values = Float64Array.from({ length: rows }, (_, i) => this.row(preds.values, target.values, i * width, (i + 1) * width));
    if (this.reduction === 'none') state.rows.push(values);
    for (const value of values) state.sum += value;
    state.total += rows;
  }

  protected computeState(state: Rows): RowOutput<Options> {
    const value = this.reduction === 'none' ? concatenate(state.rows) : this.reduction === 'mean' ? state.sum / state.total : state.sum;
    return value as RowOutput<Options>; // an array for `none` alone
  }
}

/** Cosine of the angle between rows; a row of zeros gives NaN. Default reduction `sum`, as in torchmetrics. */
export class CosineSimilarity<Options extends RowReductionOptions = object> extends RowMetric<Options> {
  static override readonly name: string = 'CosineSimilarity';
  override readonly higherIsBetter: boolean | undefined = true;

  constructor(options?: Options & RowReductionOptions) {
    super(options ?? {}, 'sum');
  }

  protected row(a: NumberTypedArray, b: NumberTypedArray, from: number, to: number): number {
    let [product, squaresA, squaresB] = [0, 0, 0];
    for (let i = from; i < to; i++) {
      const [x, y] = [a[i] ?? NaN, b[i] ?? NaN];
      product += x * y;
      squaresA += x * x;
      squaresB += y * y;
    }
    return product / (Math.sqrt(squaresA) * Math.sqrt(squaresB));
  }
}

/** Divergence of Kullback and Leibler, Σ p ln(p / q), of rows p from rows q, each normalised to sum 1. Default reduction `mean`. */
export class KLDivergence<Options extends KLDivergenceOptions = object> extends RowMetric<Options> {
  static override readonly name: string = 'KLDivergence';
  override readonly higherIsBetter: boolean | undefined = false;
  protected readonly logProb: boolean;

  constructor(options?: Options & KLDivergenceOptions) {
    super(options ?? {}, 'mean', ['logProb']);
    this.logProb = options?.logProb ?? false;
  }

  protected row(a: NumberTypedArray, b: NumberTypedArray, from: number, to: number): number {
    let [sumA, sumB] = [0, 0];
    for (let i = from; i < to; i++) {
      sumA += a[i] ?? NaN;
      sumB += b[i] ?? NaN;
    }
    let divergence = 0;
    for (let i = from; i < to; i++) {
      const [x, y] = [a[i] ?? NaN, b[i] ?? NaN];
      if (this.logProb) divergence += Math.exp(x) * (x - y);
      // What has no probability adds nothing, even where q has none either.
      else if (x !== 0) divergence += (x / sumA) * Math.log(x / sumA / (y / sumB));
    }
    return divergence;
  }
}
