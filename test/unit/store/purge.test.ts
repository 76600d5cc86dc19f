import { expect, test } from 'vitest';
import { Appender } from '../../../src/store/appender.ts';
import { MemoryBackend, MemoryDatabase } from '../../../src/store/memory-backend.ts';
import { isPurgeDue, purgeRun } from '../../../src/store/purge.ts';
import { RecordStore } from '../../../src/store/record-store.ts';
import type { StoreName } from '../../../src/store/schema.ts';
import type { StoreBackend, Writing } from '../../../src/store/store-backend.ts';
import { onePoint } from '../../../src/testing/contract-tools.ts';
import { HaltingBackend } from './halting-backend.ts';
import { addFullRun, addRun, appendChunks, counts, getRun, inTurn, runRecord, type Setup, setUp } from './maintenance-setup.ts';

const deleted = { deletedAt: 5000 };

async function purge(setup: Setup, runId: string): Promise<void> {
  const records = new RecordStore(setup.context);
  while (await inTurn(setup, (turn) => purgeRun(runId, turn, records, () => true))) {
    // Until nothing is left to do.
  }
}

test('a purge removes all that a run has, and of contents only those that no other run holds', async () => {
  const setup = setUp();
  await addFullRun(setup.backend, runRecord('a', 0, deleted), 120);
  await addFullRun(setup.backend, runRecord('b', 1), 3);
  // The numbers of 'b' alone: its 3 images have 3 of the 5 contents.
  await purge(setup, 'a');
  expect(await counts(setup.database)).toEqual({
    runs: 1,
    journal: 3,
    tags: 3,
    units: 3,
    packs: 3,
    summaries: 3,
    records: 3,
    contents: 3,
    references: 3,
    meta: 1,
  });
  expect(await getRun(setup.backend, 'b')).toMatchObject({ id: 'b' });
});

test('a purge may be broken off after any transaction: what is left goes the next time, and others lose nothing', async () => {
  const model = setUp();
  await addFullRun(model.backend, runRecord('b', 1), 3);
  let isComplete = false;
  for (let transactions = 1; !isComplete; transactions++) {
    const database = new MemoryDatabase();
    const plain = setUp({ database });
    await addFullRun(plain.backend, runRecord('a', 0, deleted), 60);
    await addFullRun(plain.backend, runRecord('b', 1), 3);
    const halting = new HaltingBackend(plain.backend);
    halting.haltAfter(transactions);
    isComplete = await purge(setUp({ wrap: () => halting }), 'a').then(
      () => true,
      () => false,
    );
    const left = await counts(database);
    // Last of all the record goes: until then the next start knows what there is to remove.
    if ((left.journal ?? 0) + (left.packs ?? 0) + (left.tags ?? 0) + (left.records ?? 0) > 4 * 3) expect(left.runs).toBe(2);
    await purge(setUp({ database }), 'a');
    expect(await counts(database)).toEqual({ ...(await counts(model.database)), meta: 1 });
    expect(transactions).toBeLessThan(100);
  }
});

test('a run that was restored, or whose undo window is open, keeps everything', async () => {
  const setup = setUp();
  await addFullRun(setup.backend, runRecord('a', 0), 3);
  await addFullRun(setup.backend, runRecord('b', 1, deleted), 3);
  const before = await counts(setup.database);
  await purge(setup, 'a');
  await purge(setup, 'nobody');
  const records = new RecordStore(setup.context);
  expect(await inTurn(setup, (turn) => purgeRun('b', turn, records, (record) => isPurgeDue(record, 14_999)))).toBe(false);
  expect(await counts(setup.database)).toEqual({ ...before, meta: 1 });
});

test('a run is due ten seconds after it was deleted, also when the clock was set back, and at once when its purge has begun', () => {
  expect(isPurgeDue(runRecord('a', 0), 10 ** 9)).toBe(false);
  expect(isPurgeDue(runRecord('a', 0, deleted), 14_999)).toBe(false);
  expect(isPurgeDue(runRecord('a', 0, deleted), 15_000)).toBe(true);
  expect(isPurgeDue(runRecord('a', 0, { deletedAt: 90_000 }), 60_000)).toBe(true);
  expect(isPurgeDue(runRecord('a', 0, { ...deleted, isPurging: true }), 5001)).toBe(true);
});

test('whoever still writes a run learns with the first transaction of its purge that it is gone', async () => {
  const database = new MemoryDatabase();
  const plain = setUp({ database });
  await addRun(plain.backend, runRecord('a', 0, { ...deleted, status: 'running' }));
  const appender = new Appender(plain.backend);
  await appendChunks(plain.backend, 'a', 0, 5);
  await appender.append(onePoint('a', 5));
  const halting = new HaltingBackend(plain.backend);
  // One transaction for the turn, one for the beginning.
  halting.haltAfter(2);
  await expect(purge(setUp({ wrap: () => halting }), 'a')).rejects.toThrow('killed');
  expect(await getRun(plain.backend, 'a')).toMatchObject({ isPurging: true });
  await expect(appender.append(onePoint('a', 6))).rejects.toMatchObject({ code: 'run-not-found' });
});

test('no transaction of a purge removes more than fifty records', async () => {
  const setup = setUp();
  await addFullRun(setup.backend, runRecord('a', 0, deleted), 170);
  const removed: number[] = [];
  const counting: StoreBackend = {
    read: (stores, work) => setup.backend.read(stores, work),
    async write<Result>(stores: readonly StoreName[], work: (tx: Writing) => Promise<Result>): Promise<Result> {
      const total = async (): Promise<number> => Object.values(await counts(setup.database)).reduce((sum, count) => sum + count, 0);
      const before = await total();
      const result = await setup.backend.write(stores, work);
      removed.push(before - (await total()));
      return result;
    },
    suspend: () => {},
    close: () => {},
  };
  await purge(setUp({ wrap: () => counting }), 'a');
  // With images go their contents and their counts: 5 of each at most.
  expect(Math.max(...removed)).toBeLessThanOrEqual(60);
  expect(removed.filter((count) => count >= 50).length).toBeGreaterThanOrEqual(15);
  expect(await counts(setup.database)).toEqual({ meta: 1 });
});

test('another tab that has taken the turn over stops a purge', async () => {
  const setup = setUp();
  await addFullRun(setup.backend, runRecord('a', 0, deleted), 3);
  const before = await counts(setup.database);
  const records = new RecordStore(setup.context);
  const purging = inTurn(setup, async (turn) => {
    await new MemoryBackend(setup.database).write(['meta'], (tx) => tx.put('meta', { name: 'maintenance', holder: 'another tab' }));
    return purgeRun('a', turn, records, () => true);
  });
  await expect(purging).rejects.toThrow('somebody else');
  expect(await counts(setup.database)).toEqual({ ...before, meta: 1 });
});
