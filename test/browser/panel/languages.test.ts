import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { page } from 'vitest/browser';
import type { ProgressSource } from '../../../src/core/progress-source.ts';
import type { BarProgress, TrainPhase, TrainProgress } from '../../../src/core/train-events.ts';
import type { Language } from '../../../src/core/words.ts';
import { german } from '../../../src/languages/de.ts';
import { setLanguage, showProgress, type ProgressOptions } from '../../../src/panel/index.ts';
import { panelTexts, progressTexts } from '../../../src/panel/words.ts';
import { placeTexts, storeTexts } from '../../../src/store/words.ts';
import { CountingStore, inside, makeRun, open, place, texts } from './fixture.ts';

// Cards off screen are not drawn.
beforeEach(() => page.viewport(1000, 1000));
afterEach(() => setLanguage());

const shout = (table: object): Record<string, string> => Object.fromEntries(Object.keys(table).map((key) => [key, `⟦${key}⟧`]));

/** Says the key of each text in its place: whatever else is to be read has no translation. */
const pseudo: Language = {
  locale: 'en-US',
  words: { panel: shout(panelTexts), progress: shout(progressTexts), store: shout({ ...storeTexts, ...placeTexts }) },
};

/** Everything in a tree that people read, see when they point at it, or hear. */
function wordsIn(root: ParentNode): readonly string[] {
  const attributes = ['title', 'aria-label', 'placeholder', 'aria-description', 'aria-valuetext', 'alt'];
  return [...root.querySelectorAll('*')].flatMap((node) => [
    ...[...node.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map((text) => text.textContent ?? ''),
    ...attributes.map((name) => node.getAttribute(name) ?? ''),
  ]);
}

/** The words among them that are not of the pseudo language. Numbers and their units are `Intl`'s, `system/3` is a tag. */
function untranslated(root: ParentNode): readonly string[] {
  const rest = wordsIn(root).map((text) => text.replaceAll(/⟦[^⟧]*⟧/g, '').replaceAll(/\d[\d.,]*\s?(?:[kM]?B|GB|[smhdkM]\b)/g, ''));
  return rest.filter((text) => /[A-Za-z]/.test(text.replaceAll(/NaN|system\/3/g, '')));
}

/** Opens panel with runs and tags whose names have no letters. */
async function openPanel(runs: number): Promise<HTMLElement> {
  const { store } = new CountingStore();
  for (let at = 0; at < runs; at++) {
    const run = await makeRun(store, `${at}`, 1_700_000_000 + at);
    await run.log('train/1', [0.5, 0.25, 1234.5]);
    await run.log('val/1/epoch', [0.5, NaN]);
    await run.log('2', [NaN]);
    await run.log('system/3', [5]);
    for (let tag = 10; tag < 40; tag++) await run.log(`${tag}`, [tag]);
  }
  const space = async (): Promise<object> => ({ usage: 1.6e9, quota: 2e9, isPersisted: false });
  const target = place();
  await open(target, { store: Object.assign(store, { kind: 'indexeddb', space }), project: undefined as never }); // all projects
  if (runs > 0) await expect.poll(() => texts(target, '.card').length).toBeGreaterThan(20);
  return target;
}

class FakeTrainer implements ProgressSource {
  listener: (progress: TrainProgress) => void = () => {};

  on(_name: 'progress', listener: (progress: TrainProgress) => void): () => void {
    this.listener = listener;
    return () => {};
  }

  tell(phase: TrainPhase, bar: Partial<BarProgress>, change: Partial<TrainProgress> = {}): void {
    const whole = { batch: 10, totalBatches: 4000, elapsedMs: 3200, remainingMs: 65_000, itPerSec: 3.21, samplesPerSec: 2050, version: 0 };
    this.listener({
      ...{ phase, step: 10, totalSteps: 80, epoch: 0, maxEpochs: 2, stepsPerSecond: 3, secondsLeft: 20 },
      bar: { stage: 'train', metrics: { '1': 0.12345 }, ...whole, ...bar },
      ...change,
    });
  }
}

function openBar(options: ProgressOptions = {}): { trainer: FakeTrainer; target: HTMLElement } {
  const trainer = new FakeTrainer();
  const target = place();
  const bar = showProgress(target, trainer, { theme: 'light', hide: ['v_num'], ...options });
  onTestFinished(() => bar.destroy());
  return { trainer, target };
}

function point(target: HTMLElement, key: string): void {
  const plot = inside(target).querySelector<HTMLElement>('.plot');
  plot?.focus();
  plot?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
}

test('an empty panel says nothing outside the table', async () => {
  setLanguage(pseudo);
  const target = await openPanel(0);
  expect(texts(target, '.empty strong')).toEqual(['⟦no-runs⟧']);
  expect(untranslated(inside(target))).toEqual([]);
});

test('a panel with runs says nothing outside the table, nor do its read-out and what it tells who cannot see', async () => {
  const target = await openPanel(11);
  const before = wordsIn(inside(target));
  expect(before.filter((text) => /[A-Za-z]{3,}/.test(text)).length).toBeGreaterThan(100);
  // Set while it is open, so that whatever is not written anew stays in English.
  setLanguage(pseudo);
  await expect.poll(() => texts(target, '.hint:not([hidden])')).toContain('⟦only-odd⟧');
  point(target, 'Home');
  await expect.poll(() => texts(target, '.tip th')).toContain('⟦smoothed⟧');
  expect(texts(target, '[role=status].spoken')[0]).toContain('⟦value-at⟧');
  await expect.poll(() => untranslated(inside(target))).toEqual([]);
  expect(inside(target).querySelector('.panel')?.ariaLabel).toBe('⟦charts-all⟧');
});

test.each<[TrainPhase, Partial<BarProgress>]>([
  ['preparing', { batch: 0 }],
  ['training', {}],
  ['paused', {}],
  ['training', { stage: 'validate', dataloaderIdx: 1, outer: { batch: 3, totalBatches: 9 } }],
  ['training', { stage: 'test', dataloaderName: '7' }],
  ['finished', {}],
  ['stopped', {}],
  ['failed', { stage: 'predict' }],
])('a progress bar that is %s says nothing outside the table', async (phase, bar) => {
  const { trainer, target } = openBar({ leave: true });
  trainer.tell('training', {});
  await expect.poll(() => texts(target, '.outer .label')).toEqual(['Epoch 1 of 2']);
  setLanguage(pseudo);
  await expect.poll(() => texts(target, '.outer .label')[0]).toContain('⟦');
  trainer.tell(phase, bar, { epoch: 1 });
  await expect.poll(() => texts(target, '.outer .label')[0]).toContain('⟦');
  await expect.poll(() => untranslated(inside(target))).toEqual([]);
});

test('before the training a bar changes its language, too', () => {
  const { target } = openBar();
  setLanguage(german);
  expect(texts(target, '.outer .label')).toEqual(['Noch nicht begonnen']);
  expect(inside(target).querySelector('progress')?.ariaLabel).toBe('Noch nicht begonnen');
});

test('in German numbers have a comma, in values, read-outs and sentences', async () => {
  const target = await openPanel(1);
  setLanguage(german);
  await expect.poll(() => texts(target, '.key b')).toContain('1.235');
  point(target, 'Home');
  await expect.poll(() => texts(target, '.tip td')).toContain('0,5000');
  expect(texts(target, '.tip th')).toEqual(['', 'Lauf', 'Wert', 'Geglättet', 'Schritt', 'Zeit']);
  expect(texts(target, '[role=status].spoken')[0]).toMatch(/^0 Training 0,5000 bei Schritt 0/);
  expect(texts(target, '.smoothing output')).toEqual(['0,60']);
  expect(texts(target, '.usage')).toEqual(['1,6 GB von 2,0 GB belegt, fast voll']);
  expect(texts(target, '.status')).toEqual(['läuft']);
  expect(texts(target, 'button.more').find((text) => text.includes('24'))).toMatch(/^Mehr Diagramme zeigen \(24 von 3\d\)$/);
});

test('a bar counts, and says times and rates, in German', async () => {
  const { trainer, target } = openBar();
  setLanguage(german);
  trainer.tell('training', {});
  await expect.poll(() => texts(target, '.outer .label')).toEqual(['Epoche 1 von 2']);
  expect(texts(target, '.outer .count')).toEqual(['10 / 4.000']);
  expect(texts(target, '.outer .percent')[0]).toMatch(/^0\s%$/);
  expect(texts(target, '.outer .facts span')).toEqual(['noch 1 Min. 05 Sek.', '3,21 Batches/s', '3,2 Sek. bisher', '2.050 Beispiele/s']);
  expect(texts(target, '.items dd')).toEqual(['0,123']);
});

test('language and direction stand on the outermost element, and change with it', async () => {
  const target = await openPanel(0);
  const panel = inside(target).querySelector<HTMLElement>('.panel');
  expect([panel?.lang, panel?.dir]).toEqual(['en-US', 'ltr']);
  setLanguage({ locale: 'ar', direction: 'rtl', words: {} });
  expect([panel?.lang, panel?.dir]).toEqual(['ar', 'rtl']);
});

test('a panel that is gone is not written any more', async () => {
  const { store } = new CountingStore();
  const target = place();
  const panel = await open(target, { store });
  const root = inside(target);
  panel.destroy();
  setLanguage(german);
  expect(root.querySelector<HTMLElement>('.panel')?.lang).toBe('en-US');
});
