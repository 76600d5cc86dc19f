import { join } from 'node:path';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { createServer, type ViteDevServer } from 'vite';

// A run in a worker whose page goes away in the middle, again and again. What the page said of it is recorded out here, so
// that it outlives the page. A small seed by default; `npm run campaign` makes 60 rounds in five browsers.

const rounds = Number(process.env['TABTRAIN_ROUNDS'] ?? 6);
const root = join(import.meta.dirname, '../..');

/** Points that may be lost with a page: what may wait to be read back, a full queue, and a flush under way. */
const lossWindow = 1024 + 2 * 4096;

interface News {
  readonly runId: string;
  readonly logged?: number;
  readonly committed?: number;
}

interface Seen {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly tags: Readonly<Record<string, { readonly steps: readonly number[]; readonly values: readonly number[] }>>;
}

const valueOf: Readonly<Record<string, (step: number) => number>> = {
  square: (step) => step * step,
  third: (step) => step / 3,
  minus: (step) => (step === 0 ? 0 : -step),
};

const ways = ['navigate', 'go elsewhere', 'close', 'go back', 'close at once', 'leave the site'] as const;

let server: ViteDevServer;
let origin = '';

test.beforeAll(async () => {
  server = await createServer({
    root: join(import.meta.dirname, 'fixtures/navigation'),
    configFile: false,
    logLevel: 'error',
    resolve: { tsconfigPaths: true },
    cacheDir: join(root, 'node_modules/.vite-navigation'),
    // A file that is saved during the test reloads nothing.
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null, fs: { allow: [root] } },
    worker: { format: 'es' },
    optimizeDeps: { include: ['idb', 'comlink'] },
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (address === null || typeof address !== 'object') throw new Error('the server has no address');
  origin = `http://127.0.0.1:${address.port}`;
});

test.afterAll(() => server?.close());

async function endRun(page: Page, way: (typeof ways)[number]): Promise<void> {
  if (way === 'navigate') await page.goto(`${origin}/look.html`);
  else if (way === 'go elsewhere') await page.goto(`${origin}/look.html?again`);
  else if (way === 'close') void page.close({ runBeforeUnload: true }).catch(() => {});
  else if (way === 'close at once') void page.close().catch(() => {});
  else if (way === 'go back') await page.goBack({ waitUntil: 'commit' }).catch(() => {});
  else await page.goto('about:blank');
}

async function look(context: BrowserContext): Promise<readonly Seen[]> {
  const page = await context.newPage();
  await page.goto(`${origin}/look.html`);
  await expect(page.locator('body')).toHaveText(/^\[/);
  const seen = JSON.parse((await page.locator('body').textContent()) ?? '[]') as readonly Seen[];
  void page.close().catch(() => {});
  return seen;
}

test(`${rounds} pages that go away while their worker trains: stored is a prefix of logged, within the loss window`, async ({
  context,
}) => {
  test.setTimeout(60_000 + rounds * 20_000);
  const logged = new Map<string, number>();
  const committed = new Map<string, number>();
  await context.exposeFunction('outside', (news: News) => {
    if (news.logged !== undefined) logged.set(news.runId, Math.max(news.logged, logged.get(news.runId) ?? 0));
    if (news.committed !== undefined) committed.set(news.runId, Math.max(news.committed, committed.get(news.runId) ?? 0));
  });
  for (let round = 0; round < rounds; round++) {
    const page = await context.newPage();
    page.setDefaultNavigationTimeout(20_000);
    await page.goto('about:blank');
    const runsBefore = logged.size;
    await page.goto(`${origin}/page.html?name=round-${round}`);
    // How far it gets differs from round to round: from the first points to many flushes.
    const enough = [50, 1_000, 200, 8_000, 3_000, 500][round % 6] ?? 50;
    await expect
      .poll(() => logged.size > runsBefore && Math.max(...[...logged.values()].slice(runsBefore)) >= enough, { timeout: 30_000 })
      .toBe(true);
    await endRun(page, ways[round % ways.length] ?? 'close');
    // Not awaited: the browser may answer late, and what counts is asked of the store in the end.
    if (!page.isClosed()) void page.close().catch(() => {});
  }

  await expect.poll(async () => (await look(context)).filter(({ status }) => status === 'running').length, { timeout: 30_000 }).toBe(0);
  const runs = await look(context);
  expect(runs).toHaveLength(rounds);
  for (const run of runs) {
    expect(run.status, run.name).toBe('interrupted');
    const steps = Object.values(run.tags).map((tag) => tag.steps.length);
    const points = steps.reduce((sum, count) => sum + count, 0);
    const atLeast = (logged.get(run.id) ?? 0) * 3 - lossWindow;
    expect(points, `${run.name}: stored against logged`).toBeGreaterThanOrEqual(atLeast);
    expect(points, `${run.name}: stored against acknowledged`).toBeGreaterThanOrEqual(committed.get(run.id) ?? 0);
    // A row is stored whole or not at all, in order, with the values that were logged.
    for (const [tag, { steps: found, values }] of Object.entries(run.tags)) {
      expect(found, `${run.name} ${tag}`).toEqual(found.map((_, i) => i));
      expect(values, `${run.name} ${tag}`).toEqual(found.map((step) => (valueOf[tag] as (step: number) => number)(step)));
    }
    expect(Math.max(0, ...steps) - Math.min(...steps, Infinity), run.name).toBeLessThanOrEqual(1);
  }
});
