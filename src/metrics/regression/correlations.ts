import { LogError } from '../../core/errors.ts';
import { concatenate, sizeWarning } from '../list-state.ts';
import { Metric } from '../metric.ts';
import type { NdArray, NumberArray, NumberTypedArray } from '../nd-array.ts';
import type { OutputOptions } from './mean-errors.ts';
import { isConstant, meanOf, mergeMoments, momentsOf, squaresOf } from './moments.ts';
import { checkNumOutputs, checkRows, perOutput, type PerOutput } from './pairs.ts';
import { sayOfRegression } from '../words.ts';

interface Comoments {
  rows: number;
  preds: Float64Array;
  target: Float64Array;
  /** Σ (p − mean p)(t − mean t), for each output. */
  products: Float64Array;
}

/** Running means and co-moments, merged by the pairwise update: as exact over many batches as over one. */
abstract class ComomentMetric<Options> extends Metric<[preds: NumberArray, target: NumberArray], PerOutput<Options>, Comoments> {
  protected override readonly updateKey: string | undefined;
  protected readonly numOutputs: number;

  constructor(options: OutputOptions = {}) {
    super(options, ['numOutputs']);
    this.numOutputs = checkNumOutputs(options.numOutputs, `new ${this.constructor.name}()`);
    this.updateKey = `comoments ${this.numOutputs}`;
    this.addState('rows', 0, 'sum');
    this.addState('preds', new Float64Array(0), null);
    this.addState('target', new Float64Array(0), null);
    this.addState('products', new Float64Array(this.numOutputs), null);
  }

  protected updateState(state: Comoments, preds: NdArray, target: NdArray): void {
    const columns = this.numOutputs;
    const rows = checkRows(this.quote('update'), preds, target, columns);
    const batch = {
      rows,
      preds: momentsOf(preds.values, rows, columns),
      target: momentsOf(target.values, rows, columns),
      products: new Float64Array(columns),
    };
    for (let i = 0; i < rows * columns; i++) {
      const column = i % columns;
      const product = ((preds.values[i] ?? NaN) - meanOf(batch.preds, column)) * ((target.values[i] ?? NaN) - meanOf(batch.target, column));
      batch.products[column] = (batch.products[column] ?? 0) + product;
    }
    this.mergeStates(state, batch);
  }

  protected override mergeStates(into: Comoments, from: Readonly<Comoments>): void {
    const rows = into.rows + from.rows;
    if (into.products.length !== from.products.length) {
      throw new LogError('bad-metric', `${this.quote('mergeState')}: got states of other outputs. Merge metrics with the same numOutputs.`);
    }
    if (into.rows > 0 && from.rows > 0) {
      into.products = into.products.map((product, column) => {
        const x = meanOf(from.preds, column) - meanOf(into.preds, column);
        const y = meanOf(from.target, column) - meanOf(into.target, column);
        return product + (from.products[column] ?? NaN) + (x * y * into.rows * from.rows) / rows;
      });
    } else if (from.rows > 0) {
      into.products = from.products.slice();
    }
    into.preds = mergeMoments(into.preds, into.rows, from.preds, from.rows);
    into.target = mergeMoments(into.target, into.rows, from.target, from.rows);
    into.rows = rows;
  }

  /** Of one output; NaN with a warning when one side hardly varies. */
  protected pearson({ rows, preds, target, products }: Comoments, column: number): number {
    if (rows < 2 || isConstant(preds, column, rows) || isConstant(target, column, rows)) {
      this.warn('variance', sayOfRegression('variance'));
      return NaN;
    }
    const correlation = (products[column] ?? NaN) / Math.sqrt(squaresOf(preds, column) * squaresOf(target, column));
    return Math.max(-1, Math.min(1, correlation));
  }

  protected overOutputs(value: (column: number) => number): PerOutput<Options> {
    return perOutput(Float64Array.from({ length: this.numOutputs }, (_, column) => value(column)));
  }
}

/** Correlation of Pearson. */
export class PearsonCorrCoef<Options extends OutputOptions = object> extends ComomentMetric<Options> {
  static override readonly name: string = 'PearsonCorrCoef';

  constructor(options?: Options & OutputOptions) {
    super(options);
  }

  protected computeState(state: Comoments): PerOutput<Options> {
    return this.overOutputs((column) => this.pearson(state, column));
  }
}

/** Concordance of Lin: 2ρσxσy / (σx² + σy² + (μx − μy)²), with variances over n − 1 as in torchmetrics. */
export class ConcordanceCorrCoef<Options extends OutputOptions = object> extends ComomentMetric<Options> {
  static override readonly name: string = 'ConcordanceCorrCoef';
  override readonly higherIsBetter: boolean | undefined = true;

  constructor(options?: Options & OutputOptions) {
    super(options);
  }

  protected computeState(state: Comoments): PerOutput<Options> {
    return this.overOutputs((column) => {
      const x = squaresOf(state.preds, column) / (state.rows - 1);
      const y = squaresOf(state.target, column) / (state.rows - 1);
      const distance = meanOf(state.preds, column) - meanOf(state.target, column);
      return (2 * this.pearson(state, column) * Math.sqrt(x * y)) / (x + y + distance * distance);
    });
  }
}

interface Pairs {
  preds: NumberTypedArray[];
  target: NumberTypedArray[];
}

/** Correlation of ranks, equal values sharing their mean rank; 1e-6 in the divisor, as in torchmetrics. Keeps all values: 16 bytes a pair. */
export class SpearmanCorrCoef<Options extends OutputOptions = object> extends Metric<
  [preds: NumberArray, target: NumberArray],
  PerOutput<Options>,
  Pairs
> {
  static override readonly name: string = 'SpearmanCorrCoef';
  override readonly higherIsBetter: boolean | undefined = true;
  protected readonly numOutputs: number;

  constructor(options?: Options & OutputOptions) {
    super(options, ['numOutputs']);
    this.numOutputs = checkNumOutputs(options?.numOutputs, 'new SpearmanCorrCoef()');
    this.addState('preds', [], 'cat');
    this.addState('target', [], 'cat');
  }

  protected updateState(state: Pairs, preds: NdArray, target: NdArray): void {
    checkRows(this.quote('update'), preds, target, this.numOutputs);
    state.preds.push(Float64Array.from(preds.values));
    state.target.push(Float64Array.from(target.values));
    const large = sizeWarning(state.preds);
    if (large !== undefined) this.warn('size', large);
  }

  protected computeState(state: Pairs): PerOutput<Options> {
    const [preds, target] = [concatenate(state.preds), concatenate(state.target)];
    return perOutput(Float64Array.from({ length: this.numOutputs }, (_, column) => this.spearman(preds, target, column)));
  }

  protected spearman(preds: Float64Array, target: Float64Array, column: number): number {
    const own = (_: number, i: number): boolean => i % this.numOutputs === column;
    const [x, y] = [ranks(preds.filter(own)), ranks(target.filter(own))];
    const mean = (x.length + 1) / 2;
    let [products, xs, ys] = [0, 0, 0];
    for (let i = 0; i < x.length; i++) {
      const [dx, dy] = [(x[i] ?? NaN) - mean, (y[i] ?? NaN) - mean];
      products += dx * dy;
      xs += dx * dx;
      ys += dy * dy;
    }
    const correlation = products / x.length / (Math.sqrt(xs / x.length) * Math.sqrt(ys / x.length) + 1e-6);
    return Math.max(-1, Math.min(1, correlation));
  }
}

/** Ranks from 1; equal values get the mean of theirs. */
function ranks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => (values[a] ?? NaN) - (values[b] ?? NaN));
  const rank = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (let i = from; i < to; i++) rank[order[i] ?? 0] = (from + 1 + to) / 2;
    from = to;
  }
  return rank;
}
