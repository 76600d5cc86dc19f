import { expect, onTestFinished, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import type { ProgressSource } from '../../../src/core/progress-source.ts';
import type { BarProgress, TrainProgress } from '../../../src/core/train-events.ts';
import { defineTrainingProgress, type ProgressBar, type ProgressOptions, showProgress } from '../../../src/panel/index.ts';
import { place } from './fixture.ts';

class FakeTrainer implements ProgressSource {
  readonly listeners = new Set<(progress: TrainProgress) => void>();

  on(_name: 'progress', listener: (progress: TrainProgress) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(change: Partial<TrainProgress>): void {
    const progress: TrainProgress = {
      phase: 'training',
      step: 10,
      totalSteps: 80,
      epoch: 0,
      maxEpochs: 2,
      stepsPerSecond: 3,
      secondsLeft: 20,
      ...change,
    };
    for (const listener of this.listeners) listener(progress);
  }

  train(batch: number, bar: Partial<BarProgress> = {}, change: Partial<TrainProgress> = {}): void {
    const whole: BarProgress = {
      stage: 'train',
      batch,
      totalBatches: 40,
      elapsedMs: 3200,
      remainingMs: 65_000,
      itPerSec: 3.21,
      samplesPerSec: 205,
      metrics: { train_loss: 0.12345 },
      version: 0,
      ...bar,
    };
    this.tell({ step: batch, bar: whole, ...change });
  }
}

function show(options: ProgressOptions = {}): { trainer: FakeTrainer; target: HTMLElement; bar: ProgressBar } {
  const target = place();
  const trainer = new FakeTrainer();
  const bar = showProgress(target, trainer, { theme: 'light', ...options });
  onTestFinished(() => bar.destroy());
  return { trainer, target, bar };
}

function root(target: Element): ShadowRoot {
  const inside = target.querySelector('div')?.shadowRoot;
  if (!inside) throw new Error('there is no bar in here');
  return inside;
}

function isSeen(node: Element): boolean {
  return node.checkVisibility({ visibilityProperty: true });
}

function text(target: Element, selector: string): string[] {
  return [...root(target).querySelectorAll<HTMLElement>(selector)].filter(isSeen).map((node) => node.innerText);
}

function bars(target: Element): [number, number][] {
  const all = [...root(target).querySelectorAll('progress')].filter(isSeen);
  return all.map((node) => [node.position < 0 ? -1 : node.value, node.max]);
}

test('a training shows how far it is, its rate and what was logged for it', async () => {
  const { trainer, target } = show();
  trainer.train(10);
  await expect.poll(() => text(target, '.outer .label')).toEqual(['Epoch 1 of 2']);
  expect(bars(target)).toEqual([[10, 40]]);
  expect(text(target, '.count, .percent')).toEqual(['10 / 40', '25%']);
  expect(text(target, '.facts span')).toEqual(['1m 05s left', '3.21it/s', '3.2s so far', '205 samples/s']);
  expect(text(target, '.items div')).toEqual(['v_num\n0', 'train_loss\n0.123']);
});

test('a validation has a bar below, while the one of the training stands still', async () => {
  const { trainer, target } = show();
  trainer.train(20);
  trainer.train(2, {
    stage: 'validate',
    totalBatches: 8,
    dataloaderName: 'clean',
    itPerSec: 9,
    remainingMs: 700,
    outer: { batch: 20, totalBatches: 40 },
  });
  await expect.poll(() => text(target, '.inner .label')).toEqual(['Validation: clean']);
  expect(bars(target)).toEqual([
    [20, 40],
    [2, 8],
  ]);
  expect(text(target, '.outer .facts')[0]).toContain('3.21it/s');
  expect(text(target, '.inner .facts')[0]).toContain('9.00it/s');
  const { height } = target.getBoundingClientRect();
  trainer.train(21);
  await expect.poll(() => bars(target)).toEqual([[21, 40]]);
  // The page does not jump.
  expect(target.getBoundingClientRect().height).toBe(height);
});

test('data that do not say their length, and preparing, move a bar without an end', async () => {
  const { trainer, target } = show();
  trainer.tell({ phase: 'preparing', step: 0, secondsLeft: undefined });
  await expect.poll(() => text(target, '.label')).toEqual(['Preparing…']);
  expect(bars(target)).toEqual([[-1, 1]]);
  trainer.train(7, { totalBatches: undefined, remainingMs: undefined });
  await expect.poll(() => text(target, '.count')).toEqual(['7']);
  expect(bars(target)).toEqual([[-1, 1]]);
  expect(text(target, '.percent')).toEqual([]);
});

test('a training with a loop of its own shows its steps', async () => {
  const { trainer, target } = show();
  trainer.tell({ step: 20 });
  await expect.poll(() => bars(target)).toEqual([[20, 80]]);
  expect(text(target, '.facts span')).toEqual(['20s left', '3.00it/s']);
});

test('each end has its words', async () => {
  const { trainer, target } = show();
  const ends: [TrainProgress['phase'], string][] = [
    ['paused', 'Epoch 1 of 2, paused'],
    ['stopped', 'Stopped in epoch 1'],
    ['failed', 'Failed in epoch 1'],
    ['finished', 'Finished after one epoch'],
  ];
  for (const [phase, words] of ends) {
    trainer.train(40, {}, { phase });
    await expect.poll(() => text(target, '.label')).toEqual([words]);
  }
  trainer.train(3, { stage: 'test', totalBatches: 3 }, { phase: 'finished' });
  await expect.poll(() => text(target, '.label')).toEqual(['Test: finished']);
});

test('what is shown can be chosen', async () => {
  const { trainer, target } = show({
    hide: ['v_num'],
    getMetrics: ({ items, progress }) => ({ ...items, epoch: `${progress.epoch + 1}.` }),
  });
  trainer.train(1);
  await expect.poll(() => text(target, '.items dt')).toEqual(['train_loss', 'epoch']);
});

test('a getMetrics that throws is reported once and stops nothing', async () => {
  const reported: unknown[] = [];
  const report = vi.spyOn(window, 'reportError').mockImplementation((thrown) => void reported.push(thrown));
  onTestFinished(() => report.mockRestore());
  const { trainer, target } = show({
    getMetrics: () => {
      throw new RangeError('a bug of the page');
    },
  });
  for (const batch of [1, 2, 3]) {
    trainer.train(batch);
    await expect.poll(() => bars(target)).toEqual([[batch, 40]]);
  }
  expect(text(target, '.items dt')).toEqual(['v_num', 'train_loss']);
  expect(reported).toMatchObject([{ message: 'a bug of the page' }]);
});

test('a screen reader hears of epochs and of the end, not of batches', async () => {
  const { trainer, target } = show();
  const spoken: (string | null)[] = [];
  const status = root(target).querySelector('[role=status]');
  if (!status) throw new Error('there is no status');
  expect(status.ariaLive).toBe('polite');
  const observer = new MutationObserver(() => spoken.push(status.textContent));
  observer.observe(status, { childList: true, characterData: true, subtree: true });
  for (let batch = 1; batch <= 40; batch++) trainer.train(batch);
  trainer.train(1, { stage: 'validate', outer: { batch: 40, totalBatches: 40 } });
  trainer.train(40, { metrics: { train_loss: 0.1, val_loss: 0.2 } });
  trainer.train(1, {}, { epoch: 1 });
  await expect.poll(() => spoken).toEqual(['Epoch 1 of 2 done, train_loss 0.100, val_loss 0.200']);
  trainer.train(40, {}, { epoch: 1 });
  trainer.train(40, {}, { epoch: 1, phase: 'finished' });
  await expect.poll(() => spoken.slice(1)).toEqual(['Finished after 2 epochs, train_loss 0.123']);
  expect(root(target).querySelector('progress')?.ariaLabel).toBeTruthy();
});

test('many events make one drawing per frame, and none while nobody can see it', async () => {
  const { trainer, target, bar } = show();
  trainer.train(1);
  await expect.poll(() => bar.draws).toBe(1);
  for (let batch = 2; batch <= 30; batch++) trainer.train(batch);
  await expect.poll(() => bars(target)).toEqual([[30, 40]]);
  expect(bar.draws).toBe(2);
  target.hidden = true;
  await new Promise((resolve) => new IntersectionObserver(resolve).observe(target));
  await new Promise((resolve) => requestAnimationFrame(resolve));
  trainer.train(31);
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  expect(bar.draws).toBe(2);
  target.hidden = false;
  await expect.poll(() => bars(target)).toEqual([[31, 40]]);
  bar.destroy();
  expect([trainer.listeners.size, target.childElementCount]).toEqual([0, 0]);
});

test('it is drawn every so many batches, at the last one, and never at a rate of 0', async () => {
  const { trainer, target, bar } = show({ refreshRate: 10 });
  trainer.train(1);
  await expect.poll(() => bar.draws).toBe(1);
  trainer.train(9);
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  expect(bar.draws).toBe(1);
  trainer.train(12);
  await expect.poll(() => bars(target)).toEqual([[12, 40]]);
  trainer.train(40);
  await expect.poll(() => bars(target)).toEqual([[40, 40]]);
  expect(show({ refreshRate: 0 }).trainer.listeners.size).toBe(0);
});

test('it keeps a line per epoch when asked to', async () => {
  const { trainer, target } = show({ leave: true });
  trainer.train(40);
  trainer.train(1, {}, { epoch: 1 });
  trainer.train(40, { metrics: { train_loss: 0.05 } }, { epoch: 1, phase: 'finished' });
  await expect
    .poll(() => text(target, '.past li').map((line) => line.replaceAll('\n', ' ')))
    .toEqual(['Epoch 1 40 / 40 3.2s train_loss 0.123', 'Epoch 2 40 / 40 3.2s train_loss 0.050']);
});

test('the title of the page says how far it is, and is given back', () => {
  const before = document.title;
  onTestFinished(() => void (document.title = before));
  document.title = 'My page';
  const { trainer } = show({ title: true });
  trainer.train(20);
  expect(document.title).toBe('25% · My page');
  trainer.train(40, {}, { phase: 'finished' });
  expect(document.title).toBe('My page');
  trainer.train(0, {}, { phase: 'training' });
  expect(document.title).toBe('0% · My page');
  document.title = 'Another';
  trainer.train(40, {}, { phase: 'stopped' });
  expect(document.title).toBe('Another');
});

test('wrong options are refused', () => {
  const trainer = new FakeTrainer();
  const refused = expect.objectContaining({ code: 'bad-options' });
  expect(() => showProgress('#nowhere', trainer)).toThrow(refused);
  expect(() => showProgress('##', trainer)).toThrow(refused);
  expect(() => showProgress(place(), trainer, { refreshRate: -1 })).toThrow(refused);
  expect(() => showProgress(place(), {} as ProgressSource)).toThrow(refused);
});

test('the element takes a trainer, options as attributes, and lets go of it outside of the page', async () => {
  defineTrainingProgress();
  defineTrainingProgress();
  const trainer = new FakeTrainer();
  const target = place();
  target.innerHTML = '<training-progress hide="v_num" theme="dark"></training-progress>';
  const made = target.firstElementChild as HTMLElement & { trainer: ProgressSource | undefined; getMetrics: ProgressOptions['getMetrics'] };
  expect(trainer.listeners.size).toBe(0);
  made.trainer = trainer;
  trainer.train(10);
  await expect.poll(() => text(made, '.items dt')).toEqual(['train_loss']);
  expect(root(made).querySelector('.panel.dark')).not.toBe(null);
  made.getMetrics = () => ({ mine: 1 });
  trainer.train(11);
  await expect.poll(() => text(made, '.items dt')).toEqual(['mine']);
  made.remove();
  expect(trainer.listeners.size).toBe(0);
});

test("under default-src 'self' it is drawn without one violation", async () => {
  await page.viewport(900, 700);
  const violations: string[] = [];
  const note = (event: SecurityPolicyViolationEvent): void => void violations.push(event.violatedDirective);
  document.addEventListener('securitypolicyviolation', note);
  onTestFinished(() => document.removeEventListener('securitypolicyviolation', note));
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = "default-src 'self'";
  document.head.append(policy);
  const { trainer, target } = show({ leave: true, title: true });
  trainer.train(10, { metrics: { '<img src=x onerror=alert(1)>': 1 } });
  trainer.train(1, { stage: 'validate', outer: { batch: 10, totalBatches: 40 } });
  await expect.poll(() => bars(target)).toHaveLength(2);
  trainer.train(0, {}, { epoch: 1 });
  await expect.poll(() => text(target, '.past li')).toHaveLength(1);
  expect(getComputedStyle(root(target).querySelector('progress') ?? document.body).height).toBe('8px');
  expect(root(target).querySelector('img')).toBe(null);
  expect(violations).toEqual([]);
});
