import { expect, test, vi } from 'vitest';
import { createWarner } from '../../../src/core/warnings.ts';
import { Hints } from '../../../src/store/hints.ts';
import { JournalStore } from '../../../src/store/journal-store.ts';
import { MemoryBackend, MemoryDatabase } from '../../../src/store/memory-backend.ts';
import { threadLocks, type WriterLocks } from '../../../src/store/writer-locks.ts';
import { chunkOf } from '../../../src/testing/chunks.ts';

test('who follows a run alone hears of a writer that died without a word, also after the page was put aside', async () => {
  const database = new MemoryDatabase();
  const locks = threadLocks();
  let waits = 0;
  const counted: WriterLocks = {
    ...locks,
    async whenGone(runId, signal) {
      waits += 1;
      await locks.whenGone(runId, signal);
      waits -= 1;
    },
  };
  // Each with hints of its own: what one announces does not reach the other.
  const open = (): JournalStore =>
    new JournalStore({
      name: 'a',
      kind: 'memory',
      backend: new MemoryBackend(database),
      hints: new Hints(),
      locks: counted,
      warn: createWarner(() => {}),
    });
  const [writer, reader] = [open(), open()];
  const lock = await locks.take('a');
  await writer.createRun({ id: 'a', startedAt: 1 });
  const heard: number[] = [];
  reader.follow('a', ({ seq }) => heard.push(seq));
  await vi.waitFor(() => expect(waits).toBe(1));
  reader.suspend();
  await vi.waitFor(() => expect(waits).toBe(0));
  reader.resume();
  await vi.waitFor(() => expect(waits).toBe(1));
  await writer.append(chunkOf('a', 0, [{ tag: 'x', step: 0, value: 1 }]));
  expect(heard).toEqual([]);
  await lock.release();
  await vi.waitFor(() => expect(heard).toEqual([0]));
  await writer.close();
  await reader.close();
});
