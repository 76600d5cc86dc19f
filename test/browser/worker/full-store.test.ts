import { expect, test } from 'vitest';
import { deleteStore, openStore } from '../../../src/store/index.ts';
import { connectTrainer } from '../../../src/worker/index.ts';
import type { api } from './fixtures/full.worker.ts';

test('what a worker could not store when its training ended is exported, and stored with its end when there is room', async () => {
  const name = crypto.randomUUID();
  const store = await openStore(name);
  const worker = new Worker(new URL('./fixtures/full.worker.ts', import.meta.url), { type: 'module' });
  const trainer = connectTrainer<typeof api>(worker, { store });
  const told: string[] = [];
  trainer.on('error', ({ error }) => told.push(error.code));
  trainer.on('alert', ({ text }) => told.push(text));

  const { runId, status } = await trainer.fit({ config: { steps: 50 } });
  expect(status).toBe('finished');
  expect((await store.run(runId))?.status).toBe('running');
  expect(await store.lastValues(runId)).toEqual([]);
  const exported = async (): Promise<number> => {
    let points = 0;
    for await (const { value } of store.chunks(runId)) points += value.length;
    return points;
  };
  expect(await exported()).toBe(100);

  await trainer.call('makeRoom');
  await expect.poll(async () => (await store.run(runId))?.status).toBe('finished');
  expect((await store.tags(runId)).map(({ count }) => count)).toEqual([50, 50]);
  expect(await exported()).toBe(100);
  expect(told).toEqual(['store-full', expect.stringContaining('100 points')]);

  // An idle worker holds nothing: neither the run nor the database.
  await expect.poll(async () => (await store.lockRun(runId).catch(() => undefined)) !== undefined).toBe(true);
  await store.close();
  await deleteStore(name);
  await trainer.close({ terminate: true });
});
