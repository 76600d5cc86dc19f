import type { SamplePoint } from './packing-samples.ts';

/** The chunks of which `test/fixtures/store/unit.json` was made: one tag with buckets, one without, all forms of columns. */
export const goldenChunks: readonly (readonly SamplePoint[])[] = [0, 1].map((chunk) =>
  Array.from({ length: 80 }, (_, index) => {
    const row = 80 * chunk + index;
    const isRare = row % 16 === 5;
    return {
      tag: isRare ? 300 : 2,
      step: isRare ? row / 3 : row + (row % 3),
      epoch: Math.floor(row / 50),
      wallTime: (1_700_000_000_000 + 1000 * row + (row % 4)) / 1000,
      value: row === 9 ? NaN : row === 10 ? -0 : isRare ? Infinity : 1 / (row + 1),
    };
  }),
);
