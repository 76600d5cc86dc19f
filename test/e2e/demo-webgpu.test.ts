import { expect, test } from '@playwright/test';
import { collectComplaints, DemoPage, withoutSaveDialog } from './support/demo-page.ts';
import { readEventScalars } from './support/read-events.ts';
import { readZip } from './support/read-zip.ts';
import { openStoreWindow, type StoredRun } from './support/store-window.ts';

test('digits are learned on WebGPU in a worker, are there after a reload, and leave as event file and CSV', async ({
  page,
  context,
  baseURL,
}) => {
  const complaints = collectComplaints(page);
  await withoutSaveDialog(page);
  const demo = new DemoPage(page);
  await demo.open('backend=webgpu&model=mlp&limit=512&epochs=2&batch=64');
  expect(
    await page.evaluate(
      async () => (await (navigator as { gpu?: { requestAdapter(): Promise<object | null> } }).gpu?.requestAdapter()) != null,
    ),
  ).toBe(true);

  const pictures = new Set<string>();
  await demo.train.click();
  await expect(demo.train).toHaveText('Preparing WebGPU…');
  await expect(async () => {
    pictures.add(await demo.picture());
    await expect(demo.phase).toHaveText('Finished after 2 epochs', { timeout: 100 });
  }).toPass({ timeout: 100_000, intervals: [200] });
  pictures.add(await demo.picture());
  expect(pictures.size).toBeGreaterThanOrEqual(4);
  await expect(demo.backend).toHaveText('WebGPU (software)');
  await expect(demo.step).toHaveText('16 / 16');
  await expect(page.locator('#tally')).toHaveText(/^\d+ of 50 right$/);

  await page.reload();
  await expect(demo.runs).toHaveCount(1);
  await expect(demo.runs.first()).toContainText('finished');
  await expect(demo.runs.first()).toContainText('MLP · WebGPU');
  await expect.poll(() => isInked(demo)).toBe(true);

  const eventZip = await demo.export('TensorBoard (.zip)');
  const csvZip = await demo.export('CSV (.zip)');
  const store = await openStoreWindow(context, baseURL!.replace(/\/$/, ''));
  const [run] = await store.runs();
  expect(run?.points.filter(({ tag }) => tag === 'train/loss/step').map(({ step }) => step)).toHaveLength(16);
  expect(run?.points.filter(({ tag }) => tag === 'val/metrics/accuracy/epoch')).toHaveLength(2);
  compareEvents(eventZip, run!);
  compareCsv(csvZip, run!);
  expect(complaints).toEqual([]);
});

/** True when every chart has pixels that are not background. */
async function isInked(demo: DemoPage): Promise<boolean> {
  const inked = await demo.charts.evaluateAll((canvases) =>
    canvases.map((canvas) => {
      if (!(canvas instanceof HTMLCanvasElement) || canvas.width === 0) return false;
      const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      return pixels.some((byte) => byte !== 0);
    }),
  );
  return inked.length > 0 && inked.some(Boolean);
}

function compareEvents(zip: { readonly name: string; readonly bytes: Buffer }, run: StoredRun): void {
  expect(zip.name).toBe('mnist-tensorboard.zip');
  const files = readZip(zip.bytes);
  expect([...files.keys()].filter((name) => /OPEN-ME\.txt$/.test(name))).toHaveLength(1);
  const eventFiles = [...files.keys()].filter((name) => name.includes('tfevents'));
  expect(eventFiles).toHaveLength(1);
  expect(eventFiles[0]).toContain(`/${run.info.name}/`);
  const inFile = readEventScalars(files.get(eventFiles[0]!)!).map(({ tag, step, wallTime, value }) => [tag, step, wallTime, value]);
  const inStore = run.points.map(({ tag, step, wallTime, value }) => [tag, step, wallTime, Math.fround(value)]);
  expect(sorted(inFile)).toEqual(sorted(inStore));
}

function compareCsv(zip: { readonly name: string; readonly bytes: Buffer }, run: StoredRun): void {
  expect(zip.name).toBe('mnist-csv.zip');
  const files = readZip(zip.bytes);
  const name = [...files.keys()].find((one) => one.endsWith('.csv'));
  const [header, ...rows] = files
    .get(name!)!
    .toString('utf8')
    .trimEnd()
    .split('\r\n')
    .map((row) => row.split(','));
  expect(header?.slice(0, 6)).toEqual(['run', 'tag', 'step', 'epoch', 'wall_time', 'value']);
  expect(header).toContain('config/lr');
  const inFile = rows.map(([, tag, step, epoch, wallTime, value]) => [tag, Number(step), Number(epoch), Number(wallTime), Number(value)]);
  expect(inFile).toEqual(run.points.map(({ tag, step, epoch, wallTime, value }) => [tag, step, epoch, wallTime, value]));
}

function sorted(rows: readonly (readonly unknown[])[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}
