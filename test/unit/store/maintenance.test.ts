import { afterEach, expect, test, vi } from 'vitest';
import { Maintenance, type MaintenanceParts } from '../../../src/store/maintenance.ts';
import { MemoryDatabase } from '../../../src/store/memory-backend.ts';
import { RecordStore } from '../../../src/store/record-store.ts';
import { RunCatalog } from '../../../src/store/run-catalog.ts';
import type { StoreBackend } from '../../../src/store/store-backend.ts';
import { HaltingBackend } from './halting-backend.ts';
import { addFullRun, addRun, appendChunks, counts, getRun, runRecord, type Setup, setUp } from './maintenance-setup.ts';
import { storedPoints } from './stored-points.ts';

const compactor = { unitBytes: 1000, smallRun: 0, smallTail: 20 };

function maintain(setup: Setup, parts: Partial<MaintenanceParts> = {}): Maintenance {
  return new Maintenance(setup.context, { records: new RecordStore(setup.context), compactor, ...parts });
}

async function addLoggedRun(
  setup: Setup,
  id: string,
  order: number,
  chunks: number,
  more: Parameters<typeof runRecord>[2] = {},
): Promise<void> {
  await addRun(setup.backend, runRecord(id, order, { status: 'running' }));
  await appendChunks(setup.backend, id, 0, chunks);
  await addRun(setup.backend, runRecord(id, order, more));
}

/** Counts transactions over the journal. */
function counting(backend: StoreBackend): { readonly backend: StoreBackend; journal: number } {
  const counted = {
    journal: 0,
    backend: {
      read: (stores, work) => {
        if (stores.includes('journal')) counted.journal += 1;
        return backend.read(stores, work);
      },
      write: (stores, work, options) => {
        if (stores.includes('journal')) counted.journal += 1;
        return backend.write(stores, work, options);
      },
      suspend: () => {},
      close: () => {},
    } satisfies StoreBackend,
  };
  return counted;
}

afterEach(() => {
  vi.useRealTimers();
});

test('maintain() compacts ended runs and removes deleted ones at once', async () => {
  const setup = setUp();
  await addLoggedRun(setup, 'a', 0, 30);
  await addFullRun(setup.backend, runRecord('b', 1, { deletedAt: Date.now() }), 60);
  const before = await storedPoints(setup.backend, 'a');
  await maintain(setup).maintain();
  expect(await storedPoints(setup.backend, 'a')).toEqual(before);
  expect(await getRun(setup.backend, 'a')).toMatchObject({ isSettled: true });
  const left = await counts(setup.database);
  expect(left).toMatchObject({ runs: 1, tags: 2 });
  expect(left.journal ?? 0).toBeLessThan(10);
  expect(left).not.toHaveProperty('records');
});

test('ended runs that are settled cost no look at their journals, at any later start', async () => {
  const plain = setUp();
  for (let order = 0; order < 50; order++) await addLoggedRun(plain, `run ${order}`, order, 1);
  const counted = counting(plain.backend);
  const setup = setUp({ wrap: () => counted.backend });
  await maintain(setup).maintain();
  expect(counted.journal).toBeGreaterThanOrEqual(50);
  counted.journal = 0;
  await maintain(setup).maintain();
  expect(counted.journal).toBe(0);
});

test('a run is compacted while it is written, whenever a unit has been appended', async () => {
  const plain = setUp();
  const counted = counting(plain.backend);
  const setup = setUp({ wrap: () => counted.backend });
  const maintenance = maintain(setup);
  await addRun(plain.backend, runRecord('a', 0, { status: 'running' }));
  await setup.context.locks.take('a');
  const sizes = await appendChunks(plain.backend, 'a', 0, 40);
  const perUnit = Math.ceil(1000 / (sizes[0] ?? 0));
  for (const bytes of sizes.slice(0, perUnit)) maintenance.appended('a', bytes, 10);
  await vi.waitFor(() => expect(counted.journal).toBe(0));
  for (const bytes of sizes.slice(perUnit)) maintenance.appended('a', bytes, 10);
  await vi.waitFor(async () => expect((await getRun(plain.backend, 'a'))?.compactedTo).toBeGreaterThan(30));
  expect(setup.warnings).toEqual([]);
});

test('a run that another store is writing is left to that store; maintain() looks at all', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const plain = setUp();
  const counted = counting(plain.backend);
  const setup = setUp({ wrap: () => counted.backend });
  await addLoggedRun(plain, 'live', 0, 30, { status: 'running' });
  await setup.context.locks.take('live');
  await addLoggedRun(plain, 'interrupted', 1, 30, { status: 'running' });
  const maintenance = maintain(setup);
  maintenance.start();
  await vi.advanceTimersByTimeAsync(2000);
  vi.useRealTimers();
  await vi.waitFor(async () => expect(await getRun(plain.backend, 'interrupted')).toMatchObject({ isSettled: true }));
  expect((await getRun(plain.backend, 'live'))?.compactedTo).toBeUndefined();
  await maintenance.maintain();
  expect((await getRun(plain.backend, 'live'))?.compactedTo).toBeGreaterThan(10);
  // What a store writes itself it looks at, too: it may have been another's before.
  await appendChunks(plain.backend, 'live', 30, 60);
  maintenance.appended('live', 1, 1);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  maintenance.start();
  await vi.advanceTimersByTimeAsync(2000);
  vi.useRealTimers();
  await vi.waitFor(async () => expect((await getRun(plain.backend, 'live'))?.compactedTo).toBeGreaterThan(40));
  maintenance.close();
});

test('what could be stored only after its run had ended is compacted at last', async () => {
  const plain = setUp();
  const maintenance = maintain(plain);
  await addLoggedRun(plain, 'a', 0, 1);
  maintenance.runEnded('a');
  await vi.waitFor(async () => expect(await getRun(plain.backend, 'a')).toMatchObject({ isSettled: true }));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const [bytes = 0] = await appendChunks(plain.backend, 'a', 1, 2);
  maintenance.appended('a', bytes, 10);
  await vi.waitFor(async () => expect((await getRun(plain.backend, 'a'))?.isSettled).toBeUndefined());
  await vi.advanceTimersByTimeAsync(2000);
  vi.useRealTimers();
  await vi.waitFor(async () => expect(await getRun(plain.backend, 'a')).toMatchObject({ isSettled: true, compactedTo: 1 }));
  // Another page finds what this one has no time for.
  const sizes = await appendChunks(plain.backend, 'a', 2, 6);
  for (const size of sizes) maintenance.appended('a', size, 10);
  await vi.waitFor(async () => expect((await getRun(plain.backend, 'a'))?.isSettled).toBeUndefined());
  maintenance.close();
  await maintain(setUp({ database: plain.database })).maintain();
  expect(await getRun(plain.backend, 'a')).toMatchObject({ isSettled: true, compactedTo: 5 });
});

test('a run that was continued is not taken for one that has ended', async () => {
  const plain = setUp();
  const maintenance = maintain(plain);
  await addLoggedRun(plain, 'a', 0, 3);
  maintenance.runEnded('a');
  await vi.waitFor(async () => expect(await getRun(plain.backend, 'a')).toMatchObject({ isSettled: true }));
  const continued = runRecord('a', 0, { status: 'running', resumes: [{ generation: 1, fromSeq: 3, at: 0 }] });
  await addRun(plain.backend, continued);
  await plain.context.locks.take('a');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  maintenance.appended('a', 100, 10);
  await plain.backend.read(['runs'], async () => {});
  expect(vi.getTimerCount()).toBe(0);
  expect(await getRun(plain.backend, 'a')).toEqual(continued);
  maintenance.close();
});

test('a deleted run is removed ten seconds later, unless it is restored', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const setup = setUp();
  const maintenance = maintain(setup);
  const catalog = new RunCatalog({ backend: setup.backend, onDamage() {} });
  for (const id of ['a', 'b']) {
    await addFullRun(setup.backend, runRecord(id, 0), 3);
    await catalog.markDeleted(id, Date.now());
    maintenance.runDeleted(id);
  }
  await vi.advanceTimersByTimeAsync(9900);
  await catalog.restore('b');
  expect((await counts(setup.database)).packs).toBe(6);
  await vi.advanceTimersByTimeAsync(200);
  vi.useRealTimers();
  await vi.waitFor(async () => expect((await counts(setup.database)).runs).toBe(1));
  expect(await getRun(setup.backend, 'b')).toEqual(runRecord('b', 0, { nextIndex: 3 }));
  expect((await counts(setup.database)).packs).toBe(3);
});

test('soon after opening, a database is looked at: what an earlier page has left to do is done', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const plain = setUp();
  await addLoggedRun(plain, 'a', 0, 30);
  await addFullRun(plain.backend, runRecord('purging', 1), 3);
  await addRun(plain.backend, runRecord('purging', 1, { deletedAt: Date.now(), isPurging: true }));
  await addFullRun(plain.backend, runRecord('deleted', 2, { deletedAt: Date.now() }), 3);
  const maintenance = maintain({ ...plain, context: { ...plain.context, kind: 'indexeddb' } });
  maintenance.start();
  await vi.advanceTimersByTimeAsync(2000);
  vi.useRealTimers();
  await vi.waitFor(async () => expect(await getRun(plain.backend, 'a')).toMatchObject({ isSettled: true }));
  await vi.waitFor(async () => expect(await getRun(plain.backend, 'purging')).toBeUndefined());
  expect(await getRun(plain.backend, 'deleted')).toBeDefined();
  maintenance.close();
});

test.each([
  ['with locks', {}],
  ['without locks', { locks: undefined }],
])('two tabs that look after one database do each piece of work once (%s)', async (_name, parts) => {
  const database = new MemoryDatabase();
  const plain = setUp({ database });
  for (let order = 0; order < 4; order++) await addLoggedRun(plain, `run ${order}`, order, 30);
  await addFullRun(plain.backend, runRecord('b', 4, { deletedAt: 0 }), 120);
  const before = await storedPoints(plain.backend, 'run 2');
  const tabs = [maintain(plain, parts), maintain(plain, parts)];
  await Promise.all(tabs.map((tab) => tab.maintain()));
  expect(await storedPoints(plain.backend, 'run 2')).toEqual(before);
  const packs = (await counts(database)).packs ?? 0;
  const once = setUp();
  for (let order = 0; order < 4; order++) await addLoggedRun(once, `run ${order}`, order, 30);
  await maintain(once).maintain();
  expect(packs).toBe((await counts(once.database)).packs);
  expect(plain.warnings).toEqual([]);
});

test('a store that is put aside stops, others go on, and a later call takes the rest up again', async () => {
  const plain = setUp();
  for (let order = 0; order < 4; order++) await addLoggedRun(plain, `run ${order}`, order, 30);
  let isSuspended = false;
  let waiting: Promise<void> | undefined;
  const setup = setUp({
    wrap: () => ({
      read: (stores, work) => plain.backend.read(stores, work),
      async write(stores, work, options) {
        const result = await plain.backend.write(stores, work, options);
        if (stores.includes('packs') && !isSuspended) {
          isSuspended = true;
          waiting = maintenance.purgeNow('run 3');
          maintenance.suspend();
        }
        return result;
      },
      suspend: () => {},
      close: () => {},
    }),
  });
  const maintenance = maintain(setup);
  await expect(maintenance.maintain()).rejects.toMatchObject({ code: 'store-failed' });
  await expect(waiting).rejects.toMatchObject({ code: 'store-failed' });
  expect(await counts(plain.database)).not.toHaveProperty('units');
  await maintain(setUp({ database: plain.database })).maintain();
  await maintenance.maintain();
  for (let order = 0; order < 4; order++) expect(await getRun(setup.backend, `run ${order}`)).toMatchObject({ isSettled: true });
  maintenance.close();
  await expect(maintenance.purgeNow('run 0')).rejects.toMatchObject({ code: 'store-closed' });
  expect(setup.warnings).toEqual([]);
});

test('the id of a deleted run is free when purgeNow() has resolved; other runs keep theirs', async () => {
  const setup = setUp();
  await addFullRun(setup.backend, runRecord('a', 0, { deletedAt: Date.now() }), 60);
  await addFullRun(setup.backend, runRecord('b', 1), 3);
  const maintenance = maintain(setup);
  await Promise.all([maintenance.purgeNow('a'), maintenance.purgeNow('b'), maintenance.purgeNow('nobody')]);
  expect(await counts(setup.database)).toMatchObject({ runs: 1, journal: 3, packs: 3, records: 3 });
});

test('an error in the background is told once and hurts nobody; maintain() hands it on', async () => {
  const plain = setUp();
  await addLoggedRun(plain, 'a', 0, 30);
  const halting = new HaltingBackend(plain.backend);
  const setup = setUp({ wrap: () => halting });
  const maintenance = maintain(setup);
  halting.haltAfter(8);
  maintenance.runEnded('a');
  await vi.waitFor(() => expect(setup.warnings.map(({ key }) => key)).toEqual(['maintenance:store-failed']));
  maintenance.runEnded('a');
  await expect(maintenance.maintain()).rejects.toThrow('killed');
  expect(setup.warnings).toHaveLength(1);
  halting.haltAfter(Infinity);
  await maintenance.maintain();
  expect(await getRun(plain.backend, 'a')).toMatchObject({ isSettled: true });
});

test('work whose turn was lost to another tab is taken up again', async () => {
  const plain = setUp();
  await addLoggedRun(plain, 'a', 0, 30);
  let isLost = false;
  const setup = setUp({
    wrap: () => ({
      read: (stores, work) => plain.backend.read(stores, work),
      async write(stores, work, options) {
        if (stores.includes('units') && !isLost) {
          isLost = true;
          await plain.backend.write(['meta'], (tx) => tx.put('meta', { name: 'maintenance', holder: 'another tab' }));
        }
        return plain.backend.write(stores, work, options);
      },
      suspend: () => {},
      close: () => {},
    }),
  });
  await maintain(setup).maintain();
  expect(isLost).toBe(true);
  expect(await getRun(plain.backend, 'a')).toMatchObject({ isSettled: true });
});

test('a run that ends while it is being looked at is looked at again', async () => {
  const plain = setUp();
  await addLoggedRun(plain, 'a', 0, 5, { status: 'running' });
  let isEnded = false;
  const setup = setUp({
    wrap: () => ({
      async read(stores, work) {
        const result = await plain.backend.read(stores, work);
        if (stores.includes('journal') && !isEnded) {
          isEnded = true;
          await addRun(plain.backend, runRecord('a', 0));
          maintenance.runEnded('a');
        }
        return result;
      },
      write: (stores, work, options) => plain.backend.write(stores, work, options),
      suspend: () => {},
      close: () => {},
    }),
  });
  await setup.context.locks.take('a');
  const maintenance = maintain(setup);
  await maintenance.maintain();
  expect(await getRun(plain.backend, 'a')).toMatchObject({ isSettled: true, compactedTo: 4 });
});

test('a retention policy is applied when a run is made, when one ends, and by maintain()', async () => {
  const setup = setUp();
  const maintenance = maintain(setup, { retention: { keepRuns: 1 } });
  let told = 0;
  setup.context.hints.listen({ onRuns: () => void (told += 1) });
  await addRun(setup.backend, runRecord('a', 0));
  await addRun(setup.backend, runRecord('b', 1, { status: 'running' }));
  const lock = await setup.context.locks.take('b');
  maintenance.runMade('b');
  await vi.waitFor(async () => expect((await getRun(setup.backend, 'a'))?.deletedAt).toBeDefined());
  expect(told).toBeGreaterThan(0);
  await addRun(setup.backend, runRecord('b', 1));
  await addRun(setup.backend, runRecord('c', 2, { status: 'running' }));
  await lock.release();
  maintenance.runEnded('b');
  await vi.waitFor(async () => expect((await getRun(setup.backend, 'b'))?.deletedAt).toBeDefined());
  await addRun(setup.backend, runRecord('d', 3));
  await maintenance.maintain();
  // What it lets go of is removed at once, too.
  expect(await counts(setup.database)).toMatchObject({ runs: 1 });
  maintenance.close();
});
