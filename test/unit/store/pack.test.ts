import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countTags, packChunk, unpackChunk, unpackTag } from '../../../src/store/pack.ts';
import { chunkOf, type ChunkPoint, pointsOf } from '../../../src/testing/index.ts';

const anyNumber = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, 5e-324, 2 ** 53 - 1, -(2 ** 53)));
const wholeSteps = fc.oneof(fc.nat(300), fc.integer({ min: -70_000, max: 70_000 }), fc.integer({ min: 0, max: 2 ** 33 }));
const milliseconds = fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }).map((ms) => ms / 1000);

function points(step: fc.Arbitrary<number>, wallTime: fc.Arbitrary<number>): fc.Arbitrary<ChunkPoint[]> {
  const tag = fc.oneof(fc.constantFrom('loss', 'train/loss/step', '', '\uFEFFmark', 'väl/精度 🙂'), fc.string({ unit: 'binary' }));
  return fc.array(fc.record({ tag, step, epoch: fc.oneof(fc.nat(3), anyNumber), wallTime, value: anyNumber }));
}

const anyPoints = fc.oneof(points(anyNumber, anyNumber), points(wholeSteps, milliseconds), points(wholeSteps, anyNumber));

test('a packed chunk gives back every number, bit for bit, and every tag', () => {
  fc.assert(
    fc.property(anyPoints, (list) => {
      const chunk = chunkOf('run', 3, list);
      const read = unpackChunk('run', 3, packChunk(chunk));
      expect(read.tags).toEqual(chunk.tags);
      // toEqual tells 0 from -0, and holds NaN for NaN.
      expect(pointsOf(read)).toEqual(list);
    }),
    { numRuns: 300 },
  );
});

test('half a surrogate pair in a tag survives, beside other tags', () => {
  const chunk = chunkOf('run', 0, [
    { tag: 'a\ud800', value: 1, step: 1 },
    { tag: 'a\ud801', value: 2, step: 1 },
  ]);
  expect(unpackChunk('run', 0, packChunk(chunk)).tags).toEqual(['a\ud800', 'a\ud801']);
});

test('one tag is read, and counted, without the others', () => {
  fc.assert(
    fc.property(anyPoints, (list) => {
      const bytes = packChunk(chunkOf('run', 0, list));
      const counts = countTags(bytes);
      for (const tag of new Set(list.map((point) => point.tag))) {
        const expected = list.filter((point) => point.tag === tag);
        const read = unpackTag(bytes, tag);
        expect(Array.from(read?.value ?? [])).toEqual(expected.map((point) => point.value));
        expect(Array.from(read?.step ?? [])).toEqual(expected.map((point) => point.step));
        expect(Array.from(read?.epoch ?? [])).toEqual(expected.map((point) => point.epoch));
        expect(Array.from(read?.wallTime ?? [])).toEqual(expected.map((point) => point.wallTime));
        expect(counts.get(tag)).toBe(expected.length);
      }
      expect(unpackTag(bytes, 'a tag that nobody logged')).toBeUndefined();
    }),
  );
});

test('more than 256, and more than 65,536, tags in one chunk keep their points apart', () => {
  for (const count of [256, 257, 65_537]) {
    const tags = Array.from({ length: count }, (_, index) => `t${index}`);
    const tag = Uint32Array.from({ length: count }, (_, index) => count - 1 - index);
    const column = Float64Array.from(tag);
    const read = unpackChunk(
      'run',
      0,
      packChunk({ runId: 'run', seq: 0, tags, tag, step: column, epoch: column, wallTime: column, value: column }),
    );
    expect(read.tags).toEqual(tags);
    expect(Array.from(read.tag)).toEqual(Array.from(tag));
    expect(read.tag).toBeInstanceOf(count > 65_536 ? Uint32Array : Uint16Array);
  }
});

describe('a damaged record', () => {
  const list = Array.from({ length: 9 }, (_, step) => ({
    tag: `tag ${step % 4}`,
    value: step / 3,
    step,
    epoch: step % 2,
    wallTime: 1_700_000_000 + step / 7,
  }));
  const whole = packChunk(chunkOf('run', 0, list));
  const damage = expect.objectContaining({ name: 'LogError', code: 'bad-data' });

  test('is refused when it is cut at any byte, or longer than it says', () => {
    for (let length = 0; length < whole.byteLength; length++) expect(() => unpackChunk('run', 0, whole.slice(0, length))).toThrow(damage);
    const longer = new Uint8Array(whole.byteLength + 4);
    longer.set(new Uint8Array(whole));
    expect(() => unpackChunk('run', 0, longer.buffer)).toThrow(damage);
  });

  test('is refused when any one bit of it has flipped', () => {
    // Bytes 25 to 31 are not used, but under the checksum like the rest.
    for (let bit = 0; bit < whole.byteLength * 8; bit++) {
      const altered = new Uint8Array(whole.slice(0));
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => unpackTag(altered.buffer, 'tag 1')).toThrow(damage);
    }
  });

  test('is refused when it comes from a later version, and says so', () => {
    const later = new Uint8Array(whole.slice(0));
    later[3] = 2;
    expect(() => unpackChunk('run', 0, later.buffer)).toThrow(/version 2, this program reads version 1/);
  });
});

describe('bytes a point, tag names and head included', () => {
  const perPoint = (list: readonly ChunkPoint[]): number => packChunk(chunkOf('run', 0, list)).byteLength / list.length;
  const logged = (count: number, tags: number): ChunkPoint[] =>
    Array.from({ length: count }, (_, row) => ({
      tag: `train/metrics/metric-${row % tags}/step`,
      value: Math.sin(row),
      step: 1_000_000 + Math.floor(row / tags),
      epoch: 12,
      wallTime: (1_700_000_000_000 + 3 * Math.floor(row / tags)) / 1000,
    }));

  test.each([
    { points: 4096, tags: 20, most: 13 },
    { points: 4096, tags: 1, most: 14 },
    { points: 256, tags: 4, most: 14 },
    { points: 64, tags: 4, most: 17 },
  ])('$points points of $tags tags', ({ points: count, tags, most }) => {
    expect(perPoint(logged(count, tags))).toBeLessThanOrEqual(most);
  });

  test('stay under 30 when wall times have microseconds and steps are fractions', () => {
    const uneven = logged(4096, 20).map((point, row) => ({ ...point, step: row / 3, wallTime: 1_700_000_000 + row * 1e-6 }));
    expect(perPoint(uneven)).toBeLessThanOrEqual(26);
  });
});
