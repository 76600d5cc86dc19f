import { describe, expect, test } from 'vitest';
import {
  BootStrapper,
  ClasswiseWrapper,
  CompositionalMetric,
  MaxMetric,
  MeanAbsoluteError,
  MeanMetric,
  MeanSquaredError,
  MetricCollection,
  MetricTracker,
  MinMaxMetric,
  type NumberArray,
  R2Score,
  Running,
  SumMetric,
} from '../../../../src/metrics/index.ts';
import { FakeDevice, onDevice } from '../fake-device.ts';
import { FakeTensor } from '../fake-tensor.ts';

describe('Running', () => {
  test('is the metric over the last batches, whatever it is', async () => {
    const running = new Running(new R2Score(), { window: 2 });
    running.update([9, 7], [1, 2]);
    running.update([1.5, 1.5], [1, 2]);
    const batch = running([3.5, 5], [3, 4]);
    expect(await running.compute()).toBeCloseTo(0.65, 12);
    // RSS 1.25 over TSS 0.5.
    expect(await batch).toBe(-1.5);
    expect(await running.batchValue?.()).toBe(-1.5);
  });

  test('leaves the metric it was made from alone, and its clone goes its own way', async () => {
    const base = new SumMetric();
    base.update(100);
    const running = new Running(base, { window: 2 });
    running.update(1);
    const clone = running.clone();
    clone.update(2);
    expect([await base.compute(), await running.compute(), await clone.compute()]).toEqual([100, 1, 3]);
  });

  test('keeps its window when a batch does not fit', async () => {
    const running = new Running(new MeanSquaredError(), { window: 1 });
    running.update([1], [3]);
    expect(() => running.update([1, 2], [3])).toThrow('MeanSquaredError.update()');
    expect(await running.compute()).toBe(4);
  });
});

test('MinMaxMetric keeps the least and greatest value over resets', async () => {
  const metric = new MinMaxMetric(new MeanMetric());
  metric.update([1, 3]);
  expect(await metric.compute()).toEqual({ raw: 2, min: 2, max: 2 });
  metric.reset();
  metric.update(7);
  expect(await metric.compute()).toEqual({ raw: 7, min: 2, max: 7 });
  const before = metric.clone();
  // The value of a batch counts, awaited or not.
  void metric(0);
  expect(await metric.compute()).toEqual({ raw: 3.5, min: 0, max: 7 });
  expect(await before.compute()).toEqual({ raw: 7, min: 2, max: 7 });
});

test('ClasswiseWrapper names the values of classes', async () => {
  const values = async (options: ConstructorParameters<typeof ClasswiseWrapper>[1]): Promise<unknown> => {
    const metric = new ClasswiseWrapper(new MeanAbsoluteError({ numOutputs: 2 }), options);
    metric.update([[1, 2]], [[2, 4]]);
    return metric.compute();
  };
  expect(await values({})).toEqual({ meanabsoluteerror_0: 1, meanabsoluteerror_1: 2 });
  expect(await values({ labels: ['cat', 'dog'] })).toEqual({ meanabsoluteerror_cat: 1, meanabsoluteerror_dog: 2 });
  expect(await values({ labels: ['cat', 'dog'], postfix: '_mae' })).toEqual({ cat_mae: 1, dog_mae: 2 });
  await expect(values({ labels: ['cat'] })).rejects.toThrow('ClasswiseWrapper.compute(): got 2 classes for 1 labels');
});

test('CompositionalMetric computes with the values of metrics and numbers', async () => {
  const [mse, mae] = [new MeanSquaredError(), new MeanAbsoluteError()];
  const spread = new CompositionalMetric((a, b) => a - b, mse, mae);
  const twice = new CompositionalMetric((a, b) => a * b, spread, 2);
  expect(await twice([1, 2], [2, 5])).toBe(2 * (5 - 2));
  expect(await mae.compute()).toBe(2);
  const itself = new MaxMetric();
  const doubled = new CompositionalMetric((a, b) => a + b, itself, itself);
  doubled.update(4);
  expect(itself.updateCount).toBe(1);
  expect(await doubled.clone().compute()).toBe(8);
  doubled.reset();
  expect(itself.updateCalled).toBe(false);
});

describe('BootStrapper', () => {
  const rows = Array.from({ length: 200 }, (_, i) => i);

  test('draws the same samples for the same seed, others for another', async () => {
    const values = async (seed: number): Promise<unknown> => {
      const metric = new BootStrapper(new MeanMetric(), { seed, raw: true });
      metric.update(rows);
      return metric.compute();
    };
    expect(await values(1)).toEqual(await values(1));
    expect(await values(1)).not.toEqual(await values(2));
  });

  test.each(['poisson', 'multinomial'] as const)('estimates how sure a mean is, by %s samples', async (samplingStrategy) => {
    const metric = new BootStrapper(new MeanMetric(), { numBootstraps: 400, samplingStrategy, quantile: 0.5, raw: true, seed: 3 });
    metric.update(rows);
    const { mean, std, quantile, raw } = await metric.compute();
    // The standard error of the mean of 0 … 199 is 57.7 / √200 = 4.08.
    expect(Math.abs(mean - 99.5)).toBeLessThan(1);
    expect(Math.abs(std - 4.08)).toBeLessThan(0.6);
    expect(Math.abs(quantile! - 99.5)).toBeLessThan(1);
    const sorted = raw!.toSorted();
    expect(quantile).toBeCloseTo((sorted[199]! + sorted[200]!) / 2, 12);
  });

  test('draws whole rows, of all arguments the same, tensors included', async () => {
    // Errors are 0 unless rows of predictions and targets part.
    const metric = new BootStrapper(new MeanAbsoluteError(), { numBootstraps: 5 });
    const pairs = Array.from({ length: 30 }, (_, i) => [i, 1000 + i]);
    metric.update(pairs, pairs);
    const tensor = new FakeTensor(pairs.flat(), undefined, [30, 2]);
    metric.update(tensor, pairs);
    tensor.dispose();
    const batch = metric(pairs, pairs);
    expect(await metric.compute()).toEqual({ mean: 0, std: 0 });
    expect(await batch).toEqual({ mean: 0, std: 0 });
    expect(tensor.copies.map(({ isDisposed }) => isDisposed)).toEqual([true]);
  });

  test('needs rows and options that exist', () => {
    expect(() => new BootStrapper(new MeanMetric()).update(3)).toThrow('BootStrapper.update(): there are no rows to draw from');
    expect(() => new BootStrapper(new MeanMetric(), { numBootstraps: 0 })).toThrow('numBootstraps is the number 0');
    expect(() => new BootStrapper(new MeanMetric(), { quantile: 2 })).toThrow('quantile is the number 2');
  });
});

describe('MetricTracker', () => {
  test('keeps the value of each epoch and finds the best', async () => {
    const tracker = new MetricTracker(new MeanSquaredError());
    for (const error of [3, 1, 2]) {
      tracker.increment();
      tracker.update([error], [0]);
    }
    expect(await tracker.compute()).toBe(4);
    expect(await tracker.computeAll()).toEqual([9, 1, 4]);
    expect(await tracker.bestMetric()).toEqual({ value: 1, step: 1 });
    expect(tracker.nSteps).toBe(3);
    tracker.reset();
    await tracker.forward([5], [0]);
    expect(await tracker.computeAll()).toEqual([9, 1, 25]);
    tracker.resetAll();
    expect(tracker.nSteps).toBe(0);
  });

  test('tracks collections by name, each in its own direction', async () => {
    const tracker = new MetricTracker<[preds: NumberArray, target: NumberArray], number>(
      new MetricCollection({ mse: new MeanSquaredError(), r2: new R2Score() }),
    );
    for (const preds of [
      [1, 2, 3],
      [1, 2, 4],
      [0, 2, 4],
    ]) {
      tracker.increment();
      tracker.update(preds, [1, 2, 4]);
    }
    expect(await tracker.bestMetric()).toEqual({ mse: { value: 0, step: 1 }, r2: { value: 1, step: 1 } });
  });

  test('asks for a direction where the metric has none, and for an epoch before values', async () => {
    const tracker = new MetricTracker(new MeanMetric());
    expect(() => tracker.update(1)).toThrow('MetricTracker.update(): no epoch has begun. Call increment()');
    tracker.increment();
    tracker.update(1);
    await expect(tracker.bestMetric()).rejects.toThrow('does not say whether more is better');
    const upward = new MetricTracker(new MeanMetric({ nanStrategy: 'disable' }), { maximize: true });
    for (const value of [1, NaN, 5, 2]) {
      upward.increment();
      upward.update(value);
    }
    expect(await upward.bestMetric()).toEqual({ value: 5, step: 2 });
  });
});

describe('the value of a batch', () => {
  test('that was taken may be read after the next batch, and nothing stays on the device', async () => {
    const device = new FakeDevice();
    const there = (value: number): NumberArray => onDevice(value) as unknown as NumberArray; // known to the device at run time
    const metric = new CompositionalMetric((a, b) => a - b, new MeanSquaredError({ device }), 1);
    const taken = [1, 2, 3].map((value) => {
      void metric(there(value), there(0));
      return metric.batchValue!;
    });
    expect(await Promise.all(taken.map((read) => read()))).toEqual([0, 3, 8]);
    metric.reset();
    expect(device.states.size).toBe(0);
  });

  test('belongs to the metric that made it, not to a clone', async () => {
    const metric = new MinMaxMetric(new MeanMetric());
    await metric(1);
    expect([metric.clone().batchValue, await metric.batchValue?.()]).toEqual([undefined, { raw: 1, min: 1, max: 1 }]);
  });
});
