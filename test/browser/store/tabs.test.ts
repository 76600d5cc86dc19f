import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { deleteStore, openStore } from '../../../src/store/index.ts';
import { chunkOf } from '../../../src/testing/index.ts';

const point = (seq: number) => chunkOf('a', seq, [{ tag: 'x', value: seq, step: seq }]);
const upTo = (count: number, from = 0): readonly number[] => Array.from({ length: count - from }, (_, i) => from + i);

function startWriter(name: string, chunks: number): { readonly worker: Worker; readonly written: Promise<unknown> } {
  const worker = new Worker(new URL('./writer.worker.ts', import.meta.url), { type: 'module' });
  const written = new Promise((resolve, reject) => {
    worker.addEventListener('message', resolve);
    worker.addEventListener('error', reject);
  });
  worker.postMessage({ name, runId: 'a', chunks });
  return { worker, written };
}

test('a run written by a worker is followed in the page, and when the worker is killed it is soon known to be interrupted', async () => {
  const name = crypto.randomUUID();
  const store = await openStore(name);
  const heard: number[] = [];
  const changed = vi.fn<() => void>();
  store.follow('a', (chunk) => heard.push(chunk.seq));
  store.watchRuns(changed);
  const { worker, written } = startWriter(name, 30);
  await written;
  expect((await store.run('a'))?.status).toBe('running');
  await expect(store.lockRun('a')).rejects.toMatchObject({ code: 'run-locked', message: expect.stringContaining("lockRun('a')") });

  // Killed at once: its last announcements may never come.
  worker.terminate();
  await expect.poll(() => heard).toEqual(upTo(30));
  await vi.waitFor(async () => expect((await store.run('a'))?.status).toBe('interrupted'));

  // Somebody goes on with it: nothing was lost, and the lock is free.
  const lock = await store.lockRun('a');
  await store.append(point(30));
  expect((await store.run('a'))?.status).toBe('running');
  lock.release();
  await store.close();
  await deleteStore(name);
});

test('a watcher hears of the death of a writer without asking', async () => {
  const name = crypto.randomUUID();
  const store = await openStore(name);
  const statuses: (string | undefined)[] = [];
  store.watchRuns(() => void store.run('a').then((run) => statuses.push(run?.status)));
  const { worker, written } = startWriter(name, 1);
  await written;
  await expect.poll(() => statuses.at(-1)).toBe('running');
  worker.terminate();
  await expect.poll(() => statuses.at(-1)).toBe('interrupted');
  await store.close();
  await deleteStore(name);
});

test('whatever the interleaving of appends and followers, each follower hears each chunk once and in order', async () => {
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('append'), isAwaited: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('follow'), by: fc.nat(1), fromSeq: fc.nat(8) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('undo'), which: fc.nat(5) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 24 }), async (actions) => {
      const name = crypto.randomUUID();
      const stores = [await openStore(name), await openStore(name)] as const;
      await stores[0].createRun({ id: 'a', startedAt: 1 });
      const followers: { readonly fromSeq: number; readonly heard: number[]; readonly undo: () => void; heardAtUndo?: number }[] = [];
      const appends: Promise<void>[] = [];
      for (const act of actions) {
        if (act.type === 'append') {
          appends.push(stores[0].append(point(appends.length)));
          if ('isAwaited' in act && act.isAwaited) await appends.at(-1);
        } else if ('fromSeq' in act) {
          const heard: number[] = [];
          const undo = stores[act.by === 0 ? 0 : 1].follow('a', (chunk) => heard.push(chunk.seq), act.fromSeq);
          followers.push({ fromSeq: act.fromSeq, heard, undo });
        } else if ('which' in act) {
          const follower = followers[act.which];
          follower?.undo();
          if (follower !== undefined) follower.heardAtUndo ??= follower.heard.length;
        }
      }
      await Promise.all(appends);
      for (const { fromSeq, heard, heardAtUndo } of followers) {
        const expected = upTo(Math.max(appends.length, fromSeq), fromSeq);
        if (heardAtUndo === undefined) await expect.poll(() => heard).toEqual(expected);
        else expect(heard).toEqual(expected.slice(0, heardAtUndo));
      }
      for (const store of stores) await store.close();
      await deleteStore(name);
    }),
    { numRuns: 25 },
  );
});

test('the last undo closes the channel, and a closed store leaves none open', async () => {
  const channels = new Set<BroadcastChannel>();
  class CountedChannel extends BroadcastChannel {
    constructor(name: string) {
      super(name);
      channels.add(this);
    }
    override close(): void {
      super.close();
      channels.delete(this);
    }
  }
  vi.stubGlobal('BroadcastChannel', CountedChannel);
  const name = crypto.randomUUID();
  const store = await openStore(name);
  const undos = [store.follow('a', () => {}), store.watchRuns(() => {}), store.follow('b', () => {})];
  expect(channels.size).toBe(1);
  for (const undo of undos) undo();
  expect(channels.size).toBe(0);
  await store.createRun({ id: 'a', startedAt: 1 });
  const lock = await store.lockRun('a');
  store.follow('a', () => {});
  await store.close();
  expect(channels.size).toBe(0);
  lock.release();
  await expect.poll(async () => (await navigator.locks.query()).held?.length).toBe(0);
  await expect.poll(() => channels.size).toBe(0);
  vi.unstubAllGlobals();
  await deleteStore(name);
});

test('a run survives a reload: opened again, its points, tags and number are as they were', async () => {
  const name = crypto.randomUUID();
  const before = await openStore(name);
  const lock = await before.lockRun('a');
  await before.createRun({ id: 'a', project: 'p', startedAt: 1, config: { lr: 0.5 } });
  for (let seq = 0; seq < 3; seq++) await before.append(point(seq));
  lock.release();
  await before.close();

  const after = await openStore(name);
  expect(await after.runs()).toMatchObject([{ id: 'a', name: 'p-1', status: 'interrupted', config: { lr: 0.5 } }]);
  expect(await after.tags('a')).toEqual([{ tag: 'x', count: 3 }]);
  await after.append(
    chunkOf('a', 3, [
      { tag: 'y', value: 3, step: 3 },
      { tag: 'x', value: 3, step: 3 },
    ]),
  );
  expect(await after.tags('a')).toEqual([
    { tag: 'x', count: 4 },
    { tag: 'y', count: 1 },
  ]);
  await after.close();
  await deleteStore(name);
});
