import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { archive } from '../../../src/export/index.ts';
import { importArchive } from '../../../src/import/index.ts';
import { startRun } from '../../../src/run/index.ts';
import { memoryStore, openStore } from '../../../src/store/index.ts';
import type { MetricStore } from '../../../src/store/metric-store.ts';
import { logSampleRuns, sampleIds } from '../../fixtures/archive/sample-runs.ts';
import { addPoints, addRun, startedAt } from '../export/sample-runs.ts';
import { snapshotOf, zipFile } from './snapshot.ts';

let stores = 0;
const newStore = (): MetricStore => memoryStore(`states-${++stores}`);
const there = (name: string): string => `Run “${name}” is here already. It was left as it is.`;
const older = (name: string): string => `Run “${name}” is here already, and has gone on since. It was left as it is.`;
const newer = (name: string, other: string): string => `Run “${name}” goes on where “${other}” ends, and holds all of it. Both are kept.`;
const differs = (name: string, other: string): string => `Run “${name}” is another state of “${other}”. Both are kept.`;

/** Logs steps `from` to `to` into a new run, or one that goes on. */
async function train(store: MetricStore, from: number, to: number, resume?: string): Promise<string> {
  const run = await startRun({ store, ...(resume === undefined ? { name: 'a' } : { resume }) });
  for (let step = from; step < to; step++) run.log({ loss: 1 / (step + 1) }, { step });
  run.logText('note', `up to ${to}`);
  await run.finish();
  return run.id;
}

/** Carries a run from one store to another. Resolves with what the import says. */
async function carry(
  from: MetricStore,
  to: MetricStore,
  id: string,
): Promise<{ readonly isNew: boolean; readonly notes: readonly string[] }> {
  const { runs, notes } = await importArchive(to, await zipFile(archive(from, [id])));
  return { isNew: runs[0]!.isNew, notes };
}

async function valuesOf(store: MetricStore, id: string): Promise<readonly number[]> {
  const values: number[] = [];
  for await (const { step } of store.chunks(id)) values.push(...step);
  return values;
}

test('what was trained at home comes back to school beside what was there, and the same again is not doubled', async () => {
  const [school, home] = [newStore(), newStore()];
  const id = await train(school, 0, 5);
  expect(await carry(school, home, id)).toEqual({ isNew: true, notes: [] });
  await train(home, 5, 10, id);
  // Bit for bit the same as the one that it was archived from.
  expect(await carry(home, home, id)).toEqual({ isNew: false, notes: [there('a')] });
  expect(await carry(home, school, id)).toEqual({ isNew: true, notes: [newer('a-2', 'a')] });
  const [, second] = (await school.runs()) as [unknown, { readonly id: string }];
  expect(await valuesOf(school, id)).toEqual([0, 1, 2, 3, 4]);
  expect(await valuesOf(school, second.id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(await carry(home, school, id)).toEqual({ isNew: false, notes: [there('a-2')] });
  // And once more: it goes on from the latest.
  await train(home, 10, 12, id);
  expect(await carry(home, school, id)).toEqual({ isNew: true, notes: [newer('a-3', 'a-2')] });
  expect(await school.runs()).toHaveLength(3);
});

test('an earlier state of what is here adds nothing', async () => {
  const [school, home] = [newStore(), newStore()];
  const id = await train(school, 0, 5);
  await carry(school, home, id);
  await train(home, 5, 10, id);
  const before = await snapshotOf(home, id);
  expect(await carry(school, home, id)).toEqual({ isNew: false, notes: [older('a')] });
  expect(await snapshotOf(home, id)).toEqual(before);
});

test('a deleted run that can still be had back is not replaced by an import of an earlier state of it', async () => {
  const [school, home] = [newStore(), newStore()];
  const id = await train(school, 0, 5);
  const zip = await zipFile(archive(school, [id]));
  await train(school, 5, 10, id);
  await school.deleteRun(id);
  const { runs } = await importArchive(school, zip);
  expect(runs[0]).toMatchObject({ isNew: true, archivedId: id });
  await school.restoreRun(id);
  expect(await valuesOf(school, id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(await valuesOf(school, runs[0]!.id)).toEqual([0, 1, 2, 3, 4]);
  // Where it was never, or can no longer be had back, it keeps its id.
  await importArchive(home, zip);
  await home.deleteRun(id);
  await home.maintain();
  expect((await importArchive(home, zip)).runs[0]).toMatchObject({ isNew: true, id });
});

test('a run that went on in two places, or began anew from a step, is kept in both states', async () => {
  const [school, home, other] = [newStore(), newStore(), newStore()];
  const id = await train(school, 0, 5);
  await carry(school, home, id);
  await carry(school, other, id);
  await train(home, 5, 10, id);
  await other.resumeRun(id, { at: startedAt + 5, fromStep: 2 });
  expect(await carry(other, school, id)).toEqual({ isNew: true, notes: [newer('a-2', 'a')] });
  expect(await carry(home, other, id)).toEqual({ isNew: true, notes: [differs('a-2', 'a')] });
});

test('a run that was archived while it was written is told from its end, and from what came later', async () => {
  const [from, to] = [newStore(), newStore()];
  const { id } = await addRun(from, [{ tag: 'loss', step: 0, value: 1 }], { name: 'a' });
  await carry(from, to, id);
  await addPoints(from, (await from.run(id))!, 1, [{ tag: 'loss', step: 1, value: 0.5 }]);
  expect(await carry(from, to, id)).toEqual({ isNew: true, notes: [newer('a-2', 'a')] });
  await from.updateRun(id, { status: 'finished', endedAt: startedAt + 9 });
  expect(await carry(from, to, id)).toEqual({ isNew: true, notes: [newer('a-3', 'a-2')] });
  await to.updateRun((await to.runs())[1]!.id, { status: 'stopped', endedAt: startedAt + 8 });
  expect(await carry(from, to, id)).toEqual({ isNew: false, notes: [there('a-3')] });
  // One that ended otherwise is neither before nor after it.
  const ended = newStore();
  await carry(from, ended, id);
  await ended.updateRun(id, { status: 'failed', failure: 'no power' });
  expect(await carry(from, ended, id)).toEqual({ isNew: true, notes: [differs('a-2', 'a')] });
});

test.each(['step', 'epoch', 'wallTime', 'value', 'tag'])('a point with another %s is another state', async (field) => {
  const [one, two] = [newStore(), newStore()];
  const point = { tag: 'loss', step: 1, epoch: 1, wallTime: startedAt + 1, value: NaN };
  await addRun(one, [point], { id: 'x', name: 'a' });
  await addRun(two, [{ ...point, [field]: field === 'tag' ? 'other' : 7 }], { id: 'x', name: 'a' });
  expect(await carry(two, one, 'x')).toEqual({ isNew: true, notes: [differs('a-2', 'a')] });
});

test('points in another order of a tag, and another record, are another state; runs that only share an id are not read', async () => {
  const [one, two, three] = [newStore(), newStore(), newStore()];
  const points = [1, 2].map((value) => ({ tag: 'loss', step: 0, value, wallTime: startedAt }));
  await addRun(one, points, { id: 'x', name: 'a' });
  await addRun(two, points.toReversed(), { id: 'x', name: 'a' });
  await addRun(three, points, { id: 'x', name: 'a' });
  expect(await carry(two, one, 'x')).toEqual({ isNew: true, notes: [differs('a-2', 'a')] });
  const text = (data: string) => [{ kind: 'text', tag: 'note', step: 0, epoch: 0, wallTime: startedAt, data: { text: data } }] as const;
  const four = newStore();
  await carry(three, four, 'x');
  await four.addRecords('x', text('one'));
  await three.addRecords('x', text('two'));
  expect((await carry(three, four, 'x')).notes).toEqual([differs('a-2', 'a')]);
  const elsewhere = newStore();
  await addRun(elsewhere, points, { id: 'x', name: 'a', startedAt: startedAt + 1 });
  let reads = 0;
  const { chunks } = elsewhere;
  elsewhere.chunks = (...args) => {
    reads += 1;
    return chunks.apply(elsewhere, args);
  };
  expect(await carry(one, elsewhere, 'x')).toEqual({ isNew: true, notes: [] });
  expect(reads).toBe(0);
});

test('compacting, and what only a later program archives, is no other state', async () => {
  const stored = async (version: number): Promise<File> =>
    new File([await readFile(`${import.meta.dirname}/../../fixtures/archive/version-${version}.zip`)], 'ada.zip');
  const logged = newStore();
  await logSampleRuns(logged);
  await logged.maintain();
  for (const version of [1, 2]) {
    const { runs } = await importArchive(logged, await stored(version));
    expect(runs.map(({ archivedId, isNew }) => [archivedId, isNew])).toEqual(sampleIds.map((id) => [id, false]));
  }
  // Version 1 has left out what was superseded: version 2 has more.
  const first = newStore();
  await importArchive(first, await stored(1));
  expect((await importArchive(first, await stored(1))).runs.every(({ isNew }) => !isNew)).toBe(true);
  expect((await importArchive(first, await stored(2))).runs.map(({ isNew }) => isNew)).toContain(true);
});

test('imports of one file at the same time do what they do one after the other', async () => {
  const [from, to] = [newStore(), newStore()];
  const id = await train(from, 0, 5);
  const file = await zipFile(archive(from, [id]));
  const reports = await Promise.all([1, 2, 3].map(() => importArchive(to, file)));
  expect(reports.map(({ runs }) => runs[0]!.isNew)).toEqual([true, false, false]);
  expect(await to.runs()).toHaveLength(1);
  // One that fails leaves the place to the next.
  const other = newStore();
  const { addRecords } = other;
  let calls = 0;
  other.addRecords = (...args) => ((calls += 1) === 1 ? Promise.reject(new Error('no')) : addRecords.apply(other, args));
  const settled = await Promise.allSettled([1, 2].map(() => importArchive(other, file)));
  expect(settled).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: { runs: [{ id, isNew: true }], notes: [] } }]);
});

test('a run that another tab has imported in part, and may never finish, is imported whole beside it', async () => {
  const [from, to] = [newStore(), newStore()];
  const id = await train(from, 0, 5);
  const lock = await to.lockRun(id);
  const { startedAt: began } = (await from.run(id))!;
  await to.createRun({ id, name: 'a', project: 'default', startedAt: began, facts: { 'import.run': id, 'import.incomplete': true } });
  const file = await zipFile(archive(from, [id]));
  const { runs, notes } = await importArchive(to, file);
  expect(runs).toMatchObject([{ name: 'a-2', isNew: true, archivedId: id }]);
  expect(notes).toEqual(['Another tab is importing run “a”, or was when it was closed. It was imported once more, as “a-2”.']);
  expect(await valuesOf(to, runs[0]!.id)).toEqual([0, 1, 2, 3, 4]);
  // Known by the whole one from then on, also while the other is there.
  expect((await importArchive(to, file)).notes).toEqual([there('a-2')]);
  lock.release();
  expect((await importArchive(to, file)).notes).toEqual([
    'Run “a” was there in part, from an import that was broken off. It was removed.',
    there('a-2'),
  ]);
});

test('of two tabs that cannot know of each other and import one file at the same time each brings what is missing, and says what is there twice', async () => {
  const from = newStore();
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push(await train(from, 0, 20));
  const zip = await zipFile(archive(from, ids));
  const store = newStore();
  // Imports of one thread wait for each other by the store's name.
  const tab = (name: string): MetricStore =>
    new Proxy(store, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        return key === 'name' ? name : typeof value === 'function' ? value.bind(target) : value;
      },
    });
  const reports = await Promise.all([importArchive(tab('one'), zip), importArchive(tab('two'), zip)]);
  const runs = await store.runs();
  expect(reports.flatMap((report) => report.runs.filter(({ isNew }) => isNew))).toHaveLength(runs.length);
  for (const { id } of runs) expect(await valuesOf(store, id)).toHaveLength(20);
  const notes = reports.flatMap((report) => report.notes);
  expect(notes).toHaveLength(5);
  expect(notes.filter((note) => note.startsWith('Another tab is importing run'))).toHaveLength(runs.length - 5);
});

test('runs that the policy of a store lets go at once are named', async () => {
  const from = newStore();
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) ids.push(await train(from, 0, 3));
  const zip = await zipFile(archive(from, ids));
  const store = await openStore(`few-${++stores}`, { retention: { keepRuns: 2 }, onWarning: () => {} });
  const { runs, notes } = await importArchive(store, zip);
  await store.maintain();
  const left = new Set((await store.runs()).map(({ id }) => id));
  const gone = runs.filter(({ id }) => !left.has(id));
  expect(gone).toHaveLength(2);
  expect(notes).toEqual(gone.map(({ name }) => expect.stringContaining(`Run “${name}” was let go at once`)));
  await store.close();
});
