/// <reference types="node" />
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

/** Pages of a fixture folder, built as a user's would be, and an ear that outlives them. */
export interface FixtureSite {
  /** Without a slash at the end. */
  readonly origin: string;
  /** Listens to what pages and workers post to `/outside`, as JSON. Whoever posted gets the answer after every listener was called. */
  onNews(listener: (news: unknown) => void): () => void;
  close(): Promise<void>;
}

/** Builds the HTML pages of `test/e2e/fixtures/<folder>` and serves them on a port of their own. */
export async function serveFixture(folder: string, pages: readonly string[]): Promise<FixtureSite> {
  const source = join(root, 'test/e2e/fixtures', folder);
  const outDir = await mkdtemp(join(tmpdir(), `tabtrain-${folder}-`));
  await build({
    root: source,
    configFile: false,
    logLevel: 'error',
    resolve: {
      alias: [
        { find: /^tabtrain$/, replacement: join(root, 'src/index.ts') },
        { find: /^tabtrain\/([a-z-]+)$/, replacement: `${join(root, 'src')}/$1/index.ts` },
      ],
    },
    worker: { format: 'es' },
    build: {
      target: 'es2022',
      outDir,
      emptyOutDir: true,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: { input: pages.map((page) => join(source, page)) },
    },
  });

  const listeners = new Set<(news: unknown) => void>();
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://any').pathname;
    if (request.method === 'POST' && path === '/outside') {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      // Whoever posts may be killed halfway; what came only in part was not said.
      request.on('error', () => {});
      request.on('end', () => {
        const news: unknown = JSON.parse(Buffer.concat(pieces).toString());
        for (const listener of listeners) listener(news);
        response.writeHead(204).end();
      });
      return;
    }
    const file = join(outDir, normalize(path === '/favicon.ico' ? '/none' : path));
    readFile(file).then(
      (body) =>
        response
          .writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream', 'Access-Control-Allow-Origin': '*' })
          .end(body),
      () => response.writeHead(path === '/favicon.ico' ? 204 : 404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  return {
    origin: `http://127.0.0.1:${bound.port}`,
    onNews(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await rm(outDir, { recursive: true, force: true });
    },
  };
}
