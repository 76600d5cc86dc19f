import { afterEach, describe, expect, test, vi } from 'vitest';
import { cdp } from 'vitest/browser';
import type { LogError } from '../../../src/core/errors.ts';
import type { Warning } from '../../../src/core/warnings.ts';
import { deleteStore, openStore, signalSuspension } from '../../../src/store/index.ts';
import { chunkOf, storeContract } from '../../../src/testing/index.ts';
import { putRecord, readRecords } from './raw-database.ts';

const point = (seq: number) => chunkOf('a', seq, [{ tag: 'x', value: seq, step: seq }]);

function bytesOf(record: Readonly<Record<string, unknown>> | undefined): Uint8Array<ArrayBuffer> {
  expect(record?.['bytes']).toBeInstanceOf(ArrayBuffer);
  return new Uint8Array(record?.['bytes'] as ArrayBuffer); // just looked at
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('a damaged record', () => {
  test('is read around and reported, by chunks, series, tags and follow alike', async () => {
    const name = crypto.randomUUID();
    const damages: LogError[] = [];
    const store = await openStore(name, { onDamage: (damage) => damages.push(damage) });
    await store.createRun({ id: 'a', startedAt: 1 });
    for (let seq = 0; seq < 4; seq++) await store.append(point(seq));
    const [, cut, altered] = await readRecords(name, 'journal');
    const cutBytes = bytesOf(cut).slice(0, 40).buffer;
    const alteredBytes = bytesOf(altered);
    alteredBytes[60] = 255 - (alteredBytes[60] ?? 0);
    await putRecord(name, 'journal', { ...cut, bytes: cutBytes });
    await putRecord(name, 'journal', { ...altered, bytes: alteredBytes.buffer });

    const seqs: number[] = [];
    for await (const chunk of store.chunks('a')) seqs.push(chunk.seq);
    expect(seqs).toEqual([0, 3]);
    expect(damages.map((damage) => damage.code)).toEqual(['bad-data', 'bad-data']);
    expect(await store.series('a', 'x')).toMatchObject({ kind: 'points', throughSeq: 3, value: new Float64Array([0, 3]) });
    expect(await store.tags('a')).toEqual([{ tag: 'x', count: 2 }]);
    const heard: number[] = [];
    store.follow('a', (chunk) => heard.push(chunk.seq));
    await expect.poll(() => heard).toEqual([0, 3]);
    await store.append(point(4));
    await expect.poll(() => heard).toEqual([0, 3, 4]);
    await store.close();
    await deleteStore(name);
  });

  test('is warned about once where nobody asked to hear of it', async () => {
    const name = crypto.randomUUID();
    const warnings: Warning[] = [];
    const store = await openStore(name, { onWarning: (warning) => warnings.push(warning) });
    await store.createRun({ id: 'a', startedAt: 1 });
    await store.append(point(0));
    const [record] = await readRecords(name, 'journal');
    await putRecord(name, 'journal', { ...record, bytes: new ArrayBuffer(8) });
    await store.tags('a');
    await store.series('a', 'x');
    expect(warnings.map((warning) => warning.text)).toEqual([expect.stringMatching(/chunk 0 of run 'a'.*damaged/)]);
    await store.close();
    await deleteStore(name);
  });
});

describe('a store that is full', () => {
  const origin = location.origin;

  test('refuses the chunk as store-full, keeps what it has, and takes the same chunk once there is room', async () => {
    // Chromium remembers for a while how much room an origin has; it forgets with the origin's data.
    await cdp().send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
    await cdp().send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 });
    const name = crypto.randomUUID();
    const store = await openStore(name);
    await store.createRun({ id: 'a', startedAt: 1 });
    await store.append(point(0));
    const large = chunkOf(
      'a',
      1,
      Array.from({ length: 200_000 }, (_, step) => ({ tag: 'x', value: Math.sin(step), step })),
    );
    try {
      await expect(store.append(large)).rejects.toMatchObject({ code: 'store-full', cause: { name: 'QuotaExceededError' } });
    } finally {
      await cdp().send('Storage.overrideQuotaForOrigin', { origin });
    }
    expect(await store.tags('a')).toEqual([{ tag: 'x', count: 1 }]);
    await store.append(large);
    expect(await store.tags('a')).toEqual([{ tag: 'x', count: 200_001 }]);
    await store.close();
    await deleteStore(name);
  });

  test("tells the write's own error, not that of the abort that follows it", async () => {
    const name = crypto.randomUUID();
    const store = await openStore(name);
    await store.createRun({ id: 'a', startedAt: 1 });
    vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementationOnce(() => {
      throw new DOMException('The disk is on fire', 'DataError');
    });
    await expect(store.append(point(0))).rejects.toMatchObject({
      code: 'store-failed',
      cause: { name: 'DataError' },
      message: expect.stringContaining('on fire'),
    });
    // A chunk after one that failed is refused as well: what is stored stays without gaps.
    await expect(store.append(point(1))).rejects.toMatchObject({ code: 'bad-data' });
    await store.append(point(0));
    await store.append(point(1));
    expect(await store.tags('a')).toEqual([{ tag: 'x', count: 2 }]);
    await store.close();
    await deleteStore(name);
  });
});

describe('a page that is frozen or put aside', () => {
  test('lets go of database and channel, and takes them again with the next call', async () => {
    const name = crypto.randomUUID();
    const store = await openStore(name);
    const other = await openStore(name);
    const heard: number[] = [];
    store.follow('a', (chunk) => heard.push(chunk.seq));
    await store.createRun({ id: 'a', startedAt: 1 });
    await store.append(point(0));
    await expect.poll(() => heard).toEqual([0]);

    const databases = vi.spyOn(IDBDatabase.prototype, 'close');
    const channels = vi.spyOn(Object.getPrototypeOf(new BroadcastChannel('x')) as BroadcastChannel, 'postMessage');
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    await expect.poll(() => databases.mock.calls.length).toBe(2);
    await other.append(point(1));
    await expect.poll(() => channels.mock.calls.length).toBeGreaterThan(0);
    expect(heard).toEqual([0]);

    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    await expect.poll(() => heard).toEqual([0, 1]);
    await store.append(point(2));
    await expect.poll(() => heard).toEqual([0, 1, 2]);
    await store.close();
    await other.close();
    await deleteStore(name);
  });

  test('in a worker the same is done by a signal', async () => {
    const name = crypto.randomUUID();
    const store = await openStore(name);
    const databases = vi.spyOn(IDBDatabase.prototype, 'close');
    signalSuspension('suspend');
    await expect.poll(() => databases.mock.calls.length).toBe(1);
    expect(await store.runs()).toEqual([]);
    await store.close();
    await deleteStore(name);
  });

  test('a page that is left for good keeps its database for a last write', async () => {
    const name = crypto.randomUUID();
    const store = await openStore(name);
    const databases = vi.spyOn(IDBDatabase.prototype, 'close');
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false }));
    await store.createRun({ id: 'a', startedAt: 1 });
    expect(databases).not.toHaveBeenCalled();
    await store.close();
    await deleteStore(name);
  });
});

describe('a browser that allows no database', () => {
  test.each([
    ['a sandboxed frame', 'SecurityError'],
    ['a private window of an older Firefox', 'InvalidStateError'],
  ])('%s: runs are kept in memory, with one warning', async (_, error) => {
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('not here', error);
    });
    const name = crypto.randomUUID();
    const warnings: Warning[] = [];
    const store = await openStore(name, { onWarning: (warning) => warnings.push(warning) });
    expect(store.kind).toBe('memory');
    expect(warnings.map(({ text }) => text)).toEqual([
      expect.stringMatching(new RegExp(`kept in memory only.*${error}: not here.*Charts and exports work`)),
    ]);
    await store.createRun({ id: 'a', startedAt: 1 });
    const panel = await openStore(name, { onWarning: () => {} });
    expect(await panel.runs()).toMatchObject([{ id: 'a' }]);
  });

  test('a full disk is an error, not a store that forgets', async () => {
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('no space left on device', 'UnknownError');
    });
    await expect(openStore(crypto.randomUUID())).rejects.toMatchObject({ code: 'store-full' });
  });
});

describe('a page that is not secure and has no Web Locks', () => {
  const contract = storeContract(
    async () => {
      vi.stubGlobal('navigator', { userAgent: navigator.userAgent });
      return openStore(crypto.randomUUID());
    },
    (store) => openStore(store.name),
  );

  test.each(contract)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
