import { expect, test } from 'vitest';
import { createWarner, type Warning } from '../../../src/core/warnings.ts';
import { IdbBackend } from '../../../src/store/idb-backend.ts';
import { openIdbStore } from '../../../src/store/idb-store.ts';
import { deleteStore, type MetricStore, openStore } from '../../../src/store/index.ts';
import { schemaVersion } from '../../../src/store/schema.ts';
import { chunkOf } from '../../../src/testing/index.ts';
import { type DatabaseFixture, expectedPoints, fixtures, restoreFixture } from './fixture-database.ts';
import { readRecords } from './raw-database.ts';

const first = fixtures[0] as DatabaseFixture; // there is one
const named = fixtures.map((fixture) => [fixture.writtenBy, fixture] as const);

/** Restores a fixture, with nobody connected. */
async function restored(fixture: DatabaseFixture): Promise<string> {
  const name = crypto.randomUUID();
  (await restoreFixture(name, fixture)).close();
  return name;
}

async function pointsByChunks(store: MetricStore, runId: string): Promise<Map<string, (readonly number[])[]>> {
  const byTag = new Map<string, (readonly number[])[]>();
  for await (const chunk of store.chunks(runId)) {
    for (const [row, index] of chunk.tag.entries()) {
      const tag = chunk.tags[index] as string; // what `tag` means
      byTag.set(tag, [...(byTag.get(tag) ?? []), [chunk.step, chunk.epoch, chunk.wallTime, chunk.value].map((column) => column[row] ?? 0)]);
    }
  }
  return byTag;
}

/** Reads everything in every way, against what was logged. */
async function expectAll(store: MetricStore, fixture: DatabaseFixture): Promise<void> {
  expect(await store.runs()).toMatchObject(fixture.expected.runs);
  for (const run of fixture.expected.runs) {
    const runId = String(run['id']);
    const points = expectedPoints(fixture, runId);
    const counts = [...points].map(([tag, { length }]) => ({ tag, count: length }));
    expect(await store.tags(runId)).toMatchObject(counts);
    expect((await store.tags(runId)).length).toBe(counts.length);
    expect(await pointsByChunks(store, runId)).toEqual(points);
    for (const [tag, rows] of points) {
      const series = await store.series(runId, tag);
      expect(series).toMatchObject({ kind: 'points', runId, tag });
      const { step, wallTime, value } = series as Extract<typeof series, { kind: 'points' }>;
      expect(Array.from(value, (number, row) => [step[row], wallTime[row], number])).toEqual(rows.map(([s, , w, v]) => [s, w, v]));
    }
  }
}

test.each(named)('%s: all its runs and points are there, and the upgrade changes no record', async (_, fixture) => {
  const name = await restored(fixture);
  const damage: unknown[] = [];
  const store = await openStore(name, { onDamage: (error) => damage.push(error) });
  await expectAll(store, fixture);
  expect(damage).toEqual([]);
  await store.close();
  const again = await restored(fixture);
  for (const { name: objectStore } of fixture.stores) {
    expect(await readRecords(name, objectStore)).toEqual(await readRecords(again, objectStore));
  }
  await Promise.all([deleteStore(name), deleteStore(again)]);
});

test.each(named)('%s: its chunks are compacted without loss, and what is read stays the same', async (_, fixture) => {
  const name = await restored(fixture);
  const store = await openIdbStore(name, { maintenance: { smallRun: 1, smallTail: 1, unitChunks: 1 } });
  await store.maintain();
  expect((await readRecords(name, 'journal')).map((record) => record['runId'])).not.toContain('finished-run');
  expect((await readRecords(name, 'units')).length).toBeGreaterThan(0);
  await expectAll(store, fixture);
  await store.close();
  await deleteStore(name);
});

test('a run of an earlier program is continued: new points follow the old ones, and what they supersede can be brought back', async () => {
  const name = await restored(first);
  const store = await openStore(name);
  const lock = await store.lockRun('interrupted-run');
  const { nextSeq } = await store.resumeRun('interrupted-run', { fromStep: 15, at: 1_700_000_900 });
  expect(nextSeq).toBe(3);
  await store.append(
    chunkOf('interrupted-run', 3, [
      { tag: 'b', step: 15, value: -1 },
      { tag: 'new', step: 15, value: -2 },
    ]),
  );
  const before = expectedPoints(first, 'interrupted-run').get('b') ?? [];
  const kept = before.filter(([step = 0]) => step < 15);
  expect(kept.length).toBe(15);
  const values = async () => {
    const series = await store.series('interrupted-run', 'b');
    return series.kind === 'points' ? Array.from(series.value) : [];
  };
  expect(await values()).toEqual([...kept.map(([, , , value]) => value), -1]);
  expect((await store.tags('interrupted-run')).map(({ tag }) => tag)).toEqual(['a', 'b', 'c', 'new']);
  await store.bringBack('interrupted-run');
  expect(await values()).toEqual([...before.map(([, , , value]) => value), -1]);
  lock.release();
  await store.close();
  await deleteStore(name);
});

test('while an old tab holds the database, opening waits and says so once; it goes on when that tab lets go', async () => {
  const name = crypto.randomUUID();
  // Frozen: it does not hear that it should make way.
  const frozen = await restoreFixture(name, first);
  const warnings: Warning[] = [];
  const opening = openStore(name, { onWarning: (warning) => warnings.push(warning) });
  const late = openStore(name, { onWarning: () => {} });
  await expect.poll(() => warnings.map(({ text }) => text)).toEqual([expect.stringMatching(/waiting for another tab.*nothing is lost/)]);
  // The old program goes on meanwhile, on the old database.
  expect(await frozen.count('journal')).toBe(5);
  frozen.close();
  const store = await opening;
  await expectAll(store, first);
  expect(warnings.length).toBe(1);
  await store.close();
  await (await late).close();
  await deleteStore(name);
});

test('an old tab that makes way is no reason for a warning', async () => {
  const name = crypto.randomUUID();
  const old = await restoreFixture(name, first);
  old.addEventListener('versionchange', () => old.close());
  const warnings: Warning[] = [];
  const store = await openIdbStore(name, { warn: createWarner((warning) => warnings.push(warning)) });
  await expectAll(store, first);
  expect(warnings).toEqual([]);
  await store.close();
  await deleteStore(name);
});

test('an earlier program says that the database is newer, and touches nothing', async () => {
  const name = await restored(first);
  const store = await openStore(name);
  const records = await readRecords(name, 'journal');
  const earlier = new IdbBackend(name, { version: schemaVersion - 1 });
  await expect(earlier.open()).rejects.toMatchObject({ name: 'VersionError' });
  expect(await readRecords(name, 'journal')).toEqual(records);
  await expectAll(store, first);
  await store.close();
  await deleteStore(name);
});
