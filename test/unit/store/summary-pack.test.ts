import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packSummary, readSummary, type Summary } from '../../../src/store/summary-pack.ts';
import { anyNumber, anyPoints, flipped, forged, runs, type SamplePoint, tagsOf } from './packing-samples.ts';
import { recordOf, unitOf } from './unit-of.ts';

/** A summary by the words of its definition. */
function expected(list: readonly SamplePoint[]): Record<keyof Summary, number>[] {
  return tagsOf(list).map((tag) => {
    const points = list.filter((point) => point.tag === tag);
    const last = points.at(-1)!;
    const numbers = points.filter((point) => !Number.isNaN(point.value));
    const lowest = numbers.reduce((best, point) => (point.value < best.value ? point : best), numbers[0] ?? points[0]!);
    const highest = numbers.reduce((best, point) => (point.value > best.value ? point : best), numbers[0] ?? points[0]!);
    const steps = points.map((point) => point.step);
    return {
      tag,
      count: points.length,
      nanCount: points.length - numbers.length,
      last: last.value,
      lastStep: last.step,
      lastEpoch: last.epoch,
      lastWallTime: last.wallTime,
      min: lowest.value,
      minStep: lowest.step,
      max: highest.value,
      maxStep: highest.step,
      lowStep: Math.min(...steps),
      highStep: Math.max(...steps),
    };
  });
}

function rowsOf(summary: Summary): unknown[] {
  const names = Object.keys(expected([{ tag: 0, step: 0, epoch: 0, wallTime: 0, value: 0 }])[0]!) as (keyof Summary)[];
  return Array.from(summary.tag, (_, row) => Object.fromEntries(names.map((name) => [name, summary[name][row]])));
}

function summaryOf(list: readonly SamplePoint[]): Summary {
  return readSummary(unitOf([recordOf(0, list)]).summary.bytes);
}

test('the summary of a unit has count, last value, extremes and steps of each tag', () => {
  fc.assert(
    fc.property(anyPoints, (list) => {
      expect(rowsOf(summaryOf(list))).toEqual(expected(list));
    }),
    { numRuns: runs(150) },
  );
});

test('so it has for tags that are summed up from buckets, over several chunks', () => {
  const list = Array.from({ length: 1000 }, (_, row) => ({
    tag: row % 7 === 0 ? 9 : row % 3,
    step: (row * 17) % 333,
    epoch: row % 5,
    wallTime: 1_700_000_000 + row,
    value: row % 11 === 0 ? NaN : (row * 37) % 101,
  }));
  const rare = { ...list[0]!, tag: 12 };
  const { summary } = unitOf([recordOf(0, list.slice(0, 600)), recordOf(1, list.slice(600)), recordOf(2, [rare])]);
  expect(rowsOf(readSummary(summary.bytes))).toEqual(expected([...list, rare]));
});

test('zero and minus zero are equals, of which the first is kept', () => {
  const at = (step: number, value: number): SamplePoint => ({ tag: 0, step, epoch: 0, wallTime: 0, value });
  const [row] = rowsOf(summaryOf([at(1, -0), at(2, 0)]));
  expect(row).toMatchObject({ min: -0, minStep: 1, max: -0, maxStep: 1 });
});

test('a packed summary comes back bit for bit whatever numbers are in it', () => {
  const column = fc.array(anyNumber, { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(column, { minLength: 13, maxLength: 13 }), (columns) => {
      const names = Object.keys(summaryOf([]));
      const summary = Object.fromEntries(names.map((name, index) => [name, Float64Array.from(columns[index] ?? [])])) as unknown as Summary;
      expect(rowsOf(readSummary(packSummary(summary)))).toEqual(rowsOf(summary));
    }),
    { numRuns: runs(100) },
  );
});

describe('a damaged summary', () => {
  const bytes = packSummary(summaryOf([0, 1, 0].map((tag, row) => ({ tag, step: row, epoch: 0, wallTime: 1, value: row / 3 }))));
  const damage = expect.objectContaining({ name: 'LogError', code: 'bad-data' });

  test('is refused when it is cut or altered', () => {
    for (let length = 0; length < bytes.byteLength; length++) expect(() => readSummary(bytes.slice(0, length))).toThrow(damage);
    for (let bit = 0; bit < bytes.byteLength * 8; bit++) expect(() => readSummary(flipped(bytes, bit))).toThrow(damage);
  });

  test('is refused when it comes from a later version, and says so', () => {
    expect(() => readSummary(forged(bytes, (view) => view.setUint8(3, 2)))).toThrow(/summary.*version 2, this program reads version 1/);
  });
});
