import { describe, expect, test } from 'vitest';
import {
  MetricCollection,
  MulticlassAccuracy,
  MulticlassPrecision,
  MulticlassRecall,
  type NumberArray,
} from '../../../src/metrics/index.ts';

type Trio = readonly [MulticlassAccuracy<'micro'>, MulticlassPrecision, MulticlassRecall];
const trio = (): Trio => [
  new MulticlassAccuracy({ numClasses: 3, average: 'micro' }),
  new MulticlassPrecision({ numClasses: 3 }),
  new MulticlassRecall({ numClasses: 3 }),
];
function together(): { readonly parts: Trio; readonly all: MetricCollection<[preds: NumberArray, target: NumberArray], unknown> } {
  const parts = trio();
  const [a, b, c] = parts;
  return { parts, all: new MetricCollection<[preds: NumberArray, target: NumberArray], unknown>({ a, b, c }) };
}

describe('a metric that parted from those that count the same', () => {
  test('by a reset of its own leaves the others to count each batch once', () => {
    const { parts, all } = together();
    all.update([0, 1], [0, 1]);
    parts[1].reset();
    all.update([0, 1], [0, 2]);
    expect(parts.map(({ updateCount }) => updateCount)).toEqual([2, 1, 2]);
  });

  test('by an update of its own leaves them their values', async () => {
    const { parts, all } = together();
    all.update([0, 1, 2, 2], [0, 1, 2, 0]);
    parts[1].update([0], [0]);
    all.update([0, 0, 0, 0], [1, 1, 1, 1]);
    expect(await parts[0].compute()).toBe(3 / 8);
  });

  test('leaves them their values when batches are asked for, too', async () => {
    const { parts, all } = together();
    await all([0, 1, 2, 2], [0, 1, 2, 0]);
    parts[1].reset();
    expect(await all([0, 0, 0, 1], [1, 1, 1, 1])).toMatchObject({ a: 1 / 4 });
    expect(await parts[0].compute()).toBe(4 / 8);
  });
});

test('metrics of a collection count what they count alone, whatever is called on all or on one of them', async () => {
  let seed = 7;
  const below = (n: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
  const labels = (): number[] => Array.from({ length: 4 }, () => below(3));
  for (let round = 0; round < 60; round++) {
    const { parts, all } = together();
    const apart = trio();
    const which = (): number => below(3);
    const acts: readonly (() => void | Promise<void>)[] = [
      () => {
        const [p, t] = [labels(), labels()];
        all.update(p, t);
        for (const metric of apart) metric.update(p, t);
      },
      async () => {
        const [p, t] = [labels(), labels()];
        const alone = await Promise.all(apart.map((metric) => metric.forward(p, t)));
        expect(Object.values(await all(p, t))).toEqual(alone);
      },
      () => {
        const [i, p, t] = [which(), labels(), labels()];
        parts[i]!.update(p, t);
        apart[i]!.update(p, t);
      },
      () => {
        const i = which();
        parts[i]!.reset();
        apart[i]!.reset();
      },
      () => {
        const [i, p, t] = [which(), labels(), labels()];
        for (const metrics of [parts, apart]) {
          const other = metrics[i]!.clone();
          other.reset();
          other.update(p, t);
          metrics[i]!.mergeState(other as never); // of its own class
        }
      },
      () => {
        all.reset();
        for (const metric of apart) metric.reset();
      },
    ];
    for (let call = 0; call < 8; call++) {
      await acts[below(acts.length)]!();
      for (const [i, metric] of parts.entries()) {
        expect(metric.updateCount).toBe(apart[i]!.updateCount);
        if (metric.updateCount > 0) expect(await metric.compute()).toEqual(await apart[i]!.compute());
      }
    }
  }
});
