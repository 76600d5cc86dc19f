/// <reference types="node" />
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from '@playwright/test';
import { build } from 'vite';
import type { RunInfo } from '../../../src/core/run-info.ts';

/** All of one run, as the store holds it. */
export interface StoredRun {
  readonly info: RunInfo;
  readonly points: readonly {
    readonly tag: string;
    readonly step: number;
    readonly epoch: number;
    readonly wallTime: number;
    readonly value: number;
  }[];
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
let bundle: Promise<string> | undefined;

/** The library's store as one module: what the demo's own bundle has inside, but not for others to call. */
async function bundleStore(): Promise<string> {
  const output = await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry: `${root}/src/store/index.ts`, formats: ['es'], fileName: 'store' } },
  });
  const chunk = [output].flat().flatMap((one) => ('output' in one ? one.output : []))[0];
  if (chunk?.type !== 'chunk') throw new Error('the store was not bundled');
  return chunk.code;
}

/**
 * Opens a page of the same origin as the demo that holds nothing but the library's store, and so sees the same database.
 * The demo itself has no door for tests.
 */
export async function openStoreWindow(context: BrowserContext, origin: string): Promise<StoreWindow> {
  bundle ??= bundleStore();
  const body = await bundle;
  await context.route(`${origin}/store-window/**`, (route) =>
    route.fulfill(
      route.request().url().endsWith('.js')
        ? { contentType: 'text/javascript', body }
        : { contentType: 'text/html', body: '<!doctype html><title>Store</title>' },
    ),
  );
  const [front] = context.pages();
  const page = await context.newPage();
  await page.goto(`${origin}/store-window/`);
  // A page behind another draws no frames, and clicks wait for frames.
  await front?.bringToFront();
  return new StoreWindow(page);
}

/** Reads the store from its own page. */
export class StoreWindow {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** All runs with all their points in log order. */
  async runs(): Promise<StoredRun[]> {
    return this.#page.evaluate(async () => {
      const address = '/store-window/store.js';
      // The module that the route above serves.
      const { openStore } = (await import(address)) as typeof import('../../../src/store/index.ts');
      const store = await openStore();
      const runs: StoredRun[] = [];
      for (const info of await store.runs()) {
        const points: { tag: string; step: number; epoch: number; wallTime: number; value: number }[] = [];
        for await (const chunk of store.chunks(info.id)) {
          chunk.step.forEach((step, row) => {
            const tag = chunk.tags[chunk.tag[row] ?? 0] ?? '';
            points.push({ tag, step, epoch: chunk.epoch[row] ?? 0, wallTime: chunk.wallTime[row] ?? 0, value: chunk.value[row] ?? 0 });
          });
        }
        runs.push({ info, points });
      }
      await store.close();
      return runs;
    });
  }

  async close(): Promise<void> {
    await this.#page.close();
  }
}
