import { expect, test, vi } from 'vitest';
import { deleteStore, memoryStore, openStore } from '../../../src/store/index.ts';
import { connectTrainer } from '../../../src/worker/index.ts';
import type { api } from './fixtures/fake.worker.ts';

test('the page asks for what its worker cannot: to keep the store in which a training has ended', async () => {
  vi.spyOn(navigator.storage, 'persisted').mockResolvedValue(false);
  const persist = vi.spyOn(navigator.storage, 'persist').mockResolvedValue(false);
  const name = crypto.randomUUID();
  await using store = await openStore(name);
  const worker = new Worker(new URL('./fixtures/fake.worker.ts', import.meta.url), { type: 'module' });
  for (const options of [{ store, persist: false }, { store: memoryStore(name) }, { store: false as const }]) {
    await using trainer = connectTrainer<typeof api>(worker, options);
    await trainer.fit({ config: { lr: 1 } });
    expect(persist).not.toHaveBeenCalled();
  }
  {
    await using trainer = connectTrainer<typeof api>(worker, { store });
    await trainer.fit({ config: { lr: 1 } });
    await vi.waitFor(() => expect(persist).toHaveBeenCalledTimes(1));
    await trainer.fit({ config: { lr: 1 } });
    expect(persist).toHaveBeenCalledTimes(1);
  }
  worker.terminate();
  await store.close();
  await deleteStore(name);
});
