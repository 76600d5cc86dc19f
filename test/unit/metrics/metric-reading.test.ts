import { describe, expect, test } from 'vitest';
import {
  BinaryAUROC,
  MeanAbsoluteError,
  MeanMetric,
  MeanSquaredError,
  MetricCollection,
  type NumberArray,
  SumMetric,
} from '../../../src/metrics/index.ts';
import { FakeDevice, onDevice } from './fake-device.ts';
import { FakeTensor } from './fake-tensor.ts';

/** A tensor of the fake device: to the types any input, known to the device at run time. */
const there = (...values: number[]): NumberArray => onDevice(...values) as unknown as NumberArray;

function gate(): { readonly until: Promise<void>; readonly open: () => void; readonly fail: (error: Error) => void } {
  let open = (): void => {};
  let fail = (_: Error): void => {};
  const until = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  until.catch(() => {});
  return { until, open, fail };
}

describe('tensors', () => {
  test('may be disposed of at once; the copy goes after it has been read', async () => {
    const { until, open } = gate();
    const tensor = new FakeTensor([1, 2, 6], until);
    const metric = new MeanMetric();
    metric.update(tensor);
    tensor.dispose();
    expect(tensor.copies.map(({ kept, isDisposed }) => [kept, isDisposed])).toEqual([[true, false]]);
    open();
    expect(await metric.compute()).toBe(3);
    expect(tensor.copies[0]?.isDisposed).toBe(true);
  });

  test('are taken in the order of the calls, however late they come', async () => {
    const [late, soon] = [gate(), gate()];
    const metric = new MeanMetric({ nanStrategy: 'disable' });
    const values: Promise<number>[] = [];
    metric.update(new FakeTensor([8], late.until));
    values.push(metric.compute());
    const batch = Float32Array.of(0);
    metric.update(batch);
    // The caller uses the array again before the tensor has come.
    batch.fill(99);
    values.push(metric.compute());
    metric.update(new FakeTensor([1], soon.until));
    values.push(metric.compute());
    soon.open();
    late.open();
    expect(await Promise.all(values)).toEqual([8, 4, 3]);
  });

  test('that come after a reset do not count in what follows it', async () => {
    const { until, open } = gate();
    const metric = new SumMetric();
    metric.update(new FakeTensor([100], until));
    const before = metric.compute();
    metric.reset();
    metric.update(1);
    open();
    expect(await before).toBe(100);
    expect(await metric.compute()).toBe(1);
  });

  test('are awaited by forward, by merges and by clones', async () => {
    const { until, open } = gate();
    const [one, two] = [new SumMetric(), new SumMetric()];
    const value = one(new FakeTensor([5], until));
    two.update(1);
    two.mergeState(one);
    const clone = two.clone();
    clone.update(10);
    open();
    expect([await value, await one.compute(), await two.compute(), await clone.compute()]).toEqual([5, 5, 6, 16]);
  });

  test('whose reading fails are left out, and the next compute tells once', async () => {
    const { until, fail } = gate();
    const metric = new SumMetric();
    metric.update(3);
    metric.update(new FakeTensor([1], until));
    metric.update(4);
    fail(new Error('context lost'));
    await expect(metric.compute()).rejects.toMatchObject({
      code: 'read-failed',
      message: 'SumMetric.update(): reading a tensor back failed: context lost',
    });
    expect(await metric.compute()).toBe(7);
    expect(metric.updateCount).toBe(2);
  });

  test('of a wrong shape are told by the next compute, or by forward to whom awaits it', async () => {
    const metric = new MeanSquaredError();
    metric.update([1], [2]);
    metric.update(new FakeTensor([1, 2]), [3]);
    await expect(metric.settled()).rejects.toThrow('preds have shape [2], target has [1]');
    await expect(metric.forward(new FakeTensor([1, 2]), [3])).rejects.toThrow('preds have shape [2], target has [1]');
    expect(await metric.compute()).toBe(1);
  });

  test('that were disposed of are refused at once', () => {
    const tensor = new FakeTensor([1]);
    tensor.dispose();
    expect(() => new MeanSquaredError().update(new FakeTensor([2]), tensor)).toThrow(
      'MeanSquaredError.update(): got a tensor that has been disposed',
    );
  });
});

describe('a device', () => {
  test('counts, and is read only when the value is wanted', async () => {
    const device = new FakeDevice();
    const metric = new MeanSquaredError({ device });
    for (let i = 0; i < 100; i++) metric.update(there(1, 2), there(3, 2));
    for (let i = 0; i < 100; i++) void metric(there(1, 2), there(3, 2));
    expect(device.reads).toBe(0);
    expect(await metric.compute()).toBe(2);
    expect(device.reads).toBe(1);
    metric.update(there(5), there(5));
    metric.update([4], [4]);
    expect(await metric.compute()).toBe(800 / 402);
    expect(device.reads).toBe(2);
    metric.reset();
    expect(device.states.size).toBe(0);
  });

  test('gives the value of a batch by one read of its own', async () => {
    const device = new FakeDevice();
    const metric = new MeanAbsoluteError({ device });
    expect(await metric(there(1), there(4))).toBe(3);
    void metric(there(1), there(2));
    expect(await metric.batchValue?.()).toBe(1);
    expect(device.reads).toBe(2);
    expect(await metric.compute()).toBe(2);
    metric.reset();
    expect(device.states.size).toBe(0);
  });

  test('forgets a batch nobody asked for, and says so to whom asks too late', async () => {
    const device = new FakeDevice();
    const metric = new MeanAbsoluteError({ device });
    const first = metric(there(1), there(4));
    void metric(there(1), there(2));
    await expect(first).rejects.toThrow('MeanAbsoluteError.forward(): the value of a batch was asked for after the next batch');
    metric.reset();
    expect(device.states.size).toBe(0);
  });

  test('reads what it cannot count', async () => {
    const device = new FakeDevice();
    const metric = new MeanMetric({ device });
    metric.update(there(1, 5));
    metric.update([2], there(2));
    expect(await metric.compute()).toBe(2.5);
    expect(device.states.size).toBe(0);
  });

  test('is shared by clones, merges and collections without one state left behind', async () => {
    const device = new FakeDevice();
    const one = new MeanSquaredError({ device });
    one.update(there(1), there(3));
    const two = one.clone();
    two.update(there(1), there(1));
    one.mergeState(two);
    expect([await one.compute(), await two.compute()]).toEqual([8 / 3, 2]);
    const both = new MetricCollection({ mse: new MeanSquaredError(), rmse: new MeanSquaredError({ squared: false }) });
    both.device = device;
    both.update(there(1), there(3));
    both.update(there(1), there(3));
    expect(await both.compute()).toEqual({ mse: 4, rmse: 2 });
    both.reset();
    device.reads = 0;
    void both(there(1), there(2));
    const batch = both(there(1), there(4));
    expect(await batch).toEqual({ mse: 9, rmse: 3 });
    expect(await both.compute()).toEqual({ mse: 5, rmse: Math.sqrt(5) });
    // One for each value of the batch, one for what was gathered.
    expect(device.reads).toBe(3);
    both.update(there(1), there(1));
    void both(there(1), there(5));
    // One that leaves takes nothing away from the others.
    both.get('mse')?.reset();
    expect(await both.get('rmse')?.compute()).toBe(Math.sqrt((1 + 9 + 0 + 16) / 4));
    both.update(there(1), there(1));
    for (const metric of [one, two, both]) metric.reset();
    expect(device.states.size).toBe(0);
  });

  test('that fails to read is told by compute; what came after is kept', async () => {
    const device = new FakeDevice();
    const metric = new MeanSquaredError({ device });
    metric.update(there(1), there(3));
    device.failure = new Error('device lost');
    await expect(metric.compute()).rejects.toThrow('device lost');
    device.failure = undefined;
    metric.update(there(1), there(2));
    expect(await metric.compute()).toBe(1);
  });
});

test('an update with what are no numbers says what it got, at once or when the tensors have been read', async () => {
  const metric = new BinaryAUROC();
  const update = (...args: readonly unknown[]): void => metric.update(...(args as [NumberArray, NumberArray]));
  expect(() => update()).toThrow('BinaryAUROC.update(): got nothing. Give numbers');
  expect(() => update('abc', [1])).toThrow('BinaryAUROC.update(): got the string "abc" and numbers.');
  expect(() => update([0.5])).toThrow(expect.objectContaining({ code: 'bad-metric' }) as Error);
  expect(metric.updateCount).toBe(0);
  update(new FakeTensor([0.5]), null);
  await expect(metric.compute()).rejects.toThrow('BinaryAUROC.update(): got numbers and null.');
});
