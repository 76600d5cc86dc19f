import { expect, test, vi } from 'vitest';
import type { Warning } from '../../../src/core/warnings.ts';
import { deleteStore, memoryStore, openStore } from '../../../src/store/index.ts';
import { knownObstacles } from '../../../src/store/obstacles.ts';

test('without IndexedDB the memory store of that name is opened, with one warning that says what is lost and what works', async () => {
  const warnings: Warning[] = [];
  const store = await openStore('no database', { onWarning: (warning) => warnings.push(warning) });
  expect(store.kind).toBe('memory');
  expect(warnings.length).toBe(1);
  expect(warnings[0]?.text).toMatch(
    /openStore\('no database'\): runs are kept in memory only, because there is no IndexedDB here\..*exports work.*gone when this page/,
  );

  // A panel and an exporter that ask for the same name meet the same run; closing one leaves it to the others.
  await store.createRun({ id: 'a', startedAt: 1 });
  await store.close();
  expect(await memoryStore('no database').run('a')).toMatchObject({ id: 'a', status: 'interrupted' });
  expect(await memoryStore('another').runs()).toEqual([]);
  await deleteStore('no database');
  expect(await memoryStore('no database').runs()).toEqual([]);
});

test('what is chosen about a store holds in memory too: a retention policy that makes no sense is refused, one that does is kept to', async () => {
  const refused = openStore('chosen', { onWarning: () => {}, retention: { keepRuns: -1 } });
  await expect(refused).rejects.toMatchObject({ code: 'bad-options', message: expect.stringContaining('keepRuns') });
  const store = await openStore('chosen', { onWarning: () => {}, retention: { keepRuns: 1 } });
  for (const startedAt of [1, 2, 3]) {
    const { id } = await store.createRun({ startedAt });
    await store.updateRun(id, { status: 'finished', endedAt: startedAt });
  }
  await store.maintain();
  expect((await store.runs()).map((run) => run.startedAt)).toEqual([3]);
  await store.close();
});

test('where the browser refuses the database at once nothing is waited for, and nothing says later that it is', async () => {
  vi.useFakeTimers();
  vi.stubGlobal('indexedDB', {
    open: () => {
      throw new DOMException('denied in this context', 'SecurityError'); // as in a sandboxed frame
    },
  });
  try {
    const warnings: Warning[] = [];
    const store = await openStore('refused', { onWarning: (warning) => warnings.push(warning) });
    expect(store.kind).toBe('memory');
    vi.advanceTimersByTime(3_600_000);
    expect(warnings.map(({ text }) => text)).toEqual([expect.stringContaining('because the browser refuses it')]);
    expect([...knownObstacles()]).toEqual(['refused']);
    await store.close();
  } finally {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  }
});
