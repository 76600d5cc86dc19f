import { cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import * as esbuild from 'esbuild';
import * as vite from 'vite';
import webpack from 'webpack';
import { serveFolder } from './support/file-server.ts';
import { installStrictly, packLibrary } from './support/packed-library.ts';
import { readEventScalars } from './support/read-events.ts';

// The packed library in every kind of project: one tiny program, with no configuration but what is written here. All of them share one
// project, installed by pnpm in its strict layout; the first programs of the README are tried in npm's.

const root = join(import.meta.dirname, '../..');
const peers = ['tfjs', 'tfjs-core', 'tfjs-layers', 'tfjs-backend-cpu', 'tfjs-backend-wasm'].map((name) => `@tensorflow/${name}`);
let folder = '';
let project = '';
const closing: (() => Promise<void>)[] = [];

test.beforeAll(async () => {
  test.setTimeout(120_000);
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tabtrain-matrix-')));
  project = join(folder, 'project');
  await installStrictly(project, await packLibrary(folder), peers);
  await cp(join(root, 'test/e2e/fixtures/matrix'), project, { recursive: true });
});

test.afterAll(async () => {
  for (const close of closing) await close();
  await rm(folder, { recursive: true, force: true });
});

async function serve(served: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const server = await serveFolder(served, '/', headers);
  closing.push(() => server.close());
  return server.address;
}

/** Where the pages of each kind of project are served, made when the first test asks for it. */
const kinds = {
  async 'Vite dev'(): Promise<string> {
    const server = await vite.createServer({
      root: project,
      configFile: false,
      logLevel: 'error',
      // The linked packages lie outside the project.
      server: { host: '127.0.0.1', port: 0, fs: { allow: [project, root] } },
    });
    closing.push(() => server.close());
    await server.listen();
    return server.resolvedUrls?.local[0] ?? '';
  },
  async 'Vite build'(): Promise<string> {
    const outDir = join(folder, 'vite');
    const input = [join(project, 'page.html'), join(project, 'worker.html')];
    await vite.build({ root: project, configFile: false, logLevel: 'error', build: { outDir, rolldownOptions: { input } } });
    return serve(outDir);
  },
  async webpack(): Promise<string> {
    const outDir = join(folder, 'webpack');
    const compiler = webpack({
      mode: 'production',
      context: project,
      entry: { page: './page.js', 'worker-page': './worker-page.js' },
      output: { path: outDir },
      performance: { hints: false },
      // Which takes it half a minute; the others do it.
      optimization: { minimize: false },
    });
    await new Promise<void>((resolve, reject) => {
      compiler?.run((error, stats) => {
        const wrong = error?.message ?? (stats?.hasErrors() || stats?.hasWarnings() ? stats.toString('errors-warnings') : undefined);
        compiler.close(() => (wrong === undefined ? resolve() : reject(new Error(wrong))));
      });
    });
    await pagesBeside(outDir);
    return serve(outDir);
  },
  async esbuild(): Promise<string> {
    const outdir = join(folder, 'esbuild');
    // esbuild leaves `new Worker(new URL('./train.worker.js', import.meta.url))` as it is: the worker is an entry beside the page.
    const entryPoints = ['page.js', 'worker-page.js', 'train.worker.js'].map((name) => join(project, name));
    await esbuild.build({ entryPoints, outdir, bundle: true, format: 'esm', minify: true, logLevel: 'error' });
    await pagesBeside(outdir);
    return serve(outdir);
  },
  async 'an import map'(): Promise<string> {
    return `${await serve(project)}plain/`;
  },
};

async function pagesBeside(outDir: string): Promise<void> {
  for (const page of ['page.html', 'worker.html']) await cp(join(project, page), join(outDir, page));
}

const addresses = new Map<string, Promise<string>>();

function addressOf(kind: keyof typeof kinds): Promise<string> {
  const address = addresses.get(kind) ?? kinds[kind]();
  addresses.set(kind, address);
  return address;
}

/** The losses that the training must have: the same steps by hand, for the line y = 2x and batches of two. */
function lossesByHand(): number[] {
  const losses: number[] = [];
  let slope = 0;
  for (let epoch = 0; epoch < 3; epoch++) {
    for (const batch of [
      [1, 2],
      [3, 4],
    ]) {
      losses.push(batch.reduce((sum, x) => sum + (slope * x - 2 * x) ** 2, 0) / 2);
      slope -= 0.05 * (batch.reduce((sum, x) => sum + 2 * (slope * x - 2 * x) * x, 0) / 2);
    }
  }
  return losses;
}

interface Shown {
  readonly path: string;
  readonly base64: string;
}

/** Opens a page and waits for the event file of what it has trained. */
async function expectTrained(page: Page, address: string): Promise<void> {
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('requestfailed', (request) => wrong.push(`${request.url()}: ${request.failure()?.errorText}`));
  await page.goto(address);
  await expect.poll(async () => [...wrong, await page.locator('#files').textContent()].join(), { timeout: 60_000 }).toContain('tfevents');
  const files = JSON.parse((await page.locator('#files').textContent()) ?? '') as Shown[]; // what the page has written there
  const events = files.filter(({ path }) => path.includes('.tfevents.'));
  const scalars = events.flatMap(({ base64 }) => readEventScalars(Buffer.from(base64, 'base64')));
  const losses = scalars.filter(({ tag }) => tag === 'train/loss/step').map(({ value }) => value);
  const expected = lossesByHand();
  expect(losses).toHaveLength(expected.length);
  for (const [i, loss] of expected.entries()) expect(losses[i]).toBeCloseTo(loss, 4);
  expect(wrong).toEqual([]);
}

for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
  test(`${kind}: trains in the page and exports`, async ({ page }) => {
    await expectTrained(page, `${await addressOf(kind)}page.html`);
    await expect(page.locator('#charts canvas').first()).toBeVisible();
  });
  test(`${kind}: trains in a worker and exports`, async ({ page }) => {
    await expectTrained(page, `${await addressOf(kind)}worker.html`);
  });
}

test('a script tag: trains in the page and exports', async ({ page }) => {
  await expectTrained(page, `${await addressOf('an import map')}script-tag.html`);
  await expect(page.locator('#charts canvas').first()).toBeVisible();
});

test('WebAssembly: trains with its files where the page says, and says where it looked', async ({ page }) => {
  const address = `${await addressOf('an import map')}wasm.html`;
  await expectTrained(page, `${address}?wasm=../node_modules/@tensorflow/tfjs-backend-wasm/dist`);
  await expectTrained(page, address); // beside the script
  await page.goto(`${address}?wasm=/nowhere/`);
  await expect(page.locator('#files')).toContainText('no-backend', { timeout: 30_000 });
  await expect(page.locator('#files')).toContainText('wasm could not start (its files are looked for in /nowhere/)');
});

test.describe('a worker of another origin', () => {
  const open = async (page: Page, worker: string): Promise<string> => {
    const address = `${await addressOf('an import map')}other-origin.html?worker=${encodeURIComponent(worker)}`;
    await page.goto(address);
    await expect(page.locator('#files')).not.toBeEmpty({ timeout: 30_000 });
    return (await page.locator('#files').textContent()) ?? '';
  };

  test('trains where its server lets other origins read it', async ({ page }) => {
    const other = await serve(project, { 'Access-Control-Allow-Origin': '*' });
    const worker = encodeURIComponent(`${other}plain/train.worker.js`);
    await expectTrained(page, `${await addressOf('an import map')}other-origin.html?worker=${worker}`);
  });
  test('trains from a sandboxed frame, which has no origin and keeps its runs in memory', async ({ page }) => {
    const address = `${await serve(project, { 'Access-Control-Allow-Origin': '*' })}plain/`;
    await page.goto(address.replace('plain/', 'page.html'));
    await page.setContent(`<iframe sandbox="allow-scripts" src="${address}other-origin.html?worker=${address}train.worker.js"></iframe>`);
    await expect(page.frameLocator('iframe').locator('#files')).toContainText('.tfevents.', { timeout: 30_000 });
  });
  test('that may not be read is told with the header that is missing', async ({ page }) => {
    const other = await serve(project);
    const told = await open(page, `${other}plain/train.worker.js`);
    expect(told).toMatch(/^worker-died trainer\.fit\(\): the worker is gone: .* does not allow other origins to read .*train\.worker\.js/);
    expect(told).toContain('Access-Control-Allow-Origin');
  });
  test('that is not there is told with its address', async ({ page }) => {
    const other = await serve(project, { 'Access-Control-Allow-Origin': '*' });
    expect(await open(page, `${other}plain/missing.js`)).toMatch(/its script (?:was not found|could not be loaded).*missing\.js/);
    expect(await open(page, './missing.js')).toMatch(/its script was not found: .*\/plain\/missing\.js answers with status 404/);
  });
  test('that is no script is told with its type', async ({ page }) => {
    expect(await open(page, './worker.html')).toMatch(/worker\.html is no JavaScript, its Content-Type is 'text\/html'/);
  });
});

test('the file with TensorFlow.js says what is missing without it', async ({ page }) => {
  const address = await addressOf('an import map');
  await writeFile(join(project, 'plain/nothing.html'), '<!doctype html><link rel="icon" href="data:," />');
  await page.goto(`${address}nothing.html`);
  const told = await page.evaluate(async () => {
    const at = '../node_modules/tabtrain/dist/cdn/tabtrain-tfjs.js';
    return import(new URL(at, location.href).href).then(
      String,
      (error: unknown) => `${(error as { code?: string }).code} ${String(error)}`,
    ); // a LogError
  });
  expect(told).toMatch(/^missing-peer LogError: tabtrain-tfjs\.js: there is no globalThis\.tf\. Load TensorFlow\.js before it/);
});
