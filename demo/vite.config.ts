/// <reference types="node" />
import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'vite';
import { contentSecurityPolicy } from './shared/content-security-policy.ts';
import { mnistData } from './shared/mnist-data.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// All demos in one build: one folder that can be put anywhere, and one copy of what they share.
const config: UserConfig = defineConfig({
  root: here('.'),
  // Relative addresses: the folder works wherever it is put.
  base: './',
  plugins: [mnistData(), contentSecurityPolicy()],
  resolve: {
    alias: [
      { find: /^tabtrain$/, replacement: here('../src/index.ts') },
      { find: /^tabtrain\/languages\/([a-z]+)$/, replacement: here('../src/languages/$1.ts') },
      { find: /^tabtrain\/fit$/, replacement: here('../src/tfjs/fit.ts') },
      { find: /^tabtrain\/([a-z]+)$/, replacement: here('../src/$1/index.ts') },
    ],
    dedupe: ['@tensorflow/tfjs-core'],
  },
  // Named here so that the development server bundles them before the first visit and all together: one that it finds in
  // the worker later would reload the page, and a second copy of tfjs-core would split the table of backends.
  optimizeDeps: {
    include: [
      '@tensorflow/tfjs',
      '@tensorflow/tfjs-backend-cpu',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-webgl',
      '@tensorflow/tfjs-backend-webgpu',
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-layers',
      'chart.js',
      'client-zip',
      'comlink',
      'idb',
      'unzipit',
    ],
  },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // Data URLs would need a hole in the policy of the pages.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    emptyOutDir: true,
    rolldownOptions: {
      input: ['index.html', 'mnist/index.html', 'viewer/index.html', 'starter/index.html'].map((page) => here(page)),
    },
  },
});
export default config;
