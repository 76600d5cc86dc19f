/** Calls of metrics that must not compile, and some that must. */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { type LoggableMetric } from '../../src/core/loggable-metric.ts';
import {
  type AnyMetric,
  CosineSimilarity,
  MeanMetric,
  MeanSquaredError,
  Metric,
  MetricCollection,
  type NdArray,
  type NumberArray,
  R2Score,
  Running,
} from 'tabtrain';

declare const row: Tensor1D;
declare const rows: Tensor2D;

export async function compiles(): Promise<void> {
  const mse = new MeanSquaredError({ squared: false });
  mse.update(row, row);
  const one: number = await mse(rows, [[1, 2]]);
  const each: number | Float64Array = await new MeanSquaredError({ numOutputs: 2 }).compute();
  const raw: Float64Array = await new R2Score({ multioutput: 'rawValues' }).compute();
  const angles: Float64Array = await new CosineSimilarity({ reduction: 'none' }).compute();
  const running: number = await new Running(new MeanMetric(), { window: 3 }).compute();
  const all: Record<string, number> = await new MetricCollection({ mse, mae: new MeanSquaredError() })([1], [2]);
  const any: AnyMetric[] = [mse, new MeanMetric(), new R2Score({ multioutput: 'rawValues' })];
  const loggable: LoggableMetric = mse;
  void [one, each, raw, angles, running, all, any, loggable];
}

export class WithoutValue extends Metric<[value: NumberArray], number, { sum: number }> {
  constructor() {
    super();
    // @ts-expect-error there is no such state
    this.addState('total', 0, 'sum');
    // @ts-expect-error there is no such reduction
    this.addState('sum', 0, 'median');
  }

  protected updateState(state: { sum: number }, value: NdArray): void {
    state.sum += value.values[0] ?? 0;
  }

  // @ts-expect-error the value is a number
  protected computeState(): string {
    return '';
  }
}

export async function doesNot(mse: MeanSquaredError): Promise<void> {
  // @ts-expect-error both are needed
  mse.update([1]);
  // @ts-expect-error strings are no numbers
  mse.update('1', '2');
  // @ts-expect-error there is no such option
  new MeanSquaredError({ squard: false });
  // @ts-expect-error there is no such word
  new R2Score({ multioutput: 'raw_values' });
  // @ts-expect-error it may be an array
  const raw: number = await new R2Score({ multioutput: 'rawValues' }).compute();
  // @ts-expect-error a mean takes one argument, an error two
  new MetricCollection([new MeanMetric(), mse]).update([1], [2], [3]);
  void raw;
}
