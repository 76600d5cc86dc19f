import { expect, test } from '@playwright/test';
import { chromiumLaunchOptions } from '../../.ci/chromium.mjs';
import { DemoPage } from './support/demo-page.ts';

const { args, ...launch } = chromiumLaunchOptions();
// The browser then has the interface and no adapter behind it, as on many machines.
test.use({ launchOptions: { ...launch, args: args.filter((flag) => !flag.includes('webgpu')) } });

test('asking for WebGPU where there is none is answered with the next move, and that move works', async ({ page }) => {
  const demo = new DemoPage(page);
  await demo.open('backend=webgpu&limit=500&epochs=1');
  await demo.train.click();
  await expect(demo.notices).toContainText('This network cannot be trained that way here');
  await expect(demo.notices).toContainText('Choose another way under “Runs on”, or “Best available”.');
  await expect(demo.runs).toHaveCount(0);

  await page.getByLabel('Runs on').selectOption('Best available');
  await demo.train.click();
  await expect(demo.phase).toHaveText('Finished after one epoch');
  await expect(demo.notices).toHaveCount(0);
  await expect(demo.backend).toHaveText('WebAssembly');
  await expect(demo.runs).toContainText('MLP · WebAssembly');
  await page.getByText('Why this network and this backend?').click();
  await expect(page.locator('#why-text')).toContainText('without a GPU');
});
