import { afterEach, expect, test, vi } from 'vitest';
import { nextTask } from '../../../src/core/next-task.ts';
import { deleteDatabase } from '../../../src/store/database.ts';
import { IdbBackend } from '../../../src/store/idb-backend.ts';
import { MemoryBackend } from '../../../src/store/memory-backend.ts';
import { newRunRecord } from '../../../src/store/run-record.ts';
import { keysUnder, type StoreBackend } from '../../../src/store/store-backend.ts';

afterEach(() => void vi.restoreAllMocks());

const run = (id: string, order = 0) => newRunRecord({ startedAt: 1, config: { rate: 1 } }, id, order, []);
const journal = (runId: string, seq: number) => ({ runId, seq, points: 1, bytes: new ArrayBuffer(8) });
const tag = (order: number, name: string) => ({ runId: 'a', tag: name, order, firstSeq: 0 });

async function withBackend(use: (backend: IdbBackend, name: string) => Promise<void>): Promise<void> {
  const name = crypto.randomUUID();
  const backend = new IdbBackend(name);
  await use(backend, name);
  backend.close();
  await deleteDatabase(name);
}

/** Everything that can be asked, of records that were put in without order. */
async function askAll(backend: StoreBackend): Promise<unknown> {
  await backend.write(['runs', 'journal', 'tags', 'packs'], async (tx) => {
    await tx.add('runs', { ...run('a', 7), project: 'p' });
    const keys = [
      ['b', 0],
      ['a', 10],
      ['a', 2],
      ['a!', 1],
      ['ä', 3],
      ['a', -1],
      ['c', 0],
      ['c', 1],
    ] as const;
    await Promise.all([
      tx.add('runs', { ...run('b', 3), status: 'finished' }),
      ...keys.map(([runId, seq]) => tx.put('journal', journal(runId, seq))),
      ...['z', 'y', 'x'].map((name, order) => tx.add('tags', tag(order, name))),
      tx.put('packs', { runId: 'a', unit: 3, level: 0, firstTag: 2, stretch: 0, bytes: new ArrayBuffer(1) }),
      tx.put('tags', { ...tag(0, 'other run'), runId: 'b' }),
    ]);
    await tx.delete('journal', ['c', 0]);
    await tx.delete('journal', { from: ['a', 3], to: ['a', 2] });
    await tx.delete('journal', { from: ['a', 3], to: ['b', 0] });
  });
  return backend.read(['runs', 'journal', 'tags', 'packs'], async (tx) => ({
    all: (await tx.getAll('journal')).map(({ runId, seq }) => [runId, seq]),
    most: (await tx.getAll('journal', undefined, 2)).length,
    of: await tx.keys('journal', keysUnder('a')),
    one: (await tx.getAll('journal', keysUnder('a'), 1)).map(({ seq }) => seq),
    none: await tx.getAll('journal', keysUnder('a'), 0),
    infinite: (await tx.keys('journal', keysUnder('a'), Infinity)).length,
    backwards: await tx.keys('journal', { from: ['a', 3], to: ['a', 2] }),
    last: [await tx.lastKey('journal', keysUnder('a')), await tx.lastKey('journal', keysUnder('x'))],
    upToLevel: (await tx.keys('packs', { from: ['a', 3], to: ['a', 3, 0, []] })).length,
    has: [await tx.has('journal', ['a', 2]), await tx.has('journal', ['a', 3])],
    missing: (await tx.get('runs', 'z')) ?? 'nothing',
    run: await tx.get('runs', 'a'),
    ofProject: (await tx.runsOfProject('p')).map(({ id }) => id),
    running: (await tx.runsOfStatus('running')).map(({ id }) => id),
    lastOrder: await tx.lastRunOrder(),
    tags: (await tx.tagsFrom('a', 1)).map((record) => record.tag),
  }));
}

test('answers every question as the backend in memory does', async () => {
  await withBackend(async (backend) => {
    expect(await backend.read(['runs'], (tx) => tx.lastRunOrder())).toBe(-1);
    const answers = await askAll(backend);
    expect(answers).toEqual(await askAll(new MemoryBackend()));
    expect(answers).toMatchObject({
      all: [
        ['a', -1],
        ['a', 2],
        ['c', 1],
        ['ä', 3],
      ],
      last: [['a', 2], undefined],
      upToLevel: 1,
      tags: ['y', 'x'],
    });
  });
});

test('a transaction whose work fails leaves nothing, and the error is that of the work', async () => {
  await withBackend(async (backend) => {
    const failing = backend.write(['runs', 'journal'], async (tx) => {
      await tx.put('runs', run('a'));
      await Promise.all([tx.put('journal', journal('a', 0)), Promise.reject(new Error('halfway'))]);
    });
    await expect(failing).rejects.toThrow('halfway');
    expect(await backend.read(['runs', 'journal'], async (tx) => [await tx.getAll('runs'), await tx.getAll('journal')])).toEqual([[], []]);
  });
});

test("a request's own error is told, not that of the requests which are broken off with it", async () => {
  await withBackend(async (backend) => {
    await backend.write(['runs'], (tx) => tx.add('runs', run('a')));
    const twice = { name: 'ConstraintError' };
    const inOrder = backend.write(['runs'], (tx) => Promise.all([tx.add('runs', run('a')), tx.put('runs', run('b'))]));
    await expect(inOrder).rejects.toMatchObject(twice);
    const onlyLast = backend.write(['runs'], async (tx) => {
      const refused = tx.add('runs', run('a')).catch(() => {});
      const broken = tx.put('runs', run('b'));
      await refused;
      await broken;
    });
    await expect(onlyLast).rejects.toMatchObject(twice);
    const nobodyCares = backend.write(['runs'], async (tx) => {
      await tx.add('runs', run('a')).catch(() => {});
    });
    await expect(nobodyCares).rejects.toMatchObject(twice);
    expect(await backend.read(['runs'], (tx) => tx.getAll('runs'))).toEqual([run('a')]);
  });
});

test('what is written is safe against a power cut only where that is asked for', async () => {
  await withBackend(async (backend) => {
    const begun = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await backend.write(['runs'], (tx) => tx.put('runs', run('a')));
    await backend.write(['runs'], (tx) => tx.put('runs', run('a')), { durability: 'strict' });
    expect(begun.mock.calls.map(([, , options]) => options?.durability)).toEqual(['relaxed', 'strict']);
  });
});

test('a connection that was let go or taken away is opened anew by the next call', async () => {
  await withBackend(async (backend) => {
    await backend.write(['runs'], (tx) => tx.put('runs', run('a')));
    // Closed behind our back: the database is there, but takes no transaction any more.
    const original = IDBDatabase.prototype.transaction;
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(function (this: IDBDatabase, ...args) {
      this.close();
      return original.apply(this, args);
    });
    const reads = [1, 2, 3].map(() => backend.read(['runs'], (tx) => tx.getAll('runs')));
    expect(await Promise.all(reads)).toEqual([[run('a')], [run('a')], [run('a')]]);
    backend.suspend();
    expect(await backend.read(['runs'], (tx) => tx.getAll('runs'))).toEqual([run('a')]);
    const writing = backend.write(['runs'], (tx) => tx.put('runs', run('b')));
    backend.suspend();
    await writing;
    expect((await backend.read(['runs'], (tx) => tx.getAll('runs'))).length).toBe(2);
    backend.close();
    await expect(backend.read(['runs'], (tx) => tx.getAll('runs'))).rejects.toMatchObject({ code: 'store-closed' });
  });
});

test('nothing takes the database again before the page is back, whatever asks for it meanwhile', () =>
  withBackend(async (backend) => {
    await backend.write(['runs'], (tx) => tx.put('runs', run('a')));
    const open = vi.spyOn(IDBFactory.prototype, 'open');
    backend.suspend();
    const reading = backend.read(['runs'], (tx) => tx.getAll('runs'));
    // What a page that is being frozen may still run.
    for (let i = 0; i < 20; i++) await nextTask();
    expect(open).not.toHaveBeenCalled();
    backend.resume();
    expect(await reading).toEqual([run('a')]);
    expect(open).toHaveBeenCalledTimes(1);
  }));

test('what a suspension breaks off begins anew when the page is back, and is done once', () =>
  withBackend(async (backend) => {
    let attempts = 0;
    const counted = await backend.write(['meta'], async (tx) => {
      attempts += 1;
      const before = await tx.get('meta', 'maintenance');
      await tx.put('meta', { name: 'maintenance', holder: `${before?.holder ?? ''}x` });
      if (attempts === 1) backend.suspend();
      return attempts;
    });
    expect([counted, attempts]).toEqual([2, 2]);
    expect(await backend.read(['meta'], (tx) => tx.get('meta', 'maintenance'))).toEqual({ name: 'maintenance', holder: 'x' });
    const reading = backend.read(['meta'], async (tx) => {
      attempts += 1;
      if (attempts === 3) backend.suspend();
      return tx.getAll('meta');
    });
    expect(await reading).toHaveLength(1);
    expect(attempts).toBe(4);
  }));
