import { expect, test } from 'vitest';
import type { LogError } from '../../../src/core/errors.ts';
import { startRun } from '../../../src/run/index.ts';
import { ByteCap } from '../../../src/store/byte-cap.ts';
import { deleteStore, type MetricStore, openStore } from '../../../src/store/index.ts';
import { chunkOf } from '../../../src/testing/index.ts';

const open = (maxBytes: number): Promise<MetricStore> => openStore('capped', { maxBytes, onWarning: () => {} });

async function fill(store: MetricStore, id: string, chunks: number): Promise<void> {
  await store.createRun({ id, startedAt: 1 });
  for (let seq = 0; seq < chunks; seq++) {
    await store.append(
      chunkOf(
        id,
        seq,
        Array.from({ length: 1000 }, (_, i) => ({ tag: 'loss', value: Math.sqrt(seq * 1000 + i), step: seq * 1000 + i })),
      ),
    );
  }
}

test('the oldest ended runs make room, and what is logged beyond that is refused as by a full disk, until runs are deleted', async () => {
  const store = await open(100_000);
  expect(store.maxBytes).toBe(100_000);
  await fill(store, 'old', 3);
  await store.updateRun('old', { status: 'finished', endedAt: 2 });
  const lock = await store.lockRun('new');
  const refused = await fill(store, 'new', 50).catch((thrown: LogError) => thrown);
  expect(refused).toMatchObject({
    code: 'store-full',
    message: expect.stringMatching(/openStore\('capped', \{ maxBytes \}\).*of the 100 kB.*Delete runs/),
  });
  expect((await store.runs()).map(({ id }) => id)).toEqual(['new']);
  const [tag] = await store.tags('new');
  // 9 to 17 bytes a point, and at most one measure too many.
  expect(tag?.count).toBeGreaterThanOrEqual(5000);
  expect(tag?.count).toBeLessThan(14_000);
  lock.release();
  await store.deleteRun('new');
  await fill(store, 'next', 2);
  await store.close();
  await deleteStore('capped');
});

test('a run goes on when the cap is reached: one error, the newest points stay in memory and are exported', async () => {
  const store = await open(20_000);
  const told: string[] = [];
  const run = await startRun({ store, maxQueue: 500, onError: ({ code }) => told.push(code), onWarning: () => {} });
  for (let step = 0; step < 20_000; step++) {
    run.log('loss', Math.sqrt(step), { step });
    if (step % 500 === 499) await run.endStep();
  }
  await run.finish();
  expect(told).toEqual(['store-full']);
  let points = 0;
  for await (const chunk of store.chunks(run.id)) points += chunk.value.length;
  expect(points).toBe(20_000);
  await store.deleteRun(run.id);
  await store.close();
  await deleteStore('capped');
});

test('what is stored is measured when a twentieth of the cap was added, or when the cap is near, not each time', async () => {
  let [taken, measures] = [0, 0];
  const cap = new ByteCap(1000, async () => {
    measures += 1;
    return taken;
  });
  for (let i = 0; i < 90; i++) {
    await cap.makeRoom('x');
    taken += 10;
    cap.added(10);
  }
  expect(measures).toBe(1 + 90 / 5 - 1);
  taken = 1000;
  cap.added(100);
  await expect(cap.makeRoom('x')).rejects.toMatchObject({ code: 'store-full' });
  taken = 500;
  await cap.makeRoom('x');
});

test('a cap that makes no sense is refused, and so are options in place of the name', async () => {
  for (const maxBytes of [-1, NaN, '5MB', null]) {
    await expect(open(maxBytes as number)).rejects.toMatchObject({
      code: 'bad-options',
      message: expect.stringMatching(/^openStore\('capped', \{ maxBytes: /),
    });
  }
  await expect(openStore({ maxBytes: 1e6 } as never)).rejects.toMatchObject({
    code: 'bad-options',
    message: expect.stringContaining('the name comes first'),
  });
});
