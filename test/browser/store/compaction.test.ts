import { afterEach, expect, test, vi } from 'vitest';
import { deleteStore, type MetricStore, openStore, type ScalarChunk } from '../../../src/store/index.ts';
import { readRecords } from './raw-database.ts';

const pointsPerChunk = 4096;
const tags = Array.from({ length: 20 }, (_, index) => `tag-${index}`);
const tag = Uint16Array.from({ length: pointsPerChunk }, (_, row) => row % tags.length);

/** Values that no packing can shorten. */
function chunkOf(runId: string, seq: number): ScalarChunk {
  const first = seq * pointsPerChunk;
  const column = (of: (index: number) => number): Float64Array => Float64Array.from(tag, (_number, row) => of(first + row));
  return {
    runId,
    seq,
    tags,
    tag,
    step: column((index) => Math.floor(index / tags.length)),
    epoch: new Float64Array(pointsPerChunk),
    wallTime: column((index) => 1_700_000_000 + index / 1000),
    value: column(Math.sin),
  };
}

/** Appends chunks from one to before another, four at a time as a fast writer does. */
async function append(store: MetricStore, runId: string, from: number, to: number): Promise<void> {
  for (let seq = from; seq < to; seq += 4) {
    await Promise.all(Array.from({ length: Math.min(4, to - seq) }, (_, index) => store.append(chunkOf(runId, seq + index))));
  }
}

/** What one transaction that writes has put. */
interface Written {
  readonly scope: readonly string[];
  readonly stores: string[];
  bytes: number;
}

/** Notes what every transaction from now on writes. */
function watchWrites(): readonly Written[] {
  const all: Written[] = [];
  const byTransaction = new Map<IDBTransaction, Written>();
  const { add, put } = IDBObjectStore.prototype;
  const note = (store: IDBObjectStore, record: unknown): void => {
    let written = byTransaction.get(store.transaction);
    if (written === undefined) {
      written = { scope: Array.from(store.transaction.objectStoreNames), stores: [], bytes: 0 };
      byTransaction.set(store.transaction, written);
      all.push(written);
    }
    written.stores.push(store.name);
    written.bytes += sizeOf(record);
  };
  vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (this: IDBObjectStore, record: unknown, key) {
    note(this, record);
    return add.call(this, record, key);
  });
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, record: unknown, key) {
    note(this, record);
    return put.call(this, record, key);
  });
  return all;
}

function sizeOf(record: unknown): number {
  const buffers = Object.values(record as object).filter((part) => part instanceof ArrayBuffer);
  return JSON.stringify(record).length + buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** The sum of the values of all tags as they are read, tag by tag. */
async function sumOfSeries(store: MetricStore, runId: string): Promise<readonly [points: number, sum: number]> {
  const series = await Promise.all(tags.map((name) => store.series(runId, name)));
  const values = series.flatMap((one) => (one.kind === 'points' ? [...one.value] : []));
  return [values.length, values.reduce((sum, value) => sum + value, 0)];
}

afterEach(() => void vi.restoreAllMocks());

test('by count: no transaction over the journal writes more than 64 kB beside the flush itself', async () => {
  const name = crypto.randomUUID();
  const store = await openStore(name);
  await store.createRun({ id: 'a', startedAt: 1 });
  const lock = await store.lockRun('a');
  const written = watchWrites();
  const chunks = 520;
  await append(store, 'a', 0, chunks);
  await store.maintain();
  const whileWritten = await readRecords(name, 'units');
  expect(whileWritten.length).toBeGreaterThanOrEqual(2);
  await store.updateRun('a', { status: 'finished', endedAt: 2 });
  lock.release();
  await store.maintain();
  expect(await readRecords(name, 'journal')).toEqual([]);
  expect((await readRecords(name, 'units')).length).toBeGreaterThan(whileWritten.length);

  const flushes = written.filter(({ stores }) => stores.includes('journal'));
  expect(flushes.length).toBe(chunks);
  const others = written.filter(({ scope, stores }) => scope.includes('journal') && !stores.includes('journal'));
  expect(others.length).toBeGreaterThanOrEqual(3);
  expect(Math.max(...others.map(({ bytes }) => bytes))).toBeLessThan(65_536);
  expect(flushes.every(({ stores }) => stores.filter((each) => each === 'journal').length === 1)).toBe(true);
  // Packs go a megabyte at a time, in transactions that no append waits for.
  const packing = written.filter(({ stores }) => stores.includes('packs'));
  expect(packing.some(({ scope }) => scope.includes('journal') || scope.includes('runs'))).toBe(false);
  expect(Math.max(...packing.map(({ bytes }) => bytes))).toBeLessThan(1.05 * 2 ** 20);

  const points = chunks * pointsPerChunk;
  const [count, sum] = await sumOfSeries(store, 'a');
  expect(count).toBe(points);
  let expected = 0;
  for (let index = 0; index < points; index++) expected += Math.sin(index);
  expect(sum).toBeCloseTo(expected, 6);
  await store.close();
  await deleteStore(name);
});

test('two that look after one database at the same time, under real locks, lose and repeat nothing', async () => {
  const name = crypto.randomUUID();
  const [one, two] = [await openStore(name), await openStore(name)];
  for (const id of ['a', 'b', 'c']) {
    await one.createRun({ id, startedAt: 1 });
    await append(one, id, 0, 8);
  }
  await two.deleteRun('c');
  for (const id of ['a', 'b']) await one.updateRun(id, { status: 'finished', endedAt: 2 });
  await Promise.all([one.maintain(), two.maintain()]);
  const packs = await readRecords(name, 'packs');
  expect(new Set(packs.map((pack) => `${String(pack['runId'])} ${String(pack['unit'])}`))).toEqual(new Set(['a 0', 'b 0']));
  expect(await readRecords(name, 'journal')).toEqual([]);
  expect((await readRecords(name, 'runs')).map((run) => [run['id'], run['compactedTo'], run['isSettled']])).toEqual([
    ['a', 7, true],
    ['b', 7, true],
  ]);
  const [count] = await sumOfSeries(two, 'b');
  expect(count).toBe(8 * pointsPerChunk);
  const { held = [] } = await navigator.locks.query();
  expect(held.filter((lock) => lock.name?.includes(name) === true)).toEqual([]);
  await one.close();
  await two.close();
  await deleteStore(name);
});
