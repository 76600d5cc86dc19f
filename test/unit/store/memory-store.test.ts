import { expect, test } from 'vitest';
import { memoryStore } from '../../../src/store/index.ts';
import { storeContract } from '../../../src/testing/index.ts';

let made = 0;

const contract = storeContract(
  async () => memoryStore(`contract ${made++}`),
  async (store) => memoryStore(store.name),
);

test.each(contract)('memory store: $name', async ({ run }) => {
  await expect(run()).resolves.toBeUndefined();
});
