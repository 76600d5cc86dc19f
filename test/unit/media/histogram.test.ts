import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { LogError } from '../../../src/core/errors.ts';
import { takeHistogram } from '../../../src/media/histogram.ts';

interface Case {
  readonly name: string;
  readonly values: readonly number[];
  /** Left edge, right edge and count of each bucket, by TensorBoard's own summary. */
  readonly thirty: readonly (readonly [number, number, number])[];
  /** By tensorboardX. */
  readonly tensorflow: {
    readonly min: number;
    readonly max: number;
    readonly num: number;
    readonly sum: number;
    readonly sumSquares: number;
    readonly limits: readonly number[];
    readonly counts: readonly number[];
  };
  readonly edges: readonly number[];
  /** By numpy. */
  readonly counts: readonly number[];
}

const { cases } = JSON.parse(readFileSync('test/fixtures/media/histograms.json', 'utf8')) as { readonly cases: readonly Case[] };

async function histogramOf(values: unknown, bins?: unknown): Promise<Record<string, unknown> & { edges: number[]; counts: number[] }> {
  const { data } = await takeHistogram(values, bins, "run.logHistogram('w')").encode();
  const { edges, counts } = data as { readonly edges: Float64Array; readonly counts: Float64Array }; // what a histogram holds
  return { ...data, edges: [...edges], counts: [...counts] };
}

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (thrown) {
    expect((thrown as LogError).message).toContain("run.logHistogram('w')");
    return (thrown as LogError).code;
  }
  return undefined;
}

/** Equal to eleven digits. */
const close = (expected: number): unknown => expect.closeTo(expected, 11 - Math.ceil(Math.log10(Math.abs(expected) + 1e-3)));

describe.each(cases)('a histogram of $name', ({ values, thirty, tensorflow, edges, counts }) => {
  test('has the 30 buckets of TensorBoard', async () => {
    const made = await histogramOf(values);
    expect(made.counts).toEqual(thirty.map(([, , count]) => count));
    expect(made.edges.slice(0, -1)).toEqual(thirty.map(([left]) => close(left)));
    expect(made.edges.slice(1)).toEqual(thirty.map(([, right]) => close(right)));
  });

  test('has the edges, counts and sums of tensorboardX', async () => {
    const made = await histogramOf(values, 'tensorflow');
    const { limits, counts: theirs, ...sums } = tensorflow;
    expect(made).toMatchObject({ ...sums, sum: close(sums.sum), sumSquares: close(sums.sumSquares) });
    // Theirs name right edges only, and keep one empty bucket on the left for that reason.
    expect(made.edges.slice(1)).toEqual(limits.map((limit) => close(limit)));
    expect(made.counts).toEqual(theirs);
  });

  test('has the counts of numpy between given edges', async () => {
    const made = await histogramOf(Float64Array.from(values), edges);
    expect([made.edges, made.counts]).toEqual([edges, counts]);
    expect(made['num']).toBe(values.length);
  });
});

describe('a histogram', () => {
  test('counts NaN and infinities apart, and makes everything else of the finite values', async () => {
    const made = await histogramOf([1, Number.NaN, 3, Infinity, -Infinity, Infinity], 2);
    expect(made).toEqual({
      min: 1,
      max: 3,
      num: 2,
      sum: 4,
      sumSquares: 10,
      edges: [1, 2, 3],
      counts: [1, 1],
      nanCount: 1,
      infinityCount: 2,
      negativeInfinityCount: 1,
    });
    expect(await histogramOf(Float32Array.of(Number.NaN, -Infinity))).toMatchObject({
      ...{ num: 0, edges: [], counts: [], nanCount: 1, negativeInfinityCount: 1 },
    });
  });

  test('of values whose range is no number has finite edges', async () => {
    const made = await histogramOf([-1.7e308, 0, 1.7e308], 2);
    expect(made.counts).toEqual([1, 2]);
    expect(made.edges).toEqual([-1.7e308, 0, 1.7e308]);
  });

  test.each([[[1, 2]], [Float32Array.of(1, 2)]])('takes a copy of %o at once', async (values) => {
    const taken = takeHistogram(values, 1, 'call');
    values[0] = 100;
    expect((await taken.encode()).data).toMatchObject({ max: 2 });
  });

  test.each([[0], [1.5], [200_000], [[1]], [[1, 1]], [[2, 1]], [[0, Number.NaN]], [[0, 'a']], ['doane']])(
    'with bins %j is refused',
    (bins) => {
      expect(codeOf(() => takeHistogram([1], bins, "run.logHistogram('w')"))).toBe('bad-options');
    },
  );

  test.each([[[]], [['1']], ['123'], [null], [BigInt64Array.of(1n)], [{ length: 1 }]])('of %o is refused', (values) => {
    expect(codeOf(() => takeHistogram(values, undefined, "run.logHistogram('w')"))).toBe('bad-value');
  });
});
