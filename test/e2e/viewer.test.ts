import { readFile } from 'node:fs/promises';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { makeClass } from '../fixtures/archive/make-class.ts';
import { collectComplaints, withoutSaveDialog } from './support/demo-page.ts';
import { readZip } from './support/read-zip.ts';

interface Upload {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

const points = 40;

async function uploads(files: readonly File[]): Promise<Upload[]> {
  return Promise.all(
    files.map(async (file) => ({ name: file.name, mimeType: 'application/zip', buffer: Buffer.from(await file.arrayBuffer()) })),
  );
}

/** The viewer as a teacher uses it. */
class ViewerPage {
  readonly page: Page;
  readonly people: Locator;
  readonly outcome: Locator;
  readonly remarks: Locator;
  readonly tally: Locator;
  readonly emptiness: Locator;

  constructor(page: Page) {
    this.page = page;
    this.people = page.locator('[data-person]');
    this.outcome = page.locator('#outcome');
    this.remarks = page.locator('#remarks li');
    this.tally = page.locator('#tally');
    this.emptiness = page.getByRole('heading', { name: 'Nothing here yet' });
  }

  async open(): Promise<void> {
    await this.page.goto('/viewer/');
    await expect(this.emptiness).toBeVisible();
  }

  async choose(...files: readonly Upload[]): Promise<void> {
    await this.page.locator('#files').setInputFiles([...files]);
    await expect(this.outcome).toHaveText(/\.$/);
  }

  /** The runs as they are named beside the charts, in alphabetical order. */
  async runNames(): Promise<string[]> {
    return (await this.page.locator('#panel .run .name').allTextContents()).toSorted();
  }
}

test('thirty archives dropped at once become one set of charts with thirty runs, named by person', async ({ page }) => {
  const complaints = collectComplaints(page);
  const files = await uploads(await makeClass({ points }));
  const viewer = new ViewerPage(page);
  await viewer.open();
  const dropped = await page.evaluateHandle(
    (all) => {
      const data = new DataTransfer();
      for (const { name, text } of all) data.items.add(new File([Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))], name));
      return data;
    },
    files.map(({ name, buffer }) => ({ name, text: buffer.toString('base64') })),
  );
  await page.dispatchEvent('body', 'dragover', { dataTransfer: dropped });
  await expect(page.locator('#drop')).toContainText('Let go to take them in');
  await page.dispatchEvent('body', 'drop', { dataTransfer: dropped });

  await expect(page.locator('#drop')).toContainText('Drop zip files or folders');
  await expect(viewer.outcome).toHaveText('30 new runs from 30 files.', { timeout: 30_000 });
  await expect(viewer.tally).toHaveText('30 people, 30 runs');
  await expect.poll(() => viewer.runNames()).toEqual(files.map(({ name }) => name.replace('.zip', '-spiral-1')).toSorted());
  await expect(page.locator('#panel canvas').first()).toBeVisible();
  await expect(viewer.emptiness).toBeHidden();

  await page.reload();
  await expect(viewer.tally).toHaveText('30 people, 30 runs');
  expect(complaints).toEqual([]);
});

test('an archive that comes twice is taken once, and two people whose runs are named alike keep both', async ({ page }) => {
  const [ada, bob] = await uploads(await makeClass({ people: 2, points, ids: 'same' }));
  const viewer = new ViewerPage(page);
  await viewer.open();
  await viewer.choose(ada!);
  await expect(viewer.outcome).toHaveText('1 new run from 1 file.');
  await viewer.choose(ada!, bob!);
  await expect(viewer.outcome).toHaveText('1 new run from 2 files. 1 run was here already.');
  await expect(viewer.tally).toHaveText('2 people, 2 runs');
  await expect.poll(() => viewer.runNames()).toEqual(['ada-spiral-1', 'bob-spiral-1']);
  await expect(viewer.remarks).toHaveCount(0);
});

test('a damaged archive is refused in words, and those beside it are taken in', async ({ page }) => {
  const [ada, bob] = await uploads(await makeClass({ people: 2, points }));
  const cut = { ...bob!, buffer: bob!.buffer.subarray(0, bob!.buffer.length / 2) };
  const viewer = new ViewerPage(page);
  await viewer.open();
  await viewer.choose(cut, ada!, { name: 'holiday.zip', mimeType: 'application/zip', buffer: Buffer.from('<b>none</b>') });
  await expect(viewer.outcome).toHaveText('1 new run from 3 files. 2 files were refused, see below.');
  await expect(viewer.remarks).toHaveCount(2);
  await expect(viewer.remarks.first()).toContainText('bob.zip was not taken in');
  await expect(viewer.remarks.first()).toContainText('Ask for the archive again');
  await expect(viewer.tally).toHaveText('1 person, 1 run');
});

test('a name can be changed, a person deleted and had back, and the whole class saved and dropped on another computer', async ({
  page,
  browser,
}) => {
  await withoutSaveDialog(page);
  const viewer = new ViewerPage(page);
  await viewer.open();
  await viewer.choose(...(await uploads(await makeClass({ people: 2, runs: 2, points }))));
  await page.getByLabel('Name of ada').fill('Ada Lovelace');
  await page.getByLabel('Name of ada').press('Enter');
  await expect.poll(() => viewer.runNames()).toEqual(['Ada Lovelace-spiral-1', 'Ada Lovelace-spiral-2', 'bob-spiral-1', 'bob-spiral-2']);

  await page.getByRole('button', { name: 'Delete the runs of bob' }).click();
  await expect(viewer.tally).toHaveText('1 person, 2 runs');
  await expect(page.getByRole('button', { name: 'Delete the runs of Ada Lovelace' })).toBeFocused();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(viewer.tally).toHaveText('2 people, 4 runs');

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Archive (.zip)' }).click()]);
  expect(download.suggestedFilename()).toBe('class.zip');
  const buffer = await readFile(await download.path());
  const elsewhere = new ViewerPage(await (await browser.newContext({ baseURL: new URL('/', page.url()).href })).newPage());
  await elsewhere.open();
  await elsewhere.choose({ name: 'class.zip', mimeType: 'application/zip', buffer });
  await expect(elsewhere.outcome).toHaveText('4 new runs from 1 file.');
  await expect(elsewhere.people).toHaveCount(2);
  await expect(elsewhere.page.getByLabel('Name of Ada Lovelace')).toBeVisible();
  await expect.poll(() => elsewhere.runNames()).toEqual(await viewer.runNames());
  await elsewhere.page.context().close();

  const [table] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV (.zip)' }).click()]);
  const rows =
    readZip(await readFile(await table.path()))
      .get('metrics.csv')
      ?.toString('utf8') ?? '';
  expect(rows).toContain('spiral/Ada Lovelace-spiral-2');
  expect(rows).toContain('spiral/bob-spiral-1');
});

test('clearing the device asks first, then nothing is left', async ({ page, context }) => {
  const viewer = new ViewerPage(page);
  await viewer.open();
  await viewer.choose(...(await uploads(await makeClass({ people: 1, points }))));
  await page.getByRole('button', { name: 'Clear this device' }).click();
  await page.getByRole('button', { name: 'Keep everything' }).click();
  await expect(viewer.tally).toHaveText('1 person, 1 run');

  await page.getByRole('button', { name: 'Clear this device' }).click();
  await page.getByRole('button', { name: 'Delete everything' }).click();
  await expect(page.locator('.notice')).toContainText('This device is clear');
  await expect(viewer.emptiness).toBeVisible();
  await expect(viewer.people).toHaveCount(0);
  await page.reload();
  await expect(viewer.emptiness).toBeVisible();
  const other = new ViewerPage(await context.newPage());
  await other.open();
  // It is taken anew, not remembered.
  await other.choose(...(await uploads(await makeClass({ people: 1, points }))));
  await expect(other.outcome).toHaveText('1 new run from 1 file.');
});

test('a device that is cleared while archives are taken in is clear, and stays so', async ({ page }) => {
  const viewer = new ViewerPage(page);
  await viewer.open();
  await page.locator('#files').setInputFiles(await uploads(await makeClass({ points: 2000 })));
  await page.getByRole('button', { name: 'Clear this device…' }).click();
  await page.getByRole('button', { name: 'Delete everything' }).click();
  await expect(page.locator('.notice')).toContainText('This device is clear');
  await expect(viewer.emptiness).toBeVisible();
  await expect(viewer.remarks).toHaveCount(0);
  await page.reload();
  await expect(viewer.emptiness).toBeVisible();
  await expect(viewer.people).toHaveCount(0);
});

test('the page speaks German where that is asked for', async ({ page }) => {
  await page.goto('/viewer/?lang=de');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Läufe einer Klasse');
  const [ada] = await uploads(await makeClass({ people: 1, points }));
  await page.locator('#files').setInputFiles(ada!);
  await expect(page.locator('#outcome')).toHaveText('1 neuer Lauf aus 1 Datei.');
  await expect(page.locator('#panel')).toContainText('Glättung');
  await page.getByRole('link', { name: 'English' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Runs of a class');
});
