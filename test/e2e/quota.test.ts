/// <reference types="node" />
import { expect, test } from '@playwright/test';
import type { Steps } from './fixtures/quota/page.ts';
import { type FixtureSite, serveFixture } from './support/fixture-site.ts';
import { PersistentBrowser, type Tab } from './support/persistent-browser.ts';
import { seededRandom } from './support/random.ts';

// A disk that fills up while a run is logged. `npm run campaign` makes more rounds of it.

const rounds = Number(process.env['TABTRAIN_QUOTAS'] ?? 1);
const seed = Number(process.env['TABTRAIN_SEED'] ?? 1);
const timeout = 30_000;
const tags = 20;

let site: FixtureSite;
let browser: PersistentBrowser;

test.beforeAll(async () => {
  site = await serveFixture('quota', ['page.html']);
});

test.afterAll(() => site?.close());

const open = (): Promise<Tab> => browser.open(`${site.origin}/page.html`);

/** Sets how much room the page's address has; without a size it is what the browser gives by itself. It holds while that tab is open. */
function setQuota(tab: Tab, quotaSize?: number): Promise<unknown> {
  return tab.send('Storage.overrideQuotaForOrigin', { origin: site.origin, ...(quotaSize === undefined ? {} : { quotaSize }) });
}

const loggedOf = (page: Tab): Promise<number> => page.evaluate(() => globalThis.state().logged);
const toldOf = (page: Tab): Promise<readonly string[]> => page.evaluate(() => globalThis.state().told);
const stored = (page: Tab, runId: string): Promise<Steps> => page.evaluate((id) => globalThis.storedSteps(id), runId);
const exported = (page: Tab, runId: string): Promise<Steps> => page.evaluate((id) => globalThis.exportedSteps(id), runId);

/** The number of steps from 0 on, when that is all there is and nothing is wrong with it. */
function onlyPrefix(steps: Steps): number {
  expect(steps.problems).toEqual([]);
  expect(steps.stretches).toEqual([[0, expect.any(Number)]]);
  return steps.stretches[0]?.[1] ?? 0;
}

async function fillsUp(round: number, freeing: 'more room' | 'a deleted run'): Promise<void> {
  const random = seededRandom(seed * 100_003 + round);
  const runId = `${freeing}-${round}`;
  const reader = await open();
  // In front: the timers of hidden pages are slow.
  const writer = await open();
  // Before anything is written: the browser remembers for a while how much room there was.
  await setQuota(writer, (freeing === 'a deleted run' ? 14 : 1) * 1_000_000 + random() * 1_000_000);
  if (freeing === 'a deleted run') await writer.evaluate((megabytes) => globalThis.fill('filler', megabytes), 12);
  await writer.evaluate((id) => globalThis.startLogging(id, false), runId);
  await expect.poll(() => toldOf(writer), { timeout }).toContain('store-full');
  // Training goes on, and nothing that was committed is lost.
  const whenFull = await loggedOf(writer);
  await expect.poll(() => loggedOf(writer), { timeout }).toBeGreaterThan(whenFull + 100);
  const { acknowledged } = await writer.evaluate(() => globalThis.state());
  const before = onlyPrefix(await stored(reader, runId));
  expect(before * tags).toBeGreaterThanOrEqual(acknowledged);
  expect(before).toBeLessThan(await loggedOf(writer));

  // What the store refuses can be exported, here and in another tab.
  const logged = await writer.evaluate(() => globalThis.pause(true));
  expect(onlyPrefix(await exported(writer, runId))).toBe(logged);
  expect(onlyPrefix(await exported(reader, runId))).toBe(logged);
  await writer.evaluate(() => globalThis.pause(false));

  const acknowledgedSteps = async (): Promise<number> => (await writer.evaluate(() => globalThis.state())).acknowledged / tags;
  const beforeFreeing = await acknowledgedSteps();
  if (freeing === 'more room') await setQuota(writer);
  else {
    await reader.evaluate(() => globalThis.deleteFiller('filler'));
    await expect.poll(acknowledgedSteps, { timeout: 60_000 }).toBeGreaterThan(beforeFreeing);
    // What one run had may not be enough for all that waits.
    await setQuota(writer);
  }
  await expect.poll(acknowledgedSteps, { timeout: 60_000 }).toBeGreaterThanOrEqual(logged);
  expect(onlyPrefix(await stored(reader, runId))).toBeGreaterThanOrEqual(logged);
  await writer.evaluate(() => globalThis.finish());
  const all = await loggedOf(writer);
  expect(onlyPrefix(await stored(reader, runId))).toBe(all);
  expect(onlyPrefix(await exported(reader, runId))).toBe(all);
  // Once for each time. Where space is taken and given back all the time there may be several.
  const { told, refusals } = await writer.evaluate(() => globalThis.state());
  expect(told).toEqual(Array.from({ length: refusals }, () => 'store-full'));
  if (freeing === 'more room') expect(refusals).toBe(1);
}

for (const freeing of ['more room', 'a deleted run'] as const) {
  test(`a store that fills up ${rounds} times and is freed by ${freeing}: training goes on, nothing is lost, storing goes on by itself`, async () => {
    test.setTimeout(60_000 + rounds * 120_000);
    for (let round = 0; round < rounds; round++) {
      // A new browser, because it remembers for a while how much room there was.
      browser = await PersistentBrowser.start();
      try {
        await fillsUp(round, freeing);
      } finally {
        await browser.close();
      }
    }
  });
}
