import { expect, test } from 'vitest';
import { Bench, startedAt } from './reading-setup.ts';
import { expectShown } from './series-model.ts';
import type { ModelPoint } from './plain-model.ts';

/** Logs steps from one to another in all tags, 4,096 points or less a chunk, and compacts 8 MB of the journal at a time. */
async function logSteps(bench: Bench, tags: number, steps: number, chunksAUnit: number): Promise<void> {
  const names = Array.from({ length: tags }, (_, tag) => `tag ${tag}`);
  const stepsAChunk = Math.max(1, Math.floor(4096 / tags));
  let seq = 0;
  for (let from = 0; from < steps; from += stepsAChunk, seq++) {
    const rows = Math.min(stepsAChunk, steps - from) * tags;
    const stepOf = (row: number): number => from + Math.floor(row / tags);
    await bench.appendColumns({
      seq,
      tags: names,
      tag: Uint32Array.from({ length: rows }, (_, row) => row % tags),
      step: Float64Array.from({ length: rows }, (_, row) => stepOf(row)),
      epoch: new Float64Array(rows),
      wallTime: Float64Array.from({ length: rows }, (_, row) => startedAt + stepOf(row) / 100),
      value: Float64Array.from({ length: rows }, (_, row) => valueAt(row % tags, stepOf(row))),
    });
    if ((seq + 1) % chunksAUnit === 0) await bench.compact();
  }
  await bench.compact();
}

function valueAt(tag: number, step: number): number {
  return Math.sin(step / 1000 + tag) + (step % 7) / 100;
}

function pointAt(tag: number, step: number): ModelPoint {
  return { tag: `tag ${tag}`, step, epoch: 0, wallTime: startedAt + step / 100, value: valueAt(tag, step) };
}

test('twenty charts of a long run read less than a hundredth of it; one of them little of what the others need', async () => {
  const bench = await new Bench().create();
  await logSteps(bench, 20, 25_000, 75);
  const stored = await bench.storedBytes();
  const read = async (tags: number, maxPoints: number): Promise<number> => {
    bench.backend.reset();
    const all = await Promise.all(Array.from({ length: tags }, (_, tag) => bench.series.series('a', `tag ${tag}`, { maxPoints })));
    for (const series of all) {
      if (series.kind !== 'buckets') throw new Error('too many points for points');
      expect(series.count.length).toBeGreaterThanOrEqual(maxPoints / 2);
    }
    expect(bench.backend.reads).toBe(1);
    return bench.backend.allBytes;
  };
  expect(await read(20, 45)).toBeLessThan(stored / 100);
  expect(await read(1, 700)).toBeLessThan((await read(20, 700)) / 5);
});

test('a window reads only the packs it needs, and the points only at its edges', async () => {
  const bench = await new Bench().create();
  await logSteps(bench, 1, 300_000, 50);
  const stored = await bench.storedBytes();
  const read = async (from: number, to: number, maxPoints: number): Promise<number> => {
    bench.backend.reset();
    const series = await bench.series.series('a', 'tag 0', { from, to, maxPoints });
    const points = Array.from({ length: to - from + 1 }, (_, i) => pointAt(0, from + i));
    expectShown(series, points, maxPoints);
    return bench.backend.allBytes;
  };
  // Of five packs of 65,536 points or less: one that holds the window, and none where no edge is cut.
  expect(await read(140_000, 140_500, 1000)).toBeLessThan(stored / 4);
  expect(await read(0, 299_999, 300)).toBeLessThan(stored / 100);
  expect(await read(100_001, 199_990, 1000)).toBeLessThan(stored / 2);
});

test('one of ten thousand tags is read without most of the others', async () => {
  const bench = await new Bench().create();
  await logSteps(bench, 10_000, 40, 60);
  const stored = await bench.storedBytes();
  const series = await bench.series.series('a', 'tag 4321', {});
  expectShown(
    series,
    Array.from({ length: 40 }, (_, step) => pointAt(4321, step)),
  );
  expect(bench.backend.allBytes).toBeLessThan(stored / 50);
});

test('what was counted once is not read again; counts alone need no summaries', async () => {
  const bench = await new Bench().create();
  await logSteps(bench, 50, 4000, 20);
  const { summaries, backend } = bench;
  const readFor = async (counts: Promise<readonly { readonly count: number }[]>): Promise<readonly unknown[]> => {
    const tags = await counts;
    const { units = 0, summaries: read = 0, packs = 0, journal = 0 } = backend.records;
    backend.reset();
    return [tags.length, tags[7]?.count, { units, summaries: read, packs, journal }];
  };
  const none = { units: 0, summaries: 0, packs: 0, journal: 0 };
  expect(await readFor(summaries.tags('a'))).toEqual([50, 4000, { ...none, units: 3 }]);
  expect(await readFor(summaries.summary('a'))).toEqual([50, 4000, { ...none, units: 3, summaries: 3 }]);
  for (const ask of ['tags', 'summary'] as const) expect(await readFor(summaries[ask]('a'))).toEqual([50, 4000, none]);
  const one = Float64Array.of(1);
  const more = { tags: ['tag 7'], tag: new Uint16Array(1), step: one, epoch: one, wallTime: one, value: one };
  for (let seq = 50; seq < 60; seq++) await bench.appendColumns({ seq, ...more });
  for (const ask of ['tags', 'summary'] as const) {
    expect(await readFor(summaries[ask]('a'))).toEqual([50, 4010, { ...none, journal: 10 }]);
    expect(await readFor(summaries[ask]('a'))).toEqual([50, 4010, none]);
  }
  await bench.compact(4);
  backend.reset();
  expect(await readFor(summaries.tags('a'))).toEqual([50, 4010, { ...none, units: 1, journal: 6 }]);
  expect(await readFor(summaries.summary('a'))).toEqual([50, 4010, { ...none, units: 1, summaries: 1, journal: 6 }]);
});
