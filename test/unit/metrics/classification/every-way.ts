import { expect } from 'vitest';
import type { Metric } from '../../../../src/metrics/metric.ts';
import type { NumberArray } from '../../../../src/metrics/nd-array.ts';

type PredsAndTarget<Out> = Metric<[preds: NumberArray, target: NumberArray], Out, object>;

/** Expects one value in one batch, in batches of one sample, by forward, merged from clones, and again after a reset. */
export async function expectEveryWay<Out>(
  given: PredsAndTarget<Out>,
  preds: readonly unknown[],
  target: readonly unknown[],
  check: (value: Out) => void,
): Promise<void> {
  const metric = given.clone();
  // Rows of a batch are again numbers in nested arrays.
  const rows = (values: readonly unknown[], from: number, to: number): NumberArray => values.slice(from, to) as NumberArray;
  const other = metric.clone();
  metric.update(rows(preds, 0, preds.length), rows(target, 0, target.length));
  check(await metric.compute());

  metric.reset();
  preds.forEach((_, i) => metric.update(rows(preds, i, i + 1), rows(target, i, i + 1)));
  check(await metric.compute());

  metric.reset();
  check(await metric.forward(rows(preds, 0, preds.length), rows(target, 0, target.length)));
  metric.reset();
  await metric.forward(rows(preds, 0, 1), rows(target, 0, 1));
  await metric.forward(rows(preds, 1, preds.length), rows(target, 1, target.length));
  check(await metric.compute());

  metric.reset();
  metric.update(rows(preds, 0, 1), rows(target, 0, 1));
  other.update(rows(preds, 1, preds.length), rows(target, 1, target.length));
  metric.mergeState(other);
  check(await metric.compute());
}

/** {@link expectEveryWay} for one number. */
export async function expectNumberEveryWay(
  metric: PredsAndTarget<number>,
  preds: readonly unknown[],
  target: readonly unknown[],
  expected: number,
): Promise<void> {
  await expectEveryWay(metric, preds, target, (value) => expect(value).toBeCloseTo(expected, 5));
}
