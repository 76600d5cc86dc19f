import { LogError } from '../core/errors.ts';
import { type Buckets, mergeBucketsInto, mergePointsInto, newBuckets } from './bucket-columns.ts';
import { packBuckets } from './bucket-pack.ts';
import { countTagsInto, groupsOf } from './group-points.ts';
import { openChunk } from './pack.ts';
import { type PackPoints, packPoints } from './point-pack.ts';
import type { NumberOf, OpenedChunk } from './points.ts';
import type { JournalRecord, PackRecord, SummaryRecord, UnitRecord } from './schema.ts';
import { packSummary, summaryOf } from './summary-pack.ts';
import { bucketSize, bucketsPerStretch, leastPoints, packUnit, pointsPerStretch, type RangeTable } from './unit-directory.ts';

/** A stretch of a run's journal that becomes one unit. */
export interface UnitInput {
  readonly runId: string;
  /** The number of the first chunk. */
  readonly unit: number;
  /** The chunks in their order, at least one, all of one generation. */
  readonly records: readonly JournalRecord[];
  readonly numberOf: NumberOf;
}

/** What is written beside the packs of a unit. */
export interface BuiltUnit {
  readonly unit: UnitRecord;
  readonly summary: SummaryRecord;
}

/** Rows sorted by tag: points, or the buckets of one level. */
interface Level<Columns> {
  readonly tags: Uint32Array;
  readonly counts: Uint32Array;
  readonly columns: Columns;
}

// Packs of several tags have about this many rows, so that who reads one tag reads little else: about 256 kB of points, 32 kB
// where there are many tags, 32 kB of buckets.
const pointsTogether = 21_000;
const manyTags = 256;
const pointsTogetherOfMany = 2700;
const bucketsTogether = 640;

// Buckets between two pauses: about a millisecond.
const pauseRows = 1024;

/**
 * Turns a stretch of the journal into packs. Gives each pack when it is ready and undefined where the caller may pause, a few
 * milliseconds of work apart; in the end what goes with the packs. Chunks that cannot be read are listed, and left out.
 */
export function* buildUnit({ runId, unit, records, numberOf }: UnitInput): Generator<PackRecord | undefined, BuiltUnit, undefined> {
  const chunks: ReadChunk[] = [];
  const damaged: number[] = [];
  for (const { seq, bytes } of records) {
    try {
      const chunk = openChunk(bytes);
      chunks.push({ seq, chunk, tag: chunk.tags(numberOf) });
    } catch (thrown) {
      if (!(thrown instanceof LogError)) throw thrown;
      damaged.push(seq);
    }
    yield undefined;
  }
  const points = yield* sortByTag(chunks);
  const { tags, counts, columns } = points;
  const levels = yield* pyramid(points);

  const packs: Record<'level' | 'firstTag' | 'stretch', number[]> = { level: [], firstTag: [], stretch: [] };
  let totalBytes = 0;
  const made = (level: number, { tags: [firstTag = 0], stretch }: PackRows, bytes: ArrayBuffer): PackRecord => {
    packs.level.push(level);
    packs.firstTag.push(firstTag);
    packs.stretch.push(stretch);
    totalBytes += bytes.byteLength;
    return { runId, unit, level, firstTag, stretch, bytes };
  };
  const together = tags.length > manyTags ? pointsTogetherOfMany : pointsTogether;
  for (const rows of packRows(points, together, pointsPerStretch)) {
    yield made(0, rows, packPoints(rows.tags, rows.counts, rowsFrom(columns, rows)));
  }
  for (const [index, level] of levels.entries()) {
    for (const rows of packRows(level, bucketsTogether, bucketsPerStretch)) {
      yield made(index + 1, rows, packBuckets(rows.tags, rows.counts, rowsFrom(level.columns, rows)));
    }
  }

  const { wholes, ranges } = yield* sumUp(points, levels[0]?.columns);
  const summary = { runId, unit, bytes: packSummary(summaryOf(tags, counts, wholes, columns.epoch)) };
  const table = {
    level: Uint32Array.from(packs.level),
    firstTag: Uint32Array.from(packs.firstTag),
    stretch: Uint32Array.from(packs.stretch),
  };
  const bytes = packUnit(tags, counts, table, ranges);
  totalBytes += summary.bytes.byteLength + bytes.byteLength;
  const throughSeq = records.at(-1)?.seq ?? unit;
  return { unit: { runId, unit, throughSeq, points: columns.value.length, totalBytes, damaged, bytes }, summary };
}

interface ReadChunk {
  readonly seq: number;
  readonly chunk: OpenedChunk;
  readonly tag: Uint32Array;
}

function* sortByTag(chunks: readonly ReadChunk[]): Generator<undefined, Level<PackPoints>, undefined> {
  let all: Uint32Array = new Uint32Array(0);
  for (const { tag } of chunks) {
    all = countTagsInto(all, tag);
    yield undefined;
  }
  const { tags, counts, starts: next } = groupsOf(all);
  const total = sumOf(counts);
  const column = (): Float64Array => new Float64Array(total);
  const columns = { step: column(), epoch: column(), wallTime: column(), value: column(), seq: column() };
  yield undefined;
  for (const { seq, chunk, tag } of chunks) {
    const { step, epoch, wallTime, value } = chunk.columns();
    for (let from = 0; from < tag.length; from++) {
      const number = tag[from] as number;
      const row = next[number] as number;
      next[number] = row + 1;
      columns.step[row] = step[from] as number;
      columns.epoch[row] = epoch[from] as number;
      columns.wallTime[row] = wallTime[from] as number;
      columns.value[row] = value[from] as number;
      columns.seq[row] = seq;
    }
    yield undefined;
  }
  return { tags, counts, columns };
}

/** The levels of buckets from 1 up: each tag goes on until it has one bucket. */
function* pyramid({ tags, counts, columns }: Level<PackPoints>): Generator<undefined, readonly Level<Buckets>[], undefined> {
  const levels: Level<Buckets>[] = [];
  // Where the rows of each tag are on the level below.
  let members: { readonly tag: number; readonly from: number; readonly rows: number }[] = [];
  let points = 0;
  tags.forEach((tag, index) => {
    const rows = counts[index] as number;
    if (rows >= leastPoints) members.push({ tag, from: points, rows });
    points += rows;
  });
  let below: Buckets | undefined;
  while (members.length > 0) {
    const size = below === undefined ? bucketSize(1) : 2;
    const bucketCounts = Uint32Array.from(members, ({ rows }) => Math.ceil(rows / size));
    const buckets = newBuckets(sumOf(bucketCounts));
    const above: typeof members = [];
    let row = 0;
    for (const { tag, from, rows } of members) {
      const first = row;
      for (let start = 0; start < rows; start += size) {
        const end = from + Math.min(rows, start + size);
        if (below === undefined) mergePointsInto(buckets, row, columns, from + start, end);
        else mergeBucketsInto(buckets, row, below, from + start, end);
        row += 1;
        if (row % pauseRows === 0) yield undefined;
      }
      if (row > first + 1) above.push({ tag, from: first, rows: row - first });
    }
    levels.push({ tags: Uint32Array.from(members, ({ tag }) => tag), counts: bucketCounts, columns: buckets });
    members = above;
    below = buckets;
  }
  return levels;
}

/** Merges all of each tag to one bucket, and says where the points of the larger ones lie. */
function* sumUp(
  points: Level<PackPoints>,
  buckets: Buckets | undefined,
): Generator<undefined, { wholes: Buckets; ranges: RangeTable }, undefined> {
  const { tags, counts, columns } = points;
  const wholes = newBuckets(tags.length);
  const listed: number[] = [];
  tags.forEach((tag, index) => {
    const count = counts[index] as number;
    for (let from = 0; count >= leastPoints && from < count; from += pointsPerStretch) listed.push(tag);
  });
  const ranges = newBuckets(listed.length);
  const size = bucketSize(1);
  let from = 0;
  let bucket = 0;
  let row = 0;
  for (const [index, count] of counts.entries()) {
    if (buckets === undefined || count < leastPoints) mergePointsInto(wholes, index, columns, from, from + count);
    else {
      const end = bucket + Math.ceil(count / size);
      mergeBucketsInto(wholes, index, buckets, bucket, end);
      for (; bucket < end; bucket += pointsPerStretch / size) {
        mergeBucketsInto(ranges, row++, buckets, bucket, Math.min(end, bucket + pointsPerStretch / size));
      }
      bucket = end;
    }
    from += count;
    if (index % pauseRows === 0) yield undefined;
  }
  return { wholes, ranges: { ...ranges, tag: Float64Array.from(listed) } };
}

/** The rows of one pack. */
interface PackRows {
  readonly tags: Uint32Array;
  /** For each tag its rows in this pack. */
  readonly counts: Uint32Array;
  /** Counts up where one tag fills several packs. */
  readonly stretch: number;
  readonly from: number;
  readonly end: number;
}

/** Puts tags together up to so many rows; a tag with more has packs of its own, each of `most` rows but the last. */
function* packRows({ tags, counts }: Level<unknown>, together: number, most: number): Generator<PackRows, void, undefined> {
  let from = 0;
  let index = 0;
  while (index < tags.length) {
    const first = index;
    let rows = counts[index++] as number;
    if (rows > together) {
      for (let row = 0; row < rows; row += most) {
        const end = Math.min(rows, row + most);
        yield {
          tags: tags.subarray(first, index),
          counts: Uint32Array.of(end - row),
          stretch: row / most,
          from: from + row,
          end: from + end,
        };
      }
    } else {
      while (index < tags.length && rows + (counts[index] as number) <= together) rows += counts[index++] as number;
      yield { tags: tags.subarray(first, index), counts: counts.subarray(first, index), stretch: 0, from, end: from + rows };
    }
    from += rows;
  }
}

function rowsFrom<Columns extends PackPoints | Buckets>(columns: Columns, { from, end }: PackRows): Columns {
  // The same columns, fewer rows.
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, (column as Float64Array).subarray(from, end)]),
  ) as unknown as Columns;
}

function sumOf(counts: Uint32Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
