import { expect, test } from 'vitest';
import { Metric, type MetricOptions, type NdArray, type NumberArray } from '../../../src/metrics/index.ts';

interface Sums {
  sum: number;
  total: number;
}

class MeanAbsolute extends Metric<[preds: NumberArray, target: NumberArray], number, Sums> {
  constructor(options?: MetricOptions) {
    super(options);
    this.addState('sum', 0, 'sum');
    this.addState('total', 0, 'sum');
  }

  protected updateState(state: Sums, preds: NdArray, target: NdArray): void {
    preds.values.forEach((value, i) => (state.sum += Math.abs(value - (target.values[i] ?? NaN))));
    state.total += preds.values.length;
  }

  protected computeState(state: Sums): number {
    return state.sum / state.total;
  }
}

test('a metric of one’s own is updated, called, computed and reset', async () => {
  const metric = new MeanAbsolute();
  metric.update([1, 2], [2, 4]);
  expect(await metric.compute()).toBe(1.5);
  expect(await metric([0], new Float32Array([9]))).toBe(9);
  expect(await metric.compute()).toBe(4);
  expect(metric.updateCount).toBe(2);
  metric.reset();
  expect(metric.updateCalled).toBe(false);
  metric.update(3, 3);
  expect(await metric.compute()).toBe(0);
});
