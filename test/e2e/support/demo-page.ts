import { expect, type Download, type Locator, type Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';

/** The demo as a person uses it: what can be seen and clicked, nothing else. */
export class DemoPage {
  readonly page: Page;
  readonly train: Locator;
  readonly stop: Locator;
  readonly phase: Locator;
  readonly step: Locator;
  readonly backend: Locator;
  readonly notices: Locator;
  /** One row per run, newest first. */
  readonly runs: Locator;
  readonly charts: Locator;

  constructor(page: Page) {
    this.page = page;
    this.train = page.locator('#train');
    this.stop = page.getByRole('button', { name: 'Stop', exact: true });
    this.phase = page.locator('#phase');
    this.step = page.locator('#fact-step');
    this.backend = page.locator('#fact-backend');
    this.notices = page.locator('.notice');
    this.runs = page.locator('[data-run]');
    this.charts = page.locator('#panel canvas');
  }

  /** Opens the demo with settings in its address: `model=mlp&limit=512`. */
  async open(settings: string, address = '/mnist/'): Promise<void> {
    await this.page.goto(`${address}?${settings}`);
    await expect(this.train).toBeEnabled();
  }

  /** Completed steps as the page shows them; 0 before the first. */
  async steps(): Promise<number> {
    return Number((await this.step.textContent())?.split('/')[0]?.replaceAll(/\D/g, '') ?? 0);
  }

  async waitForStep(step: number): Promise<void> {
    await expect.poll(() => this.steps(), { timeout: 60_000 }).toBeGreaterThanOrEqual(step);
  }

  /** What the charts look like, for comparing. */
  async picture(): Promise<string> {
    const pictures = await this.charts.evaluateAll((canvases) =>
      canvases.map((canvas) => (canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : '')),
    );
    return pictures.join('\n');
  }

  /** Clicks an export button and hands over the file. */
  async export(name: 'TensorBoard (.zip)' | 'CSV (.zip)'): Promise<{ readonly name: string; readonly bytes: Buffer }> {
    const [download]: [Download, void] = await Promise.all([
      this.page.waitForEvent('download'),
      this.page.getByRole('button', { name }).click(),
    ]);
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  }
}

/** Collects what a page complains about: errors, failed requests, violations of its own security policy. */
export function collectComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  return complaints;
}

/** A save dialog cannot be answered by a program, so downloads take the other way that browsers have. */
export async function withoutSaveDialog(page: Page): Promise<void> {
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
}
