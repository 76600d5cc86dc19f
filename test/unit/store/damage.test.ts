import { expect, test } from 'vitest';
import type { PackRecord, StoreName } from '../../../src/store/schema.ts';
import type { RecordOf } from '../../../src/store/store-backend.ts';
import { byTag, type ModelPoint, toPoints } from './plain-model.ts';
import { Bench, collect, startedAt } from './reading-setup.ts';
import { expectShown } from './series-model.ts';

// Ten chunks of a dense and a rare tag: two units of four chunks, and two chunks in the journal.
async function damagedRun(): Promise<Bench> {
  const bench = await new Bench().create();
  for (let seq = 0; seq < 10; seq++) {
    const points: ModelPoint[] = Array.from({ length: 60 }, (_, i) => ({
      tag: i % 20 === 7 ? 'rare' : 'dense',
      step: seq * 60 + i,
      epoch: 0,
      wallTime: startedAt + seq * 60 + i,
      value: (i * 7) % 11,
    }));
    await bench.append(points);
    if (seq % 4 === 3) await bench.compact();
  }
  return bench;
}

/** Changes the records of an object store; undefined deletes one. */
async function change<Name extends StoreName>(
  bench: Bench,
  store: Name,
  to: (record: RecordOf<Name>) => RecordOf<Name> | 'gone',
): Promise<void> {
  await bench.backend.write([store], async (tx) => {
    for (const record of await tx.getAll(store)) {
      const changed = to(record);
      if (changed !== 'gone') await tx.put(store, changed);
      else if (store === 'packs') {
        const { runId, unit, level, firstTag, stretch } = record as PackRecord;
        await tx.delete(store, [runId, unit, level, firstTag, stretch]);
      } else {
        const { runId, unit } = record as unknown as { readonly runId: string; readonly unit: number };
        await tx.delete(store, [runId, unit]);
      }
    }
  });
}

const cut = <Rec extends { readonly bytes: ArrayBuffer }>(record: Rec): Rec => ({
  ...record,
  bytes: record.bytes.slice(0, record.bytes.byteLength - 8),
});
const altered = <Rec extends { readonly bytes: ArrayBuffer }>(record: Rec): Rec => {
  const bytes = record.bytes.slice(0);
  new Uint8Array(bytes)[bytes.byteLength - 8]! ^= 1;
  return { ...record, bytes };
};
const ofTheFuture = <Rec extends { readonly bytes: ArrayBuffer }>(record: Rec): Rec => {
  const bytes = record.bytes.slice(0);
  new Uint8Array(bytes)[3] = 77;
  return { ...record, bytes };
};
const harms = [
  ['cut', cut],
  ['altered', altered],
  ['of a later version', ofTheFuture],
  ['gone', (): 'gone' => 'gone'],
] as const;

/** Fails unless every way of reading gives the points of just these chunks. */
async function expectChunks(bench: Bench, isThere: (seq: number) => boolean): Promise<void> {
  const there = bench.model.visible().filter(({ seq }) => isThere(seq));
  const expected = byTag(there);
  expect(byTag((await collect(bench.chunks.chunks('a', 0))).flatMap(toPoints))).toEqual(expected);
  for (const tag of ['dense', 'rare']) {
    expectShown(await bench.series.series('a', tag, {}), expected[tag] ?? []);
    for (const maxPoints of [2, 20, 100]) {
      expectShown(await bench.series.series('a', tag, { maxPoints }), expected[tag] ?? [], maxPoints);
      const within = (expected[tag] ?? []).filter(({ step }) => step >= 100 && step <= 500);
      expectShown(await bench.series.series('a', tag, { maxPoints, from: 100, to: 500 }), within, maxPoints);
    }
  }
  const followed: number[] = [];
  for (let next = 0; ;) {
    const batch = await bench.chunks.chunkBatch('a', next);
    followed.push(...batch.items.map(({ seq }) => seq));
    if (batch.next === next) break;
    next = batch.next;
  }
  expect(followed).toEqual([...new Set(there.map(({ seq }) => seq))]);
}

async function expectCounts(bench: Bench, isThere: (seq: number) => boolean): Promise<void> {
  const expected = byTag(bench.model.visible().filter(({ seq }) => isThere(seq)));
  const counts = Object.fromEntries(Object.entries(expected).map(([tag, points]) => [tag, points.length]));
  for (const tags of [await bench.summaries.tags('a'), await bench.summaries.summary('a')]) {
    expect(Object.fromEntries(tags.map(({ tag, count }) => [tag, count]))).toEqual(counts);
  }
}

for (const [kind, harm] of harms) {
  test(`buckets ${kind}: the points are read instead`, async () => {
    const bench = await damagedRun();
    await change(bench, 'packs', (pack) => (pack.level > 0 && pack.unit === 4 ? harm(pack) : pack));
    await expectChunks(bench, () => true);
    await expectCounts(bench, () => true);
    expect(bench.damage.length).toBeGreaterThan(0);
    expect(bench.damage.every((place) => /^pack 4\/\d\/\d\/0 of run 'a'$/.test(place))).toBe(true);
  });

  test(`points ${kind}: the rest is read, and the loss reported`, async () => {
    const bench = await damagedRun();
    await change(bench, 'packs', (pack) => (pack.unit === 0 ? harm(pack) : pack));
    await expectChunks(bench, (seq) => seq >= 4);
    expect(bench.damage).toContain(`pack 0/0/0/0 of run 'a'`);
  });

  test(`a summary ${kind}: the points are counted instead`, async () => {
    const bench = await damagedRun();
    await change(bench, 'summaries', (summary) => (summary.unit === 4 ? harm(summary) : summary));
    await expectCounts(bench, () => true);
    await expectChunks(bench, () => true);
    expect(bench.damage).toEqual([`the summary of chunks 4 to 7 of run 'a'`]);
  });
}

for (const [kind, harm] of harms.slice(0, 3)) {
  test(`a directory ${kind}: its packs are found by their keys`, async () => {
    const bench = await damagedRun();
    await change(bench, 'units', (unit) => (unit.unit === 0 ? harm(unit) : unit));
    await expectChunks(bench, () => true);
    await expectCounts(bench, () => true);
    expect(new Set(bench.damage)).toEqual(new Set([`the directory of chunks 0 to 3 of run 'a'`]));
  });

  test(`a chunk of the journal ${kind}: the others are read`, async () => {
    const bench = await damagedRun();
    await change(bench, 'journal', (record) => (record.seq === 8 ? (harm(record) as typeof record) : record));
    await expectChunks(bench, (seq) => seq !== 8);
    await expectCounts(bench, (seq) => seq !== 8);
    expect(new Set(bench.damage)).toEqual(new Set([`chunk 8 of run 'a'`]));
    // When the others are compacted it is left out, and still reported.
    await bench.compact();
    bench.damage.length = 0;
    await expectChunks(bench, (seq) => seq !== 8);
    await expectCounts(bench, (seq) => seq !== 8);
    expect(new Set(bench.damage)).toEqual(new Set([`chunk 8 of run 'a'`]));
  });
}

test('a unit that is missing between two others is reported, as are chunks missing in the journal', async () => {
  const bench = await damagedRun();
  await change(bench, 'units', (unit) => (unit.unit === 0 ? 'gone' : unit));
  await bench.backend.write(['journal'], (tx) => tx.delete('journal', ['a', 8]));
  await expectChunks(bench, (seq) => seq >= 4 && seq !== 8);
  await expectCounts(bench, (seq) => seq >= 4 && seq !== 8);
  expect(new Set(bench.damage)).toEqual(new Set([`chunks 0 to 3 of run 'a'`, `chunk 8 of run 'a'`]));
  await change(bench, 'units', (unit) => ({ ...unit, throughSeq: 99 }));
  bench.damage.length = 0;
  await expectChunks(bench, (seq) => seq > 8);
  expect(bench.damage).toContain(`chunks 0 to 7 of run 'a'`);
});

test('packs that hold other points than their directory lists are not believed', async () => {
  const bench = await damagedRun();
  const shorter = await new Bench().create();
  await shorter.append(Array.from({ length: 128 }, (_, step) => ({ tag: 'dense', step, epoch: 0, wallTime: startedAt, value: 1 })));
  await shorter.compact();
  const others = await shorter.backend.read(['packs'], (tx) => tx.getAll('packs'));
  const otherOf = (level: number): ArrayBuffer => others.find((pack) => pack.level === level)?.bytes ?? new ArrayBuffer();
  await change(bench, 'packs', (pack) => (pack.unit === 4 && pack.level === 1 ? { ...pack, bytes: otherOf(1) } : pack));
  const dense = bench.model.visible().filter(({ tag }) => tag === 'dense');
  expectShown(await bench.series.series('a', 'dense', { maxPoints: 10 }), dense, 10);
  expect(bench.damage).toEqual([`pack 4/1/0/0 of run 'a'`]);
  await change(bench, 'packs', (pack) => (pack.unit === 4 && pack.level === 0 ? { ...pack, bytes: otherOf(0) } : pack));
  expectShown(
    await bench.series.series('a', 'dense', {}),
    dense.filter(({ seq }) => seq < 4 || seq > 7),
  );
  expect(bench.damage).toContain(`pack 4/0/0/0 of run 'a'`);
});

test('a tag whose name is lost is left out and reported; what crashed compaction left behind is not seen', async () => {
  const bench = await damagedRun();
  await bench.backend.write(['tags', 'units', 'packs', 'summaries'], async (tx) => {
    await tx.delete('tags', ['a', 'dense']);
    for (const unit of await tx.getAll('units')) await tx.put('units', { ...unit, unit: unit.unit + 8, throughSeq: unit.throughSeq + 8 });
    for (const pack of await tx.getAll('packs')) await tx.put('packs', { ...pack, unit: pack.unit + 8 });
    for (const summary of await tx.getAll('summaries')) await tx.put('summaries', { ...summary, unit: summary.unit + 8 });
  });
  expect(await bench.summaries.tags('a')).toEqual([{ tag: 'rare', count: 30 }]);
  const rare = byTag(bench.model.visible())['rare'] ?? [];
  expect(byTag((await collect(bench.chunks.chunks('a', 0))).flatMap(toPoints))).toEqual({ rare });
  expectShown(await bench.series.series('a', 'rare', {}), rare);
  expect(await bench.series.series('a', 'dense', {})).toMatchObject({ throughSeq: 9, value: new Float64Array() });
  expect(new Set(bench.damage)).toEqual(new Set([`tag 0 of run 'a'`]));
});
