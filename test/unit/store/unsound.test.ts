import { expect, test } from 'vitest';
import { createWarner } from '../../../src/core/warnings.ts';
import { Hints } from '../../../src/store/hints.ts';
import { JournalStore } from '../../../src/store/journal-store.ts';
import { MemoryBackend, MemoryDatabase } from '../../../src/store/memory-backend.ts';
import type { MetricStore, StoredRecord } from '../../../src/store/metric-store.ts';
import type { RunRecord } from '../../../src/store/run-record.ts';
import { threadLocks } from '../../../src/store/writer-locks.ts';
import { type ModelPoint, toChunk, toPoints } from './plain-model.ts';

// What a store makes of records that are not what they should be, and of ids that are used again.

const startedAt = 1_700_000_000;

function open(database: MemoryDatabase): { readonly store: MetricStore; readonly damage: string[] } {
  const damage: string[] = [];
  const store = new JournalStore({
    name: 'unsound',
    kind: 'memory',
    backend: new MemoryBackend(database),
    hints: new Hints(),
    locks: threadLocks(),
    warn: createWarner(() => {}),
    onDamage: (error) => damage.push(error.message),
  });
  return { store, damage };
}

function points(...tags: readonly string[]): readonly ModelPoint[] {
  return tags.map((tag, index) => ({ tag, step: index, epoch: 0, wallTime: startedAt, value: index }));
}

async function pointsOf(store: MetricStore, runId: string): Promise<readonly (readonly [string, number])[]> {
  const found: (readonly [string, number])[] = [];
  for await (const chunk of store.chunks(runId)) for (const { tag, value } of toPoints(chunk)) found.push([tag, value]);
  return found;
}

test('a run made under the id of a deleted one has nothing of it, however well readers knew it', async () => {
  const database = new MemoryDatabase();
  const [mine, other] = [open(database).store, open(database).store];
  await mine.createRun({ id: 'x', startedAt });
  await mine.append(toChunk('x', 0, points('a', 'b')));
  for (const store of [mine, other]) expect(await store.tags('x')).toHaveLength(2);
  await pointsOf(other, 'x');

  await mine.deleteRun('x');
  await mine.createRun({ id: 'x', startedAt });
  await mine.append(toChunk('x', 0, points('z')));
  for (const store of [mine, other]) {
    expect(await store.tags('x')).toEqual([{ tag: 'z', count: 1 }]);
    expect(await pointsOf(store, 'x')).toEqual([['z', 0]]);
    expect((await store.lastValues('x')).map(({ tag }) => tag)).toEqual(['z']);
  }
});

test('a tag whose record was lost keeps its number: its points go to nobody else', async () => {
  const database = new MemoryDatabase();
  const first = open(database).store;
  await first.createRun({ id: 'x', startedAt });
  await first.append(toChunk('x', 0, points('a', 'b', 'c')));
  await new MemoryBackend(database).write(['tags'], (tx) => tx.delete('tags', ['x', 'b']));

  const { store, damage } = open(database);
  await store.append(toChunk('x', 1, points('new', 'b')));
  expect(await pointsOf(store, 'x')).toEqual([
    ['a', 0],
    ['c', 2],
    ['new', 0],
    ['b', 1],
  ]);
  expect(damage).toEqual([expect.stringContaining("tag 1 of run 'x' cannot be found")]);
});

test('points whose number two tags claim are left out and reported', async () => {
  const database = new MemoryDatabase();
  const first = open(database).store;
  await first.createRun({ id: 'x', startedAt });
  await first.append(toChunk('x', 0, points('a', 'b', 'c')));
  const backend = new MemoryBackend(database);
  await backend.write(['tags'], (tx) => tx.put('tags', { runId: 'x', tag: 'c', order: 1, firstSeq: 0 }));

  const { store, damage } = open(database);
  expect(await pointsOf(store, 'x')).toEqual([['a', 0]]);
  expect(damage.length).toBeGreaterThan(0);
});

test.each<[string, object]>([
  ['has lost all but its id', { project: undefined, name: undefined, status: undefined, startedAt: undefined, config: undefined }],
  ['was continued nobody knows where', { resumes: [{}] }],
  ['was continued in no list', { resumes: 'once' }],
  ['is compacted up to a text', { compactedTo: 'far' }],
])('a run whose record %s is reported, can be deleted, and hides no other', async (_, damaged) => {
  const database = new MemoryDatabase();
  const made = open(database).store;
  for (const id of ['x', 'y']) {
    await made.createRun({ id, startedAt });
    await made.append(toChunk(id, 0, points('a')));
  }
  await new MemoryBackend(database).write(['runs'], async (tx) => {
    // Not a record that the types would let anybody write.
    await tx.put('runs', { ...(await tx.get('runs', 'x')), ...damaged } as unknown as RunRecord);
  });

  const { store, damage } = open(database);
  expect((await store.runs()).map(({ id }) => id)).toEqual(['y']);
  expect(await store.run('x')).toBeUndefined();
  expect(damage).toEqual([expect.stringContaining("the record of run 'x' is damaged")]);
  await expect(store.series('x', 'a')).rejects.toMatchObject({ code: 'bad-data' });
  await expect(pointsOf(store, 'x')).rejects.toMatchObject({ code: 'bad-data' });
  await expect(store.resumeRun('x', { at: startedAt })).rejects.toMatchObject({ code: 'bad-data' });
  await store.maintain();
  expect(await pointsOf(store, 'y')).toEqual([['a', 0]]);
  await store.deleteRun('x');
  await store.maintain();
  await store.createRun({ id: 'x', startedAt });
  expect(await pointsOf(store, 'x')).toEqual([]);
});

test('a run is removed although one of its records is damaged', async () => {
  const database = new MemoryDatabase();
  const { store, damage } = open(database);
  await store.createRun({ id: 'x', startedAt });
  const moment = { tag: 'notes', step: 0, epoch: 0, wallTime: startedAt };
  await store.addRecords('x', [{ kind: 'text', ...moment, data: { text: 'kept' } }]);
  await new MemoryBackend(database).write(['records'], async (tx) => {
    const [record] = await tx.getAll('records');
    // Not a record that the types would let anybody write.
    await tx.put('records', { ...record, index: 1, content: 'x' } as unknown as StoredRecord);
  });
  expect((await store.records('x')).map(({ index }) => index)).toEqual([0]);
  expect(damage).toEqual([expect.stringContaining('record 1')]);
  await store.deleteRun('x');
  await store.maintain();
  expect(await new MemoryBackend(database).read(['records'], (tx) => tx.getAll('records'))).toEqual([]);
});

test('a second writer that numbers tags of its own is refused, and loses nothing by trying again', async () => {
  const database = new MemoryDatabase();
  const [one, two] = [open(database).store, open(database).store];
  await one.createRun({ id: 'x', startedAt });
  await one.append(toChunk('x', 0, points('a')));
  await two.append(toChunk('x', 1, points('b')));
  await expect(one.append(toChunk('x', 2, points('c')))).rejects.toMatchObject({
    code: 'bad-data',
    message: expect.stringContaining('somebody else has written to this run'),
  });
  await one.append(toChunk('x', 2, points('c')));
  expect(await pointsOf(two, 'x')).toEqual([
    ['a', 0],
    ['b', 0],
    ['c', 0],
  ]);
});

test('a follower gets all of a run that is made again under its id', async () => {
  const database = new MemoryDatabase();
  const { store } = open(database);
  const heard: string[] = [];
  let wake = (): void => {};
  const until = async (count: number): Promise<void> => {
    while (heard.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  await store.createRun({ id: 'x', startedAt });
  for (let seq = 0; seq < 3; seq++) await store.append(toChunk('x', seq, points('old')));
  const undo = store.follow('x', ({ seq, tags }) => {
    heard.push(`${seq} ${tags.join()}`);
    wake();
  });
  await until(3);
  await store.deleteRun('x');
  await store.createRun({ id: 'x', startedAt });
  await store.append(toChunk('x', 0, points('new')));
  await until(4);
  undo();
  expect(heard).toEqual(['0 old', '1 old', '2 old', '0 new']);
});

test.each<[string, (store: MetricStore) => unknown, string]>([
  ['a start that is no number', (store) => store.createRun({ startedAt: NaN }), 'startedAt is the number NaN'],
  [
    'a status that runs cannot end with',
    (store) => store.updateRun('x', { status: 'running' as 'finished' }),
    'status is the string "running"',
  ],
  ['tags that are no list', (store) => store.updateRun('x', { tags: 'abc' as unknown as string[] }), 'tags is the string "abc"'],
  ['a star that is neither', (store) => store.updateRun('x', { isStarred: 'yes' as unknown as boolean }), 'isStarred is the string "yes"'],
  ['a name that is no text', (store) => store.updateRun('x', { name: 5 as unknown as string }), 'name is the number 5'],
  [
    'a config with a function',
    (store) => store.updateRun('x', { config: { loss: (() => 0) as unknown as number } }),
    'config.loss is a function',
  ],
  ['following from half a chunk', (store) => store.follow('x', () => {}, 0.5), 'fromSeq is the number 0.5'],
  ['chunks from nowhere', (store) => store.chunks('x', NaN), 'fromSeq is the number NaN'],
])('%s is refused with what was found, and nothing changes', async (_, call, text) => {
  const { store } = open(new MemoryDatabase());
  const made = await store.createRun({ id: 'x', startedAt, config: { at: new Date(0) as unknown as string } });
  expect(made.config).toEqual({ at: '1970-01-01T00:00:00.000Z' });
  const refused = Promise.resolve().then(() => call(store));
  await expect(refused).rejects.toMatchObject({ code: 'bad-options', message: expect.stringContaining(text) });
  expect(await store.runs()).toEqual([made]);
});
