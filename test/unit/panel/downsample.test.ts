import fc from 'fast-check';
import { expect, test } from 'vitest';
import { downsample, gap } from '../../../src/panel/downsample.ts';

const floats = (values: readonly number[]): Float64Array => Float64Array.from(values);
const choose = (x: readonly number[], y: readonly number[], from: number, to: number, columns: number): (number | 'gap')[] =>
  [...downsample(floats(x), floats(y), x.length, { from, to, columns })].map((row) => (row === gap ? 'gap' : row));

test('each pixel column keeps its first, lowest, highest and last point, in log order', () => {
  //          column 1                 column 2
  const x = [0, 1, 2, 3, 4, /**/ 5, 6, 7, 8, 10];
  const y = [5, 9, 6, 1, 5, /**/ 2, 2, 8, 0, 3];
  expect(choose(x, y, 0, 10, 2)).toEqual([0, 1, 3, 4, 5, 7, 8, 9]);
});

test('a spike of one point in a million is kept, at no more than four points a pixel', () => {
  const length = 1_000_000;
  const x = Float64Array.from({ length }, (_, row) => row);
  const y = new Float64Array(length).fill(1);
  y[654_321] = 40;
  const rows = downsample(x, y, length, { from: 0, to: length - 1, columns: 800 });
  expect(rows).toContain(654_321);
  expect(rows.length).toBeLessThanOrEqual(3200);
});

test('a point that is first and lowest and last is taken once', () => {
  expect(choose([0, 10], [3, 4], 0, 10, 100)).toEqual([0, 1]);
});

test('a run of NaN is one gap, before, between and after the points', () => {
  expect(choose([0, 1, 2, 3, 4, 5], [NaN, 1, NaN, NaN, 2, Infinity], 0, 5, 6)).toEqual(['gap', 1, 'gap', 4, 'gap']);
});

test('a gap within one pixel column stays between the points around it', () => {
  expect(choose([0, 1, 2, 10], [1, NaN, 2, 3], 0, 10, 1)).toEqual([0, 'gap', 3]);
});

test('of what lies beyond the range only the neighbours are kept', () => {
  expect(choose([0, 1, 2, 3, 4, 5, 6, 7], [9, 0, 1, 2, 3, 4, 0, 9], 2.5, 4.5, 10)).toEqual([0, 2, 3, 4, 5, 7]);
});

test('a line that goes back to an earlier step is drawn as it was logged', () => {
  expect(choose([0, 5, 10, 3, 8], [1, 2, 3, 4, 5], 0, 10, 10)).toEqual([0, 1, 2, 3, 4]);
});

test('x values in no order at all are sorted by pixel column', () => {
  const length = 10_000;
  const x = Float64Array.from({ length }, (_, row) => (row * 7919) % length);
  const y = Float64Array.from(x, (at) => (at === 5555 ? 99 : at / length));
  const rows = downsample(x, y, length, { from: 0, to: length, columns: 50 });
  expect(rows.length).toBeLessThanOrEqual(200);
  expect([...rows].map((row) => y[row])).toContain(99);
  const columns = [...rows].map((row) => Math.floor((x[row] ?? NaN) / 200));
  expect(columns).toEqual(columns.toSorted((a, b) => a - b));
});

test('nothing comes from nothing, and one x is enough', () => {
  expect(choose([], [], 0, 1, 10)).toEqual([]);
  expect(choose([7, 7, 7], [1, 3, 2], 7, 7, 10)).toEqual([0, 1, 2]);
});

test('for any sorted series: rows exist, are finite, keep every extreme, and break the line where it was broken', () => {
  const value = fc.oneof({ weight: 8, arbitrary: fc.double({ min: -5, max: 5, noNaN: true }) }, fc.constantFrom(NaN, Infinity, -Infinity));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 40 }), (values, columns) => {
      const length = values.length;
      const x = Float64Array.from({ length }, (_, row) => row);
      const rows = [...downsample(x, floats(values), length, { from: 0, to: length - 1, columns })];
      const points = rows.filter((row) => row !== gap);
      expect(points.every((row) => row < length && Number.isFinite(values[row]))).toBe(true);
      expect(points).toEqual(points.toSorted((a, b) => a - b));
      expect(points.length).toBeLessThanOrEqual(4 * columns);
      const finite = values.filter((one) => Number.isFinite(one));
      if (finite.length === 0) return;
      const kept = points.map((row) => values[row] ?? NaN);
      expect(Math.max(...kept)).toBe(Math.max(...finite));
      expect(Math.min(...kept)).toBe(Math.min(...finite));
      // Points more than a pixel apart with something that is not finite between them are not joined.
      for (let index = 1; index < rows.length; index++) {
        const [a = gap, b = gap] = [rows[index - 1], rows[index]];
        if (a === gap || b === gap || b - a <= (2 * (length - 1)) / columns) continue;
        expect(values.slice(a, b + 1).every((one) => Number.isFinite(one))).toBe(true);
      }
    }),
  );
});
