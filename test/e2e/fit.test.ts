/// <reference types="node" />
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { type FixtureSite, serveFixture } from './support/fixture-site.ts';

// A page with TensorFlow.js from a script tag, as its makers minify it, and a chart of its own.

let site: FixtureSite;

test.beforeAll(async () => {
  site = await serveFixture('fit', ['page.html']);
});

test.afterAll(() => site?.close());

test('with TensorFlow.js from a script tag a fit is logged in any order, and the page yields and draws as before', async ({ page }) => {
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  const tf = join(import.meta.dirname, '../../node_modules/@tensorflow/tfjs/dist/tf.min.js');
  await page.route('**/tf.min.js', (route) => route.fulfill({ path: tf }));
  await page.goto(`${site.origin}/page.html`);
  await page.waitForFunction(() => 'fitWith' in globalThis);
  const bare = await page.evaluate(() => globalThis.fitWith(['literal']));
  expect(bare).toMatchObject({ frames: 40, bars: 5, stored: [], steps: 0 });
  const orders = [
    ['ours'],
    ['ours', 'literal'],
    ['literal', 'ours'],
    ['instance', 'ours', 'literal'],
    ['literal', 'instance', 'ours'],
    ['also'],
  ];
  for (const kinds of orders) {
    const seen = await page.evaluate((list) => globalThis.fitWith(list), kinds);
    expect(seen.frames, kinds.join()).toBe(bare.frames);
    // One timer at least between two frames.
    expect(seen.ticks, kinds.join()).toBeGreaterThanOrEqual(bare.frames - 1);
    expect(seen.bars, kinds.join()).toBe(kinds.includes('literal') || kinds.includes('also') ? 5 : 0);
    expect(seen.steps, kinds.join()).toBe(40);
    expect(seen.stored, kinds.join()).toEqual(seen.history);
  }
  expect(wrong).toEqual([]);
});
