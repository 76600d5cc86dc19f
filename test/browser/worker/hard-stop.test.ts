import { afterEach, expect, test } from 'vitest';
import { deleteStore, openStore } from '../../../src/store/index.ts';
import { connectTrainer } from '../../../src/worker/index.ts';
import type { api } from './fixtures/fake.worker.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of cleanUp.splice(0)) await one();
});

const makeWorker = (): Worker => new Worker(new URL('./fixtures/fake.worker.ts', import.meta.url), { type: 'module' });

async function setUp() {
  const name = `hard stop ${crypto.randomUUID()}`;
  const store = await openStore(name);
  const made: Worker[] = [];
  const trainer = connectTrainer<typeof api>(
    () => {
      const worker = makeWorker();
      made.push(worker);
      return worker;
    },
    { store },
  );
  cleanUp.push(
    () => trainer.close({ terminate: true, within: 0 }),
    () => store.close(),
    () => deleteStore(name),
  );
  return { store, trainer, made };
}

test('code that never yields is ended, the page stays alive, the run reads interrupted, and the next fit has a worker of its own', async () => {
  const { store, trainer, made } = await setUp();
  const epochs: number[] = [];
  trainer.on('epoch', ({ epoch }) => epochs.push(epoch));
  const stuck = trainer.fit({ config: { lr: 1, steps: 2, after: 'never yield' } });
  await expect.poll(() => epochs).toEqual([0]);
  let ticks = 0;
  const ticking = setInterval(() => (ticks += 1), 0);
  expect(await trainer.stop({ within: 500 })).toBe('terminated');
  clearInterval(ticking);
  expect(ticks).toBeGreaterThan(20);
  const { runId, status } = await stuck;
  expect(status).toBe('interrupted');
  await expect.poll(async () => (await store.run(runId))?.status).toBe('interrupted');

  const next = await trainer.fit({ config: { lr: 1, steps: 2 } });
  expect(next).toMatchObject({ status: 'finished', step: 2 });
  expect(await trainer.call('steps')).toBe(2);
  // Those who listened before still do, once each.
  expect(epochs).toEqual([0, 0]);
  expect(made.length).toBe(2);
  expect((await store.runs()).map(({ status: one }) => one)).toEqual(['interrupted', 'finished']);
});

test('a worker that died is replaced by the next fit only: until then calls say so, and that the next fit starts one', async () => {
  const { trainer, made } = await setUp();
  await trainer.fit({ config: { lr: 1, steps: 1 } });
  made[0]?.terminate();
  await expect(trainer.call('steps')).rejects.toMatchObject({
    code: 'worker-died',
    message: expect.stringContaining('The next fit() starts a new one; what was committed'),
  });
  expect(made.length).toBe(1);
  expect(await trainer.fit({ config: { lr: 1, steps: 3 } })).toMatchObject({ status: 'finished', step: 3 });
  await trainer.close({ terminate: true });
  await expect(trainer.fit({ config: { lr: 1 } })).rejects.toMatchObject({ code: 'worker-state' });
  expect(made.length).toBe(2);
});

test('a worker that cannot be made is an error of the fit that asked for it, and the one after tries again', async () => {
  let mayStart = true;
  const trainer = connectTrainer<typeof api>(
    () => {
      if (!mayStart) throw new DOMException('not now', 'SecurityError');
      return makeWorker();
    },
    { store: false },
  );
  cleanUp.push(() => trainer.close({ terminate: true, within: 0 }));
  const dead = trainer.fit({ config: { lr: 1, steps: 1e9 } });
  await trainer.stop({ within: 0 });
  expect(await dead).toMatchObject({ status: 'interrupted' });
  mayStart = false;
  await expect(trainer.fit({ config: { lr: 1 } })).rejects.toMatchObject({ code: 'worker-died', cause: { name: 'SecurityError' } });
  mayStart = true;
  expect(await trainer.fit({ config: { lr: 1, steps: 1 } })).toMatchObject({ status: 'finished' });
});
