import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { chromiumLaunchOptions } from './.ci/chromium.mjs';

// Packages that browser tests and their workers import. Named here so that Vite bundles them once before the first test:
// one it discovers later reloads the page in the middle of a run.
const bundledOnce = [
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-webgl',
  '@tensorflow/tfjs-backend-webgpu',
  'chart.js',
  'client-zip',
  'comlink',
  'fast-check',
  'idb',
  'js-yaml',
  'unzipit',
];

// The library's public names mean its source here, as in tsconfig.json.
const alias = [
  { find: /^tabtrain$/, replacement: `${import.meta.dirname}/src/index.ts` },
  { find: /^tabtrain\/fit$/, replacement: `${import.meta.dirname}/src/tfjs/fit.ts` },
  { find: /^tabtrain\/languages\/([a-z-]+)$/, replacement: `${import.meta.dirname}/src/languages/$1.ts` },
  { find: /^tabtrain\/([a-z-]+)$/, replacement: `${import.meta.dirname}/src/$1/index.ts` },
];

const config: ViteUserConfig = defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          environment: 'node',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        resolve: { alias },
        cacheDir: '.cache/vite',
        worker: { format: 'es' },
        server: { host: '127.0.0.1' },
        optimizeDeps: { include: bundledOnce, noDiscovery: false, entries: [] },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          // One page at a time: software WebGPU already uses every core.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // How long a test waits for what must come; a busy machine is no failure.
          expect: { poll: { timeout: 15_000 } },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: chromiumLaunchOptions() }),
            api: { host: '127.0.0.1' },
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});

export default config;
