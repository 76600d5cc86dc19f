import { afterEach, expect, test, vi } from 'vitest';
import type { NewRecord } from '../../../src/core/records.ts';
import { deleteStore, openStore } from '../../../src/store/index.ts';
import type { MetricStore, StoredRecord } from '../../../src/store/metric-store.ts';
import { putRecord, readRecords } from './raw-database.ts';

afterEach(() => void vi.restoreAllMocks());

const opened: { readonly name: string; readonly store: MetricStore }[] = [];

afterEach(async () => {
  for (const { name, store } of opened.splice(0)) {
    await store.close();
    await deleteStore(name);
  }
});

async function make(...runIds: readonly string[]): Promise<{ readonly name: string; readonly store: MetricStore }> {
  const name = crypto.randomUUID();
  const store = await openStore(name);
  opened.push({ name, store });
  for (const id of runIds) await store.createRun({ id, startedAt: 1 });
  return { name, store };
}

function image(tag: string, content: Blob, more: Partial<NewRecord> = {}): NewRecord {
  return { kind: 'image', tag, step: 0, epoch: 0, wallTime: 1, content, ...more };
}

function noise(length: number, seed = 1): Blob {
  return new Blob([Uint8Array.from({ length }, (_, at) => (at * at + seed) % 251)], { type: 'image/png' });
}

/** How many records hold each content, by what lies in the database. */
async function references(name: string): Promise<readonly unknown[]> {
  const [contents, counts] = await Promise.all([readRecords(name, 'contents'), readRecords(name, 'references')]);
  expect(counts.map(({ hash }) => hash)).toEqual(contents.map(({ hash }) => hash));
  expect(contents.every(({ blob }) => blob instanceof Blob)).toBe(true);
  return counts.map((count) => Number(count['references'])).toSorted((a, b) => a - b);
}

test('equal contents lie in the database once, whoever gives them, and are whole after it was closed', async () => {
  const { name, store } = await make('a', 'b');
  const content = noise(300_000);
  await store.addRecords('a', [image('x', content), image('y', noise(300_000)), image('z', noise(300_000, 2))]);
  await store.addRecords('b', [image('x', new File([content], 'my secret name.png'))]);
  expect(await references(name)).toEqual([1, 3]);
  const files = (await readRecords(name, 'contents')).filter(({ blob }) => blob instanceof File);
  expect(files).toEqual([]);
  await store.close();
  const again = await openStore(name);
  for (const runId of ['a', 'b']) {
    const [record] = (await again.records(runId)) as [StoredRecord];
    const read = await again.content(record);
    expect(new Uint8Array((await read?.arrayBuffer()) ?? [])).toEqual(new Uint8Array(await content.arrayBuffer()));
  }
  await again.close();
});

test('references and contents are gone after their runs were removed, others stay', async () => {
  const { name, store } = await make('a', 'b');
  const many = Array.from({ length: 120 }, (_, i) => image(`x${i % 7}`, noise(5_000, i % 10), { step: i }));
  await store.addRecords('a', many);
  await store.addRecords('b', many.slice(0, 3));
  expect(await references(name)).toEqual([12, 12, 12, 12, 12, 12, 12, 13, 13, 13]);
  await store.deleteRun('a');
  await store.maintain();
  expect(await references(name)).toEqual([1, 1, 1]);
  expect((await readRecords(name, 'records')).map(({ runId }) => runId)).toEqual(['b', 'b', 'b']);
  await store.deleteRun('b');
  await store.maintain();
  expect([...(await references(name)), ...(await readRecords(name, 'records'))]).toEqual([]);
});

test('a worker stores a picture that it drew, and the page reads it', async () => {
  const { name, store } = await make('a');
  const worker = new Worker(new URL('./records.worker.ts', import.meta.url), { type: 'module' });
  const drawn = new Promise<{ readonly given: ArrayBuffer; readonly read: ArrayBuffer }>((resolve, reject) => {
    worker.addEventListener('message', (event) => resolve(event.data));
    worker.addEventListener('error', (event) => reject(new Error(event.message)));
  });
  worker.postMessage({ name, runId: 'a' });
  const { given, read } = await drawn;
  worker.terminate();
  expect(given.byteLength).toBeGreaterThan(4096);
  expect(new Uint8Array(read)).toEqual(new Uint8Array(given));
  const [record] = (await store.records('a')) as [StoredRecord];
  const content = await store.content(record);
  expect(new Uint8Array((await content?.arrayBuffer()) ?? [])).toEqual(new Uint8Array(given));
  const bitmap = await createImageBitmap(content ?? new Blob());
  expect([bitmap.width, bitmap.height]).toEqual([64, 64]);
});

test('a content is handed to the database once; no transaction of records holds up the journal; checkpoints are strict', async () => {
  const { store } = await make('a');
  const scopes: string[] = [];
  const transaction = IDBDatabase.prototype.transaction;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, names, mode, options) {
    const tx = transaction.call(this, names, mode, options);
    if (tx.mode === 'readwrite') scopes.push(`${tx.durability}: ${Array.from(tx.objectStoreNames).join(' ')}`);
    return tx;
  });
  const blobs: Blob[] = [];
  const put = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, ...rest) {
    if (this.name === 'contents') blobs.push(value.blob);
    return put.call(this, value, ...rest);
  });
  for (let step = 0; step < 3; step++) await store.addRecords('a', [image('x', noise(50_000), { step })]);
  await store.addRecords('a', [image('small', noise(50))]);
  await store.addRecords('a', [image('weights', noise(50_000), { kind: 'checkpoint' })]);
  expect(blobs.map(({ size }) => size)).toEqual([50_000]);
  const stores = 'contents records references runs';
  expect(scopes).toEqual([...Array.from({ length: 3 }, () => `relaxed: ${stores}`), 'relaxed: records runs', `strict: ${stores}`]);
});

test('a content whose bytes were damaged in the database is refused; the run is read all the same', async () => {
  const { name, store } = await make('a');
  await store.addRecords('a', [image('x', noise(50_000)), image('y', noise(60_000))]);
  const [x, y] = (await store.records('a')) as [StoredRecord, StoredRecord];
  await putRecord(name, 'contents', { hash: x.content?.hash, blob: noise(50_000, 2) });
  await expect(store.content(x)).rejects.toMatchObject({ code: 'bad-data' });
  expect((await store.content(y))?.size).toBe(60_000);
});
