import { openDB } from 'idb';

/** What lies in a store's database, read behind the store's back. */
export async function readRecords(storeName: string, objectStore: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const database = await openDB(`tabtrain:${storeName}`);
  const records = await database.getAll(objectStore);
  database.close();
  return records;
}

/** Puts a record into a store's database behind the store's back. */
export async function putRecord(storeName: string, objectStore: string, record: unknown): Promise<void> {
  const database = await openDB(`tabtrain:${storeName}`);
  await database.put(objectStore, record);
  database.close();
}
