import { expect, test } from 'vitest';
import { JournalStore } from '../../../src/store/journal-store.ts';
import { Retention, type RetentionPolicy } from '../../../src/store/retention.ts';
import { keysUnder, type StoreBackend, type Writing } from '../../../src/store/store-backend.ts';
import { addFullRun, appendChunks, counts, getRun, runRecord, type Setup, setUp } from './maintenance-setup.ts';

interface Disk {
  isFull: boolean;
}

// As Chromium does it: without room the smallest put is refused, and with it its transaction, while deleting alone goes on. Packs are
// files, which give their room back.
function onDisk(inner: StoreBackend, disk: Disk): StoreBackend {
  const refuse = (): Promise<never> => Promise.reject(new DOMException('', 'QuotaExceededError'));
  return {
    read: (stores, work) => inner.read(stores, work),
    suspend: () => inner.suspend(),
    close: () => inner.close(),
    async write(stores, work, options) {
      let hasMadeRoom = false;
      const watched = (tx: Writing): Writing =>
        new Proxy(tx, {
          get(target, name) {
            if (disk.isFull && (name === 'put' || name === 'add')) return refuse;
            hasMadeRoom ||= name === 'delete' && stores.includes('packs');
            const member: unknown = Reflect.get(target, name);
            return typeof member === 'function' ? (member.bind(target) as unknown) : member;
          },
        });
      const result = await inner.write(stores, (tx) => work(watched(tx)), options);
      if (hasMadeRoom) disk.isFull = false;
      return result;
    },
  };
}

function open(retention?: RetentionPolicy): { readonly setup: Setup; readonly disk: Disk; readonly store: JournalStore } {
  const disk: Disk = { isFull: false };
  const setup = setUp({ wrap: (backend) => onDisk(backend, disk) });
  const { onDamage: _, ...context } = setup.context;
  return {
    setup,
    disk,
    store: new JournalStore({ ...context, retention }),
  };
}

test('on a full disk a run can be deleted for good, with records and contents, which makes room', async () => {
  const { setup, disk, store } = open();
  await addFullRun(setup.backend, runRecord('big', 0), 20);
  disk.isFull = true;
  await store.deleteRun('big');
  expect(disk.isFull).toBe(false);
  expect(await store.runs()).toEqual([]);
  expect(await counts(setup.database)).toEqual({});
  await store.close();
});

test('a run whose contents another one holds is taken out of sight with the room that its points have made', async () => {
  const { setup, disk, store } = open();
  await addFullRun(setup.backend, runRecord('big', 0), 20);
  await addFullRun(setup.backend, runRecord('other', 1), 3);
  disk.isFull = true;
  await store.deleteRun('big');
  expect(await getRun(setup.backend, 'big')).toMatchObject({ deletedAt: expect.any(Number) });
  // 3 of the 5 contents are held by both.
  expect(await counts(setup.database)).toMatchObject({ runs: 2, packs: 3, contents: 3, references: 3, records: 3 + 12 });
  await store.maintain();
  expect(await store.runs()).toMatchObject([{ id: 'other' }]);
  expect(await counts(setup.database)).toMatchObject({ runs: 1, contents: 3, references: 3, records: 3 });
  expect((await store.records('other')).length).toBe(3);
  await store.close();
});

test('a run that was deleted before the disk was full is removed all the same, whoever looks after the store', async () => {
  const { setup, disk, store } = open();
  await addFullRun(setup.backend, runRecord('big', 0, { deletedAt: 5000 }), 20);
  await setup.backend.write(['runs'], (tx) => tx.put('runs', runRecord('small', 1)));
  await appendChunks(setup.backend, 'small', 0, 3);
  disk.isFull = true;
  await store.maintain();
  expect(disk.isFull).toBe(false);
  expect(await store.runs()).toMatchObject([{ id: 'small' }]);
  expect(await counts(setup.database)).toEqual({ runs: 1, journal: 3, tags: 2, meta: 1 });
  await store.close();
});

test('a retention policy keeps to its word on a full disk: the oldest run goes for good and makes room to let the others go', async () => {
  const { setup, disk, store } = open();
  for (let order = 0; order < 5; order++) await addFullRun(setup.backend, runRecord(`run ${order}`, order), 2);
  await setup.backend.write(['records'], (tx) => tx.delete('records', keysUnder('run 0')));
  disk.isFull = true;
  expect(await new Retention(setup.context, { keepRuns: 2 }).apply()).toEqual(['run 0', 'run 1', 'run 2']);
  expect(await getRun(setup.backend, 'run 0')).toBeUndefined();
  // With the room of the first, the others are only marked.
  expect((await getRun(setup.backend, 'run 1'))?.isPurging).toBeUndefined();
  expect(await store.restoreRun('run 1')).toMatchObject({ id: 'run 1' });
  expect((await store.runs()).map(({ id }) => id)).toEqual(['run 1', 'run 3', 'run 4']);
  await store.close();
});

test('a run with records that is let go on a full disk is emptied at once, and cannot be restored', async () => {
  const { setup, disk, store } = open({ keepRuns: 1 });
  for (let order = 0; order < 2; order++) await addFullRun(setup.backend, runRecord(`run ${order}`, order), 2);
  disk.isFull = true;
  await new Retention(setup.context, { keepRuns: 1 }).apply();
  expect(await getRun(setup.backend, 'run 0')).toMatchObject({ isPurging: true, deletedAt: expect.any(Number) });
  await store.maintain();
  expect(await counts(setup.database)).toMatchObject({ runs: 1, journal: 2, records: 2 });
  await store.close();
});

test('where no run can be let go for lack of room, deleted ones are removed and the others compacted all the same', async () => {
  const { setup, disk, store } = open({ keepRuns: 1 });
  await addFullRun(setup.backend, runRecord('gone', 0, { deletedAt: 5000 }), 2);
  for (const [order, id] of ['old', 'new'].entries()) await setup.backend.write(['runs'], (tx) => tx.put('runs', runRecord(id, 1 + order)));
  await appendChunks(setup.backend, 'new', 0, 3);
  disk.isFull = true;
  // An error that retention cannot help.
  const { live } = setup.context.locks;
  Object.assign(setup.context.locks, { live: () => Promise.reject(new DOMException('', 'QuotaExceededError')) });
  await expect(store.maintain()).rejects.toMatchObject({ code: 'store-full' });
  Object.assign(setup.context.locks, { live });
  expect(await getRun(setup.backend, 'gone')).toBeUndefined();
  expect(await getRun(setup.backend, 'new')).toMatchObject({ isSettled: true });
  await store.close();
});

test('where even that makes no room, the error says so and other runs are as they were', async () => {
  const { setup, disk, store } = open();
  await setup.backend.write(['runs'], async (tx) => {
    for (const [order, id] of ['a', 'b'].entries()) await tx.put('runs', runRecord(id, order));
  });
  await appendChunks(setup.backend, 'b', 0, 3);
  Object.defineProperty(disk, 'isFull', { get: () => true, set() {} });
  await store.deleteRun('a');
  await expect(store.updateRun('b', { notes: 'x' })).rejects.toMatchObject({ code: 'store-full' });
  expect(await store.runs()).toMatchObject([{ id: 'b' }]);
  expect(await store.tags('b')).toEqual([
    { tag: 'even', count: 15 },
    { tag: 'odd', count: 15 },
  ]);
  await store.close();
});
