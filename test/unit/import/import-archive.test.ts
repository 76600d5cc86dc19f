import { expect, test } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import type { NewRecord } from '../../../src/core/records.ts';
import { archive } from '../../../src/export/index.ts';
import { importArchive } from '../../../src/import/index.ts';
import { memoryStore } from '../../../src/store/index.ts';
import type { MetricStore } from '../../../src/store/metric-store.ts';
import { addRun, startedAt } from '../export/sample-runs.ts';
import { makeClass } from '../../fixtures/archive/make-class.ts';
import { snapshotOf, zipFile } from './snapshot.ts';

let stores = 0;
const newStore = (): MetricStore => memoryStore(`import-${++stores}`);
const moment = { step: 3, epoch: 1, wallTime: startedAt + 3 };
const large = new Blob([new Uint8Array(9000).fill(7)], { type: 'image/png' });

/** A run with everything there is. */
async function richRun(store: MetricStore): Promise<string> {
  const points = Array.from({ length: 250 }, (_, i) => ({
    tag: i % 3 === 0 ? 'val/loss' : 'train/loss',
    step: i,
    value: [NaN, Infinity, -Infinity, -0, 0.1, 1 / 3][i % 6]!,
    epoch: Math.floor(i / 100),
    wallTime: startedAt + i / 7,
  }));
  const { id } = await addRun(store, points, {
    name: 'best one',
    config: { lr: 0.1, big: Infinity, none: NaN, minus: -0, net: { layers: [8, 4], $number: 'NaN' } },
    facts: { 'backend.name': 'wasm', 'config.text': 'lr: 1.0e-1 # exactly\n' },
    tags: ['a', '<b>'],
    notes: '<script>alert(1)</script> ü',
    parent: 'elsewhere',
    source: 'old.zip',
  });
  const records: NewRecord[] = [
    { kind: 'text', tag: 'note', ...moment, data: { text: '# ü \ud800', list: [NaN, -0, { $x: 1 }] } },
    {
      kind: 'histogram',
      tag: 'w',
      ...moment,
      data: { edges: Float64Array.of(-0, 0.1, NaN), counts: Uint32Array.of(3, 4e9), small: Float32Array.of(0.5) },
    },
    { kind: 'audio', tag: 'bytes', ...moment, data: { raw: Uint8Array.of(0, 255), whole: Int32Array.of(-1, 1) } },
    { kind: 'image', tag: 'small', ...moment, content: new Blob(['tiny'], { type: 'image/png' }) },
    { kind: 'image', tag: 'large', ...moment, data: { caption: 'one' }, content: large },
    { kind: 'checkpoint', tag: 'large again', ...moment, content: large.slice(0, large.size, 'application/octet-stream') },
    { kind: 'file', tag: 'empty', ...moment, content: new Blob([]) },
  ];
  await store.addRecords(id, records);
  await store.updateRun(id, { status: 'failed', endedAt: startedAt + 99.5, failure: 'out of memory', isStarred: true, isArchived: true });
  return id;
}

test('everything a run holds comes back as it was', async () => {
  const from = newStore();
  const id = await richRun(from);
  const to = newStore();
  const report = await importArchive(to, await zipFile(archive(from, [id])));
  expect(report).toEqual({ runs: [{ id, name: 'best one', project: 'demo', isNew: true, archivedId: id }], notes: [] });
  expect(await snapshotOf(to, id, false)).toEqual(await snapshotOf(from, id, false));
  expect((await to.run(id))?.source).toBe('ada.zip');
  // A Blob has no name: the run keeps the source it had.
  const blob = newStore();
  const bare = await zipFile(archive(from, [id]));
  await importArchive(blob, bare.slice());
  expect(await snapshotOf(blob, id)).toEqual(await snapshotOf(from, id));
});

test('the points of several tags come back in the order in which they were logged', async () => {
  const from = newStore();
  const points = Array.from({ length: 40 }, (_, i) => ({ tag: `t${(i * 7) % 5}`, step: i, value: i }));
  const { id } = await addRun(from, points, {}, 3);
  const to = newStore();
  await importArchive(to, await zipFile(archive(from, [id])));
  const values: number[] = [];
  for await (const { value } of to.chunks(id)) values.push(...value);
  expect(values).toEqual(points.map(({ value }) => value));
});

test('the archives of a class become runs that are told apart by person, though all have the same ids', async () => {
  const to = newStore();
  const files = await makeClass({ people: 12, points: 40, runs: 2, ids: 'same' });
  const prefixes = files.map(({ name }) => name.replace('.zip', ''));
  const reports = [];
  for (const [i, file] of files.entries()) reports.push(await importArchive(to, file, { prefix: prefixes[i]! }));
  expect(reports.flatMap(({ runs }) => runs.map(({ name }) => name))).toEqual(
    prefixes.flatMap((prefix) => [`${prefix}-spiral-1`, `${prefix}-spiral-2`]),
  );
  expect(new Set(reports.flatMap(({ runs }) => runs.map(({ id }) => id))).size).toBe(24);
  const all = await to.runs();
  expect(all.map(({ source }) => source)).toEqual(files.flatMap(({ name }) => [name, name]));
  for (const run of all)
    expect(await to.tags(run.id)).toEqual([
      { tag: 'train/loss', count: 20 },
      { tag: 'train/accuracy', count: 20 },
    ]);
});

test('a run that is imported twice is not doubled, whatever was noted about it', async () => {
  const from = newStore();
  const { id } = await addRun(from, [{ tag: 'loss', step: 0, value: 1 }], { name: 'first' });
  const to = newStore();
  const early = await zipFile(archive(from, [id]));
  await importArchive(to, early, { prefix: 'ada' });
  const again = await importArchive(to, new File([early], 'copy.zip'), { prefix: 'bob' });
  expect(again).toEqual({
    runs: [{ id, name: 'ada-first', project: 'demo', isNew: false, archivedId: id }],
    notes: ['Run “ada-first” is here already. It was left as it is.'],
  });
  // Notes are no other state, but it is said that they stay behind.
  await from.updateRun(id, { notes: 'a thought' });
  const noted = await importArchive(to, await zipFile(archive(from, [id])));
  expect(noted.runs[0]?.isNew).toBe(false);
  expect(noted.notes).toEqual([
    'Run “ada-first” is here already. It was left as it is.',
    'Notes and labels of run “ada-first” are others in the file. Those that are here were kept.',
  ]);
});

test('a run within another one stays within it, whatever ids they get', async () => {
  const from = newStore();
  await addRun(from, [{ tag: 'a', step: 0, value: 1 }], { id: 'p/child', parent: 'p', name: 'child', startedAt: startedAt + 1 });
  await addRun(from, [{ tag: 'a', step: 0, value: 2 }], { id: 'p', name: 'parent' });
  const to = newStore();
  await to.createRun({ id: 'p', startedAt: 5 });
  const { runs } = await importArchive(to, await zipFile(archive(from, ['p/child', 'p'])));
  const [child, parent] = runs as [(typeof runs)[0], (typeof runs)[0]];
  expect([child.archivedId, parent.archivedId]).toEqual(['p/child', 'p']);
  expect(parent.id).not.toBe('p');
  expect(child.id).toBe(`${parent.id}/child`);
  expect((await to.run(child.id))?.parent).toBe(parent.id);
  // One whose parent is there already goes to that.
  const other = newStore();
  const only = await importArchive(other, await zipFile(archive(from, ['p'])));
  const both = await importArchive(other, await zipFile(archive(from, ['p', 'p/child'])));
  expect(both.runs.map(({ isNew }) => isNew)).toEqual([false, true]);
  expect((await other.run(both.runs[1]!.id))?.parent).toBe(only.runs[0]!.id);
});

test('where the store is full, the unfinished run goes, and the error says which runs are in', async () => {
  const from = newStore();
  const ids: string[] = [];
  for (const name of ['one', 'two', 'three']) ids.push((await addRun(from, [{ tag: 'loss', step: 0, value: 1 }], { name })).id);
  const to = newStore();
  const { append } = to;
  let appended = 0;
  to.append = (chunk) => (++appended === 2 ? Promise.reject(new LogError('store-full', 'no room')) : append.call(to, chunk));
  const file = await zipFile(archive(from, ids));
  const error = await importArchive(to, file).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'store-full',
    message: 'Importing “ada.zip” ended with run “two”, and what was there of that run was removed: no room 1 run is in: “one”.',
  });
  expect((await to.runs({ archived: 'all' })).map(({ name, status }) => [name, status])).toEqual([['one', 'interrupted']]);
  expect((await importArchive(to, file)).runs.map(({ isNew }) => isNew)).toEqual([false, true, true]);
});

test('what a page that was closed in the middle has left is not taken for a run, and goes with the next import', async () => {
  const from = newStore();
  const { id } = await addRun(from, [{ tag: 'loss', step: 0, value: 1 }], { name: 'first' });
  const file = await zipFile(archive(from, [id]));
  const to = newStore();
  // As far as that page came: its lock went with it.
  await to.createRun({ id, name: 'first', startedAt, facts: { 'import.run': id, 'import.state': '?', 'import.incomplete': true } });
  const { runs, notes } = await importArchive(to, file);
  expect(runs).toMatchObject([{ id, isNew: true }]);
  expect(notes).toEqual(['Run “first” was there in part, from an import that was broken off. It was removed.']);
  expect(await to.tags(id)).toEqual([{ tag: 'loss', count: 1 }]);
});

test('progress goes from nothing to all of it, in two phases', async () => {
  const [file] = (await makeClass({ people: 1, points: 40_000 })) as [File];
  const heard: (readonly [string, number])[] = [];
  await importArchive(newStore(), file, { onProgress: ({ phase, share }) => heard.push([phase, share]) });
  for (const phase of ['checking', 'storing']) {
    const shares = heard.filter(([of]) => of === phase).map(([, share]) => share);
    expect(shares.length).toBeGreaterThan(1);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBeCloseTo(1, 1);
  }
});

test('a content that is lost in the store is left out of the archive, and the import says so', async () => {
  const from = newStore();
  const id = await richRun(from);
  const { content } = from;
  from.content = (record) =>
    record.content?.inline === undefined && record.content !== undefined
      ? Promise.reject(new LogError('bad-data', 'lost'))
      : content.call(from, record);
  const to = newStore();
  const { notes } = await importArchive(to, await zipFile(archive(from, [id])));
  expect(notes).toEqual(['1 file of run “best one” was lost before the archive was made.']);
  expect((await to.records(id)).map((record) => record.content?.size)).toEqual([
    undefined,
    undefined,
    undefined,
    4,
    undefined,
    undefined,
    0,
  ]);
  // What is lost here too makes no difference.
  expect((await importArchive(from, await zipFile(archive(from, [id])))).runs[0]?.isNew).toBe(false);
});

test('archives of two stores in one zip are both imported', async () => {
  const [one, two] = [newStore(), newStore()];
  const a = await addRun(one, [{ tag: 'loss', step: 0, value: 1 }], { name: 'same' });
  const b = await addRun(two, [{ tag: 'loss', step: 0, value: 2 }], { name: 'same' });
  const { runs } = await importArchive(newStore(), await zipFile([archive(one, [a.id]), archive(two, [b.id])]));
  expect(runs.map(({ id, name }) => [id, name])).toEqual([
    [a.id, 'same'],
    [b.id, 'same-2'],
  ]);
});
