// A browser with a profile on disk: the default one of tests keeps IndexedDB in memory and would flatter every figure.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { chromiumLaunchOptions } from '../../.ci/chromium.mjs';

const extraArgs = [
  '--enable-precise-memory-info',
  // measureUserAgentSpecificMemory() collects garbage at once instead of at some time within 20 s.
  '--enable-blink-features=ForceEagerMeasureMemory',
];

/** A place for a profile, gone with {@link removeProfile}. */
export function newProfile() {
  return mkdtemp(join(tmpdir(), 'tabtrain-bench-profile-'));
}

export function removeProfile(profile) {
  return rm(profile, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * Opens a new browser, hands a measuring function to `use`, and closes it afterwards. Without a profile it gets an empty one on
 * disk, which is removed with it.
 */
export async function withBrowser(siteUrl, use, { profile: given, viewport = { width: 1280, height: 900 } } = {}) {
  const profile = given ?? (await newProfile());
  const { args, ...options } = chromiumLaunchOptions();
  const context = await chromium.launchPersistentContext(profile, { ...options, args: [...args, ...extraArgs], viewport });
  try {
    return await use({ profile, version: context.browser()?.version() ?? 'unknown', ...measuring(context, siteUrl) });
  } finally {
    await context.close();
    if (given === undefined) await removeProfile(profile);
  }
}

function measuring(context, siteUrl) {
  /** Opens a page. `isolated` gives it `measureUserAgentSpecificMemory`; `query` is the end of its address. */
  const open = async ({ isolated = false, query = '' } = {}) => {
    const page = await context.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(error));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(new Error(message.text()));
    });
    await page.goto(new URL(`${isolated ? 'isolated' : ''}${query}`, siteUrl).href);
    await page.bringToFront();
    /** Runs one measurement of the page and gives back what it returns. */
    const measure = async (name, args = {}) => {
      const result = await page.evaluate(([which, options]) => globalThis.measure(which, options), [name, args]);
      if (errors.length > 0) throw new AggregateError(errors, `bench: the page of '${name}' reported ${errors[0].message}`);
      return result;
    };
    return { page, measure, close: () => page.close() };
  };

  /** One measurement in a page of its own. */
  const measureFresh = async (name, args, options) => {
    const opened = await open(options);
    try {
      return await opened.measure(name, args);
    } finally {
      await opened.close();
    }
  };
  return { open, measureFresh };
}
