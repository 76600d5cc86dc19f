import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { watchByPing } from '../../../src/worker/liveness.ts';

const minute = 60_000;

describe('a worker that holds no lock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is held for dead after a minute of unanswered pings, once', () => {
    const [ping, gone] = [vi.fn(), vi.fn()];
    watchByPing(ping, gone);
    vi.advanceTimersByTime(minute);
    expect(ping).toHaveBeenCalledTimes(12);
    expect(gone).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10 * minute);
    expect(ping).toHaveBeenCalledTimes(12);
    expect(gone).toHaveBeenCalledTimes(1);
  });

  test('lives while anything is heard of it now and then, e.g. between long steps', () => {
    const gone = vi.fn();
    const watch = watchByPing(() => {}, gone);
    for (let step = 0; step < 20; step++) {
      vi.advanceTimersByTime(minute - 1000);
      watch.heard();
    }
    expect(gone).not.toHaveBeenCalled();
    watch.end();
    vi.advanceTimersByTime(10 * minute);
    expect(gone).not.toHaveBeenCalled();
  });
});
