import { expect, test } from 'vitest';
import type { MetricStore, StoreSpace } from '../../../src/store/metric-store.ts';
import { CountingStore, inside, makeRun, open, place, texts } from './fixture.ts';

const gigabyte = 1e9;

/** A store as a database would be, which says it is this full, and how often it was asked. */
function storeWith(space: () => Promise<StoreSpace>, kind: MetricStore['kind'] = 'indexeddb') {
  const { store } = new CountingStore();
  let asked = 0;
  const counted = (): Promise<StoreSpace> => {
    asked += 1;
    return space();
  };
  return { store: Object.assign(store, { kind, space: counted }), asked: () => asked };
}

function spaceOf(usage: number | undefined, quota: number | undefined): () => Promise<StoreSpace> {
  return async () => ({ usage, quota, isPersisted: false });
}

function usageLine(target: HTMLElement): HTMLElement {
  return inside(target).querySelector('.usage') as HTMLElement; // made with the list of runs
}

test('the list of runs says how full the store is', async () => {
  const { store } = storeWith(spaceOf(12_400_000, 2 * gigabyte));
  await makeRun(store);
  const target = place();
  await open(target, { store });
  await expect.poll(() => texts(target, '.usage:not([hidden])')).toEqual(['12 MB of 2.0 GB used']);
  expect(usageLine(target).classList.contains('full')).toBe(false);
});

test('from 80 % on it looks like a warning and says so in words', async () => {
  const { store } = storeWith(spaceOf(1.6 * gigabyte, 2 * gigabyte));
  await makeRun(store);
  const target = place();
  await open(target, { store });
  await expect.poll(() => texts(target, '.usage:not([hidden])')).toEqual(['1.6 GB of 2.0 GB used, nearly full']);
  const warning = getComputedStyle(usageLine(target)).color;
  usageLine(target).classList.remove('full');
  expect(getComputedStyle(usageLine(target)).color).not.toBe(warning);
});

test.each<readonly [what: string, space: () => Promise<StoreSpace>, kind: MetricStore['kind']]>([
  ['the browser does not say', spaceOf(undefined, undefined), 'indexeddb'],
  ['it cannot be read', () => Promise.reject(new Error('no')), 'indexeddb'],
  ['runs are in memory only', spaceOf(1, 2), 'memory'],
])('nothing is said where %s, and charts are drawn all the same', async (_what, space, kind) => {
  const { store } = storeWith(space, kind);
  const run = await makeRun(store);
  await run.log('loss', [1, 2]);
  const target = place();
  await open(target, { store });
  await expect.poll(() => texts(target, '.card h3')).toEqual(['loss']);
  expect(usageLine(target).hidden).toBe(true);
  expect(texts(target, '.error:not([hidden])')).toEqual([]);
});

test('many changes of runs in a moment ask the browser once', async () => {
  const { store, asked } = storeWith(spaceOf(1, gigabyte));
  const target = place();
  await open(target, { store });
  for (let count = 1; count <= 5; count++) {
    await makeRun(store);
    await expect.poll(() => texts(target, '.run').length).toBe(count);
  }
  expect(asked()).toBe(1);
});

test('in a narrow panel the line finds room below, and nothing is cut off', async () => {
  const { store } = storeWith(spaceOf(1.7 * gigabyte, 2 * gigabyte));
  for (let count = 0; count < 9; count++) await makeRun(store);
  const target = place(336);
  await open(target, { store });
  await expect.poll(() => texts(target, '.usage:not([hidden])')).toHaveLength(1);
  const [header, line, filter] = ['.runs header', '.usage', '.filter'].map((selector) =>
    inside(target).querySelector(selector)?.getBoundingClientRect(),
  );
  expect(line?.top).toBeGreaterThanOrEqual(filter?.bottom ?? Infinity);
  expect(line?.right).toBeLessThanOrEqual(header?.right ?? 0);
  expect(filter?.right).toBeLessThanOrEqual(header?.right ?? 0);
});
