/// <reference types="node" />
import { expect, test } from '@playwright/test';
import type { Found } from './fixtures/crash/look.ts';
import type { News, Stretch } from './fixtures/crash/values.ts';
import { type FixtureSite, serveFixture } from './support/fixture-site.ts';
import { PersistentBrowser, type Tab } from './support/persistent-browser.ts';

// Several tabs of one site, each with the same store: one writes, others follow, export, look after it, upgrade it, or sleep.

const tags = 20;
const victim = { tags, stepsAtOnce: 100, unitBytes: 2 ** 16 };
const upTo = (to: number): readonly Stretch[] => [{ from: 0, to, generation: 0 }];

let site: FixtureSite;
let browser: PersistentBrowser;

test.beforeAll(async () => {
  site = await serveFixture('crash', ['victim.html', 'look.html']);
});
test.beforeEach(async () => {
  browser = await PersistentBrowser.start();
});
test.afterEach(() => browser?.close());
test.afterAll(() => site?.close());

function open(page: 'victim' | 'look'): Promise<Tab> {
  return browser.open(`${site.origin}/${page}.html`);
}

/** What the writer of a run says: its count of each kind of news. */
function listen(runId: string): { readonly counts: { packing: number; replacing: number; acknowledged: number }; deafen(): void } {
  const counts = { packing: 0, replacing: 0, acknowledged: 0 };
  const deafen = site.onNews((told) => {
    const news = told as News; // only the fixture posts here
    if (news.runId !== runId) return;
    if ('packing' in news) counts.packing += 1;
    if ('replacing' in news) counts.replacing += 1;
    if ('acknowledged' in news) counts.acknowledged = Math.max(counts.acknowledged, news.acknowledged);
  });
  return { counts, deafen };
}

function startWriting(tab: Tab, runId: string): Promise<void> {
  return tab.evaluate((options) => globalThis.startWriting(options, 'page'), { ...victim, runId });
}

const exported = (tab: Tab, runId: string, to: number): Promise<readonly string[]> =>
  tab.evaluate((...args) => globalThis.exported(...args), runId, tags, upTo(to));

const look = (tab: Tab, runId: string, to = Infinity): Promise<Found> =>
  tab.evaluate((...args) => globalThis.look(...args), runId, tags, upTo(to));

const follow = (tab: Tab, runId: string): Promise<void> => tab.evaluate((...args) => globalThis.startFollowing(...args), runId, tags);

test('two tabs follow and export what a third one logs and compacts: every point once, in order', async () => {
  const [early, late, writer] = [await open('look'), await open('look'), await open('victim')];
  const { counts, deafen } = listen('a');
  await follow(early, 'a');
  await startWriting(writer, 'a');
  await expect.poll(() => counts.replacing).toBeGreaterThan(1);
  await follow(late, 'a');
  expect(await Promise.all([early, late].map((tab) => exported(tab, 'a', Infinity)))).toEqual([[], []]);
  await writer.close();
  deafen();

  await expect.poll(() => early.evaluate(() => globalThis.statusOf('a'))).toBe('interrupted');
  const found = await look(early, 'a');
  expect(found).toMatchObject({ problems: [], status: 'interrupted' });
  expect(found.points).toBeGreaterThanOrEqual(counts.acknowledged);
  for (const tab of [early, late]) {
    await expect.poll(() => tab.evaluate(() => globalThis.followed())).toEqual({ points: found.points, problems: [] });
  }
  expect(await Promise.all([early, late].map((tab) => exported(tab, 'a', found.steps)))).toEqual([[], []]);
});

test("a tab that is frozen in the middle of compacting stands in nobody's way, and goes on when it is thawed", async () => {
  const writer = await open('victim');
  const { counts, deafen } = listen('a');
  await startWriting(writer, 'a');
  await expect.poll(() => counts.packing).toBeGreaterThan(3);
  await writer.setFrozen(true);

  // Another tab logs a run of its own and looks after the store.
  const other = await open('look');
  await other.evaluate((...args) => globalThis.logNew(...args), 'b', tags, 3000);
  await other.evaluate(() => globalThis.compactAll());
  expect(await look(other, 'b', 3000)).toMatchObject({ problems: [], status: 'finished', steps: 3000 });
  const asleep = await look(other, 'a');
  expect(asleep).toMatchObject({ problems: [], status: 'running' });
  expect(asleep.points).toBeGreaterThanOrEqual(counts.acknowledged);

  const before = counts.acknowledged;
  await writer.setFrozen(false);
  await expect.poll(() => counts.acknowledged).toBeGreaterThan(before + 100_000);
  await writer.close();
  deafen();
  await expect.poll(() => other.evaluate(() => globalThis.statusOf('a'))).toBe('interrupted');
  await other.evaluate(() => globalThis.compactAll());
  const found = await look(other, 'a');
  expect(found).toMatchObject({ problems: [], status: 'interrupted' });
  expect(found.points).toBeGreaterThanOrEqual(counts.acknowledged);
});

/** Opens the database as a program with another version does; it lets go of it only when it is told to. */
function openRaw(tab: Tab, version: number): Promise<number> {
  return tab.evaluate(
    (wanted) =>
      new Promise<number>((resolve, reject) => {
        const request = indexedDB.open('tabtrain:crash', wanted);
        request.addEventListener('success', () => {
          Reflect.set(globalThis, 'database', request.result);
          resolve(request.result.version);
        });
        request.addEventListener('error', () => reject(new Error(String(request.error))));
      }),
    version,
  );
}

const newerProgram = /newer program has changed this database, whose data is untouched. Reload the page/;

/** Chunks and packs in a database that {@link openRaw} has opened. */
async function countRaw(tab: Tab): Promise<number> {
  return tab.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const database = Reflect.get(globalThis, 'database') as IDBDatabase; // put there by openRaw()
        const tx = database.transaction(['journal', 'packs']);
        const counts = [tx.objectStore('journal').count(), tx.objectStore('packs').count()];
        tx.addEventListener('complete', () => resolve(counts.reduce((sum, { result }) => sum + result, 0)));
      }),
  );
}

for (const state of ['awake', 'frozen'] as const) {
  test(`a newer program changes the database of a tab that logs and is ${state}: that tab lets go and says what to do`, async () => {
    const writer = await open('victim');
    const { counts, deafen } = listen('a');
    await startWriting(writer, 'a');
    await expect.poll(() => counts.acknowledged).toBeGreaterThan(50_000);
    if (state === 'frozen') await writer.setFrozen(true);
    const newer = await open('look');
    const opened = openRaw(newer, 99);
    // Transactions that were under way when it was frozen end when it is thawed.
    if (state === 'frozen') await writer.setFrozen(false);
    expect(await opened).toBe(99);
    await expect.poll(() => writer.console.join('\n')).toMatch(newerProgram);
    deafen();
    expect(await countRaw(newer)).toBeGreaterThan(0);
  });
}

test('a newer program changes the database of a frozen tab that only looks, and need not wait for it', async () => {
  const looking = await open('look');
  await looking.evaluate((...args) => globalThis.logNew(...args), 'a', tags, 500);
  await follow(looking, 'a');
  await expect.poll(() => looking.evaluate(() => globalThis.followed().points)).toBe(500 * tags);
  // Browsers freeze tabs that rest. One in the middle of a transaction lets go when it is thawed: its end is an event, which it does not hear before.
  await looking.evaluate(() => globalThis.compactAll());
  let before = 0;
  const isAtRest = async (): Promise<boolean> => {
    const { begun, underWay } = await looking.evaluate(() => globalThis.transactions());
    const isSame = begun === before;
    before = begun;
    return isSame && underWay === 0;
  };
  await expect.poll(isAtRest).toBe(true);
  await looking.setFrozen(true);
  const newer = await open('look');
  expect(await openRaw(newer, 99)).toBe(99);
  await looking.setFrozen(false);
  await expect(looking.evaluate(() => globalThis.statusOf('a'))).rejects.toThrow(newerProgram);
  expect(await countRaw(newer)).toBeGreaterThan(0);
});

for (const state of ['awake', 'frozen'] as const) {
  test(`a program whose database an older one holds on to, ${state}, waits, says so, and goes on when that one lets go`, async () => {
    // Neither page has asked for the store so far.
    const older = await open('look');
    expect(await openRaw(older, 1)).toBe(1);
    if (state === 'frozen') await older.setFrozen(true);
    const newer = await open('look');
    const opening = newer.evaluate(() => globalThis.statusOf('a'));
    await expect.poll(() => newer.console.join('\n'), { timeout: 15_000 }).toMatch(/waiting for another tab/);
    if (state === 'frozen') await older.setFrozen(false);
    await older.evaluate(() => (Reflect.get(globalThis, 'database') as IDBDatabase).close());
    expect(await opening).toBeUndefined();
  });
}
