import { afterEach, expect, test, vi } from 'vitest';
import { deleteStore, openStore } from '../../../src/store/index.ts';
import { chunkOf, type ChunkPoint } from '../../../src/testing/index.ts';
import { readRecords } from './raw-database.ts';

afterEach(() => void vi.restoreAllMocks());

interface Seen {
  readonly scope: readonly string[];
  readonly mode: string;
  readonly durability: string;
}

/** Notes every transaction from now on. */
function watchTransactions(): Seen[] {
  const seen: Seen[] = [];
  const original = IDBDatabase.prototype.transaction;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, names, mode, options) {
    const tx = original.call(this, names, mode, options);
    seen.push({ scope: Array.from(tx.objectStoreNames), mode: tx.mode, durability: tx.durability });
    return tx;
  });
  return seen;
}

const points = (seq: number, tags: readonly string[]): readonly ChunkPoint[] =>
  Array.from({ length: 4096 }, (_, row) => ({
    tag: tags[row % tags.length] ?? '',
    value: Math.cos(row),
    step: seq * 4096 + row,
    wallTime: 1_700_000_000 + row / 1000,
  }));

test('append is one relaxed transaction over the stores it needs: the journal, and tags only where one is new', async () => {
  const name = crypto.randomUUID();
  const store = await openStore(name);
  await store.createRun({ id: 'a', startedAt: 1 });
  const seen = watchTransactions();
  await store.append(chunkOf('a', 0, points(0, ['x', 'y'])));
  await store.append(chunkOf('a', 1, points(1, ['x', 'y'])));
  await store.append(chunkOf('a', 2, points(2, ['y'])));
  await store.append(chunkOf('a', 3, points(3, ['y', 'z'])));
  expect(seen).toEqual([
    { scope: ['journal', 'runs', 'tags'], mode: 'readwrite', durability: 'relaxed' },
    { scope: ['journal'], mode: 'readwrite', durability: 'relaxed' },
    { scope: ['journal'], mode: 'readwrite', durability: 'relaxed' },
    { scope: ['journal', 'tags'], mode: 'readwrite', durability: 'relaxed' },
  ]);
  await store.close();
  await deleteStore(name);
});

test('a follower in the same page costs no more than a read per announcement and one that finds the end', async () => {
  const name = crypto.randomUUID();
  const store = await openStore(name);
  await store.createRun({ id: 'a', startedAt: 1 });
  const heard: number[] = [];
  store.follow('a', (chunk) => heard.push(chunk.seq));
  const seen = watchTransactions();
  for (let seq = 0; seq < 50; seq++) await store.append(chunkOf('a', seq, points(seq, ['x'])));
  await expect.poll(() => heard.length).toBe(50);
  const writes = seen.filter(({ mode }) => mode === 'readwrite').length;
  expect(writes).toBe(50);
  expect(seen.length - writes).toBeLessThan(50);
  await store.close();
  await deleteStore(name);
});

test('a stored point takes at most 14 bytes when 20 tags are logged together, keys and record included', async () => {
  const name = crypto.randomUUID();
  const store = await openStore(name);
  const { id } = await store.createRun({ startedAt: 1 });
  const tags = Array.from({ length: 20 }, (_, index) => `train/metrics/metric-${index}/step`);
  for (let seq = 0; seq < 5; seq++) await store.append(chunkOf(id, seq, points(seq, tags)));
  await store.close();

  const records = await readRecords(name, 'journal');
  // Everything that is not the packed buffer, written as JSON, is more than IndexedDB takes for it.
  const sizes = records.map(
    (record) => (record['bytes'] as ArrayBuffer).byteLength + 2 * JSON.stringify({ ...record, bytes: undefined }).length,
  );
  expect(records.length).toBe(5);
  expect(sizes.reduce((sum, size) => sum + size, 0) / (5 * 4096)).toBeLessThan(14);
  await deleteStore(name);
});
