import { openDB } from 'idb';
import { afterEach, expect, test, vi } from 'vitest';
import { cdp } from 'vitest/browser';
import type { LogError } from '../../../src/core/errors.ts';
import type { Warning } from '../../../src/core/warnings.ts';
import { deleteDatabase } from '../../../src/store/database.ts';
import { IdbBackend } from '../../../src/store/idb-backend.ts';
import { startRun } from '../../../src/run/index.ts';
import { deleteStore, describePlace, openStore } from '../../../src/store/index.ts';
import { schemaVersion } from '../../../src/store/schema.ts';
import { chunkOf } from '../../../src/testing/index.ts';
import { readRecords } from './raw-database.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const point = (seq: number) => chunkOf('a', seq, [{ tag: 'x', value: seq, step: seq }]);

test('a store makes way for a newer program, then says that it is blocked; the data is untouched', async () => {
  const name = crypto.randomUUID();
  const store = await openStore(name);
  await store.createRun({ id: 'a', startedAt: 1 });
  await store.append(point(0));
  const newer = await openDB(`tabtrain:${name}`, schemaVersion + 1, { upgrade: (database) => void database.createObjectStore('news') });

  await expect(store.append(point(1))).rejects.toMatchObject({
    code: 'store-blocked',
    message: expect.stringMatching(/newer program.*Reload the page/),
  });
  await expect(store.runs()).rejects.toMatchObject({ code: 'store-blocked' });
  newer.close();
  expect((await readRecords(name, 'journal')).map((record) => record['seq'])).toEqual([0]);
  await store.close();
  await deleteStore(name);
});

test('an older program that finds the database of a newer one keeps its runs in memory, and says so once; the data is untouched', async () => {
  const name = crypto.randomUUID();
  const newer = await openDB(`tabtrain:${name}`, schemaVersion + 1, { upgrade: (database) => void database.createObjectStore('news') });
  const warnings: Warning[] = [];
  const run = await startRun({ store: await openStore(name, { onWarning: (warning) => warnings.push(warning) }) });
  run.log('loss', 1, { step: 0 });
  await run.finish();
  expect(warnings).toEqual([{ key: `memory:${name}`, text: expect.stringMatching(/in memory only.*newer program.*Reload the page/) }]);
  expect(describePlace().map(({ key }) => key)).toEqual(['newer-database']);
  // A panel of this page that asks for the same name finds the same run.
  expect(await (await openStore(name, { onWarning: () => {} })).runs()).toMatchObject([{ id: run.id, status: 'finished' }]);
  expect([...newer.objectStoreNames]).toEqual(['news']);
  newer.close();
  await deleteStore(name);
  await (await openStore(name)).close();
  expect(describePlace()).toEqual([]);
  await deleteStore(name);
});

test('a run whose database a newer program takes goes on, ends without an error thrown, and is told of once', async () => {
  const name = crypto.randomUUID();
  const store = await openStore(name);
  const [told, warnings]: [string[], Warning[]] = [[], []];
  const onError = ({ code }: LogError): void => void told.push(code);
  const run = await startRun({ store, flushSecs: 0, onError, onWarning: (warning) => warnings.push(warning) });
  run.log('loss', 1, { step: 0 });
  await expect.poll(async () => (await readRecords(name, 'journal')).length).toBe(1);
  const newer = await openDB(`tabtrain:${name}`, schemaVersion + 1);
  for (let step = 1; step < 10; step++) run.log('loss', step, { step });
  await expect.poll(() => told).toEqual(['store-blocked']);
  expect(describePlace().map(({ key }) => key)).toEqual(['newer-database']);
  await run.finish();
  expect(told.every((code) => code === 'store-blocked')).toBe(true);
  expect(warnings.map(({ key }) => key)).toEqual(['unsaved']);
  expect((await readRecords(name, 'journal')).map((record) => record['seq'])).toEqual([0]);
  newer.close();
  await store.close();
  await deleteStore(name);
});

test('opening over a tab that does not let go is an error where patience is limited, and succeeds once that tab has', async () => {
  const name = crypto.randomUUID();
  const older = await openDB(`tabtrain:${name}`, 1, { upgrade: (database) => void database.createObjectStore('a store of old') });
  await expect(openStore(name, { patienceMs: 1 })).rejects.toMatchObject({
    code: 'store-blocked',
    message: expect.stringMatching(/openStore\('.*'\).*another tab.*Close other tabs.*untouched/),
  });
  older.close();
  // The browser finishes the upgrade that was waiting; the next call opens what it left.
  const store = await openStore(name);
  expect(await store.runs()).toEqual([]);
  await store.close();
  await deleteStore(name);
});

test('opening behind a deletion that a tab holds up waits, says so, and finds an empty store in the end', async () => {
  const name = crypto.randomUUID();
  const rigid = await openDB(`tabtrain:${name}`, 1);
  const warnings: Warning[] = [];
  // Only our own: of this the browser says nothing.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const deleting = deleteDatabase(name).catch((thrown: unknown) => thrown);
  const opening = openStore(name, { onWarning: (warning) => warnings.push(warning) });
  await vi.advanceTimersByTimeAsync(4_000);
  expect(await deleting).toMatchObject({ code: 'store-blocked' });
  expect(warnings).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(warnings.map(({ text }) => text)).toEqual([expect.stringMatching(/waiting for another tab.*is deleting it/)]);
  vi.useRealTimers();
  rigid.close();
  const store = await opening;
  expect(await store.runs()).toEqual([]);
  await store.close();
  await deleteStore(name);
});

test('a store that is closed while it waits lets go of the database as soon as it gets it', async () => {
  const name = crypto.randomUUID();
  const older = await openDB(`tabtrain:${name}`, 1);
  const backend = new IdbBackend(name);
  const opening = backend.open();
  backend.close();
  older.close();
  await opening;
  // Nobody is left who would have to let go first.
  const closed = vi.spyOn(IDBDatabase.prototype, 'close');
  await deleteDatabase(name);
  expect(closed).not.toHaveBeenCalled();
});

test('a database that the browser takes away, as when the user clears site data, is made again by the next call', async () => {
  const name = crypto.randomUUID();
  const store = await openStore(name);
  await store.createRun({ id: 'a', startedAt: 1 });
  await cdp().send('Storage.clearDataForOrigin', { origin: location.origin, storageTypes: 'indexeddb' });
  expect(await store.runs()).toEqual([]);
  await store.createRun({ id: 'b', startedAt: 1 });
  expect(await store.runs()).toMatchObject([{ id: 'b' }]);
  await store.close();
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

test('a store that cannot be opened as asked for holds no database that would stand in the way of others', async () => {
  const name = crypto.randomUUID();
  const closed = vi.spyOn(IDBDatabase.prototype, 'close');
  await expect(openStore(name, { retention: { maxBytes: -1 } })).rejects.toMatchObject({ code: 'bad-options' });
  await expect.poll(() => closed.mock.calls.length).toBe(1);
  await deleteStore(name);
});
