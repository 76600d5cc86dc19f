import { LogError } from '../../core/errors.ts';
import { Metric } from '../metric.ts';
import type { NdArray, NumberArray } from '../nd-array.ts';
import type { OutputOptions } from './mean-errors.ts';
import { maxOf, meanOf, mergeMoments, minOf, momentsOf, squaresOf } from './moments.ts';
import { checkNumOutputs, checkPair, checkRows, checkWord, perOutput, type PerOutput } from './pairs.ts';

export interface NormalizedRootMeanSquaredErrorOptions extends OutputOptions {
  /** What of the targets divides: mean, range, population standard deviation, or root of the sum of squares. Default `mean`. */
  readonly normalization?: 'mean' | 'range' | 'std' | 'l2';
}

interface Errors {
  rows: number;
  sum: Float64Array;
  squares: Float64Array;
  target: Float64Array;
}

/** Root of the mean squared error, divided by a measure of the targets. As torchmetrics. */
export class NormalizedRootMeanSquaredError<Options extends NormalizedRootMeanSquaredErrorOptions = object> extends Metric<
  [preds: NumberArray, target: NumberArray],
  PerOutput<Options>,
  Errors
> {
  static override readonly name: string = 'NormalizedRootMeanSquaredError';
  override readonly higherIsBetter: boolean | undefined = false;
  protected override readonly updateKey: string | undefined;
  protected readonly normalization: 'mean' | 'range' | 'std' | 'l2';
  protected readonly numOutputs: number;

  constructor(options?: Options & NormalizedRootMeanSquaredErrorOptions) {
    super(options, ['normalization', 'numOutputs']);
    const call = 'new NormalizedRootMeanSquaredError()';
    this.normalization = checkWord(call, 'normalization', options?.normalization, ['mean', 'range', 'std', 'l2']);
    this.numOutputs = checkNumOutputs(options?.numOutputs, call);
    this.updateKey = `NormalizedRootMeanSquaredError ${this.numOutputs}`;
    this.addState('rows', 0, 'sum');
    this.addState('sum', new Float64Array(this.numOutputs), 'sum');
    this.addState('squares', new Float64Array(this.numOutputs), 'sum');
    this.addState('target', new Float64Array(0), null);
  }

  protected updateState(state: Errors, preds: NdArray, target: NdArray): void {
    const call = this.quote('update');
    const columns = this.numOutputs;
    // One output takes any shape.
    if (columns === 1) checkPair(call, preds, target);
    const rows = columns === 1 ? preds.values.length : checkRows(call, preds, target, columns);
    const batch = {
      rows,
      sum: new Float64Array(columns),
      squares: new Float64Array(columns),
      target: momentsOf(target.values, rows, columns),
    };
    for (let i = 0; i < rows * columns; i++) {
      const column = i % columns;
      const wanted = target.values[i] ?? NaN;
      batch.sum[column] = (batch.sum[column] ?? 0) + ((preds.values[i] ?? NaN) - wanted) ** 2;
      batch.squares[column] = (batch.squares[column] ?? 0) + wanted * wanted;
    }
    this.mergeStates(state, batch);
  }

  protected override mergeStates(into: Errors, from: Readonly<Errors>): void {
    if (into.sum.length !== from.sum.length) {
      throw new LogError('bad-metric', `${this.quote('mergeState')}: got states of other outputs. Merge metrics with the same numOutputs.`);
    }
    into.target = mergeMoments(into.target, into.rows, from.target, from.rows);
    into.sum = into.sum.map((sum, column) => sum + (from.sum[column] ?? NaN));
    into.squares = into.squares.map((sum, column) => sum + (from.squares[column] ?? NaN));
    into.rows += from.rows;
  }

  protected computeState(state: Errors): PerOutput<Options> {
    return perOutput(state.sum.map((sum, column) => Math.sqrt(sum / state.rows) / this.divisor(state, column)));
  }

  protected divisor({ rows, squares, target }: Errors, column: number): number {
    switch (this.normalization) {
      case 'mean':
        return meanOf(target, column);
      case 'range':
        return maxOf(target, column) - minOf(target, column);
      case 'std':
        return Math.sqrt(squaresOf(target, column) / rows);
      case 'l2':
        return Math.sqrt(squares[column] ?? NaN);
    }
  }
}
