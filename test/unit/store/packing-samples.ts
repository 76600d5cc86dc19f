import fc from 'fast-check';
import type { TaggedPoints } from '../../../src/store/points.ts';

/** How many examples a property is tried on: so many, or what a long campaign asks for. */
export function runs(count: number): number {
  return Number(process.env['TABTRAIN_PROPERTY_RUNS'] ?? count);
}

/** One point as a test writes it down. */
export interface SamplePoint {
  readonly tag: number;
  readonly step: number;
  readonly epoch: number;
  readonly wallTime: number;
  readonly value: number;
}

/** All that a float64 can be. */
export const anyNumber: fc.Arbitrary<number> = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.float(),
  fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, 5e-324, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 53, -(2 ** 53), 0.001, 1e300),
);

const step = fc.oneof(fc.nat(300), fc.integer({ min: -70_000, max: 70_000 }), fc.integer({ min: 0, max: 2 ** 33 }));
const wallTime = fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }).map((ms) => ms / 1000);
const tag = fc.oneof(fc.nat(3), fc.nat(300), fc.nat(70_000));

function listOf(steps: fc.Arbitrary<number>, wallTimes: fc.Arbitrary<number>, values: fc.Arbitrary<number>): fc.Arbitrary<SamplePoint[]> {
  return fc.array(fc.record({ tag, step: steps, epoch: fc.oneof(fc.nat(3), anyNumber), wallTime: wallTimes, value: values }));
}

// Whole steps that go up and down, as a tag logs them every so often.
const regular = fc
  .record({
    tags: fc.integer({ min: 1, max: 4 }),
    first: step,
    stride: fc.integer({ min: -3, max: 1000 }),
    count: fc.nat(400),
    jitter: fc.nat(5),
  })
  .map(({ tags, first, stride, count, jitter }) =>
    Array.from({ length: count }, (_, row) => ({
      tag: row % tags,
      step: first + stride * Math.floor(row / tags),
      epoch: Math.floor(row / 50),
      wallTime: (1_700_000_000_000 + 7 * row + (row % (jitter + 1))) / 1000,
      value: row % 7 === 3 ? NaN : Math.sin(row),
    })),
  );

/** Points in the order in which they are logged, of all kinds. */
export const anyPoints: fc.Arbitrary<SamplePoint[]> = fc.oneof(
  regular,
  listOf(anyNumber, anyNumber, anyNumber),
  listOf(step, wallTime, anyNumber),
  listOf(step, anyNumber, fc.float()),
);

/** Points as columns. */
export function columnsOf(points: readonly SamplePoint[]): TaggedPoints {
  return {
    tag: Uint32Array.from(points, (point) => point.tag),
    step: Float64Array.from(points, (point) => point.step),
    epoch: Float64Array.from(points, (point) => point.epoch),
    wallTime: Float64Array.from(points, (point) => point.wallTime),
    value: Float64Array.from(points, (point) => point.value),
  };
}

/** Columns of any kind as lists, for comparisons that tell 0 from -0 and hold NaN for NaN. */
export function listsOf(columns: object | undefined): Record<string, number[]> | undefined {
  return columns && Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, Array.from(column as ArrayLike<number>)]));
}

/** The sorted numbers of the tags among points. */
export function tagsOf(points: readonly SamplePoint[]): number[] {
  return [...new Set(points.map((point) => point.tag))].sort((a, b) => a - b);
}

/** A copy in which one bit is another. */
export function flipped(bytes: ArrayBuffer, bit: number): ArrayBuffer {
  const altered = new Uint8Array(bytes.slice(0));
  altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return altered.buffer;
}

/** A copy changed by `change` whose checksum is right again: what only a program with a bug would write. */
export function forged(bytes: ArrayBuffer, change: (view: DataView) => void): ArrayBuffer {
  const copy = bytes.slice(0);
  const view = new DataView(copy);
  change(view);
  let hash = copy.byteLength / 4 - 2;
  for (let offset = 8; offset < copy.byteLength; offset += 4) {
    hash = Math.imul(hash ^ view.getUint32(offset, true), 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  view.setUint32(4, hash >>> 0, true);
  return copy;
}
