import { cp, mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Download, expect, type Page, test } from '@playwright/test';
import { build } from 'vite';
import { collectComplaints, withoutSaveDialog } from './support/demo-page.ts';
import { serveFolder } from './support/file-server.ts';
import { installStrictly, packLibrary } from './support/packed-library.ts';
import { readEventScalars } from './support/read-events.ts';
import { readZip } from './support/read-zip.ts';

// The starter's files, copied as its README says, with the packed library.

const root = join(import.meta.dirname, '../..');
const starter = join(root, 'demo/starter');
const peers = ['tfjs', 'tfjs-core', 'tfjs-layers'].map((name) => `@tensorflow/${name}`);
let folder = '';
const closing: (() => Promise<void>)[] = [];

test.beforeAll(async () => {
  test.setTimeout(120_000);
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tabtrain-starter-')));
  await installStrictly(folder, await packLibrary(folder), peers);
});

test.afterAll(async () => {
  for (const close of closing) await close();
  await rm(folder, { recursive: true, force: true });
});

async function copyTo(place: string, files: readonly string[]): Promise<string> {
  const target = join(folder, place);
  await mkdir(target, { recursive: true });
  for (const file of files) await cp(file.startsWith('/') ? file : join(starter, file), join(target, file.split('/').at(-1)!));
  return target;
}

async function serve(served: string): Promise<string> {
  const server = await serveFolder(served, '/somewhere/');
  closing.push(() => server.close());
  return server.address;
}

async function built(place: string, files: readonly string[]): Promise<string> {
  const target = await copyTo(place, files);
  // As the README says, with nothing configured.
  const readme = await readFile(join(starter, 'README.md'), 'utf8');
  const base = /`npx vite build(?: --base=(\S+))?`/.exec(readme)?.[1];
  await build({ root: target, configFile: false, logLevel: 'error', ...(base === undefined ? {} : { base }) });
  return serve(join(target, 'dist'));
}

async function train(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Train' }).click();
  await expect(page.getByRole('button', { name: 'Train' })).toBeDisabled();
}

const picture = (page: Page): Promise<string> => page.locator('#map').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

async function save(page: Page, button: string): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  const [download]: [Download, void] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

test('three files and one install make a page that learns, remembers, saves for TensorBoard and hands in', async ({ page, baseURL }) => {
  const complaints = collectComplaints(page);
  await withoutSaveDialog(page);
  await page.goto(await built('npm', ['index.html', 'main.js', 'spirals.js']));
  await expect(page.locator('#progress')).toContainText('Not started');
  const before = await picture(page);
  await train(page);
  await expect.poll(() => picture(page)).not.toBe(before);
  await expect(page.locator('#progress')).toContainText('Finished after 60 epochs', { timeout: 60_000 });
  await expect(page.getByRole('button', { name: 'Train' })).toBeEnabled();
  await expect(page.locator('#charts canvas').first()).toBeVisible();

  await page.reload();
  await expect(page.locator('#charts')).toContainText('spirals-1');
  const tensorboard = await save(page, 'Save for TensorBoard');
  expect(tensorboard.name).toBe('spirals-tensorboard.zip');
  const [, events] = [...readZip(tensorboard.bytes)].find(([name]) => name.includes('tfevents'))!;
  const scalars = readEventScalars(events);
  expect(scalars.filter(({ tag }) => tag === 'train/loss/step')).toHaveLength(60 * 13);
  // Guessing would be 0.5.
  expect(scalars.findLast(({ tag }) => tag === 'train/metrics/accuracy/epoch')?.value).toBeGreaterThan(0.75);

  await page.getByLabel('Your name').fill('Ada');
  const { name, bytes } = await save(page, 'Hand in');
  expect(name).toBe('Ada.zip');
  await page.goto(`${baseURL}viewer/`);
  await page.locator('#files').setInputFiles({ name, mimeType: 'application/zip', buffer: bytes });
  await expect(page.locator('#outcome')).toHaveText('1 new run from 1 file.');
  await expect(page.locator('#panel')).toContainText('Ada-spirals-1');
  expect(complaints).toEqual([]);
});

test('the same three files run without a bundler, beside three more', async ({ page }) => {
  const complaints = collectComplaints(page);
  const address = await serve(
    await copyTo('plain', [
      ...['index.html', 'main.js', 'spirals.js', 'no-bundler/tf.js'],
      join(root, 'node_modules/@tensorflow/tfjs/dist/tf.fesm.min.js'),
      join(folder, 'node_modules/tabtrain/dist/cdn/tabtrain-tfjs.js'),
    ]),
  );
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(address);
  await page.getByLabel('Neurons').selectOption('4');
  await train(page);
  await expect(page.locator('#progress')).toContainText('Finished after 60 epochs', { timeout: 60_000 });
  await expect(page.locator('#charts')).toContainText('spirals-1');
  expect(requests.filter((url) => !url.startsWith(new URL('/', address).href))).toEqual([]);
  expect(complaints).toEqual([]);
});

test('the step to a worker: the page is the same, and stops at a click', async ({ page }) => {
  await page.goto(await built('worker', ['index.html', 'worker/main.js', 'spirals.js', 'worker/train.worker.js']));
  const before = await picture(page);
  await train(page);
  expect(page.workers()).toHaveLength(1);
  await expect.poll(() => picture(page)).not.toBe(before);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByRole('button', { name: 'Train' })).toBeEnabled();
  await expect(page.locator('#charts')).toContainText(/spirals-1\s*(stopped|finished)/);
  await page.reload();
  await expect(page.locator('#charts')).toContainText('spirals-1');
});
