/// <reference types="node" />
import { defineConfig, type PlaywrightTestConfig } from '@playwright/test';
import { chromiumLaunchOptions } from './.ci/chromium.mjs';
import { freePort } from './.ci/free-port.mjs';

// Two checkouts can be tested at once. Playwright's workers read this file again and have to agree on the port.
process.env['DEMO_PORT'] ??= String(await freePort());
const port = process.env['DEMO_PORT'];

// Journeys through the built demos (`npm run build:demos` comes first). A journey that passes only at the second try is a bug: no retries.
const config: PlaywrightTestConfig = defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.test.ts',
  outputDir: 'test-results',
  retries: 0,
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 120_000,
  reporter: [['list']],
  use: {
    baseURL: `http://127.0.0.1:${port}/`,
    browserName: 'chromium',
    launchOptions: chromiumLaunchOptions(),
    trace: 'off',
    video: 'off',
    screenshot: 'off',
    acceptDownloads: true,
  },
  webServer: {
    command: `npx vite preview demo --host 127.0.0.1 --port ${port} --strictPort`,
    url: `http://127.0.0.1:${port}/`,
    reuseExistingServer: false,
    timeout: 30_000,
    stdout: 'ignore',
  },
});

export default config;
