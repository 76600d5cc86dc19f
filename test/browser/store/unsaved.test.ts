import { expect, test, vi } from 'vitest';
import { createWarner } from '../../../src/core/warnings.ts';
import type { UnsavedPoints } from '../../../src/store/series-types.ts';
import { Unsaved } from '../../../src/store/unsaved.ts';

const points: UnsavedPoints = {
  seq: 7,
  tags: ['loss', 'lr'],
  tag: Uint16Array.of(0, 1),
  step: Float64Array.of(1, 1),
  epoch: Float64Array.of(0, 0),
  wallTime: Float64Array.of(5, 5),
  value: Float64Array.of(0.5, Number.NaN),
};

test('a reader in the page gets what a worker holds, as long as it holds it, and nothing from a worker that was killed', async () => {
  const name = crypto.randomUUID();
  const warn = vi.fn<() => void>();
  const reader = new Unsaved({ name, kind: 'indexeddb', warn: createWarner(warn) });
  const worker = new Worker(new URL('./unsaved.worker.ts', import.meta.url), { type: 'module' });
  const hold = async (held: readonly UnsavedPoints[]): Promise<void> => {
    const done = new Promise((resolve) => worker.addEventListener('message', resolve, { once: true }));
    worker.postMessage({ name, points: held });
    await done;
  };

  expect(await reader.collect('a')).toEqual([]);
  await hold([points]);
  // The worker's lock says that there is something to ask for; the browser shows it a moment later.
  await vi.waitFor(async () => expect(await reader.collect('a')).toEqual([[points]]));
  expect(await reader.collect('b')).toEqual([]);
  await hold([]);
  await vi.waitFor(async () => expect((await navigator.locks.query()).held).toEqual([]));
  expect(await reader.collect('a')).toEqual([]);

  await hold([points]);
  await vi.waitFor(async () => expect(await reader.collect('a')).toEqual([[points]]));
  worker.terminate();
  await vi.waitFor(async () => expect((await navigator.locks.query()).held).toEqual([]));
  expect(await reader.collect('a')).toEqual([]);
  expect(warn).not.toHaveBeenCalled();
});
