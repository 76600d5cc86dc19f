/// <reference types="node" />
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, expect, type Page, test } from '@playwright/test';
import { ClassPage, classroomLaunch, lanName } from './support/classroom.ts';
import { type FixtureSite, serveFixture } from './support/fixture-site.ts';
import { readZip } from './support/read-zip.ts';

// Places where browsers give a page less than usual. The same page trains, draws and saves in all of them.
test.use({ launchOptions: classroomLaunch });

const both = ['places-1', 'places-2'];

let site: FixtureSite;
let lan: string;

test.beforeAll(async () => {
  site = await serveFixture('places', ['page.html', 'host.html']);
  lan = site.origin.replace('127.0.0.1', lanName);
});
test.afterAll(() => site?.close());

/** Presses Save and looks into the file that arrives: a table with the numbers of these runs. */
async function savesRuns(page: Page, classPage: ClassPage, names: readonly string[]): Promise<string> {
  const [arrived, said] = await Promise.all([page.waitForEvent('download'), classPage.press('save')]);
  expect(arrived.suggestedFilename()).toBe('runs.zip');
  const [table] = [...readZip(await readFile(await arrived.path()))].filter(([name]) => name.endsWith('.csv')).map(([, bytes]) => bytes);
  const rows = table?.toString('utf8').split('\n') ?? [];
  for (const name of names) expect(rows.filter((row) => row.includes(name) && row.includes('train/loss/step')).length).toBe(8);
  return said;
}

async function openHost(page: Page, host: string, query: Record<string, string>): Promise<ClassPage> {
  const place = new ClassPage(page, page.frameLocator('iframe'));
  await page.goto(`${host}/host.html?${new URLSearchParams(query).toString()}`);
  return place;
}

test('over http in a local network: trains here and in a worker, keeps runs, shares them with another tab, saves and copies them', async ({
  page,
  context,
}) => {
  const here = new ClassPage(page);
  await page.goto(`${lan}/page.html`);
  const missing = await page.evaluate(() => ({
    isSecureContext,
    locks: 'locks' in navigator,
    gpu: 'gpu' in navigator,
    storage: 'storage' in navigator,
    subtle: 'subtle' in crypto,
    randomUUID: 'randomUUID' in crypto,
    picker: 'showSaveFilePicker' in globalThis,
  }));
  expect(Object.values(missing)).toEqual(Array.from({ length: 7 }, () => false));

  await expect(here.notes).toHaveText([/^This address is not secure, .* no WebGPU .* https:\/\//]);
  const other = await context.newPage();
  const there = new ClassPage(other);
  await other.goto(`${lan}/page.html`);
  await page.bringToFront();
  await here.trainBothWays();
  await expect(there.runs()).toHaveText(['places-2', 'places-1']);
  expect(await savesRuns(page, here, both)).toContain('"handed-over"');
  expect(await here.press('copy')).toBe('copy: ["copy-places-1","copy-places-2"]');

  await here.notes.getByRole('button').click();
  await expect(here.notes).toHaveCount(0);
  await page.reload();
  await expect(here.runs()).toHaveText(['places-2', 'places-1']);
  await expect(here.charts.first()).toBeVisible();
  expect([...here.wrong, ...there.wrong, ...here.warnings, ...there.warnings]).toEqual([]);
});

for (const kind of ['a page', 'a text, as notebooks give it'] as const) {
  test(`in a sandboxed frame that shows ${kind}: trains, draws and copies in memory, says so, and loses its runs with the page`, async ({
    page,
  }) => {
    const query = { sandbox: 'allow-scripts', ...(kind === 'a page' ? {} : { srcdoc: '' }) };
    const frame = await openHost(page, site.origin, query);
    await expect(frame.notes).toHaveText([/^This page is shown in a sandboxed frame, so its runs are kept in memory only: save/]);
    await frame.trainBothWays();
    expect(frame.warnings).toEqual([expect.stringMatching(/runs are kept in memory only, because the browser refuses it/)]);
    // The browser ignores the download; the page cannot see that and says how it may be.
    expect(await frame.press('save')).toMatch(
      /"handed-over".*"note":"This page is shown in a sandboxed frame, which may not be allowed to save/,
    );
    expect(await frame.press('copy')).toBe('copy: ["copy-places-1","copy-places-2"]');
    expect(await frame.press('clear')).toContain('"left":[]');
    await page.reload();
    await expect(frame.notes).toHaveCount(1);
    await expect(frame.runs()).toHaveCount(0);
    expect(frame.wrong).toEqual([]);
  });
}

test('in a sandboxed frame that may save files the file arrives', async ({ page }) => {
  const frame = await openHost(page, site.origin, { sandbox: 'allow-scripts allow-downloads' });
  await frame.press('here');
  expect(await savesRuns(page, frame, ['places-1'])).toContain('"handed-over"');
});

test('in a sandboxed frame of its own origin, without a save dialog: keeps runs, and saving is refused in one sentence before it is tried', async ({
  page,
}) => {
  const frame = await openHost(page, lan, { sandbox: 'allow-scripts allow-same-origin' });
  await frame.trainBothWays();
  await expect(frame.notes).toHaveText([
    /^This page is shown in a frame that may not save files: open it in a tab of its own/,
    /^This address/,
  ]);
  expect(await frame.press('save')).toMatch(/^save failed: .*download\(.*This page is shown in a frame that may not save files: open it/);
  await page.reload();
  await expect(frame.runs()).toHaveText(['places-2', 'places-1']);
  const allowed = await openHost(page, lan, { sandbox: 'allow-scripts allow-same-origin allow-downloads' });
  await expect(allowed.runs()).toHaveText(['places-2', 'places-1']);
  await expect(allowed.notes).toHaveText([/^This address/]);
  await savesRuns(page, allowed, both);
  expect(frame.wrong).toEqual([]);
});

test('in a frame of another site, where the save dialog may not open, files come as ordinary downloads', async ({ page }) => {
  const frame = await openHost(page, site.origin.replace('127.0.0.1', 'localhost'), { page: `${site.origin}/page.html` });
  await frame.trainBothWays();
  const dialog = await page
    .frames()[1]
    ?.evaluate(() =>
      (globalThis as unknown as { showSaveFilePicker(): Promise<unknown> }).showSaveFilePicker().catch((thrown: unknown) => String(thrown)),
    );
  expect(dialog).toMatch(/^SecurityError/);
  expect(await savesRuns(page, frame, both)).toContain('"handed-over"');
  await expect(frame.notes).toHaveCount(0);
});

test('where the browser keeps no data for the site: trains, draws, saves, and says that runs are in memory only', async () => {
  const profile = await mkdtemp(join(tmpdir(), 'tabtrain-blocked-'));
  await mkdir(join(profile, 'Default'));
  const blocked = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(profile, 'Default/Preferences'), JSON.stringify(blocked));
  const context = await chromium.launchPersistentContext(profile, classroomLaunch);
  try {
    const page = await context.newPage();
    const here = new ClassPage(page);
    await page.goto(`${site.origin}/page.html`);
    await expect(here.notes).toHaveText([/^This browser keeps no data for this page, so its runs are kept in memory only: save/]);
    await here.trainBothWays();
    expect(here.warnings.length).toBe(1);
    // A dialog would need a person: this one is as good as closed.
    await page.evaluate(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));
    await savesRuns(page, here, both);
    expect(await here.press('clear')).toContain('"left":[]');
    await page.reload();
    await expect(here.notes).toHaveCount(1);
    await expect(here.runs()).toHaveCount(0);
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
});

test('a private window has all that is needed, until it is closed', async ({ page, browser }) => {
  const here = new ClassPage(page);
  await page.goto(`${site.origin}/page.html`);
  await here.trainBothWays();
  await expect(here.notes).toHaveCount(0);
  await page.reload();
  await expect(here.runs()).toHaveText(['places-2', 'places-1']);
  const again = await browser.newContext();
  const later = new ClassPage(await again.newPage());
  const [opened] = again.pages();
  await opened?.goto(`${site.origin}/page.html`);
  await expect(opened!.getByText('No runs yet')).toBeVisible();
  await expect(later.runs()).toHaveCount(0);
  await again.close();
});

test('an old page that finds a newer database trains on in memory and says what to do; what is stored stays untouched', async ({
  page,
}) => {
  const newer = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open('tabtrain:tabtrain', 99);
      request.addEventListener('upgradeneeded', () => request.result.createObjectStore('of a later program').put('kept', 1));
      request.addEventListener('error', () => reject(new Error(String(request.error))));
      request.addEventListener('success', () => {
        const reading = request.result.transaction('of a later program').objectStore('of a later program').count();
        reading.addEventListener('success', () => {
          request.result.close();
          resolve(reading.result);
        });
      });
    });
  await page.goto(`${site.origin}/host.html?page=about:blank`);
  expect(await page.evaluate(newer)).toBe(1);
  const here = new ClassPage(page);
  await page.goto(`${site.origin}/page.html`);
  await expect(here.notes).toHaveText([/^Another tab runs a newer version of this page, .* in memory only .* reload this page/]);
  await here.trainBothWays();
  expect(here.warnings).toEqual([expect.stringMatching(/because a newer program has changed the database.*Reload the page/)]);
  expect(await here.press('copy')).toBe('copy: ["copy-places-1","copy-places-2"]');
  expect(await page.evaluate(newer)).toBe(1);
});

test('two pages of one address with stores of their own do not see each other; clearing the device empties both, in open tabs, too', async ({
  page,
  context,
}) => {
  const [spirals, digits] = [new ClassPage(page), new ClassPage(await context.newPage())];
  const other = context.pages()[1]!;
  await page.goto(`${site.origin}/page.html?store=spirals`);
  await other.goto(`${site.origin}/page.html?store=digits`);
  await digits.press('here');
  await page.bringToFront();
  await spirals.trainBothWays();
  await other.bringToFront();
  await expect(digits.runs()).toHaveText(['places-1']);

  expect(await digits.press('clear')).toBe('clear: {"stores":["digits","spirals"],"folders":[],"left":[]}');
  await expect(digits.runs()).toHaveCount(0);
  await page.bringToFront();
  await expect(spirals.runs()).toHaveCount(0);
  // Both go on as if they had just been opened.
  expect(await spirals.press('here')).toBe('here: "finished"');
  await expect(spirals.runs()).toHaveText(['places-1']);
  await other.bringToFront();
  await expect(digits.runs()).toHaveCount(0);
  expect([...spirals.wrong, ...digits.wrong]).toEqual([]);
});
