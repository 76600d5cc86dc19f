import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { collectComplaints, DemoPage, withoutSaveDialog } from './support/demo-page.ts';
import { serveFolder } from './support/file-server.ts';
import { readZip } from './support/read-zip.ts';
import { openStoreWindow, type StoredRun } from './support/store-window.ts';

// One quick backend that is the same on every machine; WebGPU has its own journey.
const quick = 'backend=wasm&model=mlp';

test('two quick clicks make one run, stop ends it, delete takes it away and undo brings it back', async ({ page, context, baseURL }) => {
  const demo = new DemoPage(page);
  await demo.open(`${quick}&limit=20000&epochs=20`);
  await demo.train.dblclick();
  await demo.waitForStep(20);
  await expect(demo.runs).toHaveCount(1);
  await expect(demo.runs).toContainText('running');

  await demo.stop.click();
  await expect(demo.phase).toHaveText(/^Stopped after [\d,]+ steps$/);
  await expect(demo.runs).toContainText('stopped');
  await expect(demo.train).toHaveText('Train');
  const store = await openStoreWindow(context, origin(baseURL));
  const [run, ...others] = await store.runs();
  expect(others).toEqual([]);
  const said = Number((await demo.phase.textContent())?.replaceAll(/\D/g, ''));
  expect(run?.points.filter(({ tag }) => tag === 'train/loss/step')).toHaveLength(said);

  await page.getByRole('button', { name: 'Delete mnist-1' }).click();
  await expect(demo.runs).toHaveCount(0);
  await expect(demo.notices).toContainText('Deleted mnist-1');
  expect(await store.runs()).toEqual([]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(demo.runs).toHaveCount(1);
  await expect(demo.notices).toHaveCount(0);
  expect((await store.runs()).map(({ points }) => points)).toEqual([run?.points]);
  await page.getByRole('button', { name: 'Delete mnist-1' }).click();
  await expect(demo.runs).toHaveCount(0);
  await page.reload();
  await expect(page.getByText('No runs yet.')).toBeVisible();
  expect(await store.runs()).toEqual([]);
});

test('a run that is still training can be deleted: it is stopped first', async ({ page, context, baseURL }) => {
  const demo = new DemoPage(page);
  await demo.open(`${quick}&limit=20000&epochs=20`);
  await demo.train.click();
  await demo.waitForStep(5);
  await page.getByRole('button', { name: 'Delete mnist-1' }).click();
  await expect(page.getByRole('dialog')).toContainText('still training');
  await page.getByRole('button', { name: 'Keep it' }).click();
  await expect(demo.runs).toHaveCount(1);
  await page.getByRole('button', { name: 'Delete mnist-1' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(demo.runs).toHaveCount(0);
  await expect(demo.train).toHaveText('Train');
  const store = await openStoreWindow(context, origin(baseURL));
  expect(await store.runs()).toEqual([]);
});

test('a written digit is read once there is a network, and not before', async ({ page }) => {
  const demo = new DemoPage(page);
  await demo.open(`${quick}&limit=2000&epochs=1`);
  await expect(page.locator('#invitation')).toBeVisible();
  await writeSeven(demo);
  await expect(page.locator('#invitation')).toBeHidden();
  await expect(page.locator('#verdict')).toHaveText('Nobody here can read yet. Press Train first.');
  await demo.train.click();
  await expect(demo.phase).toHaveText('Finished after one epoch');
  await expect(page.locator('#verdict')).toContainText('7');
  await expect(page.locator('#bars [data-best=true]')).toHaveCount(1);
  await page
    .getByRole('button', { name: /^A 7, read as/ })
    .first()
    .click();
  await expect(page.locator('#verdict')).toContainText('Right.');
  await expect(page.locator('#invitation')).toBeVisible();
});

test('the learning rate can be moved while it trains', async ({ page, context, baseURL }) => {
  const demo = new DemoPage(page);
  await demo.open(`${quick}&limit=20000&epochs=20`);
  await demo.train.click();
  await demo.waitForStep(5);
  await expect(page.getByLabel('Batch size')).toBeDisabled();
  await page.getByLabel('Learning rate').press('ArrowRight');
  const before = await demo.steps();
  await demo.waitForStep(before + 20);
  await demo.stop.click();
  await expect(demo.train).toHaveText('Train');
  const store = await openStoreWindow(context, origin(baseURL));
  const [run] = await store.runs();
  const rates = run?.points.filter(({ tag }) => tag === 'train/lr').map(({ value }) => Number(value.toPrecision(3)));
  expect(rates?.[0]).toBe(0.002);
  expect(rates?.at(-1)).toBe(0.003);
});

const trainImages = '**/data/train-images-idx3-ubyte.gz';
const imageHeader = Uint8Array.of(0, 0, 8, 3, 0, 0, 0xea, 0x60, 0, 0, 0, 28, 0, 0, 0, 28);

for (const [name, answer, sentence] of [
  ['missing', { status: 404 }, 'train-images-idx3-ubyte.gz: the server answered 404'],
  [
    'cut short',
    { body: gzipSync(Buffer.concat([imageHeader, Buffer.alloc(1000)])) },
    'train-images-idx3-ubyte.gz: ends after 1000 of 392000 bytes',
  ],
  ['another file', { contentType: 'text/html', body: '<!doctype html><p>Welcome' }, 'It looks like a web page'],
] as const) {
  test(`a data file that is ${name} is told in a sentence, and the next try works`, async ({ page, context, baseURL }) => {
    const demo = new DemoPage(page);
    await context.route(trainImages, (route) => route.fulfill(answer as Parameters<typeof route.fulfill>[0]));
    await demo.open(`${quick}&limit=500&epochs=1`);
    await demo.train.click();
    await expect(demo.notices).toContainText('The digits could not be read');
    await expect(demo.notices).toContainText(sentence);
    await expect(demo.phase).toHaveText('Failed');

    await context.unroute(trainImages);
    await demo.train.click();
    await expect(demo.phase).toHaveText('Finished after one epoch');
    await expect(demo.notices).toHaveCount(0);
    const store = await openStoreWindow(context, origin(baseURL));
    expect((await store.runs()).map(({ info }) => info.status)).toEqual(['finished']);
  });
}

test('missing test digits are told before anything is trained', async ({ page }) => {
  await page.route('**/data/t10k-labels-idx1-ubyte.gz', (route) => route.fulfill({ status: 404 }));
  const demo = new DemoPage(page);
  await demo.open(quick);
  await expect(demo.notices).toContainText('t10k-labels-idx1-ubyte.gz: the server answered 404');
});

test('the built folder works under a sub-path of a plain file server', async ({ page }) => {
  const server = await serveFolder(join(import.meta.dirname, '../../demo/dist'), '/lessons/week-3/');
  try {
    const complaints = collectComplaints(page);
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    const demo = new DemoPage(page);
    await demo.open(`${quick}&limit=500&epochs=1`, `${server.address}mnist/`);
    await demo.train.click();
    await expect(demo.phase).toHaveText('Finished after one epoch');
    await expect(demo.backend).toHaveText('WebAssembly');
    expect(requests.filter((url) => !url.startsWith(server.address))).toEqual([]);
    expect(requests.some((url) => url.endsWith('.wasm'))).toBe(true);
    expect(complaints).toEqual([]);
  } finally {
    await server.close();
  }
});

test('leaving the page while it trains loses nothing that was committed, and the runs read interrupted', async ({
  page,
  context,
  baseURL,
}) => {
  const demo = new DemoPage(page);
  const store = await openStoreWindow(context, origin(baseURL));
  const ways = [
    () => page.reload(),
    () => page.goto('about:blank'),
    () => page.goto(`${origin(baseURL)}/mnist/?limit=500`),
    () => page.close(),
  ];
  const committed: StoredRun[] = [];
  for (const [round, leave] of ways.entries()) {
    await demo.open(`${quick}&limit=20000&epochs=20`);
    await demo.train.click();
    await demo.waitForStep(20 + 15 * round);
    let newest: StoredRun | undefined;
    await expect
      .poll(async () => {
        newest = (await store.runs())[round];
        return newest?.points.length ?? 0;
      })
      .toBeGreaterThan(0);
    await leave();
    committed.push(newest!);
  }
  await expect.poll(async () => (await store.runs()).map(({ info }) => info.status)).toEqual(ways.map(() => 'interrupted'));
  for (const [round, run] of (await store.runs()).entries()) {
    const before = committed[round]!.points;
    expect(before.length).toBeGreaterThan(0);
    expect(run.points.slice(0, before.length)).toEqual(before);
    // A prefix of what was logged: from the first step on without a gap, and of each step the loss before the accuracy.
    const losses = stepsOf(run, 'train/loss/step');
    const accuracies = stepsOf(run, 'train/metrics/accuracy/step');
    expect(losses).toEqual(losses.map((_, index) => index));
    expect(accuracies).toEqual(losses.slice(0, accuracies.length));
    expect(losses.length - accuracies.length).toBeLessThanOrEqual(1);
  }
});

test('a worker that dies is told in a sentence, its run keeps what was logged, and the next training works', async ({ page }) => {
  const demo = new DemoPage(page);
  await demo.open(`${quick}&limit=20000&epochs=1`);
  await demo.train.click();
  await demo.waitForStep(10);
  await page.workers()[0]?.evaluate(() => self.close());
  await expect(demo.notices).toHaveCount(1);
  await expect(demo.notices).toContainText('The training worker ended');
  await expect(demo.notices).toContainText('Press Train to begin anew.');
  await expect(demo.runs).toContainText('interrupted');
  await demo.train.click();
  await demo.waitForStep(1);
  await expect(demo.notices).toHaveCount(0);
  await expect(demo.runs).toHaveCount(2);
});

test('a backend that cannot train the network is not offered with it', async ({ page }) => {
  const demo = new DemoPage(page);
  await demo.open('backend=wasm&model=cnn&limit=500&epochs=1');
  await expect(page.getByLabel('CNN')).toBeDisabled();
  await expect(page.getByLabel('Auto')).toBeChecked();
  await expect(page.getByText('It cannot train the CNN.')).toBeVisible();
  await page.getByLabel('Runs on').selectOption('auto');
  await expect(page.getByLabel('CNN')).toBeEnabled();
  await page.locator('label', { hasText: 'CNN' }).click();
  await expect(page.getByRole('option', { name: 'WebAssembly' })).toBeDisabled();
});

test('a training program that cannot be loaded is told as such', async ({ page }) => {
  const demo = new DemoPage(page);
  await page.route('**/train.worker*', (route) => route.fulfill({ status: 404 }));
  await demo.open(`${quick}&limit=500&epochs=1`);
  await demo.train.click();
  await expect(demo.notices).toHaveCount(1);
  await expect(demo.notices).toContainText('The training program could not be loaded');
  await expect(demo.notices).toContainText('Check the connection and reload.');
});

test('deleting a run that another tab trains stops the training there', async ({ page, context }) => {
  const training = new DemoPage(page);
  await training.open(`${quick}&limit=20000&epochs=20`);
  await training.train.click();
  await training.waitForStep(5);
  const other = new DemoPage(await context.newPage());
  await other.open(quick);
  await other.page.getByRole('button', { name: 'Delete mnist-1' }).click();
  await expect(other.page.getByRole('dialog')).toContainText('still training in another tab');
  await other.page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(other.runs).toHaveCount(0);
  await expect(other.page.locator('#history-title')).toBeFocused();
  await expect(training.notices).toHaveCount(1);
  await expect(training.notices).toContainText('This run was deleted in another tab, so training was stopped.');
  await expect(training.phase).toHaveText(/^Stopped after/);
  await expect(page.locator('#fact-eta')).toHaveText('–');
});

test('Train is on the first screen, and nothing lies over the list of runs', async ({ page }) => {
  await page.setViewportSize({ width: 1366, height: 768 });
  const demo = new DemoPage(page);
  await demo.open(`${quick}&limit=500&epochs=1`);
  await expect(demo.train).toBeInViewport({ ratio: 1 });
  await demo.train.click();
  await expect(demo.phase).toHaveText('Finished after one epoch');
  for (const [width, height] of [
    [1366, 768],
    [1366, 900],
    [800, 900],
  ] as const) {
    await page.setViewportSize({ width, height });
    const tick = page.getByRole('checkbox', { name: 'Choose mnist-1 for export' });
    // Charts take the new width a moment later, and move what lies below them.
    const isOnTop = (): Promise<boolean> =>
      tick.evaluate((box) => {
        scrollTo(0, document.documentElement.scrollHeight);
        const { x, y, width: wide, height: high } = box.getBoundingClientRect();
        return document.elementFromPoint(x + wide / 2, y + high / 2) === box;
      });
    await expect.poll(isOnTop).toBe(true);
    await expect(tick).toBeInViewport();
  }
});

test('nothing sticks out of the page at any width, charts drawn wider before included', async ({ page }) => {
  const demo = new DemoPage(page);
  await demo.open(`${quick}&limit=500&epochs=1`);
  await demo.train.click();
  await expect(demo.phase).toHaveText('Finished after one epoch');
  await expect(demo.charts.first()).toBeVisible();
  for (const width of [1600, 1344, 1100, 960, 740, 360, 320]) {
    await page.setViewportSize({ width, height: 800 });
    const [content, window] = await page.evaluate(
      () => [document.documentElement.scrollWidth, document.documentElement.clientWidth] as const,
    );
    expect(content).toBeLessThanOrEqual(window);
  }
});

test('without a database the page says so, trains and exports', async ({ page }) => {
  await withoutSaveDialog(page);
  await page.addInitScript(() => Object.defineProperty(globalThis, 'indexedDB', { value: undefined }));
  const demo = new DemoPage(page);
  await demo.open(`${quick}&limit=500&epochs=1`);
  await expect(demo.notices).toContainText('Runs last until you close this tab');
  await demo.train.click();
  await expect(demo.phase).toHaveText('Finished after one epoch');
  await expect(demo.runs).toContainText('finished');
  const zip = await demo.export('CSV (.zip)');
  const table = [...readZip(zip.bytes)].find(([name]) => name.endsWith('.csv'))?.[1].toString('utf8') ?? '';
  expect(table.split('\r\n').filter((row) => row.includes('train/loss/step'))).toHaveLength(8);
});

function stepsOf(run: StoredRun, tag: string): number[] {
  return run.points.filter((point) => point.tag === tag).map(({ step }) => step);
}

async function writeSeven(demo: DemoPage): Promise<void> {
  const pad = demo.page.locator('#pad');
  await pad.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await pad.boundingBox())!;
  const { mouse } = demo.page;
  await mouse.move(x + width * 0.3, y + height * 0.2);
  await mouse.down();
  await mouse.move(x + width * 0.7, y + height * 0.2, { steps: 8 });
  await mouse.move(x + width * 0.42, y + height * 0.85, { steps: 8 });
  await mouse.up();
}

function origin(baseURL: string | undefined): string {
  return (baseURL ?? '').replace(/\/$/, '');
}
