import { afterEach, expect, test, vi } from 'vitest';
import { createWarner, type Warning } from '../../../src/core/warnings.ts';
import { createSpaceWatch, formatBytes, keepPersistently, storeSpace } from '../../../src/store/space.ts';

afterEach(() => vi.unstubAllGlobals());

function browserSays(storage: unknown): void {
  vi.stubGlobal('navigator', { storage });
}

/** A watch of a store that is this full, and what it warned of. */
function watchOf(space: { usage: number | undefined; quota: number | undefined }) {
  const warnings: Warning[] = [];
  const clock = { now: 0 };
  let asked = 0;
  const watch = createSpaceWatch(
    createWarner((warning) => warnings.push(warning)),
    async () => {
      asked += 1;
      return { ...space, isPersisted: false };
    },
    () => clock.now,
  );
  const look = async (): Promise<void> => {
    watch.look();
    await Promise.resolve();
  };
  return { clock, warnings, look, asked: () => asked };
}

test('the browser is asked for usage, quota and whether it keeps them', async () => {
  browserSays({ estimate: async () => ({ usage: 12, quota: 100 }), persisted: async () => true });
  expect(await storeSpace()).toEqual({ usage: 12, quota: 100, isPersisted: true });
});

test.each<readonly [what: string, storage: unknown]>([
  ['has no storage manager', undefined],
  ['has an old one', {}],
  [
    'throws and rejects',
    {
      estimate: () => {
        throw new TypeError('not here');
      },
      persisted: () => Promise.reject(new TypeError('not here')),
      persist: () => Promise.reject(new TypeError('not here')),
    },
  ],
])('where the browser %s nothing is known, and nothing fails', async (_what, storage) => {
  browserSays(storage);
  expect(await storeSpace()).toEqual({ usage: undefined, quota: undefined, isPersisted: undefined });
  vi.resetModules();
  const fresh = await import('../../../src/store/space.ts');
  expect(await fresh.keepPersistently()).toBeUndefined();
});

test('the browser is asked once per page to keep what is stored, and not at all where it does already', async () => {
  let requests = 0;
  const persist = async (): Promise<boolean> => (requests += 1) > 0;
  browserSays({ persisted: async () => false, persist });
  expect(await Promise.all([keepPersistently(), keepPersistently()])).toEqual([true, true]);
  expect(requests).toBe(1);
  browserSays({ persisted: async () => true, persist });
  vi.resetModules();
  const nextPage = await import('../../../src/store/space.ts');
  expect(await nextPage.keepPersistently()).toBe(true);
  expect(requests).toBe(1);
});

test('a store that is 80 % full is warned about, in figures a person understands', async () => {
  const below = watchOf({ usage: 1_599_999_999, quota: 2_000_000_000 });
  await below.look();
  expect(below.warnings).toEqual([]);
  const above = watchOf({ usage: 1_600_000_000, quota: 2_000_000_000 });
  await above.look();
  expect(above.warnings).toHaveLength(1);
  expect(above.warnings[0]?.text).toContain('1.6 GB of the 2.0 GB');
});

test('where the browser does not say how full it is, there is no warning', async () => {
  const silent = watchOf({ usage: undefined, quota: undefined });
  await silent.look();
  expect(silent.warnings).toEqual([]);
});

test('a busy writer has the browser asked once in 30 seconds', async () => {
  const { clock, look, asked } = watchOf({ usage: 1, quota: 100 });
  for (const now of [0, 1, 29_999]) {
    clock.now = now;
    await look();
  }
  expect(asked()).toBe(1);
  clock.now = 30_000;
  await look();
  expect(asked()).toBe(2);
});

test.each<readonly [bytes: number, text: string]>([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [9_949, '9.9 kB'],
  [9_950, '10 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [12_345_678, '12 MB'],
  [2_000_000_000, '2.0 GB'],
  [1_500_000_000_000_000, '1,500 TB'],
])('%i bytes read as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
