import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Hints } from '../../../src/store/hints.ts';
import { createThrottle } from '../../../src/store/throttle.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('calls at once, then once per interval, and makes up for the last call', () => {
  const call = vi.fn<() => void>();
  const throttled = createThrottle(call, 100);
  for (let i = 0; i < 5; i++) throttled();
  expect(call).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(100);
  expect(call).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1000);
  expect(call).toHaveBeenCalledTimes(2);
  throttled();
  expect(call).toHaveBeenCalledTimes(3);
  throttled.cancel();
  vi.advanceTimersByTime(1000);
  expect(call).toHaveBeenCalledTimes(3);
});

test('flush makes up for a pending call now, and for none where there is none', () => {
  const call = vi.fn<() => void>();
  const throttled = createThrottle(call, 100);
  throttled.flush();
  expect(call).toHaveBeenCalledTimes(0);
  throttled();
  throttled();
  throttled.flush();
  expect(call).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1000);
  expect(call).toHaveBeenCalledTimes(2);
});

test('a thousand appends in a second are told at most eleven times, and the last of them is told', () => {
  const hints = new Hints();
  const heard: { readonly seq: number; readonly points: number }[] = [];
  const undo = hints.listen({ onChunk: (hint) => heard.push(hint) });
  for (let seq = 0; seq < 1000; seq++) {
    hints.announceChunk({ runId: 'a', seq, points: 2 });
    vi.advanceTimersByTime(1);
  }
  vi.advanceTimersByTime(100);
  expect(heard.length).toBeLessThanOrEqual(11);
  expect(heard.at(-1)?.seq).toBe(999);
  expect(heard.reduce((sum, hint) => sum + hint.points, 0)).toBe(2000);
  undo();
});
