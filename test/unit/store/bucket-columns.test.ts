import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketsOf, mergeBuckets } from '../../../src/store/bucket-columns.ts';
import { packBuckets, readBuckets } from '../../../src/store/bucket-pack.ts';
import { bucketOf, inGroups, rowsOf } from './buckets.ts';
import { anyNumber, anyPoints, columnsOf, flipped, forged, runs, type SamplePoint } from './packing-samples.ts';

const whole = fc.integer({ min: -9, max: 9 });
// Sums of small whole numbers are exact in whatever order; steps go any way.
const wholeValues = fc.array(
  fc.record({
    tag: fc.constant(0),
    step: whole,
    epoch: whole,
    wallTime: whole,
    value: fc.oneof(whole, fc.constantFrom(NaN, -0, Infinity)),
  }),
);

test('a bucket is its points in a few numbers', () => {
  fc.assert(
    fc.property(anyPoints, fc.integer({ min: 1, max: 70 }), (points, size) => {
      expect(rowsOf(bucketsOf(columnsOf(points), size))).toEqual(inGroups(points, size).map(bucketOf));
    }),
    { numRuns: runs(200) },
  );
});

test('merging buckets gives what merging their points would', () => {
  fc.assert(
    fc.property(wholeValues, fc.integer({ min: 1, max: 4 }), fc.array(fc.boolean()), (list, size, cuts) => {
      const buckets = bucketsOf(columnsOf(list), size);
      const rows = buckets.step.length;
      const ends = Array.from({ length: rows }, (_, row) => row + 1).filter((end) => end === rows || (cuts[end] ?? false));
      const expected = ends.map((end, group) => bucketOf(list.slice((ends[group - 1] ?? 0) * size, end * size)));
      expect(rowsOf(mergeBuckets(buckets, ends))).toEqual(expected);
    }),
    { numRuns: runs(300) },
  );
});

test('a bucket in which the step or time of a point is no number lies nowhere as a whole', () => {
  const at = (step: number): SamplePoint => ({ tag: 0, step, epoch: 0, wallTime: step, value: 1 });
  const range = (...steps: number[]): number[] => {
    const [bucket] = rowsOf(mergeBuckets(bucketsOf(columnsOf(steps.map(at)), 2), [Math.ceil(steps.length / 2)])) ?? [];
    return [bucket!.lowStep, bucket!.highStep, bucket!.lowWallTime, bucket!.highWallTime];
  };
  expect(range(5, 3, 4, 2, 9)).toEqual([2, 9, 2, 9]);
  for (const steps of [[NaN, 3, 4, 2], [1, NaN], [1, 2, 3, 4, NaN], [NaN]]) expect(range(...steps)).toEqual([NaN, NaN, NaN, NaN]);
});

describe('packed buckets', () => {
  const lists = fc.array(fc.tuple(fc.nat(70_000), anyPoints), { minLength: 1, maxLength: 4 });

  test('come back bit for bit, each tag without the others', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 70 }), (tagged, size) => {
        const parts = [...new Map(tagged)].sort(([a], [b]) => a - b).filter(([, points]) => points.length > 0);
        const tags = Uint32Array.from(parts, ([tag]) => tag);
        const counts = Uint32Array.from(parts, ([, points]) => Math.ceil(points.length / size));
        const each = parts.map(([, points]) => bucketsOf(columnsOf(points), size));
        const all = { ...bucketsOf(columnsOf([]), 1) };
        for (const name of Object.keys(all) as (keyof typeof all)[]) all[name] = Float64Array.from(each.flatMap((one) => [...one[name]]));
        const bytes = packBuckets(tags, counts, all);
        parts.forEach(([tag], index) => expect(rowsOf(readBuckets(bytes, tag))).toEqual(rowsOf(each[index])));
        expect(readBuckets(bytes, 70_001)).toBeUndefined();
      }),
      { numRuns: runs(100) },
    );
  });

  test('come back bit for bit whatever numbers are in them', () => {
    const column = fc.array(anyNumber, { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(column, { minLength: 20, maxLength: 20 }), (columns) => {
        const buckets = { ...bucketsOf(columnsOf([]), 1) };
        Object.keys(buckets).forEach((name, index) => (buckets[name as keyof typeof buckets] = Float64Array.from(columns[index] ?? [])));
        expect(rowsOf(readBuckets(packBuckets(Uint32Array.of(7), Uint32Array.of(5), buckets), 7))).toEqual(rowsOf(buckets));
      }),
      { numRuns: runs(100) },
    );
  });

  const steady = (count: number): SamplePoint[] =>
    Array.from({ length: count }, (_, row) => ({
      tag: 0,
      step: row,
      epoch: 1,
      wallTime: (1_700_000_000_000 + 3 * row + (row % 2)) / 1000,
      value: Math.sin(row),
    }));

  test('take about 55 bytes each for a tag that is logged steadily', () => {
    for (const size of [64, 512]) {
      const bytes = packBuckets(Uint32Array.of(0), Uint32Array.of(200), bucketsOf(columnsOf(steady(200 * size)), size));
      expect(bytes.byteLength / 200).toBeLessThanOrEqual(55);
    }
  });

  test('are refused when they are damaged', () => {
    const damage = expect.objectContaining({ name: 'LogError', code: 'bad-data' });
    const bytes = packBuckets(Uint32Array.of(1, 2), Uint32Array.of(1, 2), bucketsOf(columnsOf(steady(30)), 10));
    expect(readBuckets(bytes, 2)?.count).toEqual(Float64Array.of(10, 10));
    for (let length = 0; length < bytes.byteLength; length++) expect(() => readBuckets(bytes.slice(0, length), 2)).toThrow(damage);
    for (let bit = 0; bit < bytes.byteLength * 8; bit++) expect(() => readBuckets(flipped(bytes, bit), 2)).toThrow(damage);
    expect(() =>
      readBuckets(
        forged(bytes, (view) => view.setUint8(3, 9)),
        2,
      ),
    ).toThrow(/version 9, this program reads version 1/);
  });
});
