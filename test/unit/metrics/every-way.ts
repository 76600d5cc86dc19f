import { expect } from 'vitest';
import type { Metric, NumberArray } from '../../../src/metrics/index.ts';

/** A metric of arrays whose first axis can be cut into batches. */
export type OfRows<Out> = Metric<[preds: NumberArray, target: NumberArray], Out, object>;

type Rows = readonly unknown[];

/** Rows from `from` to before `to`, as a batch. */
const cut = (rows: Rows, from: number, to: number): NumberArray => rows.slice(from, to) as NumberArray; // rows are numbers or arrays of them

/** Compares a number, or the numbers of an array, to six digits; NaN equals NaN. */
export function expectClose(value: unknown, expected: number | readonly number[]): void {
  const got = typeof value === 'number' ? [value] : [...(value as Float64Array)];
  const wanted = typeof expected === 'number' ? [expected] : expected;
  expect(got).toHaveLength(wanted.length);
  got.forEach((number, i) => (Number.isNaN(wanted[i]) ? expect(number).toBeNaN() : expect(number).toBeCloseTo(wanted[i] ?? NaN, 6)));
}

/**
 * The value must come out the same in one batch, in batches of one to three rows, merged from two metrics, merged from states that
 * were posted, accumulated by `forward`, and each time again after a reset.
 */
export async function expectEveryWay<Out>(
  metric: OfRows<Out>,
  preds: Rows,
  target: Rows,
  expected: number | readonly number[],
): Promise<void> {
  const update = (to: OfRows<Out>, from: number, end: number): void => to.update(cut(preds, from, end), cut(target, from, end));
  const ways: (() => void)[] = [
    () => update(metric, 0, preds.length),
    ...[1, 2, 3].map((size) => () => {
      for (let at = 0; at < preds.length; at += size) update(metric, at, at + size);
    }),
    () => {
      const other = metric.clone();
      update(metric, 0, 1);
      update(other, 1, preds.length);
      metric.mergeState(other);
    },
    () => {
      const other = metric.clone();
      update(metric, 0, 2);
      update(other, 2, preds.length);
      metric.mergeState(structuredClone(other.metricState), other.updateCount);
    },
    () => {
      for (let at = 0; at < preds.length; at += 2) void metric.forward(cut(preds, at, at + 2), cut(target, at, at + 2));
    },
  ];
  for (const way of ways) {
    metric.reset();
    way();
    expectClose(await metric.compute(), expected);
  }
  metric.reset();
  expectClose(await metric(cut(preds, 0, preds.length), cut(target, 0, preds.length)), expected);
}
