import { expect, onTestFinished, test } from 'vitest';
import { page } from 'vitest/browser';
import { CountingStore, inside, makeRun, open, place, texts } from './fixture.ts';

test("under default-src 'self' the panel draws, reads and zooms without one violation", async () => {
  await page.viewport(1000, 900);
  const violations: string[] = [];
  const note = (event: SecurityPolicyViolationEvent): void => void violations.push(event.violatedDirective);
  document.addEventListener('securitypolicyviolation', note);
  onTestFinished(() => document.removeEventListener('securitypolicyviolation', note));
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = "default-src 'self'";
  document.head.append(policy);
  // Seen red: an inline style is a violation in this page.
  const probe = document.createElement('p');
  probe.setAttribute('style', 'color: red');
  await expect.poll(() => violations).toEqual(['style-src-attr']);
  violations.length = 0;

  const { store } = new CountingStore();
  const run = await makeRun(store);
  await run.log('train/loss/step', [3, 2, NaN, 1]);
  await run.log('val/loss/epoch', [3, 2]);
  await run.log('train/steps_per_second', [3, 2]);
  await (await makeRun(store)).log('train/loss/step', [1, 2]);
  const target = place();
  const panel = await open(target, { store, theme: 'dark' });
  await expect.poll(() => panel.stats.draws).toBeGreaterThan(0);
  const root = inside(target);
  root.querySelector('details')?.toggleAttribute('open', true);
  const plot = root.querySelector('.plot');
  await expect
    .poll(() => {
      plot?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home' }));
      return texts(target, '.tip td.strong');
    })
    .toHaveLength(3);
  root.querySelector<HTMLInputElement>('label.run input')?.click();
  root.querySelector<HTMLElement>('.toggle')?.click();
  panel.update({ axis: 'relative', smoothing: 0, theme: 'light' });
  const { draws } = panel.stats;
  await expect.poll(() => panel.stats.draws).toBeGreaterThan(draws);
  expect(getComputedStyle(root.querySelector('.card') ?? document.body).borderTopWidth).toBe('1px');
  expect(violations).toEqual([]);
});
