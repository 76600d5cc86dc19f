import { describe, expect, test } from 'vitest';
import { isLoggableCollection } from '../../../src/core/loggable-metric.ts';
import {
  ClasswiseWrapper,
  MeanAbsoluteError,
  MeanMetric,
  MeanSquaredError,
  Metric,
  MetricCollection,
  type NdArray,
  type NumberArray,
  R2Score,
  RunningMean,
  SumMetric,
} from '../../../src/metrics/index.ts';
import { FakeTensor } from './fake-tensor.ts';

describe('names', () => {
  test('are those of the classes in the order of a list', async () => {
    const metrics = new MetricCollection([new MeanSquaredError(), new MeanAbsoluteError()], { prefix: 'val_', postfix: '/all' });
    metrics.update([1, 2], [1, 4]);
    expect(Object.entries(await metrics.compute())).toEqual([
      ['val_MeanSquaredError/all', 2],
      ['val_MeanAbsoluteError/all', 1],
    ]);
  });

  test('are the keys of a record, sorted', async () => {
    const metrics = new MetricCollection({ rmse: new MeanSquaredError({ squared: false }), mae: new MeanAbsoluteError() });
    expect(Object.entries(await metrics([1, 2], [1, 4]))).toEqual([
      ['mae', 1],
      ['rmse', Math.SQRT2],
    ]);
    expect(metrics.items().map(([name]) => name)).toEqual(['mae', 'rmse']);
    expect(isLoggableCollection(metrics)).toBe(true);
  });

  test('of collections within are taken apart', () => {
    const inner = (): MetricCollection<[preds: NumberArray, target: NumberArray]> =>
      new MetricCollection({ mae: new MeanAbsoluteError() }, { prefix: 'in_' });
    const list = new MetricCollection([new MeanSquaredError(), inner()]);
    expect(list.items().map(([name]) => name)).toEqual(['MeanSquaredError', 'in_mae']);
    const record = new MetricCollection({ b: new MeanSquaredError(), a: inner() }, { postfix: '!' });
    expect(record.items().map(([name]) => name)).toEqual(['a_in_mae!', 'b!']);
  });

  test('that come twice, and what is no metric, are refused', () => {
    expect(() => new MetricCollection([new SumMetric(), new SumMetric()])).toThrow(
      "new MetricCollection(): there are two metrics named 'SumMetric'",
    );
    expect(() => new MetricCollection([3 as unknown as SumMetric])).toThrow('new MetricCollection(): got the number 3. Give metrics');
  });

  test('of several numbers of one metric go beside the others, and behind its name where they clash', async () => {
    const perClass = (prefix: string): ClasswiseWrapper<[preds: NumberArray, target: NumberArray]> =>
      new ClasswiseWrapper(new MeanAbsoluteError({ numOutputs: 2 }), { labels: ['x', 'y'], prefix });
    const apart = new MetricCollection<[preds: NumberArray, target: NumberArray], unknown>(
      { a: perClass('a_'), b: perClass('b_') },
      { prefix: 'v/' },
    );
    apart.update([[1, 2]], [[2, 4]]);
    expect(await apart.compute()).toEqual({ 'v/a_x': 1, 'v/a_y': 2, 'v/b_x': 1, 'v/b_y': 2 });
    const clash = new MetricCollection<[preds: NumberArray, target: NumberArray], unknown>({ a: perClass('c_'), b: perClass('c_') });
    expect(await clash([[1, 2]], [[2, 4]])).toEqual({ a_c_x: 1, a_c_y: 2, b_c_x: 1, b_c_y: 2 });
  });
});

test('a call updates all, gives the batch, and accumulates', async () => {
  const metrics = new MetricCollection({ mse: new MeanSquaredError(), mae: new MeanAbsoluteError() });
  expect(await metrics([1], [3])).toEqual({ mae: 2, mse: 4 });
  expect(await metrics([1], [1])).toEqual({ mae: 0, mse: 0 });
  expect(await metrics.compute()).toEqual({ mae: 1, mse: 2 });
  metrics.reset();
  expect(metrics.items().map(([, metric]) => metric.updateCalled)).toEqual([false, false]);
});

test('a clone lives on its own, keeps the order and takes a prefix of its own', async () => {
  const train = new MetricCollection([new MeanSquaredError(), new MeanAbsoluteError()], { prefix: 'train_' });
  train.update([1], [3]);
  const val = train.clone({ prefix: 'val_' });
  val.reset();
  val.update([1], [2]);
  expect(Object.entries(await val.compute())).toEqual([
    ['val_MeanSquaredError', 1],
    ['val_MeanAbsoluteError', 1],
  ]);
  expect(await train.compute()).toEqual({ train_MeanSquaredError: 4, train_MeanAbsoluteError: 2 });
});

test('posted states of a collection merge into another; wrappers have none to post', async () => {
  const make = (): MetricCollection<[preds: NumberArray, target: NumberArray]> =>
    new MetricCollection({ r2: new R2Score(), mae: new MeanAbsoluteError() });
  const [one, two, whole] = [make(), make(), make()];
  one.update([1, 2], [1, 3]);
  two.update([3, 4, 8], [5, 4, 9]);
  whole.update([1, 2, 3, 4, 8], [1, 3, 5, 4, 9]);
  const three = one.clone();
  one.mergeState(structuredClone(two.metricState));
  three.mergeState(two);
  expect(await one.compute()).toEqual(await whole.compute());
  expect(await three.compute()).toEqual(await whole.compute());
  expect(() => one.mergeState({ r2: {} })).toThrow("MetricCollection.mergeState(): got no 'mae'");
  expect(() => new MetricCollection({ mean: new RunningMean() }).metricState).toThrow("'mean' wraps another metric");
});

describe('metrics that count the same', () => {
  let updates = 0;
  class Counting extends Metric<[value: NumberArray], number, { sum: number }> {
    protected override readonly updateKey: string | undefined;
    protected readonly factor: number;

    constructor(factor: number, key = 'sum') {
      super();
      this.factor = factor;
      this.updateKey = key;
      this.addState('sum', 0, 'sum');
    }

    protected updateState(state: { sum: number }, value: NdArray): void {
      updates += 1;
      for (const number of value.values) state.sum += number;
    }

    protected computeState({ sum }: { sum: number }): number {
      return this.factor * sum;
    }
  }
  const make = (): { a: Counting; b: Counting; c: Counting; all: MetricCollection<[value: NumberArray]> } => {
    updates = 0;
    const [a, b, c] = [new Counting(1), new Counting(10), new Counting(100, 'other')];
    return { a, b, c, all: new MetricCollection({ a, b, c }) };
  };

  test('share one update, again after a reset', async () => {
    const { all } = make();
    all.update(1);
    all.update(2);
    expect(updates).toBe(4);
    expect(await all.compute()).toEqual({ a: 3, b: 30, c: 300 });
    all.update(1);
    expect(await all.compute()).toEqual({ a: 4, b: 40, c: 400 });
    all.reset();
    all.update(5);
    expect(updates).toBe(8);
    expect(await all.compute()).toEqual({ a: 5, b: 50, c: 500 });
  });

  test('share one update of a call, too, and each gives the value of the batch', async () => {
    const { all } = make();
    expect(await all([1, 2])).toEqual({ a: 3, b: 30, c: 300 });
    all.update(1);
    const [first, second] = [all(4), all(new FakeTensor([5]))];
    expect(updates).toBe(6);
    expect(await first).toEqual({ a: 4, b: 40, c: 400 });
    expect(await second).toEqual({ a: 5, b: 50, c: 500 });
    expect(await all.compute()).toEqual({ a: 13, b: 130, c: 1300 });
    expect(updates).toBe(8);
  });

  test('listed twice are updated once', async () => {
    const { a } = make();
    const twice = new MetricCollection({ one: a, two: a });
    twice.update(1);
    expect(await twice(2)).toEqual({ one: 2, two: 2 });
    expect(await twice.compute()).toEqual({ one: 3, two: 3 });
  });

  test('part as soon as one is used by itself', async () => {
    const { a, b, all } = make();
    all.update(1);
    b.update(5);
    all.update(1);
    expect(await all.compute()).toEqual({ a: 2, b: 70, c: 200 });
    a.reset();
    all.update(1);
    expect(await all.compute()).toEqual({ a: 1, b: 80, c: 300 });
    expect([a.updateCount, b.updateCount]).toEqual([1, 4]);
  });

  test('do not carry updates from one collection into another', async () => {
    const { a, b, c, all } = make();
    const other = new MetricCollection({ a, c });
    all.update(1);
    other.update(2);
    expect(await all.compute()).toEqual({ a: 3, b: 10, c: 300 });
    expect(b.updateCount).toBe(1);
  });

  test('share tensors that are still being read', async () => {
    const { all } = make();
    all.update(new FakeTensor([1, 2]));
    all.update(4);
    expect(await all.compute()).toEqual({ a: 7, b: 70, c: 700 });
  });

  test('keep apart what was merged into one of them before', async () => {
    const { b, all } = make();
    b.mergeState({ sum: 5 });
    all.update(1);
    expect(await all.compute()).toEqual({ a: 1, b: 60, c: 100 });
  });
});

test('metrics are found by name, without prefix', () => {
  const loss = new MeanMetric();
  const metrics = new MetricCollection({ loss }, { prefix: 'val_' });
  expect(metrics.get('loss')).toBe(loss);
  expect(metrics.get('val_loss')).toBeUndefined();
});
