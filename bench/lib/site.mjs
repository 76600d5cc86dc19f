// The pages of the benchmark: built by Vite as a user's pages would be, served on loopback, gone afterwards.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview } from 'vite';

const pages = join(import.meta.dirname, '../pages');
const source = join(import.meta.dirname, '../../src');
const peers = join(import.meta.dirname, '../peers');
const entry = 'virtual:measurements';

/** The one module that knows which measurements this build holds; the others are not even compiled. */
function measurements(names) {
  const lines = names.map((name) => `${JSON.stringify(name)}: () => import(${JSON.stringify(join(pages, `${name}.ts`))})`);
  return {
    name: 'measurements',
    resolveId: (id) => (id === entry ? `\0${entry}` : undefined),
    load: (id) => (id === `\0${entry}` ? `export default { ${lines.join(', ')} };` : undefined),
  };
}

/** `/isolated` is the same page, but cross-origin isolated, which measuring memory needs. */
function isolation() {
  return {
    name: 'isolation',
    configurePreviewServer(server) {
      server.middlewares.use((request, response, next) => {
        const isIsolated = request.url === '/isolated';
        if (isIsolated) {
          request.url = '/index.html';
          response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
        }
        if (isIsolated || !/^\/($|index\.html)/.test(request.url ?? '')) response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
        next();
      });
    },
  };
}

/** Builds and serves the pages that hold `names`. */
export async function serveMeasurements(names) {
  const outDir = await mkdtemp(join(tmpdir(), 'tabtrain-bench-site-'));
  const config = {
    root: pages,
    configFile: false,
    logLevel: 'warn',
    plugins: [measurements(names), isolation()],
    resolve: {
      alias: [
        { find: /^tabtrain$/, replacement: join(source, 'index.ts') },
        { find: /^tabtrain\/fit$/, replacement: join(source, 'tfjs/fit.ts') },
        { find: /^tabtrain\/([a-z-]+)$/, replacement: `${source}/$1/index.ts` },
        ...(existsSync(join(peers, '../node_modules'))
          ? []
          : [{ find: /^(dexie|@tensorflow\/tfjs-vis\/.*)$/, replacement: join(peers, 'missing.js') }]),
      ],
      dedupe: ['@tensorflow/tfjs-core'],
    },
    worker: { format: 'es', plugins: () => [] },
    build: {
      target: 'es2022',
      outDir,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 4000,
      reportCompressedSize: false,
    },
  };
  await build(config);
  const server = await preview({ ...config, preview: { host: '127.0.0.1', port: 0, open: false } });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('bench: the preview server gave no address.');
  return {
    url,
    async close() {
      await server.close();
      await rm(outDir, { recursive: true, force: true });
    },
  };
}
