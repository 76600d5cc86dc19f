import { describe, expect, test } from 'vitest';
import { isLoggableMetric } from '../../../src/core/loggable-metric.ts';
import {
  CatMetric,
  MeanMetric,
  MeanSquaredError,
  Metric,
  type MetricOptions,
  type NdArray,
  type NumberArray,
  type NumberTypedArray,
  SumMetric,
} from '../../../src/metrics/index.ts';

interface Sums {
  sum: number;
  total: number;
}

/** As a user writes one. */
class MeanAbsolute extends Metric<[preds: NumberArray, target: NumberArray], number, Sums> {
  computed = 0;

  constructor(options?: MetricOptions) {
    super(options);
    this.addState('sum', 0, 'sum');
    this.addState('total', 0, 'sum');
  }

  protected updateState(state: Sums, preds: NdArray, target: NdArray): void {
    preds.values.forEach((value, i) => (state.sum += Math.abs(value - target.values[i]!)));
    state.total += preds.values.length;
  }

  protected computeState(state: Sums): number {
    this.computed += 1;
    return state.sum / state.total;
  }
}

describe('a metric of one’s own', () => {
  test('is updated, called, computed and reset', async () => {
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

  test('is an instance of its class, a function, and what logging takes for a metric', () => {
    const metric = new MeanAbsolute();
    expect(metric).toBeInstanceOf(MeanAbsolute);
    expect(metric).toBeInstanceOf(Metric);
    expect(typeof metric).toBe('function');
    expect(isLoggableMetric(metric)).toBe(true);
  });

  test('gets numbers in every form with their shape', () => {
    const seen: NdArray[] = [];
    class Seeing extends Metric<[values: NumberArray, note?: string]> {
      protected updateState(_: object, values: NdArray, note?: string): void {
        expect(note).toBe('as it is');
        seen.push(values);
      }

      protected computeState(): number {
        return 0;
      }
    }
    const metric = new Seeing();
    const forms: NumberArray[] = [
      3,
      true,
      Int32Array.of(1, 2),
      [1, false],
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [Float32Array.of(1, 2)],
      [],
      { values: Float32Array.of(1, 2), shape: [2, 1] },
    ];
    for (const form of forms) metric.update(form, 'as it is');
    expect(seen.map(({ values, shape }) => [[...values], shape])).toEqual([
      [[3], []],
      [[1], []],
      [[1, 2], [2]],
      [[1, 0], [2]],
      [
        [1, 2, 3, 4, 5, 6],
        [2, 3],
      ],
      [
        [1, 2],
        [1, 2],
      ],
      [[], [0]],
      [
        [1, 2],
        [2, 1],
      ],
    ]);
  });

  test('whose error comes from an update keeps its states and its count', async () => {
    const metric = new MeanSquaredError();
    metric.update([1], [3]);
    expect(() => metric.update([1, 2], [3])).toThrow('MeanSquaredError.update()');
    expect(metric.updateCount).toBe(1);
    expect(await metric.compute()).toBe(4);
  });
});

describe('compute', () => {
  test('is done once until the next update, and each time without the cache', async () => {
    const metric = new MeanAbsolute();
    metric.update(1, 2);
    await metric.compute();
    await metric.compute();
    expect(metric.computed).toBe(1);
    metric.update(1, 4);
    expect(await metric.compute()).toBe(2);
    expect(metric.computed).toBe(2);

    const each = new MeanAbsolute({ computeWithCache: false });
    each.update(1, 2);
    await each.compute();
    await each.compute();
    expect(each.computed).toBe(2);
  });

  test('before any update warns once, and names the class', async () => {
    const warnings: string[] = [];
    const metric = new MeanMetric({ onWarning: ({ text }) => warnings.push(text) });
    expect(await metric.compute()).toBeNaN();
    await metric.compute();
    expect(warnings).toEqual([expect.stringMatching(/^MeanMetric: compute\(\) was called before any update/)]);
  });

  test('gives the value at the time of the call', async () => {
    const metric = new SumMetric();
    metric.update(1);
    const first = metric.compute();
    metric.update(2);
    const second = metric.compute();
    metric.reset();
    metric.update(9);
    expect([await first, await second, await metric.compute()]).toEqual([1, 3, 9]);
  });
});

describe('forward', () => {
  test('gives the value of the batch alone and accumulates', async () => {
    const metric = new MeanMetric();
    expect(await metric.forward([1, 3])).toBe(2);
    expect(await metric.forward(11)).toBe(11);
    expect(await metric.compute()).toBe(5);
    expect(metric.updateCount).toBe(2);
  });

  test('computes the batch only when somebody asks, and only once', async () => {
    const metric = new MeanAbsolute();
    const value = metric(1, 2);
    expect(metric.computed).toBe(0);
    expect(await metric.batchValue?.()).toBe(1);
    expect(await value).toBe(1);
    expect(metric.computed).toBe(1);
  });

  test('leaves a batch value, which update and reset take away', async () => {
    const metric = new MeanMetric();
    expect(metric.batchValue).toBeUndefined();
    void metric(1);
    expect(await metric.batchValue?.()).toBe(1);
    metric.update(2);
    expect(metric.batchValue).toBeUndefined();
    void metric(3);
    metric.reset();
    expect(metric.batchValue).toBeUndefined();
  });

  test('with input that does not fit rejects, and keeps what was counted', async () => {
    const metric = new MeanSquaredError();
    metric.update([1], [2]);
    await expect(metric.forward([1, 2], [3])).rejects.toThrow('preds have shape [2], target has [1]');
    expect(await metric.compute()).toBe(1);
    // Not awaited: then it is compute that tells.
    void metric([1, 2], [3]);
    await expect(metric.compute()).rejects.toThrow('preds have shape [2], target has [1]');
    expect(await metric.compute()).toBe(1);
  });

  test('of a metric whose states depend on the order updates twice instead of merging', async () => {
    class Last extends Metric<[value: NumberArray], number, { last: number; seen: number }> {
      protected override readonly fullStateUpdate = true;

      constructor() {
        super();
        this.addState('last', 0, null);
        this.addState('seen', 0, 'sum');
      }

      protected updateState(state: { last: number; seen: number }, value: NdArray): void {
        state.last = value.values[0]! + state.seen;
        state.seen += 1;
      }

      protected computeState({ last }: { last: number }): number {
        return last;
      }
    }
    const metric = new Last();
    expect(await metric(5)).toBe(5);
    expect(await metric(5)).toBe(5);
    expect(await metric.compute()).toBe(6);
    expect(() => metric.mergeState(new Last())).toThrow('Last.mergeState(): this metric depends on the order of its batches');
  });
});

describe('states', () => {
  interface All {
    sum: number;
    mean: number;
    least: NumberTypedArray;
    most: number;
    list: NumberTypedArray[];
    own: number;
  }
  class Every extends Metric<[value: NumberArray], object, All> {
    constructor() {
      super();
      this.addState('sum', 1, 'sum');
      this.addState('mean', 0, 'mean');
      this.addState('least', Float64Array.of(9, 9), 'min');
      this.addState('most', 0, 'max');
      this.addState('list', [], 'cat');
      this.addState('own', 2, ([a, b]) => (a as number) * (b as number));
    }

    protected updateState(state: All, value: NdArray): void {
      const number = value.values[0]!;
      state.sum += number;
      state.mean = number;
      state.least[1] = Math.min(state.least[1]!, number);
      state.most = Math.max(state.most, number);
      state.list.push(value.values);
      state.own = number;
    }

    protected computeState(state: All): object {
      return structuredClone(state);
    }
  }

  const merged = {
    sum: 1 + 4 + (1 + 10),
    // Two updates of mean 4 so far, one of 10.
    mean: (2 * 4 + 10) / 3,
    least: Float64Array.of(9, 4),
    most: 10,
    list: [Float64Array.of(0), Float64Array.of(4), Float64Array.of(10)],
    own: 40,
  };

  test('are merged each by its own reduction, from a metric and from what was posted', async () => {
    const [one, two, three] = [new Every(), new Every(), new Every()];
    for (const metric of [one, three]) {
      metric.update(0);
      metric.update(4);
    }
    two.update(10);
    one.mergeState(two);
    three.mergeState(structuredClone(two.metricState), two.updateCount);
    for (const metric of [one, three]) {
      expect(await metric.compute()).toEqual({ ...merged, least: Float64Array.of(9, 0) });
      expect(metric.updateCount).toBe(3);
    }
    expect(two.updateCount).toBe(1);
  });

  test('that are read or merged stay apart from the metric they come from', async () => {
    const [one, two] = [new Every(), new Every()];
    two.update(3);
    one.mergeState(two);
    const states = two.metricState;
    two.update(1);
    expect(states).toMatchObject({ most: 3, least: Float64Array.of(9, 3), list: [Float64Array.of(3)] });
    expect(await one.compute()).toMatchObject({ least: Float64Array.of(9, 3), list: [Float64Array.of(3)] });
  });

  test('of another class or kind are refused, and nothing is lost', async () => {
    const metric = new MeanMetric();
    metric.update(2);
    // A metric of another class, as it may come from code without types.
    expect(() => metric.mergeState(new SumMetric() as unknown as MeanMetric)).toThrow('MeanMetric.mergeState(): got a SumMetric');
    expect(() => metric.mergeState({ value: 3 })).toThrow("MeanMetric.mergeState(): state 'weight' is missing or of another kind");
    expect(() => metric.mergeState({ value: Float64Array.of(1), weight: 3 })).toThrow("state 'value' is missing or of another kind");
    expect(await metric.compute()).toBe(2);
  });

  test('go back to a copy of the beginning on reset; lists are emptied', async () => {
    const metric = new Every();
    const fresh = metric.metricState;
    metric.update(1);
    metric.reset();
    expect(metric.metricState).toEqual(fresh);
    expect(metric.metricState['list']).toEqual([]);
    const cat = new CatMetric();
    cat.update([1, 2]);
    cat.reset();
    cat.update(3);
    expect(await cat.compute()).toEqual(Float64Array.of(3));
  });

  test('of a clone live on their own, with the options of the original', async () => {
    const metric = new MeanSquaredError({ squared: false, numOutputs: 2 });
    metric.update([[1, 2]], [[4, 6]]);
    const clone = metric.clone();
    expect(clone).toBeInstanceOf(MeanSquaredError);
    clone.update([[1, 2]], [[1, 2]]);
    expect(await metric.compute()).toEqual(Float64Array.of(3, 4));
    expect(await clone.compute()).toEqual(Float64Array.of(Math.sqrt(4.5), Math.sqrt(8)));
    expect([metric.updateCount, clone.updateCount]).toEqual([1, 2]);
    expect(await clone([[0, 0]], [[1, 1]])).toEqual(Float64Array.of(1, 1));
  });
});
