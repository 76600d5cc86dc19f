import { expect, test } from 'vitest';
import { JournalStore } from '../../../src/store/journal-store.ts';
import { chunkOf } from '../../../src/testing/chunks.ts';
import { setUp } from './maintenance-setup.ts';

test('the tags of a run that has ended or was deleted are not kept; what is appended late finds their numbers all the same', async () => {
  let looksForTags = 0;
  const plain = setUp();
  const { context } = setUp({
    wrap: () => ({
      read(stores, work) {
        if (stores.length === 1 && stores[0] === 'tags') looksForTags += 1;
        return plain.backend.read(stores, work);
      },
      write: (stores, work, options) => plain.backend.write(stores, work, options),
      suspend() {},
      close() {},
    }),
  });
  const store = new JournalStore({ ...context, onDamage: undefined });
  await store.createRun({ id: 'a', startedAt: 1 });
  let seq = 0;
  const append = (...tags: string[]): Promise<void> =>
    store.append(
      chunkOf(
        'a',
        seq++,
        tags.map((tag) => ({ tag, step: seq, value: seq })),
      ),
    );
  await append('x', 'y');
  await append('y');
  expect(looksForTags).toBe(0);
  await store.updateRun('a', { status: 'finished', endedAt: 2 });
  await append('z', 'y', 'x');
  await append('z');
  expect(looksForTags).toBe(1);
  await store.deleteRun('a');
  await append('y');
  expect(looksForTags).toBe(2);
  await store.restoreRun('a');
  expect(await store.tags('a')).toEqual([
    { tag: 'x', count: 2 },
    { tag: 'y', count: 4 },
    { tag: 'z', count: 2 },
  ]);
  await store.close();
});
