import { openDB } from 'idb';
import { afterEach, expect, test } from 'vitest';
import { folderFiles, opfsFolder } from '../../../src/loggers/index.ts';
import { clearDevice, deleteStore, memoryStore, openStore } from '../../../src/store/index.ts';

// Other tests leave nothing behind, and this one clears all.
afterEach(async () => {
  await clearDevice();
});

async function storeWithRun(name: string): Promise<void> {
  const store = await openStore(name);
  await store.createRun({ id: 'a', startedAt: 1 });
  await store.close();
}

async function listed<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const databases = async (): Promise<(string | undefined)[]> => (await indexedDB.databases()).map(({ name }) => name);

test('all stores, what waits to be sent, runs in memory and log folders go; what is not ours stays', async () => {
  await clearDevice();
  await storeWithRun('first');
  await storeWithRun('second');
  (await openDB('tabtrain-outbox:third')).close();
  (await openDB('somebody else', 1)).close();
  await memoryStore('fourth').createRun({ id: 'a', startedAt: 1 });
  const root = await navigator.storage.getDirectory();
  const bytes = new Uint8Array([1, 2, 3]);
  await opfsFolder('logs').write('run/events', bytes);
  await opfsFolder('class/ada').write('metrics.csv', bytes);
  await root.getFileHandle('not ours', { create: true });

  expect(await clearDevice()).toMatchObject({
    stores: expect.arrayContaining(['first', 'fourth', 'second', 'third']),
    folders: ['class/ada', 'logs'],
    left: [],
  });
  expect((await databases()).filter((name) => name?.startsWith('tabtrain'))).toEqual([]);
  expect(await databases()).toContain('somebody else');
  expect(await memoryStore('fourth').runs()).toEqual([]);
  expect(await listed(root.keys())).toEqual(['not ours']);
  // What goes on logging starts anew, and is found again.
  await opfsFolder('logs').write('again', bytes);
  expect((await listed(folderFiles(opfsFolder('logs')))).map(({ path }) => path)).toEqual(['again']);
  expect((await clearDevice()).folders).toEqual(['logs']);
  expect(await clearDevice()).toMatchObject({ folders: [], left: [] });
  await root.removeEntry('not ours');
  indexedDB.deleteDatabase('somebody else');
});

test('a store that some tab does not let go of is named as left, and the rest goes all the same', async () => {
  await storeWithRun('free');
  const rigid = await openDB('tabtrain:held');
  const { stores, left } = await clearDevice();
  expect(stores).toContain('free');
  expect(left).toEqual([{ name: 'held', error: expect.objectContaining({ code: 'store-blocked' }) }]);
  rigid.close();
  await deleteStore('held');
});
