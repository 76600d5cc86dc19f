/// <reference types="node" />
import { expect, type Frame, type Page, test } from '@playwright/test';
import type { Look } from './fixtures/iframe/frame.ts';
import { type FixtureSite, serveFixture } from './support/fixture-site.ts';

// `<metrics-panel>` where notebooks and course pages put it: in frames.

let site: FixtureSite;
test.beforeAll(async () => {
  site = await serveFixture('iframe', ['frame.html']);
});
test.afterAll(() => site?.close());

const address = (): string => `${site.origin}/frame.html`;
const ready = (frame: Frame): Promise<unknown> => frame.waitForFunction(() => document.title === 'ready');

async function openPage(page: Page): Promise<readonly string[]> {
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(address());
  await ready(page.mainFrame());
  return errors;
}

/** Puts a frame into the page, made by these attributes, and waits for its scripts. */
async function addFrame(page: Page, attributes: Readonly<Record<string, string>>): Promise<Frame> {
  const handle = await page.evaluateHandle((given) => {
    const frame = document.createElement('iframe');
    for (const [name, value] of Object.entries(given)) frame.setAttribute(name, value);
    Object.assign(frame.style, { width: '500px', height: '500px' });
    document.body.append(frame);
    return frame;
  }, attributes);
  const frame = (await handle.contentFrame())!;
  await ready(frame);
  return frame;
}

const look = (frame: Frame | Page): Promise<Look> => frame.evaluate(() => globalThis.lookAtPanel());
const drawn = (frame: Frame | Page): Promise<void> =>
  expect.poll(async () => (await look(frame)).draws, { timeout: 15_000 }).toBeGreaterThan(0);

test('in a frame of the same address it draws what the page around it logs, in its theme and at its width', async ({ page }) => {
  const errors = await openPage(page);
  const frame = await addFrame(page, { src: address() });
  await frame.evaluate(() => globalThis.addPanel('shared'));
  await page.evaluate(() => globalThis.logRun('shared'));
  await drawn(frame);
  const { width, surface } = await look(frame);
  expect(width).toBeGreaterThan(200);

  await frame.evaluate(() => document.querySelector('metrics-panel')?.setAttribute('theme', 'dark'));
  await expect.poll(async () => (await look(frame)).surface).not.toBe(surface);
  await page.evaluate(() => Object.assign(document.querySelector('iframe')!.style, { width: '360px' }));
  await expect.poll(async () => (await look(frame)).width).toBeLessThan(width);
  expect(errors).toEqual([]);
});

test('in a sandboxed frame without an address, as notebooks make them, it draws what the frame itself logs', async ({ page }) => {
  const errors = await openPage(page);
  const srcdoc = await (await fetch(address())).text();
  const frame = await addFrame(page, { srcdoc, sandbox: 'allow-scripts' });
  await frame.evaluate(() => globalThis.addPanel('own'));
  await frame.evaluate(() => globalThis.logRun('own'));
  await drawn(frame);
  await page.evaluate(() => globalThis.addPanel('own'));
  await expect.poll(async () => (await look(page)).text).toContain('No runs yet');
  expect(errors).toEqual([]);
});

test('in a frame of another site it draws what that frame logs, and neither sees the runs of the other', async ({ page }) => {
  const errors = await openPage(page);
  const frame = await addFrame(page, { src: address().replace('127.0.0.1', 'localhost') });
  await frame.evaluate(() => globalThis.addPanel('foreign'));
  await frame.evaluate(() => globalThis.logRun('foreign'));
  await drawn(frame);
  // A browser keeps a store of its own for a site within another one.
  await page.goto(address().replace('127.0.0.1', 'localhost'));
  await ready(page.mainFrame());
  await page.evaluate(() => globalThis.addPanel('foreign'));
  await expect.poll(async () => (await look(page)).text).toContain('No runs yet');
  expect(errors).toEqual([]);
});

test('moved into the document of a frame it draws again and keeps its looks', async ({ page }) => {
  const errors = await openPage(page);
  await page.evaluate(() => globalThis.logRun('moved'));
  await page.evaluate(() => globalThis.addPanel('moved'));
  await drawn(page);
  const before = await look(page);
  const frame = await addFrame(page, { src: address() });
  await page.evaluate(() => globalThis.movePanel(document.querySelector('iframe')!));
  expect(await frame.evaluate(() => document.querySelectorAll('metrics-panel').length)).toBe(1);
  await drawn(page); // the element is the page's own, wherever it stands
  const after = await look(page);
  expect(after.surface).toBe(before.surface);
  expect(after.width).toBeGreaterThan(200);
  expect(after.width).not.toBe(before.width);
  expect(errors).toEqual([]);
});
