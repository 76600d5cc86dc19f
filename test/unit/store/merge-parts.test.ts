import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketsOf } from '../../../src/store/bucket-columns.ts';
import { mergeParts, type Part, pointsIn } from '../../../src/store/merge-parts.ts';
import type { PointColumns } from '../../../src/store/points.ts';
import type { ModelPoint } from './plain-model.ts';
import { expectShown } from './series-model.ts';

const value = fc.oneof(fc.integer({ min: -99, max: 99 }), fc.constantFrom(NaN, Infinity, -Infinity));
const point: fc.Arbitrary<ModelPoint> = fc.record({
  tag: fc.constant('x'),
  value,
  step: fc.nat(1000),
  epoch: fc.nat(5),
  wallTime: fc.double({ noNaN: true }),
});
/** Some points, left as they are or in buckets of so many. */
const part = fc.record({ points: fc.array(point, { maxLength: 60 }), size: fc.constantFrom(0, 0, 1, 4, 16) });

function columnsOf(points: readonly ModelPoint[]): PointColumns {
  const column = (name: 'value' | 'step' | 'epoch' | 'wallTime'): Float64Array => Float64Array.from(points, (one) => one[name]);
  return { step: column('step'), epoch: column('epoch'), wallTime: column('wallTime'), value: column('value') };
}

test('points and buckets merge to rows that hold each point once, in order', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 80 }), (list, most) => {
      const parts = list.map(({ points, size }): Part => (size === 0 ? columnsOf(points) : bucketsOf(columnsOf(points), size)));
      const all = list.flatMap(({ points }) => points);
      expect(parts.reduce((sum, one) => sum + pointsIn(one), 0)).toBe(all.length);
      if (all.length <= most) return;
      expectShown({ kind: 'buckets', runId: 'a', tag: 'x', throughSeq: 0, ...mergeParts(parts, most) }, all, most);
    }),
    { numRuns: 300 },
  );
});

test('counts of merged points differ by at most one, wherever the parts end', () => {
  const columns = (length: number): PointColumns =>
    columnsOf(Array.from({ length }, () => ({ tag: 'x', value: 1, step: 1, epoch: 0, wallTime: 1 })));
  const { count } = mergeParts([columns(400), columns(0), columns(1), columns(600)], 100);
  expect([count.length, Math.min(...count), Math.max(...count)]).toEqual([100, 10, 11]);
});

test('buckets that are about as fine as the rows stay as they are; one that is larger makes fewer rows', () => {
  const columns = columnsOf(Array.from({ length: 640 }, (_, step) => ({ tag: 'x', value: step, step, epoch: 0, wallTime: step })));
  expect([...mergeParts([bucketsOf(columns, 64)], 10).count]).toEqual(Array.from({ length: 10 }, () => 64));
  expect([...mergeParts([bucketsOf(columns, 64)], 12).count]).toEqual(Array.from({ length: 10 }, () => 64));
  expect([...mergeParts([bucketsOf(columns, 640), columns], 4).count]).toEqual([640, 320, 320]);
});
