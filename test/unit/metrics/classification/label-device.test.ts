import { describe, expect, test } from 'vitest';
import type { DeviceCountOptions, DeviceOps, DeviceState } from '../../../../src/core/device-ops.ts';
import * as metrics from '../../../../src/metrics/index.ts';
import { close, plain } from './examples.ts';

/** A tensor that lies on a device of one's own: labels of two classes. */
interface Held {
  readonly labels: readonly number[];
}
interface Sums extends DeviceState {
  readonly values: Float64Array;
}

/** Counts labels of two classes, and keeps what it was asked. */
class FakeDevice implements DeviceOps<Held> {
  readonly name: string = 'fake';
  readonly asked: (readonly [what: string, options?: DeviceCountOptions])[] = [];

  owns(value: unknown): value is Held {
    return typeof value === 'object' && value !== null && 'labels' in value;
  }

  shapeOf({ labels }: Held): readonly number[] {
    return [labels.length];
  }

  confusion(preds: Held, target: Held, options: DeviceCountOptions): DeviceState {
    this.asked.push(['confusion', options]);
    return this.#count(preds, target, (truth, label) => truth * 2 + label);
  }

  statScores(preds: Held, target: Held, options: DeviceCountOptions): DeviceState {
    this.asked.push(['statScores', options]);
    return this.#count(preds, target, (truth, label) => (truth === label ? [2, 0] : [1, 3])[truth] ?? NaN);
  }

  binnedCounts(): undefined {}

  errorSums(): undefined {}

  keep({ labels }: Held): DeviceState {
    this.asked.push(['keep']);
    return this.#state(Float64Array.from(labels));
  }

  add(a: DeviceState, b: DeviceState): DeviceState {
    const added = (b as Sums).values; // made here
    return this.#state((a as Sums).values.map((value, i) => value + (added[i] ?? NaN)));
  }

  copy(state: DeviceState): DeviceState {
    return state;
  }

  async read(states: readonly DeviceState[]): Promise<Float64Array[]> {
    this.asked.push(['read']);
    return states.map((state) => (state as Sums).values); // made here
  }

  release(): void {}

  #count(preds: Held, target: Held, cell: (truth: number, label: number) => number): DeviceState {
    const values = new Float64Array(4);
    target.labels.forEach((truth, i) => {
      const at = cell(truth, preds.labels[i] ?? NaN);
      values[at] = (values[at] ?? NaN) + 1;
    });
    return this.#state(values);
  }

  #state(values: Float64Array): Sums {
    return { length: values.length, values };
  }
}

const held = (...labels: readonly number[]): metrics.NumberArray => ({ labels }) as unknown as metrics.NumberArray; // owned by the fake

describe('with a device', () => {
  test('labels are counted there, and only the sums of all batches are read', async () => {
    const device = new FakeDevice();
    const metric = new metrics.BinaryStatScores({ device, threshold: 0.25, ignoreIndex: -1 });
    metric.update(held(1, 1, 0), held(1, 0, 0));
    metric.update(held(0, 1), held(1, 1));
    expect(plain(await metric.compute())).toEqual([2, 1, 1, 1, 3]);
    expect(device.asked.map(([what]) => what)).toEqual(['statScores', 'statScores', 'read']);
    expect(device.asked[0]?.[1]).toMatchObject({ task: 'binary', threshold: 0.25, ignoreIndex: -1, fromLogits: undefined });
  });

  test('metrics of a confusion matrix ask for one', async () => {
    const device = new FakeDevice();
    const metric = new metrics.BinaryCohenKappa({ device });
    metric.update(held(1, 1, 1, 1, 1, 0, 0, 0), held(1, 1, 0, 1, 0, 0, 1, 0));
    expect(await metric.compute()).toEqual(close(0.25));
    expect(device.asked.map(([what]) => what)).toEqual(['confusion', 'read']);
  });

  test('what a device would count by another rule is read instead', async () => {
    const device = new FakeDevice();
    const guessing = new metrics.BinaryConfusionMatrix({ device, ignoreIndex: -1 });
    guessing.update(held(1, 0), held(1, 1));
    expect(plain(await guessing.compute())).toEqual([
      [0, 0],
      [1, 1],
    ]);
    const matching = new metrics.MulticlassExactMatch({ device, numClasses: 2 });
    matching.update(held(1, 0), held(1, 1));
    expect(await matching.compute()).toBe(0.5);
    expect(device.asked.map(([what]) => what)).not.toContain('confusion');

    const ranked = new metrics.MulticlassAccuracy({ device, numClasses: 2, topK: 2 });
    ranked.update(held(1, 0), held(1, 1));
    await expect(ranked.compute()).rejects.toThrow('topK is 2');
    expect(device.asked.map(([what]) => what)).not.toContain('statScores');

    const told = new metrics.BinaryConfusionMatrix({ device, ignoreIndex: -1, fromLogits: false });
    told.update(held(1, 0), held(1, 1));
    await told.compute();
    expect(device.asked.map(([what]) => what)).toContain('confusion');
  });
});

test('metrics told alike count once in a collection, with a device and without', async () => {
  const device = new FakeDevice();
  const members = (): metrics.Metric<[metrics.NumberArray, metrics.NumberArray], number, metrics.MetricStates>[] =>
    [
      new metrics.BinaryPrecision({ device }),
      new metrics.BinaryRecall({ device, zeroDivision: 1 }),
      new metrics.BinaryF1Score({ device }),
      new metrics.BinaryCohenKappa({ device }),
      new metrics.BinaryJaccardIndex({ device }),
      new metrics.BinaryAccuracy({ device, threshold: 0.25 }),
    ] as never; // what they hold is their own affair
  const collection = new metrics.MetricCollection(members());
  collection.update(held(1, 1, 0), held(1, 0, 0));
  collection.update(held(0, 1), held(1, 1));
  const counted = device.asked.filter(([what]) => what === 'statScores' || what === 'confusion');
  expect(counted.map(([what, options]) => [what, options?.threshold])).toEqual([
    ['statScores', 0.5],
    ['confusion', 0.5],
    ['statScores', 0.25],
    ['statScores', 0.5],
    ['confusion', 0.5],
    ['statScores', 0.25],
  ]);
  expect(Object.values(await collection.compute())).toEqual(close([2 / 3, 2 / 3, 2 / 3, 1 / 6, 0.5, 0.6]));
});
