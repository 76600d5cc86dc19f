import { expect } from 'vitest';
import { importArchive } from '../../../src/import/index.ts';
import { memoryStore } from '../../../src/store/index.ts';

let stores = 0;

/** What the import of a file that is none says; nothing of it may be in the store. */
export async function refusal(zip: Blob | File): Promise<string> {
  const store = memoryStore(`refusal ${++stores}`);
  const error: unknown = await importArchive(store, zip).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: 'LogError', code: 'bad-file' });
  expect(await store.runs({ archived: 'all' })).toEqual([]);
  return (error as Error).message;
}
