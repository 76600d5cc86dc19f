import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, type Page, test } from '@playwright/test';
import { createServer, type ViteDevServer } from 'vite';
import { packLibrary } from './support/packed-library.ts';
import { readmePrograms } from './support/readme-programs.ts';

// The programs of the README, as written there, in an empty folder with the packed library.

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);
let folder = '';
let server: ViteDevServer;

const pageOf = (script: string): string =>
  `<!doctype html><meta charset="utf-8"><title>first program</title><div id="progress"></div><div id="charts"></div> <button id="save">Save</button><script type="module" src="./${script}"></script>`;

// Not one of the programs: reads the store afterwards, as another page would.
const look = `
import { openStore } from 'tabtrain';
const store = await openStore();
const runs = [];
for (const run of await store.runs()) {
  const records = (await store.records(run.id)).map(({ kind, tag }) => kind + ' ' + tag);
  runs.push({ ...run, tags: await store.tags(run.id), records });
}
document.body.textContent = JSON.stringify(runs);
`;

interface Seen {
  readonly project: string;
  readonly status: string;
  readonly config: Record<string, unknown>;
  readonly facts?: Record<string, unknown>;
  readonly tags: readonly { readonly tag: string; readonly count: number }[];
  readonly records: readonly string[];
}

test.beforeAll(async () => {
  test.setTimeout(180_000);
  folder = await mkdtemp(join(tmpdir(), 'tabtrain-first-'));
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const packed = await packLibrary(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'first-program', private: true, type: 'module' }));
  await run(npm, ['install', '--prefer-offline', '--no-audit', '--no-fund', '--omit=peer', packed], { cwd: folder });
  // The peers are large and are this repository's own copies; installing them again would test npm, not us.
  await mkdir(join(folder, 'node_modules/@tensorflow'), { recursive: true });
  const peers = [
    'chart.js',
    '@kurkle/color',
    ...['tfjs', 'tfjs-core', 'tfjs-layers', 'tfjs-backend-webgpu'].map((name) => `@tensorflow/${name}`),
  ];
  for (const name of peers) {
    await mkdir(join(folder, 'node_modules', name, '..'), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  }
  for (const [name, code] of await readmePrograms()) {
    await writeFile(join(folder, name), code);
    await writeFile(join(folder, name.replace('.ts', '.html')), pageOf(name));
  }
  await writeFile(join(folder, 'look.ts'), look);
  await writeFile(join(folder, 'look.html'), pageOf('look.ts'));
  server = await createServer({
    root: folder,
    configFile: false,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, fs: { allow: [folder, root] } },
    worker: { format: 'es' },
    optimizeDeps: { include: peers.filter((name) => name !== '@kurkle/color') },
  });
  await server.listen();
});

test.afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(page: Page, name: string): Promise<string[]> {
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  const address = server.httpServer?.address();
  if (address === null || typeof address !== 'object') throw new Error('the dev server has no address');
  await page.goto(`http://127.0.0.1:${address.port}/${name}.html`);
  return wrong;
}

async function runsOf(page: Page, project: string): Promise<Seen[]> {
  const other = await page.context().newPage();
  await open(other, 'look');
  await expect(other.locator('body')).toHaveText(/^\[/);
  const runs = JSON.parse((await other.locator('body').textContent()) ?? '[]') as Seen[];
  await other.close();
  return runs.filter((seen) => seen.project === project);
}

const counts = (seen: Seen | undefined): Record<string, number> =>
  Object.fromEntries((seen?.tags ?? []).map(({ tag, count }) => [tag, count]));

test('the README names the five programs, and seven further ones', async () => {
  const first = ['own-loop.ts', 'fit.ts', 'declared.ts', 'train.worker.ts', 'page.ts'];
  const further = ['hooks.ts', 'metrics.ts', 'records.ts', 'loggers.ts', 'progress.ts', 'unified.ts', 'config.ts'];
  expect([...(await readmePrograms()).keys()]).toEqual([...first, ...further]);
});

test('your own loop draws, stores and survives a reload', async ({ page }) => {
  const wrong = await open(page, 'own-loop');
  await expect(page.locator('#charts canvas').first()).toBeVisible();
  await expect.poll(async () => counts((await runsOf(page, 'spiral'))[0])).toEqual({ loss: 1000, lr: 1000 });
  await page.reload();
  await expect.poll(async () => (await runsOf(page, 'spiral')).map(({ status }) => status)).toEqual(['interrupted', 'running']);
  expect(wrong).toEqual([]);
});

test('the page that has its own model.fit logs it, and its own chart is still told', async ({ page }) => {
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  const wrong = await open(page, 'fit');
  const seen = await whenLogged(page, 'my-page', {
    'train/loss/step': 50,
    'train/loss/epoch': 5,
    'val/metrics/accuracy/epoch': 5,
    'train/lr': 5,
  });
  expect(seen.config).toMatchObject({ optimizer: 'Adam', lr: 0.01, batchSize: 50, epochs: 5, loss: 'binaryCrossentropy' });
  expect(said.filter((line) => /^\d 0?\.?\d/.test(line))).toHaveLength(5);
  await expect(page.locator('#charts canvas').first()).toBeVisible();
  expect(wrong).toEqual([]);
});

test('declared training in the page logs loss, accuracy and settings by itself', async ({ page }) => {
  const wrong = await open(page, 'declared');
  await expect.poll(async () => (await runsOf(page, 'corners'))[0]?.status, { timeout: 60_000 }).toBe('finished');
  const [seen] = await runsOf(page, 'corners');
  expect(counts(seen)).toMatchObject({
    'train/loss/step': 50,
    'train/loss/epoch': 5,
    'train/metrics/accuracy/step': 50,
    'val/loss/epoch': 5,
    'val/metrics/accuracy/epoch': 5,
    'train/lr': 5,
  });
  expect(seen?.config).toMatchObject({ batchSize: 50 });
  await expect(page.locator('#charts canvas').first()).toBeVisible();
  expect(wrong).toEqual([]);
});

test('the same in a worker tells the page its epochs, answers a call, and saves inside the click', async ({ page }) => {
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  // Without the picker of the operating system, which no test can press, the file is downloaded.
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
  const wrong = await open(page, 'page');
  await expect.poll(async () => (await runsOf(page, 'corners'))[0]?.status, { timeout: 60_000 }).toBe('finished');
  const [seen] = await runsOf(page, 'corners');
  expect(counts(seen)).toMatchObject({ 'train/loss/step': 60, 'train/loss/epoch': 5 });
  expect(seen?.config).toMatchObject({ lr: 0.01 });
  await expect.poll(() => said.filter((line) => /^\d+ 0?\.\d+/.test(line)).length).toBe(5);
  await expect.poll(() => said.some((line) => line.startsWith('Float32Array'))).toBe(true);
  const download = page.waitForEvent('download');
  await page.locator('#save').click();
  expect((await download).suggestedFilename()).toBe('corners-logs.zip');
  expect(wrong).toEqual([]);
});

/** Waits until the one run of a project is there as expected, and gives it back. */
async function whenLogged(page: Page, project: string, expected: Record<string, number>): Promise<Seen> {
  await expect.poll(async () => counts((await runsOf(page, project))[0]), { timeout: 60_000 }).toMatchObject(expected);
  const [seen] = await runsOf(page, project);
  return seen as Seen; // it has counts
}

test('a module of hooks logs by the rules of each hook', async ({ page }) => {
  const wrong = await open(page, 'hooks');
  await whenLogged(page, 'slope', { loss_step: 500, loss_epoch: 5 });
  expect(wrong).toEqual([]);
});

test('metrics give one value for the epoch', async ({ page }) => {
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  const wrong = await open(page, 'metrics');
  await whenLogged(page, 'guesses', { accuracy: 1, f1: 1 });
  await expect.poll(() => said.some((line) => /accuracy: 0\.\d+, f1: 0\.\d+/.test(line))).toBe(true);
  expect(wrong).toEqual([]);
});

test('everything beside numbers is kept with the run', async ({ page }) => {
  const wrong = await open(page, 'records');
  await expect.poll(async () => (await runsOf(page, 'shapes'))[0]?.status).toBe('finished');
  expect((await runsOf(page, 'shapes'))[0]?.records).toEqual([
    'text note',
    'image ramp',
    'histogram weights',
    'table worst',
    'event learning rate halved',
    'alert Plateau',
  ]);
  expect(wrong).toEqual([]);
});

test('loggers write their files while the store has the run, too', async ({ page }) => {
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  const wrong = await open(page, 'loggers');
  await whenLogged(page, 'copies', { loss: 200 });
  await expect.poll(async () => (await runsOf(page, 'copies'))[0]?.status).toBe('finished');
  expect(said.at(-1)).toMatch(/^copies-\d+ \| finished$/);
  const files = await page.evaluate(async () => {
    const names: string[] = [];
    const walk = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const [name, handle] of folder.entries()) {
        if (handle.kind === 'directory') await walk(handle as FileSystemDirectoryHandle, `${path}${name}/`); // the other kind is a file
        else names.push(path + name.replace(/tfevents.*/, 'tfevents'));
      }
    };
    await walk(await navigator.storage.getDirectory(), '');
    return [...new Set(names)].sort();
  });
  expect(files).toEqual([
    'logs/lightning_logs/version_0/hparams.yaml',
    'logs/lightning_logs/version_0/metrics.csv',
    'logs/lightning_logs/version_1/events.out.tfevents',
    'logs/lightning_logs/version_1/hparams.yaml',
  ]);
  expect(wrong).toEqual([]);
});

test('a progress bar shows the training to its end', async ({ page }) => {
  const wrong = await open(page, 'progress');
  await whenLogged(page, 'progress', { loss: 1500 });
  await expect(page.locator('#progress')).toContainText('Finished after 3 epochs');
  await expect(page.locator('#progress')).toContainText('loss');
  expect(wrong).toEqual([]);
});

test('the unified logger begins, logs by its rhythm, and ends', async ({ page }) => {
  const wrong = await open(page, 'unified');
  const seen = await whenLogged(page, 'unified', { train_loss: 10 });
  expect(seen).toMatchObject({ config: { lr: 1e-3 }, records: ['file data'] });
  await expect.poll(async () => (await runsOf(page, 'unified'))[0]?.status).toBe('finished');
  expect(wrong).toEqual([]);
});

test('a text makes the training and is kept with its run as it was written', async ({ page }) => {
  const wrong = await open(page, 'config');
  const seen = await whenLogged(page, 'from-text', { 'train/loss/step': 14, 'train/loss/epoch': 2 });
  expect(seen.config).toMatchObject({ loss: 'meanSquaredError', model: { _target_: 'line' } });
  expect(seen.facts?.['config.text']).toContain('# found by hand');
  expect(wrong).toEqual([]);
});
