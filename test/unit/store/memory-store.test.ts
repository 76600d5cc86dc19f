import { afterEach, expect, test, vi } from 'vitest';
import { JournalStore } from '../../../src/store/journal-store.ts';
import { MemoryBackend } from '../../../src/store/memory-backend.ts';
import { memoryStore } from '../../../src/store/index.ts';
import { storeContract } from '../../../src/testing/index.ts';
import { appendChunks, counts, getRun, setUp } from './maintenance-setup.ts';

afterEach(() => {
  vi.useRealTimers();
});

let made = 0;

const contract = storeContract(
  async () => memoryStore(`contract ${made++}`),
  async (store) => memoryStore(store.name),
);

test.each(contract)('memory store: $name', async ({ run }) => {
  await expect(run()).resolves.toBeUndefined();
});

test('what a store had no time for before it was closed, the next one of its name does', async () => {
  const { database, context } = setUp();
  const look = new MemoryBackend(database);
  const open = (): JournalStore =>
    new JournalStore({ ...context, backend: new MemoryBackend(database), onDamage: undefined, maintenance: { smallTail: 20 } });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const first = open();
  for (const id of ['ended', 'deleted']) {
    await first.createRun({ id, startedAt: 1 });
    await appendChunks(look, id, 0, 3);
  }
  await first.deleteRun('deleted');
  await first.updateRun('ended', { status: 'finished', endedAt: 2 });
  await first.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await counts(database)).toMatchObject({ runs: 2, journal: 6 });
  const second = open();
  await vi.advanceTimersByTimeAsync(2000);
  vi.useRealTimers();
  await vi.waitFor(async () => expect(await getRun(look, 'deleted')).toBeUndefined());
  await vi.waitFor(async () => expect(await getRun(look, 'ended')).toMatchObject({ compactedTo: 2, isSettled: true }));
  await second.close();
});
