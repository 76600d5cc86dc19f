import { afterEach, beforeEach, expect, test } from 'vitest';
import { deleteStore } from '../../../src/store/index.ts';
import { keyOf, openOutbox, outboxName, type Outbox, type QueuedBatch } from '../../../src/store/outbox.ts';

const store = 'outbox-tests';
const url = 'https://a.example/log';
let outbox: Outbox;

beforeEach(async () => {
  await deleteStore(store);
  const opened = await openOutbox(store);
  if (opened === undefined) throw new Error('no outbox in this browser');
  outbox = opened;
});
afterEach(async () => {
  outbox.letGo();
  await deleteStore(store);
});

function batch(id: string, more: Partial<QueuedBatch> = {}): QueuedBatch {
  return { url, since: 1, sender: 's', id, at: 1, items: 2, size: 100, body: 'x', ...more };
}

const ids = async (place = url): Promise<string[]> => (await outbox.keys(place)).map(([, , , id]) => id);

test('batches are kept for their address, in the order in which they were made', async () => {
  await outbox.add([batch('2'), batch('10a', { id: '1a' }), batch('1')], 1e6);
  await outbox.add([batch('0', { since: 2 }), batch('z', { url: `${url}/other` }), batch('y', { url: `${url}2` })], 1e6);
  expect(await ids()).toEqual(['1', '1a', '2', '0']);
  expect(await ids(`${url}/other`)).toEqual(['z']);
  await expect(outbox.read(keyOf(batch('1a')))).resolves.toEqual(batch('1a'));
  // As another page finds them.
  const other = await openOutbox(store);
  await expect(other?.keys(url)).resolves.toHaveLength(4);
  other?.letGo();
});

test('the oldest go when there is more than fits, and are counted; what was taken out leaves room', async () => {
  await expect(outbox.add([batch('1', { at: 5 }), batch('2', { at: 3, items: 7 }), batch('3', { at: 4 })], 350)).resolves.toBe(0);
  await expect(outbox.add([batch('4', { at: 6 })], 350)).resolves.toBe(7);
  expect(await ids()).toEqual(['1', '3', '4']);
  for (let i = 0; i < 2; i++) await outbox.replace(keyOf(batch('1', { at: 5 })));
  await expect(outbox.add([batch('5', { at: 7 })], 350)).resolves.toBe(0);
  await expect(outbox.add([batch('6', { at: 8 })], 350)).resolves.toBe(2);
  expect(await ids()).toEqual(['4', '5', '6']);
});

test('one is exchanged for its halves, unless somebody else has taken it out', async () => {
  await outbox.add([batch('1'), batch('2')], 1e6);
  const halves = [batch('1a', { size: 1, body: 'a' }), batch('1b', { size: 1, body: 'b' })];
  await outbox.replace(keyOf(batch('1')), halves);
  expect(await ids()).toEqual(['1a', '1b', '2']);
  await outbox.replace(keyOf(batch('0')), [batch('0a')]);
  expect(await ids()).toEqual(['1a', '1b', '2']);
});

test('it goes with its store, and stands in nobody’s way; used again it begins anew', async () => {
  await outbox.add([batch('1')], 1e6);
  await deleteStore(store);
  expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain(outboxName(store));
  expect(await ids()).toEqual([]);
  await outbox.add([batch('2')], 1e6);
  outbox.letGo();
  expect(await ids()).toEqual(['2']);
});

test('an open one gives a batch to the browser at once, before the page can go', async () => {
  await outbox.add([batch('1')], 1e6);
  const begun: string[] = [];
  const transaction = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (...args) {
    begun.push(this.name);
    return transaction.apply(this, args);
  };
  try {
    const added = outbox.add([batch('2')], 1e6);
    expect(begun).toEqual([outboxName(store)]);
    await added;
  } finally {
    IDBDatabase.prototype.transaction = transaction;
  }
});
