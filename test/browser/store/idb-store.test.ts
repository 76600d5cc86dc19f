import { afterAll, expect, test } from 'vitest';
import { deleteStore, openStore } from '../../../src/store/index.ts';
import { storeContract } from '../../../src/testing/index.ts';

const names: string[] = [];

const contract = storeContract(
  () => {
    const name = `contract ${crypto.randomUUID()}`;
    names.push(name);
    return openStore(name);
  },
  (store) => openStore(store.name),
);

afterAll(async () => {
  await Promise.all(names.map((name) => deleteStore(name)));
});

test.each(contract)('IndexedDB: $name', async ({ run }) => {
  await expect(run()).resolves.toBeUndefined();
});
