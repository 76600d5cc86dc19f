import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { LogError } from '../../../src/core/errors.ts';
import { defineMetricsPanel, MetricsPanel, showPanel } from '../../../src/panel/index.ts';
import { memoryStore } from '../../../src/store/index.ts';
import { CountingStore, inside, makeRun, open, pixelsOf, place, texts } from './fixture.ts';

const blue = [0x3c, 0x4d, 0xd4] as const;
const orange = [0xb2, 0x55, 0x00] as const;

// Wide enough that every card is on screen.
beforeAll(() => page.viewport(1000, 900));

test('train and validation share a card, other tags have their own, in the order of importance', async () => {
  const { store } = new CountingStore();
  const run = await makeRun(store);
  for (const tag of ['train/lr', 'grad_norm', 'train/steps_per_second']) await run.log(tag, [1, 2]);
  for (const tag of ['val/metrics/accuracy/epoch', 'train/metrics/accuracy/epoch', 'train/loss/step', 'val/loss/epoch'])
    await run.log(tag, [3, 2, 1]);
  const target = place();
  const panel = await open(target, { store });
  await expect.poll(() => texts(target, '.card h3')).toEqual(['loss', 'accuracy', 'grad_norm', 'lr', 'steps_per_second']);
  expect(texts(target, '.system h3')).toEqual(['steps_per_second']);
  await expect.poll(() => texts(target, '.card:first-child .item')).toEqual(['train1', 'val1']);
  await expect.poll(() => panel.stats.draws).toBeGreaterThanOrEqual(4);
  expect(pixelsOf(target, 0, blue)).toBeGreaterThan(50);
});

test('numbers that are logged while the panel is open are drawn, in the card that got them and in no other', async () => {
  const { store } = new CountingStore();
  const run = await makeRun(store);
  await run.log('loss', [3, 2]);
  await run.log('accuracy', [0.1, 0.1]);
  const target = place();
  const panel = await open(target, { store });
  await expect.poll(() => texts(target, '.item b')).toEqual(['2', '0.1000']);
  await expect.poll(() => panel.stats.following).toBe(1);
  const before = panel.stats.draws;
  await run.log('loss', [1.5], 2);
  await expect.poll(() => texts(target, '.item b')).toEqual(['1.500', '0.1000']);
  expect(panel.stats.draws - before).toBe(1);
});

test('a tag that appears later gets a card', async () => {
  const { store } = new CountingStore();
  const run = await makeRun(store);
  const target = place();
  await open(target, { store });
  await expect
    .poll(() => texts(target, '.empty'))
    .toEqual(['Waiting for the first numbers of spiral-1They appear here as soon as something is logged.']);
  await run.log('loss', [1]);
  await expect.poll(() => texts(target, '.card h3')).toEqual(['loss']);
  await run.log('val/loss/epoch', [4, 5]);
  await expect.poll(() => texts(target, '.item b')).toEqual(['1', '5']);
});

test('runs appear, change their status, keep their colours and go', async () => {
  const { store } = new CountingStore();
  const target = place();
  await open(target, { store });
  expect(texts(target, '.empty strong')).toEqual(['No runs yet in project spiral']);
  const first = await makeRun(store);
  await first.log('loss', [3, 2, 1]);
  const second = await makeRun(store);
  await second.log('loss', [1, 2, 3]);
  await expect.poll(() => texts(target, 'label.run')).toEqual(['spiral-2running', 'spiral-1running']);
  await expect.poll(() => pixelsOf(target, 0, orange)).toBeGreaterThan(20);
  await store.updateRun(second.id, { status: 'finished', endedAt: 2_000 });
  await expect.poll(() => texts(target, 'label.run')).toEqual(['spiral-2finished', 'spiral-1running']);
  await store.deleteRun(first.id);
  await expect.poll(() => texts(target, 'label.run')).toEqual(['spiral-2finished']);
  await expect.poll(() => pixelsOf(target, 0, blue)).toBe(0);
  expect(pixelsOf(target, 0, orange)).toBeGreaterThan(20);
  // Who comes meanwhile may take its colour and its place.
  await (await makeRun(store, 'moons-1')).log('loss', [2, 2, 2]);
  await expect.poll(() => texts(target, 'label.run')).toEqual(['moons-1running', 'spiral-2finished']);
  await store.restoreRun(first.id);
  await expect.poll(() => texts(target, 'label.run')).toEqual(['moons-1running', 'spiral-2finished', 'spiral-1running']);
  const colors = [...inside(target).querySelectorAll<HTMLElement>('label.run')].map((row) => row.style.getPropertyValue('--run'));
  expect(colors).toEqual(['#3c4dd4', '#b25500', '#3c4dd4']);
});

test('a run that is switched off is not drawn', async () => {
  const { store } = new CountingStore();
  await (await makeRun(store)).log('loss', [3, 2, 1]);
  await (await makeRun(store)).log('loss', [1, 2, 3]);
  const target = place();
  await open(target, { store });
  await expect.poll(() => Math.min(pixelsOf(target, 0, blue), pixelsOf(target, 0, orange))).toBeGreaterThan(20);
  inside(target).querySelectorAll<HTMLInputElement>('label.run input')[1]?.click();
  await expect.poll(() => pixelsOf(target, 0, blue)).toBe(0);
  expect(pixelsOf(target, 0, orange)).toBeGreaterThan(20);
});

test('fifty runs with long names are listed, can be filtered and switched off together', async () => {
  const { store } = new CountingStore();
  const name = 'a-name-that-is-a-good-deal-longer-than-the-room-there-is-for-it';
  for (let index = 0; index < 50; index++) {
    const info = await store.createRun({ project: 'spiral', name: `${name}-${index}`, startedAt: index });
    await store.updateRun(info.id, { status: 'finished', endedAt: index + 1 });
  }
  const target = place(360);
  const panel = await open(target, { store });
  const root = inside(target);
  expect(texts(target, '.count')).toEqual(['50']);
  expect(texts(target, 'label.run .name')[0]).toBe(`${name}-49`);
  const wide = [...root.querySelectorAll<HTMLElement>('label.run')].filter((row) => row.scrollWidth > row.clientWidth);
  expect(wide).toEqual([]);
  expect(root.querySelector('.panel')?.scrollWidth).toBeLessThanOrEqual(360);
  const filter = root.querySelector<HTMLInputElement>('.filter');
  if (filter) filter.value = '-17';
  filter?.dispatchEvent(new Event('input'));
  expect([...root.querySelectorAll<HTMLElement>('label.run')].filter((row) => row.offsetParent !== null)).toHaveLength(1);
  root.querySelectorAll<HTMLButtonElement>('.runs button')[1]?.click();
  expect(root.querySelectorAll('label.run input:not(:checked)')).toHaveLength(1);
  // Finished runs get no more numbers: nobody follows them.
  expect(panel.stats.following).toBe(0);
});

test('a million points reach the chart as four a pixel at most, the spike among them', async () => {
  const { store } = new CountingStore();
  const run = await makeRun(store);
  const values = new Float64Array(1_000_000).fill(1);
  values[777_777] = 50;
  await run.log('loss', values);
  const target = place();
  const panel = await open(target, { store, smoothing: 0 });
  await expect.poll(() => panel.stats.draws).toBe(1);
  expect(panel.stats.worstPointsPerPixel).toBeLessThanOrEqual(4);
  expect(panel.stats.pointsHandedToChart).toBeLessThanOrEqual(4 * 900);
  const canvas = inside(target).querySelector('canvas');
  const at = Math.round((canvas?.width ?? 0) * ((46 + 0.777777 * ((canvas?.clientWidth ?? 0) - 66)) / (canvas?.clientWidth ?? 1)));
  const strip = canvas?.getContext('2d')?.getImageData(at - 4, 12, 8, 40).data ?? [];
  expect(strip.filter((part, index) => index % 4 === 3 && part > 0).length).toBeGreaterThan(10);
});

test('off screen nothing is read, followed or drawn; back on screen all of it is there', async () => {
  const { store } = new CountingStore();
  const run = await makeRun(store);
  await run.log('loss', [3, 2]);
  const spacer = document.createElement('div');
  spacer.style.height = '5000px';
  document.body.append(spacer);
  onTestFinished(() => {
    scrollTo(0, 0);
    spacer.remove();
  });
  const target = place();
  const panel = await open(target, { store });
  await run.log('loss', [1], 2);
  expect(panel.stats).toEqual({ draws: 0, pointsHandedToChart: 0, worstPointsPerPixel: 0, following: 0 });
  target.scrollIntoView();
  await expect.poll(() => texts(target, '.item b')).toEqual(['1']);
  await expect.poll(() => panel.stats.following).toBe(1);
  scrollTo(0, 0);
  await expect.poll(() => panel.stats.following).toBe(0);
  const { draws } = panel.stats;
  await run.log('loss', [0.5], 3);
  await run.log('loss', [0.25], 4);
  expect(panel.stats.draws).toBe(draws);
  target.scrollIntoView();
  await expect.poll(() => texts(target, '.item b')).toEqual(['0.2500']);
});

test('in a hidden page nothing is followed', async () => {
  const counting = new CountingStore();
  await (await makeRun(counting.store)).log('loss', [3, 2]);
  const panel = await open(place(), { store: counting.store });
  await expect.poll(() => counting.following).toBe(1);
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  onTestFinished(() => hidden.mockRestore());
  document.dispatchEvent(new Event('visibilitychange'));
  expect(counting.following).toBe(0);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event('visibilitychange'));
  await expect.poll(() => panel.stats.following).toBe(1);
});

test('after destroy nobody follows, the page is as before, and a store that was handed in stays open', async () => {
  const counting = new CountingStore();
  await (await makeRun(counting.store)).log('loss', [3, 2]);
  const target = place();
  const panel = await open(target, { store: counting.store });
  await expect.poll(() => counting.following).toBe(1);
  panel.destroy();
  panel.destroy();
  expect([counting.following, counting.watching, counting.isClosed]).toEqual([0, 0, false]);
  expect(target.childNodes).toHaveLength(0);
});

test('text from logs is never markup', async () => {
  const { store } = new CountingStore();
  const evil = '<img src=x onerror="window.wasRun = true">';
  const run = await makeRun(store, evil);
  await run.log(`${evil}/a`, [1, 2]);
  const target = place();
  await open(target, { store, project: 'spiral' });
  await expect.poll(() => texts(target, '.card h3')).toEqual([`${evil}/a`]);
  const plot = inside(target).querySelector<HTMLElement>('.plot');
  await expect.poll(() => texts(target, '.item b')).toEqual(['2']);
  plot?.dispatchEvent(new KeyboardEvent('keydown', { key: 'End' }));
  await expect.poll(() => texts(target, '.tip td.strong')).toEqual(['2']);
  expect(inside(target).querySelectorAll('img, script, a, iframe')).toHaveLength(0);
  expect('wasRun' in window).toBe(false);
});

test('smoothing and axis can be changed by the reader and by the page', async () => {
  const { store } = new CountingStore();
  await (await makeRun(store)).log('loss', [3, 2, 1]);
  const target = place();
  const panel = await open(target, { store });
  await expect.poll(() => panel.stats.draws).toBe(1);
  const slider = inside(target).querySelector<HTMLInputElement>('input[type=range]');
  if (slider) slider.value = '0.9';
  slider?.dispatchEvent(new Event('input'));
  expect(panel.settings.smoothing).toBe(0.9);
  inside(target).querySelector<HTMLInputElement>('input[value=relative]')?.click();
  expect(panel.settings.axis).toBe('relative');
  panel.update({ axis: 'wall', smoothing: 0, theme: 'dark' });
  expect(texts(target, 'output')).toEqual(['0.00']);
  expect(inside(target).querySelector<HTMLInputElement>('input[value=wall]')?.checked).toBe(true);
  expect(inside(target).querySelector('.panel')?.classList.contains('dark')).toBe(true);
  expect(() => panel.update({ smoothing: 1 })).toThrow(LogError);
});

test('NaN is a gap that the summary and the tooltip name', async () => {
  const { store } = new CountingStore();
  await (await makeRun(store)).log('loss', [3, NaN, Infinity]);
  const target = place();
  await open(target, { store });
  await expect.poll(() => texts(target, '.card .spoken')).toEqual(['loss, latest values: spiral-1 ∞ at step 2, 2 not finite.']);
  inside(target)
    .querySelector('.plot')
    ?.dispatchEvent(new KeyboardEvent('keydown', { key: 'End' }));
  await expect.poll(() => texts(target, '.tip td.strong')).toEqual(['∞']);
  expect(texts(target, 'p[role=status]')).toEqual(['spiral-1 ∞ at step 2']);
});

test('dragging over a plot shows that part, a double click all of it', async () => {
  const { store } = new CountingStore();
  const values = Array.from({ length: 100 }, (_, step) => step);
  await (await makeRun(store)).log('loss', values);
  const target = place();
  const panel = await open(target, { store });
  await expect.poll(() => panel.stats.draws).toBe(1);
  const plot = inside(target).querySelector<HTMLElement>('.plot');
  if (!plot) throw new Error('there is no plot');
  plot.setPointerCapture = () => {};
  const box = plot.getBoundingClientRect();
  const at = (share: number): PointerEventInit => ({ clientX: box.left + box.width * share, clientY: box.top + 50, button: 0 });
  plot.dispatchEvent(new PointerEvent('pointerdown', at(0.4)));
  plot.dispatchEvent(new PointerEvent('pointermove', at(0.6)));
  plot.dispatchEvent(new PointerEvent('pointerup', at(0.6)));
  const reset = inside(target).querySelector<HTMLElement>('.card .tools button');
  expect(reset?.hidden).toBe(false);
  await expect.poll(() => panel.stats.draws).toBe(2);
  plot.dispatchEvent(new MouseEvent('dblclick'));
  expect(reset?.hidden).toBe(true);
  await expect.poll(() => panel.stats.draws).toBe(3);
});

test('a selector that finds nothing says so, as do options that make no sense', () => {
  expect(() => showPanel('#nowhere')).toThrow('showPanel("#nowhere"): no element of the page matches');
  expect(() => showPanel('#')).toThrow('this is not a CSS selector');
  expect(() => new MetricsPanel(place(), { store: memoryStore('bad-options'), smoothing: 2 })).toThrow('smoothing is the number 2');
});

test('a store that cannot be read is named in the panel and once in the console', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => told.mockRestore());
  const { store } = new CountingStore();
  const broken = Object.assign(store, { runs: () => Promise.reject(new LogError('store-failed', 'runs(): the disk is gone.')) });
  const target = place();
  await open(target, { store: broken });
  expect(texts(target, '[role=alert]')).toEqual(['runs(): the disk is gone.']);
  expect(told).toHaveBeenCalledTimes(1);
});

test('<metrics-panel> shows a project, follows its attributes and lets go when it leaves the page', async () => {
  defineMetricsPanel('test-metrics-panel');
  defineMetricsPanel('test-metrics-panel');
  const counting = new CountingStore();
  await (await makeRun(counting.store)).log('loss', [2, 1]);
  const node = document.createElement('test-metrics-panel');
  node.setAttribute('project', 'spiral');
  node.setAttribute('smoothing', '0.25');
  Object.assign(node, { store: counting.store });
  const target = place();
  target.append(node);
  onTestFinished(() => node.remove());
  await expect.poll(() => texts(node, '.item b')).toEqual(['1']);
  expect(texts(node, 'output')).toEqual(['0.25']);
  node.setAttribute('smoothing', '0.5');
  expect(texts(node, 'output')).toEqual(['0.50']);
  node.setAttribute('project', 'elsewhere');
  await expect.poll(() => texts(node, '.empty strong')).toEqual(['No runs yet in project elsewhere']);
  node.remove();
  expect([counting.following, counting.watching]).toEqual([0, 0]);
});

test('without a store the panel opens the default one, and closes it again', async () => {
  const target = place();
  const panel = await open(target, { project: `nothing-${Math.random()}` });
  expect(texts(target, '[role=alert]')).toEqual(['']);
  expect(texts(target, '.empty strong')[0]).toContain('No runs yet in project nothing');
  panel.destroy();
});
