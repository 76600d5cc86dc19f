import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBuckets } from '../../../src/store/bucket-pack.ts';
import { readPack, readPackTag } from '../../../src/store/point-pack.ts';
import type { PackRecord } from '../../../src/store/schema.ts';
import { openUnit, type PackKey } from '../../../src/store/unit-directory.ts';
import { bucketOf, inGroups, rowsOf } from './buckets.ts';
import { anyPoints, flipped, forged, listsOf, runs, type SamplePoint, tagsOf } from './packing-samples.ts';
import { type Built, recordOf, unitOf } from './unit-of.ts';
import { writeChunkV1 } from './write-chunk-v1.ts';

type Placed = SamplePoint & { readonly seq: number };

const keyOf = ({ runId, unit, level, firstTag, stretch }: PackRecord): string => JSON.stringify([runId, unit, level, firstTag, stretch]);

function packsBy({ packs }: Built): (key: PackKey) => ArrayBuffer {
  const byKey = new Map(packs.map((pack) => [keyOf(pack), pack.bytes]));
  return (key) => byKey.get(JSON.stringify(key)) ?? expect.fail(`there is no pack ${JSON.stringify(key)}`);
}

function placed(chunks: readonly (readonly SamplePoint[])[], firstSeq: number): Placed[] {
  return chunks.flatMap((points, index) => points.map((point) => ({ ...point, seq: firstSeq + index })));
}

/** A tag of a unit as a reader would put it together from points. */
function pointsOf(built: Built, tag: number): Placed[] {
  const packOf = packsBy(built);
  return openUnit(built.unit)
    .keysOf(tag, 0)
    .flatMap((key) => {
      const columns = listsOf(readPackTag(packOf(key), tag)) ?? {};
      return (columns['seq'] ?? []).map((seq, row) => ({
        tag,
        seq,
        step: columns['step']![row]!,
        epoch: columns['epoch']![row]!,
        wallTime: columns['wallTime']![row]!,
        value: columns['value']![row]!,
      }));
    });
}

/** A tag of a unit as a reader would put it together from the buckets of a level. */
function bucketsOn(built: Built, tag: number, level: number): unknown[] {
  const packOf = packsBy(built);
  return openUnit(built.unit)
    .keysOf(tag, level)
    .flatMap((key) => rowsOf(readBuckets(packOf(key), tag)) ?? []);
}

// Sums of small whole numbers are exact in whatever order.
function walk(tag: number, count: number, firstStep = 0): SamplePoint[] {
  return Array.from({ length: count }, (_, row) => ({
    tag,
    step: firstStep + row - (row % 50 === 7 ? 20 : 0),
    epoch: Math.floor(row / 100),
    wallTime: (1_700_000_000_000 + 5 * row) / 1000,
    value: row % 31 === 5 ? NaN : (row * 37) % 101,
  }));
}

/** So many points to a chunk, the tags in turn. */
function logged(series: readonly (readonly SamplePoint[])[], size: number): SamplePoint[][] {
  const longest = Math.max(...series.map((points) => points.length));
  return inGroups(Array.from({ length: longest }, (_, row) => series.flatMap((points) => points.slice(row, row + 1))).flat(), size);
}

test('a unit holds every point of its chunks, each tag in log order with the chunks it came in', () => {
  fc.assert(
    fc.property(fc.array(anyPoints, { minLength: 1, maxLength: 5 }), fc.nat(1000), (chunks, firstSeq) => {
      const built = unitOf(chunks.map((points, index) => recordOf(firstSeq + index, points)));
      const expected = placed(chunks, firstSeq);
      const unit = openUnit(built.unit);
      expect(Array.from(unit.tags)).toEqual(tagsOf(expected));
      expect(Array.from(unit.counts)).toEqual(tagsOf(expected).map((tag) => expected.filter((point) => point.tag === tag).length));
      for (const tag of unit.tags) expect(pointsOf(built, tag)).toEqual(expected.filter((point) => point.tag === tag));
      expect(unit.keysOf(70_001, 0)).toEqual([]);
      expect(built.unit).toMatchObject({ runId: 'run', unit: firstSeq, throughSeq: firstSeq + chunks.length - 1, damaged: [] });
      expect(built.unit.points).toBe(expected.length);
      const bytes = [...built.packs, built.unit, built.summary].reduce((sum, record) => sum + record.bytes.byteLength, 0);
      expect(built.unit.totalBytes).toBe(bytes);
    }),
    { numRuns: runs(100) },
  );
});

test('tags with enough points have buckets of 64, 128, 256 … points, up to the level where one bucket holds all', () => {
  const lengths = [127, 128, 129, 192, 256, 257, 3000, 12_345, 1];
  const series = lengths.map((length, index) => walk(index * 3, length));
  const built = unitOf(logged(series, 500).map((points, index) => recordOf(9 + index, points)));
  const unit = openUnit(built.unit);
  const levels = [0, 2, 3, 3, 3, 4, 7, 9, 0];
  series.forEach((points, index) => {
    const tag = index * 3;
    expect(unit.levelsOf(tag)).toBe(levels[index]);
    for (let level = 1; level <= 10; level++) {
      const expected = level > levels[index]! ? [] : inGroups(points, 32 * 2 ** level).map(bucketOf);
      expect(bucketsOn(built, tag, level)).toEqual(expected);
    }
  });
  expect(unit.levels).toBe(9);
  expect(unit.levelsOf(1)).toBe(0);
});

test('the directory names every pack once, in the order of their keys', () => {
  const built = unitOf(
    logged([walk(0, 30_000), walk(1, 200), walk(2, 50), walk(7, 140_000)], 4096).map((points, seq) => recordOf(seq, points)),
  );
  const unit = openUnit(built.unit);
  const named = Array.from({ length: unit.levels + 1 }, (_, level) => unit.packKeys(level)).flat();
  expect(named.map((key) => JSON.stringify(key))).toEqual(built.packs.map(keyOf));
  expect(named).toEqual(named.toSorted((a, b) => a[2] - b[2] || a[3] - b[3] || a[4] - b[4]));
  expect(unit.packKeys(99)).toEqual([]);
  // 30,000 points alone, the two small ones together, and 140,000 in stretches of 65,536.
  expect(unit.packKeys(0).map(([, , , tag, stretch]) => [tag, stretch])).toEqual([
    [0, 0],
    [1, 0],
    [7, 0],
    [7, 1],
    [7, 2],
  ]);
});

test('a stretch says where its points lie, on every level', () => {
  const dense = walk(3, 150_000, 1000);
  const built = unitOf(logged([dense, walk(5, 500), walk(6, 20)], 9000).map((points, seq) => recordOf(seq, points)));
  const unit = openUnit(built.unit);
  const packOf = packsBy(built);
  const expectRange = (range: object, points: readonly SamplePoint[]): void => {
    const { count, lowStep, highStep, lowWallTime, highWallTime } = bucketOf(points);
    expect(range).toMatchObject({ count, lowStep, highStep, lowWallTime, highWallTime });
  };
  for (let level = 0; level <= unit.levelsOf(3); level++) {
    const stretches = unit.stretches(3, level);
    expect(stretches.map(({ key }) => key)).toEqual(unit.keysOf(3, level));
    let from = 0;
    for (const stretch of stretches) {
      expect(stretch.from).toBe(from);
      expectRange(stretch, dense.slice(from, from + stretch.count));
      const rows =
        level === 0 ? readPackTag(packOf(stretch.key), 3)?.step.length : readBuckets(packOf(stretch.key), 3)?.count.reduce((a, b) => a + b);
      expect(rows).toBe(stretch.count);
      from += stretch.count;
    }
    expect(from).toBe(150_000);
  }
  expect(unit.stretches(3, 0)).toHaveLength(3);
  expect(unit.stretches(3, 1)).toHaveLength(3);
  expect(unit.stretches(3, 2)).toHaveLength(2);
  expectRange(unit.tagRange(3)!, dense);
  expectRange(unit.stretches(5, 1)[0]!, walk(5, 500));
  expect(unit.tagRange(6)).toBeUndefined();
  expect(unit.stretches(6, 0)).toEqual([]);
  expect(unit.stretches(3, 99)).toEqual([]);
});

describe('chunks that cannot be read', () => {
  const chunks = Array.from({ length: 6 }, (_, index) => walk(index % 2, 40, 40 * index));
  const records = chunks.map((points, index) => recordOf(20 + index, points));
  const spoiled = [1, 2, 3].map((index) => ({
    ...records[index]!,
    bytes: [flipped(records[1]!.bytes, 900), forged(records[2]!.bytes, (view) => view.setUint8(3, 77)), new ArrayBuffer(0)][index - 1]!,
  }));

  test('are listed, and left out; a unit reaches over them', () => {
    const built = unitOf([records[0]!, ...spoiled, records[4]!, spoiled[2]!]);
    const unit = openUnit({ ...built.unit });
    expect(unit.damaged).toEqual([21, 22, 23, 23]);
    expect(pointsOf(built, 0)).toEqual(placed(chunks, 20).filter(({ seq }) => seq === 20 || seq === 24));
    expect(unit.points).toBe(80);
  });

  test('leave an empty unit when there is nothing else', () => {
    const built = unitOf(spoiled);
    expect(built.packs).toEqual([]);
    const unit = openUnit(built.unit);
    expect(unit).toMatchObject({ unit: 21, throughSeq: 23, points: 0, levels: 0, damaged: [21, 22, 23] });
    expect(unit.tags).toHaveLength(0);
    expect(unit.keysOf(0, 0)).toEqual([]);
  });

  test('of the first version are those with a tag the run does not know; others are read', () => {
    const byName = (seq: number, tag: string): (typeof records)[number] => ({
      ...records[0]!,
      seq,
      bytes: forged(
        writeChunkV1({
          runId: 'run',
          seq,
          tags: [tag],
          tag: Uint16Array.of(0),
          step: Float64Array.of(5),
          epoch: Float64Array.of(0),
          wallTime: Float64Array.of(1),
          value: Float64Array.of(0.5),
        }),
        () => {},
      ),
    });
    const built = unitOf([byName(0, 'loss'), byName(1, 'nobody')], (name) => (name === 'loss' ? 12 : undefined));
    expect(built.unit.damaged).toEqual([1]);
    expect(pointsOf(built, 12)).toEqual([{ tag: 12, seq: 0, step: 5, epoch: 0, wallTime: 1, value: 0.5 }]);
  });
});

test('a damaged directory is refused', () => {
  const damage = expect.objectContaining({ name: 'LogError', code: 'bad-data' });
  const { unit } = unitOf([recordOf(0, [...walk(0, 130), ...walk(4, 3)])]);
  const { bytes } = unit;
  for (let length = 0; length < bytes.byteLength; length++)
    expect(() => openUnit({ ...unit, bytes: bytes.slice(0, length) })).toThrow(damage);
  for (let bit = 0; bit < bytes.byteLength * 8; bit++) expect(() => openUnit({ ...unit, bytes: flipped(bytes, bit) })).toThrow(damage);
  const later = forged(bytes, (view) => view.setUint8(3, 2));
  expect(() => openUnit({ ...unit, bytes: later })).toThrow(/directory.*version 2, this program reads version 1/);
});

describe('bytes a point, packs, levels, directory and summary included', () => {
  const run = (points: number, tags: number): Built =>
    unitOf(
      Array.from({ length: Math.ceil(points / 4096) }, (_, seq) =>
        recordOf(
          seq,
          Array.from({ length: 4096 }, (__, index) => {
            const row = 4096 * seq + index;
            const step = Math.floor(row / tags);
            return {
              tag: row % tags,
              step,
              epoch: Math.floor(step / 900),
              wallTime: (1_700_000_000_000 + 3 * step + (row % 2)) / 1000,
              value: Math.sin(row),
            };
          }),
        ),
      ),
    );

  test.each([
    { tags: 20, points: 250_000, most: 14 },
    { tags: 2000, points: 400_000, most: 18 },
    { tags: 10_000, points: 400_000, most: 17 },
  ])('$tags tags stay under $most', ({ tags, points, most }) => {
    const { unit, packs } = run(points, tags);
    expect(unit.totalBytes / unit.points).toBeLessThanOrEqual(most);
    // A chart of one tag reads little of others.
    const largest = Math.max(...packs.filter(({ level }) => level > 0 || tags > 256).map(({ bytes }) => bytes.byteLength));
    if (packs.length > 1) expect(largest).toBeLessThanOrEqual(64 * 1024);
    const listed = points / tags < 128 ? 0 : tags;
    expect(unit.bytes.byteLength).toBeLessThanOrEqual(300 + 8 * packs.length + tags + 10 * listed);
  });
});

test('building pauses at least once for each 65,536 points it packs or merges', () => {
  const records = logged([walk(0, 200_000)], 4096).map((points, seq) => recordOf(seq, points));
  const building = unitOf(records);
  expect(building.pauses).toBeGreaterThanOrEqual(2 * records.length + Math.floor(200_000 / 65_536));
  expect(building.packs.filter(({ level }) => level === 0).map(({ bytes }) => readPack(bytes).step.length)).toEqual([
    65_536, 65_536, 65_536, 3392,
  ]);
});
