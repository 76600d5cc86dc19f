import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inLogOrder } from '../../../src/export/log-order.ts';
import type { ScalarChunk } from '../../../src/store/metric-store.ts';

interface Row {
  readonly tag: string;
  readonly step: number;
  readonly wallTime: number;
  readonly value: number;
}

function chunkOf(seq: number, rows: readonly Row[]): ScalarChunk {
  const tags = [...new Set(rows.map(({ tag }) => tag))];
  return {
    runId: 'a',
    seq,
    tags,
    tag: Uint16Array.from(rows, ({ tag }) => tags.indexOf(tag)),
    step: Float64Array.from(rows, ({ step }) => step),
    epoch: Float64Array.from(rows, ({ step }) => step + 1),
    wallTime: Float64Array.from(rows, ({ wallTime }) => wallTime),
    value: Float64Array.from(rows, ({ value }) => value),
  };
}

async function* from(chunks: readonly ScalarChunk[]): AsyncGenerator<ScalarChunk> {
  yield* chunks;
}

async function rowsOf(chunks: AsyncIterable<ScalarChunk>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { tags, tag, step, epoch, wallTime, value } of chunks) {
    for (let i = 0; i < tag.length; i++) {
      expect(epoch[i]).toBe(step[i]! + 1);
      rows.push({ tag: tags[tag[i]!]!, step: step[i]!, wallTime: wallTime[i]!, value: value[i]! });
    }
  }
  return rows;
}

/** As the store hands over a compacted stretch: by tag, several tags or a part of one in a piece. */
function compacted(seq: number, rows: readonly Row[], pieces: readonly number[]): ScalarChunk[] {
  const tags = [...new Set(rows.map(({ tag }) => tag))];
  const sorted = tags.flatMap((tag) => rows.filter((row) => row.tag === tag));
  const ends = [...new Set(pieces.map((share) => Math.floor(share * sorted.length)).concat(sorted.length))].sort((a, b) => a - b);
  return ends.map((end, i) => chunkOf(seq, sorted.slice(ends[i - 1] ?? 0, end))).filter(({ step }) => step.length > 0);
}

test('what was compacted comes back in the order in which it was logged', async () => {
  // Each step logs some of the tags in one row; a clock may stand still for several steps.
  const steps = fc.array(fc.record({ tags: fc.subarray(['a', 'b', 'c', 'd'], { minLength: 1 }), pause: fc.nat(2) }), {
    minLength: 1,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
      fc.nat(30),
      async (logged, pieces, cut) => {
        // All four at first, so that the order of the tags is known.
        let wallTime = 100;
        const rows = [{ tags: ['a', 'b', 'c', 'd'], pause: 0 }, ...logged].flatMap(({ tags, pause }, step) => {
          wallTime += pause;
          return tags.map((tag, i) => ({ tag, step, wallTime, value: step * 10 + i }));
        });
        const stretches = [rows.slice(0, cut), rows.slice(cut)].filter(({ length }) => length > 0);
        // The last stretch is not compacted yet.
        const chunks = stretches.flatMap((stretch, i) => (i === 0 ? compacted(7, stretch, pieces) : [chunkOf(8, stretch)]));
        expect(await rowsOf(inLogOrder(from(chunks)))).toEqual(rows);
      },
    ),
    { numRuns: 100 },
  );
});

test('whatever the wall times, no point is lost and each tag keeps its order', async () => {
  const row = fc.record({
    tag: fc.constantFrom('a', 'b', 'c'),
    step: fc.constantFrom(0, 1, 2, Number.NaN),
    wallTime: fc.constantFrom(1, 2, 3, Number.NaN, Infinity, -Infinity),
    value: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
      const mixed = await rowsOf(inLogOrder(from(compacted(0, rows, [0.3, 0.6]))));
      for (const tag of ['a', 'b', 'c']) expect(mixed.filter((one) => one.tag === tag)).toEqual(rows.filter((one) => one.tag === tag));
      expect(mixed).toHaveLength(rows.length);
    }),
    { numRuns: 100 },
  );
});

test('chunks that were never compacted are handed on untouched, though their wall times fall', async () => {
  const rows = [3, 1, 2].flatMap((wallTime, step) => ['x', 'y'].map((tag) => ({ tag, step, wallTime, value: 0 })));
  const chunks = [chunkOf(0, rows), chunkOf(1, rows)];
  const handed: ScalarChunk[] = [];
  for await (const chunk of inLogOrder(from(chunks))) handed.push(chunk);
  expect(handed).toEqual(chunks);
  expect(handed[0]).toBe(chunks[0]);
});

test('a long stretch comes in pieces of a bounded size', async () => {
  const rows = ['x', 'y'].flatMap((tag) => Array.from({ length: 50_000 }, (_, step) => ({ tag, step, wallTime: step, value: step })));
  const sizes: number[] = [];
  for await (const { step } of inLogOrder(from(compacted(0, rows, [0.5])))) sizes.push(step.length);
  expect(sizes).toEqual([65_536, 100_000 - 65_536]);
});
