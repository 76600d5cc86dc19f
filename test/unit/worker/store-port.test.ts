import { afterEach, describe, expect, test, vi } from 'vitest';
import { deleteStore, memoryStore, type MetricStore, type UnsavedPoints } from '../../../src/store/index.ts';
import { chunkOf, storeContract } from '../../../src/testing/index.ts';
import { serveStore } from '../../../src/worker/serve-store.ts';
import { portStore } from '../../../src/worker/store-port.ts';
import { macrotask } from './fake-trainable.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of cleanUp.splice(0)) await one();
});

/** The page's store, and the same store as a worker sees it. */
function setUp(name: string = crypto.randomUUID()): { page: MetricStore; worker: MetricStore; endService: () => void } {
  const page = memoryStore(name);
  const { port1, port2 } = new MessageChannel();
  const endService = serveStore(port1, () => Promise.resolve(page));
  const worker = portStore(port2, name);
  cleanUp.push(
    () => worker.close(),
    endService,
    () => page.close(),
    () => deleteStore(name),
  );
  return { page, worker, endService };
}

describe('a store through a port', () => {
  test.each(
    storeContract(
      () => Promise.resolve(setUp().worker),
      ({ name }) => Promise.resolve(setUp(name).worker),
    ),
  )('$name', async ({ run }) => expect(await run()).toBeUndefined());

  test('has the name of the store behind it, and says that it is a port', () => {
    const { worker } = setUp('mine');
    expect([worker.name, worker.kind]).toEqual(['mine', 'port']);
  });

  test('writes where the page reads', async () => {
    const { page, worker } = setUp();
    await worker.createRun({ id: 'a', startedAt: 1 });
    await worker.append(chunkOf('a', 0, [{ tag: 'loss', value: 0.5, step: 0 }]));
    expect(await page.tags('a')).toEqual([{ tag: 'loss', count: 1 }]);
  });

  test('offers across what the worker could not store, as long as it is offered and the worker lives', async () => {
    const { page, worker, endService } = setUp();
    await worker.createRun({ id: 'a', startedAt: 1 });
    const { runId: _, ...points } = chunkOf('a', 0, [{ tag: 'loss', value: 0.5, step: 0 }]);
    const exported = async (): Promise<number[]> => {
      const values: number[] = [];
      for await (const { value } of page.chunks('a')) values.push(...value);
      return values;
    };
    let read = (): readonly UnsavedPoints[] => [points];
    const undo = worker.offerUnsaved('a', () => read());
    await vi.waitFor(async () => expect(await exported()).toEqual([0.5]));
    read = () => {
      throw new Error('not now');
    };
    expect(await exported()).toEqual([]);
    read = () => [points];
    expect(await exported()).toEqual([0.5]);
    undo();
    await vi.waitFor(async () => expect(await exported()).toEqual([]));

    worker.offerUnsaved('a', () => [points]);
    await vi.waitFor(async () => expect(await exported()).toEqual([0.5]));
    endService();
    expect(await exported()).toEqual([]);
  });

  test('gives up its locks when the service ends, as it does when a worker dies: the run reads interrupted', async () => {
    const { page, worker, endService } = setUp();
    await worker.lockRun('a');
    await worker.createRun({ id: 'a', startedAt: 1 });
    expect((await page.run('a'))?.status).toBe('running');
    endService();
    expect((await page.run('a'))?.status).toBe('interrupted');
  });

  test('gives up a lock that was granted after the service had ended', async () => {
    const { page } = setUp('late');
    let open: (store: MetricStore) => void = () => {};
    const { port1, port2 } = new MessageChannel();
    const endService = serveStore(port1, () => new Promise((resolve) => (open = resolve)));
    const worker = portStore(port2, 'late');
    cleanUp.push(() => worker.close());
    worker.lockRun('a').catch(() => {});
    await macrotask();
    await macrotask();
    endService();
    open(page);
    await macrotask();
    const lock = await page.lockRun('a');
    expect(lock).toBeDefined();
    lock.release();
  });

  test('follows, watches and offers nothing when the service ended before the store was open', async () => {
    let open: (store: MetricStore) => void = () => {};
    const { port1, port2 } = new MessageChannel();
    const endService = serveStore(port1, () => new Promise((resolve) => (open = resolve)));
    const worker = portStore(port2, 'late');
    cleanUp.push(() => worker.close());
    worker.follow('a', () => {});
    worker.watchRuns(() => {});
    worker.offerUnsaved('a', () => []);
    await macrotask();
    await macrotask();
    endService();
    const { page } = setUp('late');
    const calls = (['follow', 'watchRuns', 'offerUnsaved'] as const).map((call) => vi.spyOn(page, call));
    open(page);
    await macrotask();
    for (const call of calls) expect(call).not.toHaveBeenCalled();
  });

  test('refuses with store-closed after it was closed, and what was pending, too', async () => {
    const { worker } = setUp();
    const pending = worker.runs().catch((thrown: unknown) => thrown);
    await worker.close();
    expect(await pending).toMatchObject({ name: 'LogError', code: 'store-closed' });
    await expect(worker.runs()).rejects.toMatchObject({ code: 'store-closed' });
  });

  test('does not close the page’s store', async () => {
    const { page, worker } = setUp();
    await worker.close();
    expect(await page.runs()).toEqual([]);
  });

  test('opens the page’s store again when that failed once', async () => {
    const page = memoryStore('second try');
    let attempts = 0;
    const { port1, port2 } = new MessageChannel();
    const endService = serveStore(port1, () => {
      attempts += 1;
      return attempts === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve(page);
    });
    const worker = portStore(port2, 'second try');
    cleanUp.push(
      () => worker.close(),
      endService,
      () => page.close(),
    );
    await expect(worker.runs()).rejects.toThrow('not yet');
    expect(await worker.runs()).toEqual([]);
  });
});
