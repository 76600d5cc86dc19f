/// <reference types="node" />
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { chromiumLaunchOptions } from '../../../.ci/chromium.mjs';

interface Processes {
  readonly processInfo: readonly { readonly id: number; readonly type: string }[];
}

/** A browser with a profile on disk, which can be killed and started again on the same profile. */
export class PersistentBrowser {
  readonly #profile: string;
  #context: BrowserContext;

  private constructor(profile: string, context: BrowserContext) {
    this.#profile = profile;
    this.#context = context;
  }

  static async start(): Promise<PersistentBrowser> {
    const profile = await mkdtemp(join(tmpdir(), 'tabtrain-profile-'));
    return new PersistentBrowser(profile, await launch(profile));
  }

  get context(): BrowserContext {
    return this.#context;
  }

  newPage(): Promise<Page> {
    return this.#context.newPage();
  }

  /** Ends every process that runs pages, as the system does when memory runs out. */
  async killRenderers(): Promise<void> {
    for (const { id, type } of await this.#processes()) if (type === 'renderer') kill(id);
  }

  /** Ends the browser without a chance to write anything, and starts it again. */
  async killAndRestart(): Promise<void> {
    const browser = (await this.#processes()).find(({ type }) => type === 'browser');
    if (browser === undefined) throw new Error('the browser does not name its own process');
    const gone = new Promise((resolve) => this.#context.once('close', resolve));
    kill(browser.id);
    await gone;
    this.#context = await launch(this.#profile);
  }

  async close(): Promise<void> {
    await this.#context.close();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  async #processes(): Promise<Processes['processInfo']> {
    const browser = this.#context.browser();
    if (browser === null) throw new Error('the browser is gone');
    const session = await browser.newBrowserCDPSession();
    const { processInfo }: Processes = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    return processInfo;
  }
}

function launch(profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, { ...chromiumLaunchOptions(), acceptDownloads: true });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has gone by itself.
  }
}
