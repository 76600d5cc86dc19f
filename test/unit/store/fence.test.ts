import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWarner } from '../../../src/core/warnings.ts';
import { Hints } from '../../../src/store/hints.ts';
import { JournalStore } from '../../../src/store/journal-store.ts';
import { MemoryBackend, MemoryDatabase } from '../../../src/store/memory-backend.ts';
import type { MetricStore } from '../../../src/store/metric-store.ts';
import { threadLocks } from '../../../src/store/writer-locks.ts';
import { chunkOf } from '../../../src/testing/index.ts';

// A writer that was frozen and held for dead comes back after somebody else has continued its run.

const startedAt = 1_700_000_000;

/** Two tabs over one database, whose locks know nothing of each other. */
function twoTabs(): { readonly dead: MetricStore; readonly next: MetricStore } {
  const database = new MemoryDatabase();
  const open = (): MetricStore =>
    new JournalStore({
      name: 'fence',
      kind: 'memory',
      backend: new MemoryBackend(database),
      hints: new Hints(),
      locks: threadLocks(),
      warn: createWarner(() => {}),
      maintenance: { unitBytes: 1, smallRun: 0, smallTail: 1 },
    });
  return { dead: open(), next: open() };
}

const point = (seq: number, value: number) => chunkOf('a', seq, [{ tag: 'x', step: seq, value }]);

async function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'stored',
    (thrown: { readonly code: unknown }) => thrown.code,
  );
}

async function values(store: MetricStore): Promise<readonly number[]> {
  const series = await store.series('a', 'x');
  return series.kind === 'points' ? [...series.value] : [];
}

test('nothing of the writer before gets into a continuation, however much either has written, and whatever was compacted', async () => {
  const cases = fc.record({
    before: fc.nat(4),
    continuations: fc.integer({ min: 1, max: 3 }),
    after: fc.nat(3),
    isCompacted: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ before, continuations, after, isCompacted }) => {
      const { dead, next } = twoTabs();
      await dead.createRun({ id: 'a', startedAt });
      for (let seq = 0; seq < before; seq++) await dead.append(point(seq, seq));
      let nextSeq = 0;
      for (let i = 0; i < continuations; i++) ({ nextSeq } = await next.resumeRun('a', { at: startedAt + 1 }));
      const log = Array.from({ length: before }, (_, seq) => seq);
      for (let i = 0; i < after; i++) {
        await next.append(point(nextSeq + i, 100 + i));
        log.push(100 + i);
      }
      if (isCompacted) await next.maintain();
      expect(await outcome(dead.append(point(before, -1)))).toBe('run-locked');
      expect(await outcome(dead.append(chunkOf('a', before, [{ tag: 'new', step: 0, value: -2 }])))).toBe('run-locked');
      await next.append(point(nextSeq + after, 200));
      expect(await values(next)).toEqual([...log, 200]);
      expect((await next.tags('a')).map(({ tag }) => tag)).toEqual(['x']);
    }),
    { numRuns: 40 },
  );
});

test('a chunk whose answer got lost before the run was continued is stored once, and the one after it is refused', async () => {
  const { dead, next } = twoTabs();
  await dead.createRun({ id: 'a', startedAt });
  await dead.append(point(0, 5));
  await next.resumeRun('a', { at: startedAt + 1 });
  expect(await outcome(dead.append(point(0, 5)))).toBe('stored');
  expect(await outcome(dead.append(point(1, 6)))).toBe('run-locked');
  expect(await values(next)).toEqual([5]);
});
