import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSamePack, openChunk, packChunk, readPoints } from '../../../src/store/pack.ts';
import { chunkOf, type ChunkPoint } from '../../../src/testing/index.ts';
import { anyPoints, columnsOf, flipped, forged, listsOf, runs, type SamplePoint, tagsOf } from './packing-samples.ts';
import { writeChunkV1 } from './write-chunk-v1.ts';

const noNames = (): undefined => undefined;
const damage = expect.objectContaining({ name: 'LogError', code: 'bad-data' });

// A chunk lists its tags in its own order; the run knows them by other numbers.
function pack(list: readonly SamplePoint[]): ArrayBuffer {
  const tags = tagsOf(list).reverse();
  const columns = columnsOf(list);
  return packChunk({ ...columns, tag: columns.tag.map((tag) => tags.indexOf(tag)) }, tags);
}

function packV1(list: readonly SamplePoint[], nameOf: (tag: number) => string): ArrayBuffer {
  return forged(
    writeChunkV1(
      chunkOf(
        'run',
        0,
        list.map((point) => ({ ...point, tag: nameOf(point.tag) })),
      ),
    ),
    () => {},
  );
}

test('a packed chunk gives back every number, bit for bit, and the number of every tag', () => {
  fc.assert(
    fc.property(anyPoints, (list) => {
      const bytes = pack(list);
      expect(listsOf(readPoints(bytes, noNames))).toEqual(listsOf(columnsOf(list)));
      expect(openChunk(bytes).points).toBe(list.length);
    }),
    { numRuns: runs(300) },
  );
});

test('a chunk of the first version, which knew its tags by names, reads the same', () => {
  const names = ['loss', '', '\uFEFFmark', 'väl/精度 🙂'];
  fc.assert(
    fc.property(anyPoints, fc.boolean(), (list, isTorn) => {
      const nameOf = (tag: number): string => `${names[tag % 4] ?? ''}${tag}${isTorn ? '\ud800' : ''}`;
      const tags = tagsOf(list);
      const numberOf = (name: string): number | undefined => tags.find((tag) => nameOf(tag) === name);
      const bytes = packV1(list, nameOf);
      expect(listsOf(readPoints(bytes, numberOf))).toEqual(listsOf(columnsOf(list)));
      const odd = list.filter((_, row) => row % 2 === 1);
      const rows = Uint32Array.from(odd, (_, row) => 2 * row + 1);
      expect(listsOf(openChunk(bytes).columns(rows))).toEqual({ ...listsOf(columnsOf(odd)), tag: undefined });
    }),
    { numRuns: runs(100) },
  );
});

test('some points are read without the others', () => {
  fc.assert(
    fc.property(anyPoints, fc.array(fc.boolean()), (list, picks) => {
      const rows = list.flatMap((_, row) => (picks[row % 50] === true ? [row] : []));
      const expected = columnsOf(rows.map((row) => list[row]!));
      expect(listsOf(openChunk(pack(list)).columns(Uint32Array.from(rows)))).toEqual({ ...listsOf(expected), tag: undefined });
    }),
    { numRuns: runs(200) },
  );
});

test('more than 256, and more than 65,536, tags in one chunk keep their points apart', () => {
  for (const count of [256, 257, 65_537]) {
    const tagIds = Array.from({ length: count }, (_, index) => 3 * index + 1);
    const tag = Uint32Array.from({ length: count }, (_, index) => count - 1 - index);
    const column = Float64Array.from(tag);
    const read = readPoints(packChunk({ tag, step: column, epoch: column, wallTime: column, value: column }, tagIds), noNames);
    expect(Array.from(read.tag)).toEqual(Array.from(tag, (index) => 3 * index + 1));
    expect(Array.from(read.value)).toEqual(Array.from(column));
  }
});

test('two packs of the same chunk are the same, those of others are not', () => {
  const list = columnsOf([{ tag: 0, step: 1, epoch: 0, wallTime: 2, value: 0.1 }]);
  expect(isSamePack(packChunk(list, [7]), packChunk(list, [7]))).toBe(true);
  expect(isSamePack(packChunk(list, [7]), packChunk(list, [8]))).toBe(false);
});

test('the bytes of a chunk are as they have been since version 2', () => {
  const bytes = packChunk(
    columnsOf([
      { tag: 0, step: 10, epoch: 1, wallTime: 1_700_000_000.25, value: 0.1 },
      { tag: 1, step: 10, epoch: 1, wallTime: 1_700_000_000.25, value: 0.5 },
      { tag: 0, step: 11, epoch: 1, wallTime: 1_700_000_000.5, value: NaN },
    ]),
    [4, 300],
  );
  // Columns tag, step, epoch, wall time, value: rows, form, width, numbers a unit, base; then their numbers.
  const words = Array.from(new Uint8Array(bytes, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
  expect(words).toBe(
    [
      '03000000 00 02 0100 0000000000001040',
      '03000000 00 01 0100 0000000000002440',
      '03000000 00 00 0100 000000000000f03f',
      `03000000 00 01 e803 ${hexOf(1_700_000_000_250)}`,
      '03000000 02 08 0100 0000000000000000',
      '0000 2801 0000 0000',
      '00 00 01 0000000000',
      '00 00 fa 0000000000',
      '9a9999999999b93f 000000000000e03f 000000000000f87f',
    ]
      .join('')
      .replaceAll(' ', ''),
  );
  expect(Array.from(new Uint8Array(bytes, 0, 4))).toEqual([0x54, 0x54, 0x4a, 2]);
});

function hexOf(number: number): string {
  return Array.from(new Uint8Array(Float64Array.of(number).buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

describe('a damaged chunk', () => {
  const list = Array.from({ length: 9 }, (_, row) => ({
    tag: row % 4,
    value: row / 3,
    step: row,
    epoch: row % 2,
    wallTime: 1_700_000_000 + row / 7,
  }));
  const numberOf = (name: string): number => Number(name.slice(4));
  const versions = [
    { version: 1, whole: packV1(list, (tag) => `tag ${tag}`) },
    { version: 2, whole: pack(list) },
  ];

  test.each(versions)('of version $version is refused when it is cut at any byte, or longer than it says', ({ whole }) => {
    expect(listsOf(readPoints(whole, numberOf))).toEqual(listsOf(columnsOf(list)));
    for (let length = 0; length < whole.byteLength; length++) expect(() => readPoints(whole.slice(0, length), numberOf)).toThrow(damage);
    for (const more of [1, 4, 8]) {
      const longer = new Uint8Array(whole.byteLength + more);
      longer.set(new Uint8Array(whole));
      expect(() => readPoints(longer.buffer, numberOf)).toThrow(damage);
    }
  });

  test.each(versions)('of version $version is refused when any one bit of it has flipped', ({ whole }) => {
    // Unused bytes are under the checksum like the rest.
    for (let bit = 0; bit < whole.byteLength * 8; bit++) {
      expect(() => openChunk(flipped(whole, bit))).toThrow(damage);
    }
  });

  test('is refused when it comes from a later version, and says so', () => {
    const later = forged(pack(list), (view) => view.setUint8(3, 3));
    expect(() => openChunk(later)).toThrow(/version 3, this program reads version 2/);
  });

  test('is refused when its columns are of unequal length', () => {
    // The last column, of float64, loses a number to nothing; the sizes still add up.
    const longer = new Uint8Array(versions[1]!.whole.byteLength + 8);
    longer.set(new Uint8Array(versions[1]!.whole));
    const unequal = forged(longer.buffer, (view) => view.setUint32(8 + 4 * 16, 10, true));
    expect(() => openChunk(unequal)).toThrow(/column value has 10 rows instead of 9/);
  });

  test('is refused when a column has a form that nobody knows', () => {
    for (const [form, width] of [
      [3, 8],
      [0, 8],
      [2, 2],
      [1, 8],
    ]) {
      const head = 8 + 4 * 16;
      const strange = forged(versions[1]!.whole, (view) => {
        view.setUint8(head + 4, form!);
        view.setUint8(head + 5, width!);
      });
      expect(() => openChunk(strange)).toThrow(damage);
    }
  });

  test('of version 1 is refused when the run has no tag of such a name', () => {
    expect(() => readPoints(versions[0]!.whole, (name) => (name === 'tag 2' ? undefined : 0))).toThrow(/the run has no tag 'tag 2'/);
  });
});

describe('bytes a point, head included', () => {
  const perPoint = (list: readonly ChunkPoint[]): number => {
    const chunk = chunkOf('run', 0, list);
    return packChunk(chunk, Array.from(chunk.tags.keys())).byteLength / list.length;
  };
  const logged = (count: number, tags: number): ChunkPoint[] =>
    Array.from({ length: count }, (_, row) => ({
      tag: `train/metrics/metric-${row % tags}/step`,
      value: Math.sin(row),
      step: 1_000_000 + Math.floor(row / tags),
      epoch: 12,
      wallTime: (1_700_000_000_000 + 3 * Math.floor(row / tags)) / 1000,
    }));

  test.each([
    { points: 4096, tags: 20, most: 12.1 },
    { points: 4096, tags: 1, most: 9 },
    { points: 256, tags: 4, most: 11.5 },
    { points: 64, tags: 4, most: 13 },
  ])('$points points of $tags tags', ({ points: count, tags, most }) => {
    expect(perPoint(logged(count, tags))).toBeLessThanOrEqual(most);
  });

  test('values of a GPU, which are float32, take half', () => {
    expect(perPoint(logged(4096, 20).map((point) => ({ ...point, value: Math.fround(point.value) })))).toBeLessThanOrEqual(8.1);
  });

  test('stay under 30 when wall times have microseconds and steps are fractions', () => {
    const unsteady = logged(4096, 20).map((point, row) => ({ ...point, step: row / 3, wallTime: 1_700_000_000 + row * 1e-6 }));
    expect(perPoint(unsteady)).toBeLessThanOrEqual(26);
  });
});
