import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packPoints, readPack, readPackTag } from '../../../src/store/point-pack.ts';
import { anyPoints, columnsOf, flipped, forged, listsOf, runs, type SamplePoint, tagsOf } from './packing-samples.ts';

// The place of a point in the log, as the chunk it came in.
function pack(list: readonly SamplePoint[]): { bytes: ArrayBuffer; sorted: (SamplePoint & { seq: number })[] } {
  const numbered = list.map((point, row) => ({ ...point, seq: Math.floor(row / 3) }));
  const sorted = tagsOf(list).flatMap((tag) => numbered.filter((point) => point.tag === tag));
  const { tag, ...columns } = columnsOf(sorted);
  const tags = tagsOf(list);
  const counts = tags.map((number) => tag.filter((other) => other === number).length);
  const seq = Float64Array.from(sorted, (point) => point.seq);
  return { bytes: packPoints(Uint32Array.from(tags), Uint32Array.from(counts), { ...columns, seq }), sorted };
}

test('a pack gives back every point bit for bit, all of them or those of one tag', () => {
  fc.assert(
    fc.property(anyPoints, (list) => {
      const { bytes, sorted } = pack(list);
      const read = readPack(bytes);
      const { tags, counts, ...points } = read;
      expect(listsOf(points)).toEqual({ ...listsOf(columnsOf(sorted)), seq: sorted.map((point) => point.seq) });
      expect(Array.from(tags)).toEqual(tagsOf(list));
      expect(Array.from(counts)).toEqual(tagsOf(list).map((tag) => list.filter((point) => point.tag === tag).length));
      for (const tag of tagsOf(list)) {
        const own = sorted.filter((point) => point.tag === tag);
        expect(listsOf(readPackTag(bytes, tag))).toEqual({
          ...listsOf(columnsOf(own)),
          tag: undefined,
          seq: own.map((point) => point.seq),
        });
      }
      expect(readPackTag(bytes, 70_001)).toBeUndefined();
    }),
    { numRuns: runs(200) },
  );
});

describe('a damaged pack', () => {
  const damage = expect.objectContaining({ name: 'LogError', code: 'bad-data' });
  const { bytes } = pack(
    Array.from({ length: 7 }, (_, row) => ({ tag: row % 2, step: row, epoch: 0, wallTime: 1_700_000_000 + row / 3, value: row / 7 })),
  );

  test('is refused when it is cut at any byte', () => {
    for (let length = 0; length < bytes.byteLength; length++) expect(() => readPack(bytes.slice(0, length))).toThrow(damage);
  });

  test('is refused when any one bit of it has flipped', () => {
    for (let bit = 0; bit < bytes.byteLength * 8; bit++) expect(() => readPackTag(flipped(bytes, bit), 1)).toThrow(damage);
  });

  test('is refused when it comes from a later version, and says so', () => {
    expect(() => readPack(forged(bytes, (view) => view.setUint8(3, 2)))).toThrow(/version 2, this program reads version 1/);
  });

  test('is refused when it holds other rows than its tags say', () => {
    // The second column, whose numbers are all the same, is how many points each tag has.
    const { bytes: even } = pack([0, 1].map((tag) => ({ tag, step: 0, epoch: 0, wallTime: 0, value: 0 })));
    const wrong = forged(even, (view) => view.setFloat64(8 + 16 + 8, 2, true));
    expect(() => readPack(wrong)).toThrow(/its tags have 4 rows, but there are 2/);
    expect(() => readPackTag(wrong, 0)).toThrow(/its tags have 4 rows, but there are 2/);
  });
});
