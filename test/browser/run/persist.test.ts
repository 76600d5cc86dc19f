import { expect, test, vi } from 'vitest';
import { startRun, type StartRunOptions } from '../../../src/run/index.ts';
import { deleteStore, memoryStore, openStore } from '../../../src/store/index.ts';

test('the browser is asked once per page to keep the store, when a run in it has ended with something to keep', async () => {
  vi.spyOn(navigator.storage, 'persisted').mockResolvedValue(false);
  const persist = vi.spyOn(navigator.storage, 'persist').mockResolvedValue(false);
  const name = crypto.randomUUID();
  const store = await openStore(name);
  const runOnce = async (options: StartRunOptions, hasPoints = true): Promise<void> => {
    const run = await startRun(options);
    if (hasPoints) run.log('loss', 1);
    expect(persist).toHaveBeenCalledTimes(isAsked ? 1 : 0);
    await run.finish();
  };
  let isAsked = false;
  await runOnce({ store, persist: false });
  await runOnce({ store: memoryStore(name) });
  await runOnce({ store }, false);
  // What asks is not awaited by anybody.
  await new Promise((resolve) => setTimeout(resolve));
  expect(persist).not.toHaveBeenCalled();
  await runOnce({ store });
  await vi.waitFor(() => expect(persist).toHaveBeenCalledTimes(1));
  isAsked = true;
  await runOnce({ store });
  expect(persist).toHaveBeenCalledTimes(1);
  await store.close();
  await deleteStore(name);
});
