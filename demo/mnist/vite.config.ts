/// <reference types="node" />
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin, type UserConfig } from 'vite';
import { mnistData } from './data-plugin.ts';

/**
 * The page proves that it needs nothing from elsewhere. Only in the build, because Vite's development client injects inline
 * styles and scripts of its own.
 */
function contentSecurityPolicy(): Plugin {
  const policy = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "connect-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy }, injectTo: 'head-prepend' },
    ],
  };
}

const config: UserConfig = defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative addresses: the folder works wherever it is put.
  base: './',
  plugins: [mnistData(), contentSecurityPolicy()],
  resolve: {
    tsconfigPaths: true,
    dedupe: ['@tensorflow/tfjs-core'],
  },
  // Named here so that the development server bundles them before the first visit and all together: one that it finds in
  // the worker later would reload the page, and a second copy of tfjs-core would split the table of backends.
  optimizeDeps: {
    include: [
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
    ],
  },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // Data URLs would need a hole in the policy above.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    emptyOutDir: true,
  },
});
export default config;
