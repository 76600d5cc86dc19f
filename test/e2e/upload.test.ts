/// <reference types="node" />
import { expect, type Page, test } from '@playwright/test';
import { type FixtureSite, serveFixture } from './support/fixture-site.ts';
import { type LogReceiver, startReceiver } from './support/log-receiver.ts';
import './fixtures/upload/page.ts';

// Runs that are sent to a server of another origin: the receiver of the docs.

let site: FixtureSite;
let receiver: LogReceiver;
/** What the page warned of. */
let warnings: string[];

test.beforeAll(async () => {
  [site, receiver] = await Promise.all([serveFixture('upload', ['page.html', 'closed.html']), startReceiver()]);
});
test.beforeEach(async ({ page }) => {
  warnings = [];
  page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
});
test.afterAll(async () => {
  await site?.close();
  await receiver?.close();
});

const open = async (page: Page, name = 'page'): Promise<void> => {
  await page.goto(`${site.origin}/${name}.html`);
  await page.waitForFunction(() => typeof globalThis.begin === 'function');
};
const begin = (page: Page, flushSecs: number, url = receiver.url): Promise<string> =>
  page.evaluate(([to, secs]) => globalThis.begin(to, { flushSecs: secs }), [url, flushSecs] as const);
const logRows = (page: Page, from: number, to: number): Promise<void> =>
  page.evaluate(([first, end]) => globalThis.logRows(first, end), [from, to] as const);
const steps = (runId: string): unknown[] =>
  receiver
    .items(runId)
    .flatMap((item) => (item.type === 'metrics' ? [item['step']] : []))
    .sort((a, b) => Number(a) - Number(b));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, step) => step);

test('a run logged without a network reaches the server once it is back, from the next page, each row once', async ({ page, context }) => {
  await open(page);
  const runId = await begin(page, 0.05);
  await logRows(page, 0, 50);
  await expect.poll(() => steps(runId)).toEqual(upTo(50));

  // The last words of a page that is left may pass by the browser's switch.
  await receiver.unplug();
  await context.setOffline(true);
  await logRows(page, 50, 120);
  await expect.poll(() => warnings.join()).toContain('this device is offline');
  // A row is written once the next one begins.
  await logRows(page, 120, 201);
  // What is logged in the moment a page is left may be lost without a network: no browser ends a transaction for a page that is gone.
  await expect.poll(() => page.evaluate(() => globalThis.waiting())).toBe(150);
  await page.goto('about:blank');
  expect(steps(runId)).toEqual(upTo(50));

  await receiver.plugIn();
  await context.setOffline(false);
  await open(page);
  const next = await begin(page, 3600);
  await expect.poll(() => steps(runId).slice(0, 200)).toEqual(upTo(200));
  await page.evaluate(() => globalThis.finish());
  expect(receiver.items(next).map(({ type }) => type)).toEqual(['start', 'hyperparams', 'end']);
  expect(await page.evaluate((url) => globalThis.send(url), receiver.url)).toEqual({ sent: 0, left: 0 });
  const batches = receiver.batches();
  expect(new Set(batches).size).toBe(batches.length);
});

test('a page that is closed sends its last rows on its way out, and the next one does not send them again', async ({ page }) => {
  await open(page);
  const runId = await begin(page, 3600);
  await logRows(page, 0, 40);
  await page.goto('about:blank');
  await expect.poll(() => steps(runId)).toEqual(upTo(40));
  await open(page);
  await begin(page, 3600);
  await page.evaluate(() => globalThis.finish());
  await expect.poll(() => page.evaluate((url) => globalThis.send(url).then(({ left }) => left), receiver.url)).toBe(0);
  expect(steps(runId)).toEqual(upTo(40));
});

test('a run in a worker is sent from there', async ({ page }) => {
  await open(page);
  const runId = await page.evaluate((url) => globalThis.trainInWorker(url, 30), receiver.url);
  expect(steps(runId)).toEqual(upTo(30));
  expect(receiver.items(runId).at(-1)).toMatchObject({ type: 'end', status: 'finished' });
});

test('a server that lets no other origin send, and a page that may not send, are told apart in one sentence each', async ({ page }) => {
  await open(page);
  // A file server: it answers, and knows nothing of other origins.
  const other = site.origin.replace('127.0.0.1', 'localhost');
  await begin(page, 3600, `${other}/page.html`);
  await page.evaluate(() => globalThis.finish());
  await expect.poll(() => warnings.join('\n')).toMatch(/does not let pages of http:\/\/127\.0\.0\.1:\d+ send to it \(CORS\)/);

  warnings.length = 0;
  await open(page, 'closed');
  await begin(page, 3600);
  await page.evaluate(() => globalThis.finish());
  await expect.poll(() => warnings.join('\n')).toContain('Content-Security-Policy of this page forbids sending to');
  expect(await page.evaluate(() => globalThis.unsent())).toBe(3);
  await page.evaluate(() => globalThis.forget());
});
