import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ScalarChunk, UnsavedPoints } from '../../../src/store/metric-store.ts';

// Caps are chosen when the program is loaded.
beforeEach(() => {
  vi.resetModules();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function heldBy(deviceMemory: number | undefined): Promise<number> {
  vi.stubGlobal('navigator', deviceMemory === undefined ? {} : { deviceMemory });
  const { StoreLogger } = await import('../../../src/run/store-logger.ts');
  const { LogError } = await import('../../../src/core/errors.ts');
  let offered: () => readonly UnsavedPoints[] | Promise<readonly UnsavedPoints[]> = () => [];
  const store = {
    append: (_: ScalarChunk): Promise<void> => Promise.reject(new LogError('store-full', 'full')),
    offerUnsaved: (_: string, read: typeof offered): (() => void) => {
      offered = read;
      return () => {};
    },
  };
  const warn = Object.assign((): void => {}, { count: () => 0 });
  const logger = new StoreLogger({ store, runId: 'a', maxQueue: 4096, flushSecs: 1e6, onError: () => {}, warn });
  logger.logMetrics({ loss: 0 }, { step: 0, epoch: 0, wallTime: 0 });
  await logger.save();
  for (let step = 1; step < 1_200_000; step++) logger.logMetrics({ loss: step }, { step, epoch: 0, wallTime: step });
  const held = (await offered()).reduce((sum, { value }) => sum + value.length, 0);
  return held;
}

describe('a device that says it has at most 4 GiB', () => {
  test('holds a quarter of the points that a store refuses; one with more, or that does not say, a million', async () => {
    const few = await heldBy(4);
    expect(few).toBeLessThanOrEqual(250_000 + 65_536);
    expect(few).toBeGreaterThan(150_000);
    for (const deviceMemory of [8, undefined]) {
      vi.resetModules();
      expect(await heldBy(deviceMemory)).toBeGreaterThan(900_000);
    }
  });

  test('compacts in pieces of a quarter, and its panel keeps a fifth of the points of a tag', async () => {
    vi.stubGlobal('navigator', { deviceMemory: 2 });
    const { compactorDefaults } = await import('../../../src/store/compactor.ts');
    const { pointsKept } = await import('../../../src/panel/run-feed.ts');
    expect([compactorDefaults.unitBytes, compactorDefaults.unitPoints, pointsKept]).toEqual([2 ** 21, 2 ** 18, 20_000]);
    vi.resetModules();
    vi.stubGlobal('navigator', { deviceMemory: 8 });
    const usual = (await import('../../../src/store/compactor.ts')).compactorDefaults;
    const { pointsKept: usually } = await import('../../../src/panel/run-feed.ts');
    expect([usual.unitBytes, usual.unitPoints, usually]).toEqual([2 ** 23, 2 ** 20, 100_000]);
  });
});
