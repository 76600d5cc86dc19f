import { openDB } from 'idb';

/** Bytes of packed buffers that were given to the database since counting began, by object store. */
export type WrittenBytes = Readonly<Record<string, number>>;

/** Counts what this thread writes, in the store's own buffers: the keys beside them are a few bytes a record. */
export function countWrites(): { readonly bytes: WrittenBytes; stop(): void } {
  const bytes: Record<string, number> = {};
  const { put, add } = IDBObjectStore.prototype;
  const count = (store: IDBObjectStore, record: unknown): void => {
    const buffer: unknown = typeof record === 'object' && record !== null && 'bytes' in record ? record.bytes : undefined;
    if (buffer instanceof ArrayBuffer) bytes[store.name] = (bytes[store.name] ?? 0) + buffer.byteLength;
  };
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, record: unknown, ...key) {
    count(this, record);
    return put.call(this, record, ...key);
  };
  IDBObjectStore.prototype.add = function (this: IDBObjectStore, record: unknown, ...key) {
    count(this, record);
    return add.call(this, record, ...key);
  };
  return {
    bytes,
    stop() {
      IDBObjectStore.prototype.put = put;
      IDBObjectStore.prototype.add = add;
    },
  };
}

/** Records in an object store of a store's database, counted behind the store's back. */
export async function countRecords(storeName: string, objectStore: string): Promise<number> {
  const database = await openDB(`tabtrain:${storeName}`);
  const count = await database.count(objectStore);
  database.close();
  return count;
}

/** Throws when more is left in a store's journal than compaction leaves there at the end of a run. */
export async function expectCompacted(storeName: string): Promise<void> {
  const database = await openDB(`tabtrain:${storeName}`);
  const records: readonly { readonly points: number }[] = await database.getAll('journal');
  database.close();
  const points = records.reduce((sum, record) => sum + record.points, 0);
  if (points >= 5000) throw new Error(`bench: ${points} points were not compacted.`);
}
