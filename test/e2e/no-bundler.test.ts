import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { transform } from 'esbuild';
import { serveFolder } from './support/file-server.ts';
import { readmePrograms } from './support/readme-programs.ts';

// The programs of the README in a folder that a plain file server serves, with the import map of the recipe and its files, as they stand there.

const root = join(import.meta.dirname, '../..');
/** Import maps do not reach into workers. */
const withWorker = ['train.worker.ts', 'page.ts'];
let folder = '';
let site: Awaited<ReturnType<typeof serveFolder>>;

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabtrain-plain-'));
  const recipe = await readFile(join(root, 'docs/recipes/no-bundler.md'), 'utf8');
  const map = /<script type="importmap">[\s\S]*?<\/script>/.exec(recipe)?.[0] ?? '';
  for (const name of ['tf.js', 'with-tf.js']) {
    const code = recipe
      .split('```js\n')
      .find((part) => part.startsWith(`// ${name}\n`))
      ?.split('```')[0];
    await writeFile(join(folder, name), code ?? `throw new Error('the recipe has no ${name}')`);
  }
  for (const file of [
    'dist/cdn/tabtrain-tfjs.js',
    'node_modules/@tensorflow/tfjs/dist/tf.fesm.min.js',
    'node_modules/@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.fesm.min.js',
  ]) {
    await cp(join(root, file), join(folder, file.split('/').at(-1)!));
  }
  for (const [name, code] of await readmePrograms()) {
    const script = name.replace('.ts', '.js');
    await writeFile(join(folder, script), (await transform(code, { loader: 'ts', target: 'es2022' })).code);
    const body = `<div id="charts"></div><div id="progress"></div><button id="save">Save</button><script type="module" src="./${script}"></script>`;
    await writeFile(
      join(folder, name.replace('.ts', '.html')),
      `<!doctype html><meta charset="utf-8" /><link rel="icon" href="data:," />${map}${body}`,
    );
  }
  site = await serveFolder(folder, '/deep/down/');
});
test.afterAll(async () => {
  await site?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The runs of this browser, with how many numbers each has. */
function runsOf(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const library = './with-tf.js';
    const { openStore } = (await import(new URL(library, document.baseURI).href)) as typeof import('tabtrain');
    const store = await openStore();
    const told = (await store.runs()).map(async ({ id, name }) =>
      `${name} ${(await store.tags(id)).length > 0 ? 'has numbers' : ''}`.trim(),
    );
    return Promise.all(told);
  });
}

test('with the import map of the recipe they run as they are written', async ({ page }) => {
  const wrong: string[] = [];
  const said: string[] = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('console', (message) => (message.type() === 'error' ? wrong : said).push(message.text()));
  for (const name of (await readmePrograms()).keys()) {
    if (withWorker.includes(name)) continue;
    const before = name === 'own-loop.ts' ? 0 : (await runsOf(page)).length;
    await page.goto(`${site.address}${name.replace('.ts', '.html')}`);
    if (name === 'metrics.ts') await expect.poll(() => said.join('\n')).toMatch(/accuracy: 0\.\d+/);
    else await expect.poll(async () => (await runsOf(page)).slice(0, -before || undefined).join(), name).toMatch(/has numbers/);
  }
  expect(wrong).toEqual([]);
});
