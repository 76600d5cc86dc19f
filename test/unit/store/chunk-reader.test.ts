import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ScalarChunk } from '../../../src/store/metric-store.ts';
import { byTag, type ModelPoint, toPoints } from './plain-model.ts';
import { Bench, collect, startedAt } from './reading-setup.ts';

const numRuns = Number(process.env['TABTRAIN_PROPERTY_RUNS'] ?? 100);

const point: fc.Arbitrary<ModelPoint> = fc.record({
  tag: fc.constantFrom('x', 'y', 'z'),
  step: fc.nat(40),
  epoch: fc.nat(2),
  wallTime: fc.nat(1000).map((ms) => startedAt + ms / 1000),
  value: fc.oneof(fc.integer(), fc.constant(NaN)),
});
// Many small chunks, so that a run takes several reads.
const chunks = fc.array(fc.array(point, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 15 });
const act = fc.oneof(
  { weight: 4, arbitrary: chunks.map((list) => ({ kind: 'append' as const, list })) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 40 }).map((most) => ({ kind: 'compact' as const, most })) },
  { weight: 1, arbitrary: fc.option(fc.nat(40), { nil: undefined }).map((fromStep) => ({ kind: 'resume' as const, fromStep })) },
  { weight: 1, arbitrary: fc.constant({ kind: 'bring back' as const }) },
);
type Act = typeof act extends fc.Arbitrary<infer One> ? One : never;

async function perform(bench: Bench, one: Act): Promise<void> {
  if (one.kind === 'append') for (const points of one.list) await bench.append(points);
  else if (one.kind === 'compact') await bench.compact(one.most);
  else if (one.kind === 'resume') await bench.resume(one.fromStep);
  else await bench.bringBack();
}

const one = (seq: number, tag = 'x'): ModelPoint => ({ tag, step: seq, epoch: 0, wallTime: startedAt + seq, value: seq });

test('chunks() gives what was there when it was called, each point once, whatever happens to the run while it is read', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 1, maxLength: 12 }),
      fc.array(fc.tuple(act, fc.nat(20)), { maxLength: 12 }),
      fc.nat(12),
      async (before, meanwhile, fromSeq) => {
        const bench = await new Bench().create();
        for (const first of before) await perform(bench, first);
        const expected = byTag(bench.model.visible(fromSeq));
        const read: ScalarChunk[] = [];
        const iterator = bench.chunks.chunks('a', fromSeq)[Symbol.asyncIterator]();
        const next = async (): Promise<boolean> => {
          const { value, done } = await iterator.next();
          if (done !== true) read.push(value);
          return done === true;
        };
        let isDone = await next();
        for (const [then, pieces] of meanwhile) {
          await perform(bench, then);
          for (let piece = 0; piece < pieces && !isDone; piece++) isDone = await next();
        }
        while (!isDone) isDone = await next();
        expect(byTag(read.flatMap(toPoints))).toEqual(expected);
        // Their numbers rise, and stay within what was asked.
        const seqs = read.map(({ seq }) => seq);
        expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
        for (const chunk of read) {
          expect(chunk.seq).toBeGreaterThanOrEqual(fromSeq);
          expect(new Set(chunk.tag).size).toBe(chunk.tags.length);
        }
        expect(bench.damage).toEqual([]);
      },
    ),
    { numRuns },
  );
}, 600_000);

test('a follower gets every chunk as it was appended, from packs and from the journal', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), fc.nat(8), async (acts, fromSeq) => {
      const bench = await new Bench().create();
      for (const then of acts) await perform(bench, then);
      const heard: ScalarChunk[] = [];
      let next = fromSeq;
      for (;;) {
        const batch = await bench.chunks.chunkBatch('a', next);
        heard.push(...batch.items);
        if (batch.next === next) break;
        next = batch.next;
      }
      expect(next).toBe(Math.max(fromSeq, bench.model.chunks.length));
      const visible = bench.model.visible(fromSeq);
      expect(heard.map(({ seq }) => seq)).toEqual([...new Set(visible.map(({ seq }) => seq))]);
      for (const chunk of heard) {
        expect(byTag(toPoints(chunk))).toEqual(byTag(visible.filter(({ seq }) => seq === chunk.seq)));
        expect(chunk.value.buffer.byteLength).toBe(8 * chunk.value.length);
      }
    }),
    { numRuns },
  );
}, 600_000);

test('a long run is read about a megabyte at a time', async () => {
  const bench = await new Bench().create();
  const rows = 4096;
  for (let seq = 0; seq < 120; seq++) {
    const step = Float64Array.from({ length: rows }, (_, row) => seq * rows + row);
    const tag = Uint16Array.from({ length: rows }, (_, row) => row % 2);
    await bench.appendColumns({
      seq,
      tags: ['x', 'y'],
      tag,
      step,
      epoch: new Float64Array(rows),
      wallTime: step,
      value: step.map(Math.sqrt),
    });
  }
  for (const isPacked of [false, true]) {
    if (isPacked) await bench.compact(100);
    bench.backend.reset();
    let largest = 0;
    let count = 0;
    for await (const { step } of bench.chunks.chunks('a', 0)) {
      count += step.length;
      // In the beginning one read is ahead of the one that is given out.
      largest = Math.max(largest, bench.backend.allBytes);
      bench.backend.reset();
    }
    expect(count).toBe(120 * rows);
    expect(largest).toBeLessThan(2_200_000);
  }
});

test('what could not be saved comes last, and not twice when it has been saved meanwhile', async () => {
  const bench = await new Bench('unsaved').create();
  await bench.append([one(0)]);
  await bench.append([one(1)]);
  const columns = {
    tags: ['x'],
    tag: new Uint16Array(1),
    step: Float64Array.of(9),
    epoch: Float64Array.of(0),
    wallTime: Float64Array.of(9),
  };
  const undo = bench.unsaved.offer('a', () => [1, 2, 3].map((seq) => ({ seq, ...columns, value: Float64Array.of(seq) })));
  const values = async (fromSeq: number): Promise<readonly number[]> =>
    (await collect(bench.chunks.chunks('a', fromSeq))).flatMap(({ value }) => [...value]);
  expect(await values(0)).toEqual([0, 1, 2, 3]);
  expect(await values(3)).toEqual([3]);
  undo();
  expect(await values(0)).toEqual([0, 1]);
});

test('a deleted run is read on until it is purged; a reader that comes later finds none', async () => {
  const bench = await new Bench().create();
  for (let seq = 0; seq < 600; seq++) await bench.append([one(seq)]);
  const start = async (): Promise<AsyncIterator<ScalarChunk>> => {
    const iterator = bench.chunks.chunks('a', 0)[Symbol.asyncIterator]();
    await iterator.next();
    return iterator;
  };
  const rest = async (iterator: AsyncIterator<ScalarChunk>): Promise<number> => {
    let count = 1;
    while ((await iterator.next()).done !== true) count += 1;
    return count;
  };
  const [first, second] = [await start(), await start()];
  await bench.catalog.markDeleted('a', 1);
  expect(await rest(first)).toBe(600);
  expect(await collect(bench.chunks.chunks('a', 0))).toEqual([]);
  expect(await bench.chunks.chunkBatch('a', 0)).toEqual({ items: [], next: 0 });
  expect(await collect(bench.chunks.chunks('nobody', 0))).toEqual([]);
  const record = await bench.backend.read(['runs'], (tx) => tx.get('runs', 'a'));
  if (record === undefined) throw new Error('the run is there until it is purged');
  await bench.backend.write(['runs'], (tx) => tx.put('runs', { ...record, isPurging: true }));
  // Half a run must not pass for a whole one.
  await expect(rest(second)).rejects.toMatchObject({ code: 'run-not-found' });
});
