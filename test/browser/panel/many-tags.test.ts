import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { page } from 'vitest/browser';
import { CountingStore, inside, open, place, texts } from './fixture.ts';
import type { MetricStore } from '../../../src/store/metric-store.ts';

const tags = Array.from({ length: 5_000 }, (_, index) => `value-${index}`);
const atOnce = 24;

beforeAll(() => page.viewport(1000, 900));

async function storeOfManyTags(): Promise<MetricStore> {
  const { store } = new CountingStore();
  const { id } = await store.createRun({ project: 'spiral', startedAt: 1_000 });
  const column = (at: (row: number) => number): Float64Array => Float64Array.from({ length: 2 * tags.length }, (_, row) => at(row));
  await store.append({
    runId: id,
    seq: 0,
    tags,
    tag: Uint16Array.from({ length: 2 * tags.length }, (_, row) => row % tags.length),
    step: column((row) => Math.floor(row / tags.length)),
    epoch: column(() => 0),
    wallTime: column((row) => 1_000 + Math.floor(row / tags.length)),
    value: column((row) => row),
  });
  await store.updateRun(id, { status: 'finished', endedAt: 2_000 });
  return store;
}

function titles(target: HTMLElement): string[] {
  return texts(target, '.card h3');
}

test('of 5,000 tags only the first are made into cards, and the rest come as the reader scrolls or asks', async () => {
  const target = place();
  onTestFinished(() => scrollTo(0, 0));
  const panel = await open(target, { store: await storeOfManyTags() });
  await expect.poll(() => panel.stats.draws).toBeGreaterThanOrEqual(6);
  expect(titles(target)).toEqual(tags.slice(0, atOnce));
  expect(inside(target).querySelectorAll('canvas')).toHaveLength(atOnce);
  const more = inside(target).querySelector<HTMLButtonElement>('.more');
  expect(more?.textContent).toBe('Show more charts (24 of 5,000)');
  more?.scrollIntoView();
  await expect.poll(() => titles(target).length).toBeGreaterThanOrEqual(2 * atOnce);
  const made = titles(target).length;
  more?.click();
  const after = titles(target);
  expect(after.length).toBeGreaterThanOrEqual(made + atOnce);
  expect(after).toEqual(tags.slice(0, after.length));
  // The keyboard goes on at the first of those that came.
  expect(inside(target).activeElement?.ariaLabel).toContain(`Chart of value-${made}.`);
});

test('the last of 5,000 tags is found by its name and drawn; without a name the first are back', async () => {
  const target = place();
  const panel = await open(target, { store: await storeOfManyTags() });
  await expect.poll(() => titles(target)).toHaveLength(atOnce);
  const filter = inside(target).querySelector<HTMLInputElement>('.search .filter');
  if (!filter) throw new Error('there is no field to look for charts');
  const { draws } = panel.stats;
  filter.value = 'VALUE-4999';
  filter.dispatchEvent(new Event('input'));
  expect(titles(target)).toEqual(['value-4999']);
  expect(texts(target, '.search [role=status]')).toEqual(['1 of 5,000']);
  await expect.poll(() => texts(target, '.item b')).toEqual(['9,999']);
  expect(panel.stats.draws).toBeGreaterThan(draws);
  filter.value = 'no such name';
  filter.dispatchEvent(new Event('input'));
  expect(titles(target)).toEqual([]);
  expect(texts(target, '.search [role=status]')).toEqual(['0 of 5,000']);
  filter.value = '';
  filter.dispatchEvent(new Event('input'));
  expect(titles(target)).toEqual(tags.slice(0, atOnce));
});
