import { expect, test } from 'vitest';
import { MemoryBackend, MemoryDatabase } from '../../../src/store/memory-backend.ts';
import { newRunRecord } from '../../../src/store/run-record.ts';
import { keysUnder } from '../../../src/store/store-backend.ts';

const run = (id: string, order = 0) => newRunRecord({ startedAt: 1, config: { rate: 1 } }, id, order, []);
const journal = (runId: string, seq: number) => ({ runId, seq, points: 1, bytes: new ArrayBuffer(8) });
const tag = (order: number, name: string) => ({ runId: 'a', tag: name, order, firstSeq: 0 });

/** A promise and what resolves it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

test('a writer is seen by nobody before it is done, and what it has written not at all when it fails', async () => {
  const database = new MemoryDatabase();
  const [writer, reader] = [new MemoryBackend(database), new MemoryBackend(database)];
  await writer.write(['runs', 'journal'], async (tx) => {
    await tx.put('runs', run('a'));
    for (const seq of [0, 1, 2]) await tx.put('journal', journal('a', seq));
  });
  const { opened, open } = gate();
  const writing = writer.write(['runs', 'journal'], async (tx) => {
    await tx.delete('journal', keysUnder('a'));
    await tx.put('journal', journal('a', 9));
    await tx.put('runs', { ...run('a'), name: 'changed' });
    await tx.delete('runs', 'a');
    expect(await tx.keys('journal', keysUnder('a'))).toEqual([['a', 9]]);
    await opened;
    throw new Error('halfway');
  });
  const reading = reader.read(['journal', 'runs'], async (tx) => ({
    keys: await tx.keys('journal', keysUnder('a')),
    run: await tx.get('runs', 'a'),
  }));
  // Another object store is nobody's business.
  expect(await reader.read(['tags'], (tx) => tx.getAll('tags'))).toEqual([]);
  open();
  await expect(writing).rejects.toThrow('halfway');
  expect(await reading).toEqual({
    keys: [
      ['a', 0],
      ['a', 1],
      ['a', 2],
    ],
    run: run('a'),
  });
});

test('writers take turns in the order in which they came, readers read together', async () => {
  const backend = new MemoryBackend();
  const seen: string[] = [];
  const { opened, open } = gate();
  const first = backend.read(['journal'], async () => {
    await opened;
    seen.push('read');
  });
  const second = backend.write(['journal'], async (tx) => {
    await tx.put('journal', journal('a', 0));
    seen.push('write');
  });
  const third = backend.read(['journal'], async (tx) => seen.push(`then ${(await tx.getAll('journal')).length}`));
  await backend.read(['runs'], async () => seen.push('other'));
  open();
  await Promise.all([first, second, third]);
  expect(seen).toEqual(['other', 'read', 'write', 'then 1']);
});

test('a key that is taken aborts the whole transaction, whoever looks away', async () => {
  const backend = new MemoryBackend();
  await backend.write(['runs'], (tx) => tx.add('runs', run('a')));
  const twice = backend.write(['runs'], async (tx) => {
    await tx.put('runs', run('b'));
    await tx.add('runs', run('a')).catch(() => {});
  });
  await expect(twice).rejects.toMatchObject({ name: 'ConstraintError' });
  expect(await backend.read(['runs'], (tx) => tx.getAll('runs'))).toEqual([run('a')]);
});

test('keys are in the order of the database: by their parts, numbers by value, text by code unit, the end after all', async () => {
  const backend = new MemoryBackend();
  const keys = [
    ['b', 0],
    ['a', 10],
    ['a', 2],
    ['a!', 1],
    ['ä', 3],
    ['a', -1],
  ] as const;
  await backend.write(['journal'], async (tx) => {
    for (const [runId, seq] of keys) await tx.put('journal', journal(runId, seq));
  });
  const read = await backend.read(['journal'], async (tx) => ({
    all: (await tx.getAll('journal')).map(({ runId, seq }) => [runId, seq]),
    of: await tx.keys('journal', keysUnder('a')),
    two: (await tx.getAll('journal', keysUnder('a'), 2)).map(({ seq }) => seq),
    none: await tx.getAll('journal', keysUnder('a'), 0),
    backwards: await tx.keys('journal', { from: ['a', 3], to: ['a', 2] }),
    last: await tx.lastKey('journal', { from: ['a', 0], to: ['a', 9] }),
    nothing: await tx.lastKey('journal', keysUnder('c')),
    has: [await tx.has('journal', ['a', 2]), await tx.has('journal', ['a', 3])],
  }));
  expect(read).toEqual({
    all: [
      ['a', -1],
      ['a', 2],
      ['a', 10],
      ['a!', 1],
      ['b', 0],
      ['ä', 3],
    ],
    of: [
      ['a', -1],
      ['a', 2],
      ['a', 10],
    ],
    two: [-1, 2],
    none: [],
    backwards: [],
    last: ['a', 2],
    nothing: undefined,
    has: [true, false],
  });
});

test('runs are found by project, status and age, tags by number', async () => {
  const backend = new MemoryBackend();
  const read = await backend.write(['runs', 'tags'], async (tx) => {
    const before = await tx.lastRunOrder();
    await tx.put('runs', { ...run('a', 7), project: 'p' });
    await tx.put('runs', { ...run('b', 3), status: 'finished' });
    for (const [order, name] of ['z', 'y', 'x'].entries()) await tx.put('tags', tag(order, name));
    return {
      orders: [before, await tx.lastRunOrder()],
      ofProject: (await tx.runsOfProject('p')).map(({ id }) => id),
      running: (await tx.runsOfStatus('running')).map(({ id }) => id),
      tags: (await tx.tagsFrom('a', 1)).map((record) => record.tag),
    };
  });
  expect(read).toEqual({ orders: [-1, 7], ofProject: ['a'], running: ['a'], tags: ['y', 'x'] });
});

test('what users hand in and get back they may change without changing what is stored', async () => {
  const backend = new MemoryBackend();
  const config = { rate: 1 };
  await backend.write(['runs'], (tx) => tx.put('runs', { ...run('a'), config }));
  config.rate = 2;
  const read = await backend.read(['runs'], (tx) => tx.get('runs', 'a'));
  expect(read?.config).toEqual({ rate: 1 });
  Object.assign(read?.config ?? {}, { rate: 3 });
  expect((await backend.read(['runs'], (tx) => tx.get('runs', 'a')))?.config).toEqual({ rate: 1 });
});

test('a request out of scope, after the end or without a key is refused as by the database', async () => {
  const backend = new MemoryBackend();
  await expect(backend.read(['runs'], (tx) => tx.getAll('journal'))).rejects.toMatchObject({ name: 'NotFoundError' });
  const late = await backend.read(['runs'], async (tx) => () => tx.getAll('runs'));
  await expect(late()).rejects.toMatchObject({ name: 'TransactionInactiveError' });
  await expect(backend.write(['journal'], (tx) => tx.put('journal', journal('a', Number.NaN)))).rejects.toMatchObject({
    name: 'DataError',
  });
  backend.close();
  await expect(backend.read(['runs'], (tx) => tx.getAll('runs'))).rejects.toMatchObject({ code: 'store-closed' });
});
