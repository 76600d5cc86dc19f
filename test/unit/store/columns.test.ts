import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Column, columnBytes, type PackedColumn, planColumn, readColumn } from '../../../src/store/columns.ts';
import { anyNumber, runs } from './packing-samples.ts';

function pack(column: Column): PackedColumn {
  const planned = planColumn(column);
  const { rows, form, width, perUnit, base } = planned;
  const buffer = new ArrayBuffer(8 + columnBytes(planned));
  planned.write(buffer, 8);
  return { rows, form, width, perUnit, base, buffer, offset: 8 };
}

const walk = fc
  .record({ first: fc.maxSafeInteger(), moves: fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer()), { maxLength: 60 }) })
  .map(({ first, moves }) => {
    let at = first;
    return [first, ...moves.map((move) => (at += move))];
  });
const numbers = fc.oneof(
  fc.array(anyNumber),
  walk,
  fc.array(fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 })).map((list) => list.map((ms) => ms / 1000)),
  fc.array(fc.float()),
  fc.array(fc.constantFrom(-(2 ** 53 - 1), 0, 2 ** 53 - 1)),
);
const perUnit = fc.constantFrom(1, 1000);

test('a column gives every number back, bit for bit, whatever form it takes', () => {
  fc.assert(
    fc.property(numbers, perUnit, (list, unit) => {
      expect(Array.from(readColumn(pack({ values: Float64Array.from(list), perUnit: unit })))).toEqual(list);
    }),
    { numRuns: runs(500) },
  );
});

test('so does a column that is kept as distances from another one', () => {
  const pairs = fc.oneof(
    fc.array(fc.tuple(anyNumber, anyNumber)),
    fc.array(fc.tuple(fc.integer(), fc.integer({ min: -300, max: 300 })).map(([near, distance]) => [near, near + distance] as const)),
    fc.array(
      fc
        .tuple(fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }), fc.nat(900))
        .map(([near, distance]) => [near / 1000, (near + distance) / 1000] as const),
    ),
  );
  fc.assert(
    fc.property(pairs, perUnit, (list, unit) => {
      const near = Float64Array.from(list, ([number]) => number);
      const values = list.map(([, value]) => value);
      expect(Array.from(readColumn(pack({ values: Float64Array.from(values), perUnit: unit, near }), undefined, near))).toEqual(values);
    }),
    { numRuns: runs(500) },
  );
});

test('some rows of a column are those rows of all of it', () => {
  fc.assert(
    fc.property(numbers, perUnit, fc.array(fc.nat()), fc.nat(), fc.nat(), (list, unit, picks, a, b) => {
      const column = pack({ values: Float64Array.from(list), perUnit: unit });
      const rows = list.length === 0 ? [] : picks.map((pick) => pick % list.length);
      expect(Array.from(readColumn(column, Uint32Array.from(rows)))).toEqual(rows.map((row) => list[row]));
      const [from, end] = [a % (list.length + 1), b % (list.length + 1)].sort((x, y) => x - y) as [number, number];
      expect(Array.from(readColumn(column, { from, end }))).toEqual(list.slice(from, end));
    }),
    { numRuns: runs(300) },
  );
});

describe('a column takes', () => {
  const bytes = (list: readonly number[], unit = 1, near?: readonly number[]): number =>
    columnBytes(planColumn({ values: Float64Array.from(list), perUnit: unit, near: near && Float64Array.from(near) }));
  const hundred = Array.from({ length: 100 }, (_, row) => row);
  const uneven = hundred.map((row) => (row * 7919) % 101);

  test.each([
    ['nothing when all numbers are the same', hundred.map(() => 12), 1, 0],
    ['nothing when it is empty', [], 1, 0],
    ['8 bytes in all when it rises evenly', hundred.map((row) => 1_000_000 - 3000 * row), 1, 8],
    ['one byte a number within a span of 255', uneven, 1, 100],
    ['two bytes a number within a span of 65,535', uneven.map((number) => 1e9 + 600 * number), 1, 200],
    ['four bytes a number within a span of 32 bits', uneven.map((number) => 4e7 * number), 1, 400],
    ['one byte a number, and 8, where neighbours are near each other', hundred.map((row) => 1000 * row + (row % 3)), 1, 108],
    ['one byte a number for whole milliseconds', uneven.map((number) => (1_700_000_000_000 + number) / 1000), 1000, 100],
    ['four bytes a number for what a float32 can hold', uneven.map((number) => number / 4), 1, 400],
    ['four bytes also where some of those are no numbers', uneven.map((number) => (number % 5 === 0 ? NaN : number / 4)), 1, 400],
    ['eight bytes a number for anything else', uneven.map((number) => number / 3), 1, 800],
    ['eight bytes a number beyond whole numbers that are exact', uneven.map((number) => number * 1e15 + 1), 1, 800],
  ])('%s', (_, list, unit, expected) => expect(bytes(list, unit)).toBe(expected));

  test('one byte a number where another column is near', () => {
    const near = uneven.map((number) => 1e7 * number);
    expect(
      bytes(
        near.map((number, row) => number + uneven[99 - row]!),
        1,
        near,
      ),
    ).toBe(100);
  });
});
