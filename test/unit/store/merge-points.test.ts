import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergePoints } from '../../../src/store/merge-points.ts';

const value = fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.constantFrom(NaN, Infinity, -Infinity, 0, -0));
const rows = fc.array(fc.record({ value, step: fc.nat(1000), epoch: fc.nat(5), wallTime: fc.double({ noNaN: true }) }), {
  minLength: 1,
  maxLength: 200,
});

test('buckets hold each point once, in order, and every number but the sum is one that a point had', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 250 }), (list, most) => {
      const column = (name: 'value' | 'step' | 'epoch' | 'wallTime'): Float64Array => Float64Array.from(list, (row) => row[name]);
      const buckets = mergePoints(
        { value: column('value'), step: column('step'), epoch: column('epoch'), wallTime: column('wallTime') },
        most,
      );
      expect(buckets.count.length).toBe(Math.min(most, list.length));
      let from = 0;
      buckets.count.forEach((count, i) => {
        expect(count).toBeGreaterThan(0);
        const inside = list.slice(from, from + count);
        const numbers = inside.filter((row) => !Number.isNaN(row.value));
        const low = Math.min(...numbers.map((row) => row.value));
        const high = Math.max(...numbers.map((row) => row.value));
        const lowest = numbers.find((row) => row.value === low) ?? inside[0];
        const highest = numbers.find((row) => row.value === high) ?? inside[0];
        expect(buckets.nanCount[i]).toBe(count - numbers.length);
        expect(buckets.sum[i]).toBe(numbers.length === 0 ? NaN : numbers.reduce((sum, row) => sum + row.value, 0));
        expect(lowest).toMatchObject({ step: buckets.minStep[i], wallTime: buckets.minWallTime[i] });
        expect(highest).toMatchObject({ step: buckets.maxStep[i], wallTime: buckets.maxWallTime[i] });
        expect(buckets.min[i]).toBe(numbers.length === 0 ? NaN : lowest?.value);
        expect(buckets.max[i]).toBe(numbers.length === 0 ? NaN : highest?.value);
        expect(inside[0]).toEqual({
          value: buckets.first[i],
          step: buckets.step[i],
          epoch: buckets.epoch[i],
          wallTime: buckets.wallTime[i],
        });
        expect(inside.at(-1)).toMatchObject({ value: buckets.last[i], step: buckets.lastStep[i], wallTime: buckets.lastWallTime[i] });
        from += count;
      });
      expect(from).toBe(list.length);
    }),
    { numRuns: 300 },
  );
});

test('bucket counts differ by at most one', () => {
  const column = new Float64Array(1001);
  const { count } = mergePoints({ value: column, step: column, epoch: column, wallTime: column }, 100);
  expect([Math.min(...count), Math.max(...count)]).toEqual([10, 11]);
});
