import { openDB } from 'idb';
import { expect, test } from 'vitest';
import { Connection, deleteDatabase } from '../../../src/store/database.ts';
import { deleteStore, openStore } from '../../../src/store/index.ts';
import { chunkOf } from '../../../src/testing/index.ts';
import { readRecords } from './raw-database.ts';

const point = (seq: number) => chunkOf('a', seq, [{ tag: 'x', value: seq, step: seq }]);

test('a store makes way for a newer program, then says that it is blocked; the data is untouched', async () => {
  const name = crypto.randomUUID();
  const store = await openStore(name);
  await store.createRun({ id: 'a', startedAt: 1 });
  await store.append(point(0));
  const newer = await openDB(`tabtrain:${name}`, 2, { upgrade: (database) => void database.createObjectStore('packs') });

  await expect(store.append(point(1))).rejects.toMatchObject({
    code: 'store-blocked',
    message: expect.stringMatching(/newer program.*Reload the page/),
  });
  await expect(store.runs()).rejects.toMatchObject({ code: 'store-blocked' });
  await expect(openStore(name)).rejects.toMatchObject({ code: 'store-blocked', message: expect.stringContaining(`openStore('${name}')`) });
  newer.close();
  expect((await readRecords(name, 'journal')).map((record) => record['seq'])).toEqual([0]);
  await store.close();
  await deleteStore(name);
});

test('opening over a tab that does not let go of an older database is an error, and succeeds once that tab has', async () => {
  const name = crypto.randomUUID();
  const older = await openDB(`tabtrain:${name}`, 1, { upgrade: (database) => void database.createObjectStore('a store of old') });
  const connection = new Connection(name, { version: 2, patienceMs: 0 });
  await expect(connection.open()).rejects.toMatchObject({
    code: 'store-blocked',
    message: expect.stringMatching(/another tab.*Close that tab and reload/),
  });
  older.close();
  // The browser finishes the upgrade that was waiting; the next call opens what it left.
  await expect.poll(async () => (await connection.open()).version).toBe(2);
  connection.close();
  await deleteStore(name);
});

test('deleting a store empties it for those who have it open; their writers are told that their run is gone', async () => {
  const name = crypto.randomUUID();
  const store = await openStore(name);
  await store.createRun({ id: 'a', startedAt: 1 });
  await store.append(point(0));
  await deleteStore(name);
  expect(await store.runs()).toEqual([]);
  await expect(store.append(point(1))).rejects.toMatchObject({ code: 'run-not-found' });
  await store.createRun({ id: 'b', startedAt: 1 });
  expect(await store.runs()).toMatchObject([{ id: 'b' }]);
  await store.close();
  await deleteStore(name);
});

test('deleting a store that somebody does not let go of is an error', async () => {
  const name = crypto.randomUUID();
  const rigid = await openDB(`tabtrain:${name}`, 1);
  await expect(deleteDatabase(name, 0)).rejects.toMatchObject({ code: 'store-blocked' });
  rigid.close();
  await deleteStore(name);
});
