import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFollower } from '../../../src/store/follow.ts';
import type { ScalarChunk } from '../../../src/store/metric-store.ts';
import { chunkOf } from '../../../src/testing/index.ts';

const chunkAt = (seq: number): ScalarChunk => chunkOf('a', seq, [{ tag: 'x', value: seq, step: seq }]);

test('a follower hears each chunk exactly once and in order, however commits, hints and reads interleave', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.boolean(), { maxLength: 20 }),
      fc.nat(4),
      fc.integer({ min: 1, max: 5 }),
      async (scheduler, commits, fromSeq, batch) => {
        const committed: ScalarChunk[] = [];
        const heard: number[] = [];
        const commit = (): number => committed.push(chunkAt(committed.length)) - 1;
        commit();
        const follower = createFollower({
          from: fromSeq,
          async read(from) {
            // What is there is decided before, between or after other things; so is when the reader learns of it.
            await scheduler.schedule(Promise.resolve(), 'read begins');
            const chunks = committed.slice(from, from + batch);
            await scheduler.schedule(Promise.resolve(), 'read ends');
            return { items: chunks, next: from + chunks.length };
          },
          deliver: (chunk) => heard.push(chunk.seq),
          failed: (thrown) => expect.unreachable(String(thrown)),
        });
        follower.lookAgain();
        for (const isToldTwice of commits) {
          void scheduler.schedule(Promise.resolve(), 'commit').then(() => {
            const seq = commit();
            for (let time = 0; time <= Number(isToldTwice); time++)
              void scheduler.schedule(Promise.resolve(), 'hint').then(() => follower.lookAgain(seq));
            return undefined;
          });
        }
        await scheduler.waitIdle();
        expect(heard).toEqual(Array.from({ length: Math.max(0, committed.length - fromSeq) }, (_, i) => fromSeq + i));
      },
    ),
    { numRuns: 300 },
  );
});

test('chunks that could not be read are passed over, and a hint about an old chunk reads nothing', async () => {
  const heard: number[] = [];
  let reads = 0;
  const follower = createFollower({
    from: 0,
    async read(from) {
      reads += 1;
      return from < 3 ? { items: [chunkAt(0), chunkAt(2)], next: 3 } : { items: [], next: from };
    },
    deliver: (chunk) => heard.push(chunk.seq),
    failed: (thrown) => expect.unreachable(String(thrown)),
  });
  follower.lookAgain();
  await expect.poll(() => reads).toBe(2);
  follower.lookAgain(2);
  expect(reads).toBe(2);
  expect(heard).toEqual([0, 2]);
});

test('after a read that failed, the next hint goes on where the last chunk was heard', async () => {
  const heard: number[] = [];
  const failures: unknown[] = [];
  const stored = [chunkAt(0)];
  let isDown = false;
  const follower = createFollower({
    from: 0,
    async read(from) {
      if (isDown) throw new Error('down');
      return { items: stored.slice(from), next: stored.length };
    },
    deliver: (chunk) => heard.push(chunk.seq),
    failed: (thrown) => failures.push(thrown),
  });
  follower.lookAgain();
  await expect.poll(() => heard).toEqual([0]);
  isDown = true;
  stored.push(chunkAt(1));
  follower.lookAgain(1);
  await expect.poll(() => failures.length).toBe(1);
  isDown = false;
  follower.lookAgain(1);
  await expect.poll(() => heard).toEqual([0, 1]);
});
