import { expect, test } from 'vitest';
import { Retention } from '../../../src/store/retention.ts';
import type { RunRecord } from '../../../src/store/run-record.ts';
import { addFullRun, addRun, appendChunks, getRun, runRecord, type Setup, setUp } from './maintenance-setup.ts';

async function withRuns(...records: readonly RunRecord[]): Promise<Setup> {
  const setup = setUp();
  for (const record of records) await addRun(setup.backend, record);
  return setup;
}

const starred = { isStarred: true };

test('keepRuns keeps the newest ended runs and lets the oldest go', async () => {
  const setup = await withRuns(runRecord('old', 0), runRecord('older', 1, { startedAt: 1 }), runRecord('new', 2), runRecord('newest', 3));
  const before = Date.now();
  expect(await new Retention(setup.context, { keepRuns: 2 }).apply()).toEqual(['older', 'old']);
  const record = await getRun(setup.backend, 'older');
  // As after deleteRun(): it can be restored for a while.
  expect(record?.deletedAt).toBeGreaterThanOrEqual(before);
  expect(record?.isPurging).toBeUndefined();
  expect(await getRun(setup.backend, 'new')).toEqual(runRecord('new', 2));
  expect(await new Retention(setup.context, { keepRuns: 2 }).apply()).toEqual([]);
});

test('starred runs, runs that are being written and the newest run stay; starred ones do not count', async () => {
  const setup = await withRuns(
    runRecord('starred', 0, starred),
    runRecord('live', 1, { status: 'running' }),
    runRecord('interrupted', 2, { status: 'running' }),
    runRecord('failed', 3, { status: 'failed' }),
    runRecord('also starred', 4, starred),
    runRecord('newest', 5),
  );
  await setup.context.locks.take('live');
  expect(await new Retention(setup.context, { keepRuns: 4 }).apply()).toEqual([]);
  // Three unstarred may stay: the oldest of the four is live, and no younger one goes in its place.
  expect(await new Retention(setup.context, { keepRuns: 3 }).apply()).toEqual([]);
  expect(await new Retention(setup.context, { keepRuns: 2 }).apply()).toEqual(['interrupted']);
  expect(await new Retention(setup.context, { keepRuns: 0 }).apply()).toEqual(['failed']);
  expect(await new Retention(setup.context, { keepRuns: 0, maxBytes: 0 }).apply()).toEqual([]);
});

test('a run that is being continued right now is live, whatever its record says', async () => {
  const setup = await withRuns(runRecord('a', 0), runRecord('b', 1));
  await setup.context.locks.take('a');
  expect(await new Retention(setup.context, { keepRuns: 0 }).apply()).toEqual([]);
});

test('maxBytes counts journals, units and records, and lets the oldest runs go until the others fit', async () => {
  const setup = setUp();
  const journal = [0, 0, 0];
  for (const order of [0, 1, 2]) {
    await addRun(setup.backend, runRecord(`run ${order}`, order, { status: 'running' }));
    const sizes = await appendChunks(setup.backend, `run ${order}`, 0, 20);
    journal[order] = sizes.reduce((sum, size) => sum + size, 0);
    await addRun(setup.backend, runRecord(`run ${order}`, order));
  }
  // 3 units of 24 bytes; 3 images of 5,002 bytes; 3 chunks of 8.
  await addFullRun(setup.backend, runRecord('full', 3), 3);
  const full = 3 * 24 + 3 * 5002 + 3 * 8;
  const all = full + journal.reduce((sum, bytes) => sum + bytes, 0);
  expect(await new Retention(setup.context, { maxBytes: all }).apply()).toEqual([]);
  expect(await new Retention(setup.context, { maxBytes: all - 1 }).apply()).toEqual(['run 0']);
  expect(await new Retention(setup.context, { maxBytes: full }).apply()).toEqual(['run 1', 'run 2']);
  expect(await new Retention(setup.context, { maxBytes: 0 }).apply()).toEqual([]);
});

test('what a settled run was found to take is not read again until it changes', async () => {
  const setup = setUp();
  await addRun(setup.backend, runRecord('a', 0, { status: 'running' }));
  await appendChunks(setup.backend, 'a', 0, 3);
  await addRun(setup.backend, runRecord('a', 0, { isSettled: true }));
  await addRun(setup.backend, runRecord('b', 1));
  let reads = 0;
  const counted: Setup['backend'] = {
    read: (stores, work) => {
      if (stores.includes('units')) reads += 1;
      return setup.backend.read(stores, work);
    },
    write: (stores, work) => setup.backend.write(stores, work),
    suspend: () => {},
    close: () => {},
  };
  const retention = new Retention({ ...setup.context, backend: counted }, { maxBytes: 10 ** 6 });
  await retention.apply();
  const first = reads;
  await retention.apply();
  // Once more for 'b' alone, which is not settled.
  expect([first, reads - first]).toEqual([2, 1]);
  await addRun(setup.backend, runRecord('a', 0, { isSettled: true, nextIndex: 4 }));
  reads = 0;
  await retention.apply();
  expect(reads).toBe(first);
});

test('a run that is starred or continued at the last moment stays', async () => {
  const changes: readonly Partial<RunRecord>[] = [starred, { status: 'running' }, { resumes: [{ generation: 1, fromSeq: 0, at: 0 }] }];
  for (const change of changes) {
    const setup = await withRuns(runRecord('a', 0), runRecord('b', 1), runRecord('c', 2));
    const backend: Setup['backend'] = {
      read: (stores, work) => setup.backend.read(stores, work),
      async write(stores, work) {
        await addRun(setup.backend, runRecord('a', 0, change));
        return setup.backend.write(stores, work);
      },
      suspend: () => {},
      close: () => {},
    };
    expect(await new Retention({ ...setup.context, backend }, { keepRuns: 1 }).apply()).toEqual(['b']);
  }
});

test('a policy that makes no sense is refused', () => {
  const { context } = setUp();
  expect(() => new Retention(context, { keepRuns: -1 })).toThrow('retention: { keepRuns } }): the number -1');
  expect(() => new Retention(context, { maxBytes: Number.NaN })).toThrow('retention: { maxBytes } }): the number NaN');
});

test('points that were stored after a run had ended and was settled count', async () => {
  const setup = setUp();
  await addRun(setup.backend, runRecord('a', 0, { status: 'running' }));
  const sizes = await appendChunks(setup.backend, 'a', 0, 3);
  await addRun(setup.backend, runRecord('a', 0, { isSettled: true }));
  await addRun(setup.backend, runRecord('b', 1));
  const retention = new Retention(setup.context, { maxBytes: sizes.reduce((sum, size) => sum + size, 0) });
  expect(await retention.apply()).toEqual([]);
  await appendChunks(setup.backend, 'a', 3, 4);
  expect(await retention.apply()).toEqual(['a']);
});
