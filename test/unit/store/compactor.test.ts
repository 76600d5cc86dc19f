import { expect, test } from 'vitest';
import { Compactor, compactorDefaults, type CompactorOptions } from '../../../src/store/compactor.ts';
import { MemoryBackend, MemoryDatabase } from '../../../src/store/memory-backend.ts';
import { deleteWithoutRoom, storesOfRun } from '../../../src/store/purge.ts';
import { RunCatalog } from '../../../src/store/run-catalog.ts';
import type { UnitRecord } from '../../../src/store/schema.ts';
import { keysUnder, type StoreBackend } from '../../../src/store/store-backend.ts';
import { HaltingBackend } from './halting-backend.ts';
import { addRun, appendChunks, counts, getRun, inTurn, runRecord, type Setup, setUp } from './maintenance-setup.ts';
import { storedPoints } from './stored-points.ts';

/** Sizes small enough for a test; a chunk of `appendChunks` has about 130 bytes. */
const small: CompactorOptions = { unitBytes: 1000, smallRun: 100, smallTail: 1 };

/** Compacts until nothing is due. Resolves with the number of turns that made something. */
async function compact(setup: Setup, runId: string, options: CompactorOptions = small): Promise<number> {
  const compactor = new Compactor(setup.context, options);
  let turns = 0;
  while (await inTurn(setup, (turn) => compactor.compact(runId, turn))) turns += 1;
  return turns;
}

function unitsOf(setup: Setup, runId: string): Promise<readonly UnitRecord[]> {
  return setup.backend.read(['units'], (tx) => tx.getAll('units', keysUnder(runId)));
}

async function journalOf(setup: Setup, runId: string): Promise<readonly number[]> {
  const records = await setup.backend.read(['journal'], (tx) => tx.getAll('journal', keysUnder(runId)));
  return records.map(({ seq }) => seq);
}

/** A run of this many chunks with ten points each. */
async function withRun(chunks: number, record: Parameters<typeof runRecord>[2] = {}, database = new MemoryDatabase()): Promise<Setup> {
  const setup = setUp({ database });
  await addRun(setup.backend, runRecord('a', 0, { status: 'running' }));
  await appendChunks(setup.backend, 'a', 0, chunks);
  await addRun(setup.backend, runRecord('a', 0, record));
  return setup;
}

test('the journal of an ended run becomes units of the size that was asked for, and every point stays where it was', async () => {
  const setup = await withRun(100);
  const [chunk] = await setup.backend.read(['journal'], (tx) => tx.getAll('journal', keysUnder('a'), 1));
  const perUnit = Math.ceil(1000 / (chunk?.bytes.byteLength ?? 0));
  const before = await storedPoints(setup.backend, 'a');
  expect([before['even']?.length, before['odd']?.length]).toEqual([500, 500]);
  await compact(setup, 'a');
  expect(await storedPoints(setup.backend, 'a')).toEqual(before);
  expect(await journalOf(setup, 'a')).toEqual([]);
  expect(await getRun(setup.backend, 'a')).toMatchObject({ compactedTo: 99, isSettled: true });
  const units = await unitsOf(setup, 'a');
  expect(units.length).toBeGreaterThanOrEqual(100 / (perUnit + 1));
  expect(units.map(({ unit }) => unit)).toEqual([0, ...units.slice(0, -1).map(({ throughSeq }) => throughSeq + 1)]);
  expect(units.reduce((sum, { points }) => sum + points, 0)).toBe(1000);
  expect((await counts(setup.database)).summaries).toBe(units.length);
});

test('few points stay in the journal of an ended run, which is never looked at again', async () => {
  const setup = await withRun(4);
  expect(await compact(setup, 'a', { ...small, smallTail: 41 })).toBe(0);
  expect(await journalOf(setup, 'a')).toEqual([0, 1, 2, 3]);
  expect(await getRun(setup.backend, 'a')).toEqual(runRecord('a', 0, { isSettled: true }));
});

test('while a run is written, units are made only of enough bytes, and the newest chunk stays', async () => {
  const setup = await withRun(3, { status: 'running' });
  await setup.context.locks.take('a');
  const options = { ...small, smallRun: 0 };
  expect(await compact(setup, 'a', options)).toBe(0);
  await appendChunks(setup.backend, 'a', 3, 9);
  const before = await storedPoints(setup.backend, 'a');
  await compact(setup, 'a', options);
  const left = await journalOf(setup, 'a');
  const record = await getRun(setup.backend, 'a');
  expect(record?.isSettled).toBeUndefined();
  expect(left).toContain(8);
  expect(left[0]).toBe((record?.compactedTo ?? -1) + 1);
  expect(await storedPoints(setup.backend, 'a')).toEqual(before);
  await appendChunks(setup.backend, 'a', 9, 10);
  expect(await journalOf(setup, 'a')).toEqual([...left, 9]);
});

test('a small run is left alone while it is written, whatever its bytes', async () => {
  const setup = await withRun(30, { status: 'running' });
  await setup.context.locks.take('a');
  expect(await compact(setup, 'a', { ...small, smallRun: 300 })).toBe(0);
  expect(await counts(setup.database)).not.toHaveProperty('packs');
  // One chunk more: 300 points without the newest. What is compacted already counts.
  await appendChunks(setup.backend, 'a', 30, 31);
  expect(await compact(setup, 'a', { ...small, smallRun: 300 })).toBeGreaterThan(2);
  await appendChunks(setup.backend, 'a', 31, 45);
  expect(await compact(setup, 'a', { ...small, smallRun: 300 })).toBeGreaterThan(0);
});

test('many tiny chunks make a unit by their number', async () => {
  const setup = await withRun(25, { status: 'running' });
  await setup.context.locks.take('a');
  await compact(setup, 'a', { unitChunks: 8, smallRun: 0 });
  expect((await unitsOf(setup, 'a')).map(({ throughSeq }) => throughSeq)).toEqual([7, 15, 23]);
  expect(await journalOf(setup, 'a')).toEqual([24]);
});

test('points that take hardly a byte make a unit by their number, in the journal of an ended run too', async () => {
  const options = { unitPoints: 80, smallRun: 0, smallTail: 1 };
  const written = await withRun(25, { status: 'running' });
  await written.context.locks.take('a');
  await compact(written, 'a', options);
  expect((await unitsOf(written, 'a')).map(({ points }) => points)).toEqual([80, 80, 80]);
  const ended = await withRun(25);
  await compact(ended, 'a', options);
  expect((await unitsOf(ended, 'a')).map(({ points }) => points)).toEqual([80, 80, 80, 10]);
  const { unitPoints } = compactorDefaults;
  const compactor = new Compactor(ended.context);
  expect([unitPoints - 1, unitPoints].map((points) => compactor.isDue({ points, bytes: 1, chunks: 1 }))).toEqual([false, true]);
});

test('a journal that grew while it was looked at is not said to be settled', async () => {
  const plain = await withRun(2);
  const growing = before(plain.backend, 'runs,journal,meta', 1, () => appendChunks(plain.backend, 'a', 2, 3));
  expect(await compact(setUp({ wrap: () => growing }), 'a', { ...small, smallTail: 100 })).toBe(0);
  expect(await getRun(plain.backend, 'a')).toEqual(runRecord('a', 0));
  expect(await compact(plain, 'a', { ...small, smallTail: 100 })).toBe(0);
  expect(await getRun(plain.backend, 'a')).toEqual(runRecord('a', 0, { isSettled: true }));
});

test('the newest chunk of an interrupted run stays too, so that it can be continued while it is compacted', async () => {
  const setup = await withRun(30, { status: 'running' });
  const before = await storedPoints(setup.backend, 'a');
  await compact(setup, 'a');
  expect(await journalOf(setup, 'a')).toEqual([29]);
  expect(await getRun(setup.backend, 'a')).toMatchObject({ compactedTo: 28, isSettled: true });
  expect(await storedPoints(setup.backend, 'a')).toEqual(before);
  expect(await compact(setup, 'a')).toBe(0);
});

test('a unit ends where the run was continued', async () => {
  const resumes = [
    { generation: 1, fromSeq: 5, at: 0 },
    { generation: 2, fromSeq: 6, at: 0, fromStep: 20 },
  ];
  const setup = await withRun(12, { resumes });
  await compact(setup, 'a', { ...small, unitBytes: 10 ** 6 });
  expect((await unitsOf(setup, 'a')).map(({ unit, throughSeq }) => [unit, throughSeq])).toEqual([
    [0, 4],
    [5, 5],
    [6, 11],
  ]);
});

test('a chunk that cannot be read stays in the journal, and one that is missing is listed beside it', async () => {
  const setup = await withRun(30);
  await setup.backend.write(['journal'], async (tx) => {
    const chunk = await tx.get('journal', ['a', 2]);
    if (chunk === undefined) throw new Error('there is no chunk 2');
    await tx.put('journal', { ...chunk, bytes: chunk.bytes.slice(0, 40) });
    await tx.delete('journal', ['a', 4]);
  });
  await compact(setup, 'a');
  expect(await journalOf(setup, 'a')).toEqual([2]);
  expect((await unitsOf(setup, 'a')).flatMap(({ damaged }) => damaged)).toEqual([2, 4]);
  const { even = [] } = await storedPoints(setup.backend, 'a');
  expect(even).toHaveLength(28 * 5);
  expect(new Set(even.map(({ seq }) => seq))).toEqual(
    new Set(Array.from({ length: 30 }, (_, seq) => seq).filter((seq) => seq !== 2 && seq !== 4)),
  );
});

test('compaction may be broken off after any transaction: readers see the same as before, and the next one completes it', async () => {
  let isComplete = false;
  let broken = 0;
  for (let transactions = 1; !isComplete; transactions++) {
    const database = new MemoryDatabase();
    const plain = await withRun(20, {}, database);
    const before = await storedPoints(plain.backend, 'a');
    const halting = new HaltingBackend(plain.backend);
    halting.haltAfter(transactions);
    isComplete = await compact(setUp({ wrap: () => halting }), 'a').then(
      () => true,
      () => false,
    );
    broken += isComplete ? 0 : 1;
    expect(await storedPoints(plain.backend, 'a')).toEqual(before);
    await compact(plain, 'a');
    expect(await storedPoints(plain.backend, 'a')).toEqual(before);
    // No orphan is left: every pack and summary belongs to a unit.
    const units = await unitsOf(plain, 'a');
    const packs = await plain.backend.read(['packs'], (tx) => tx.getAll('packs', keysUnder('a')));
    expect(new Set(packs.map(({ unit }) => unit))).toEqual(new Set(units.map(({ unit }) => unit)));
    expect((await counts(database)).summaries).toBe(units.length);
    expect([units.at(-1)?.throughSeq, await journalOf(plain, 'a')]).toEqual([19, []]);
    expect(transactions).toBeLessThan(200);
  }
  // At least six transactions for each of three units.
  expect(broken).toBeGreaterThanOrEqual(18);
});

test('what was left of a unit that never became valid is removed, whatever the next one looks like', async () => {
  for (const options of [
    { ...small, unitChunks: 3 },
    { ...small, smallTail: 10 ** 6 },
  ]) {
    const plain = await withRun(20);
    const halting = new HaltingBackend(plain.backend);
    const broken = before(halting, 'runs,journal,meta', 1, async () => halting.haltAfter(0));
    await expect(compact(setUp({ wrap: () => broken }), 'a', { ...small, unitBytes: 10 ** 6 })).rejects.toThrow('killed');
    expect(await counts(plain.database)).toMatchObject({ units: 1, summaries: 1, journal: 20 });
    await compact(plain, 'a', options);
    const units = (await unitsOf(plain, 'a')).map(({ unit }) => unit);
    const packs = await plain.backend.read(['packs'], (tx) => tx.getAll('packs', keysUnder('a')));
    expect([...new Set(packs.map(({ unit }) => unit))]).toEqual(units);
    expect((await counts(plain.database)).summaries ?? 0).toBe(units.length);
    expect(units).toEqual(options.smallTail === 1 ? [0, 3, 6, 9, 12, 15, 18] : []);
  }
});

/** Does something right before the `count`-th transaction over these object stores. */
function before(backend: StoreBackend, scope: string, count: number, work: () => Promise<unknown>): StoreBackend {
  let seen = 0;
  return {
    read: (stores, reading) => backend.read(stores, reading),
    async write(stores, writing, options) {
      if (stores.join() === scope && (seen += 1) === count) await work();
      return backend.write(stores, writing, options);
    },
    suspend: () => {},
    close: () => {},
  };
}

test('a run that is continued while its last unit is made keeps its newest chunk', async () => {
  const plain = await withRun(7);
  const log = await storedPoints(plain.backend, 'a');
  const catalog = new RunCatalog({ backend: plain.backend, onDamage() {} });
  let nextSeq = 0;
  const setup = setUp({
    wrap: () =>
      before(plain.backend, 'runs,journal,meta', 1, async () => {
        ({ nextSeq } = await catalog.resume('a', { at: 2000 }));
      }),
  });
  // Everything fits into one unit.
  await compact(setup, 'a', { ...small, unitBytes: 10 ** 6 });
  expect(nextSeq).toBe(8);
  expect(await journalOf(plain, 'a')).toContain(7);
  expect(await storedPoints(plain.backend, 'a')).toEqual(log);
  await appendChunks(plain.backend, 'a', 8, 10);
  await compact(setup, 'a', { ...small, unitBytes: 10 ** 6 });
  expect(await journalOf(plain, 'a')).toEqual([9]);
});

test('whoever has lost the turn writes nothing more, and what it had begun is removed', async () => {
  for (const scope of ['packs,meta', 'units,summaries,meta', 'runs,journal,meta']) {
    const plain = await withRun(20);
    const log = await storedPoints(plain.backend, 'a');
    const others = new MemoryBackend(plain.database);
    const setup = setUp({
      wrap: () =>
        before(plain.backend, scope, 1, () => others.write(['meta'], (tx) => tx.put('meta', { name: 'maintenance', holder: 'another' }))),
    });
    await expect(compact(setup, 'a'), scope).rejects.toThrow('somebody else');
    expect((await getRun(plain.backend, 'a'))?.compactedTo, scope).toBeUndefined();
    expect(await storedPoints(plain.backend, 'a'), scope).toEqual(log);
    await compact(plain, 'a');
    expect(await storedPoints(plain.backend, 'a'), scope).toEqual(log);
  }
});

test('when the disk is full, what was made in vain is removed at once', async () => {
  const plain = await withRun(20);
  const setup = setUp({
    wrap: () =>
      before(plain.backend, 'units,summaries,meta', 1, async () => {
        throw new DOMException('no room', 'QuotaExceededError');
      }),
  });
  await expect(compact(setup, 'a')).rejects.toThrow('no room');
  expect(await counts(plain.database)).toEqual({ runs: 1, journal: 20, tags: 2, meta: 1 });
});

test('a run that disappears while a unit of it is made leaves nothing behind, and nothing to a run that gets its id', async () => {
  for (const isReused of [false, true]) {
    const plain = await withRun(20);
    const other = runRecord('a', 0, { startedAt: 5000, status: 'running' });
    const replace = async (): Promise<void> => {
      await plain.backend.write(storesOfRun, async (tx) => void (await deleteWithoutRoom(tx, 'a')));
      if (!isReused) return;
      await addRun(plain.backend, other);
      await appendChunks(plain.backend, 'a', 0, 2);
    };
    const setup = setUp({ wrap: () => before(plain.backend, 'units,summaries,meta', 1, replace) });
    await setup.context.locks.take('a');
    await compact(setup, 'a', { ...small, smallRun: 0 });
    expect(await counts(plain.database)).toEqual(isReused ? { runs: 1, journal: 2, tags: 2, meta: 1 } : { meta: 1 });
    expect(await getRun(plain.backend, 'a')).toEqual(isReused ? other : undefined);
  }
});

test('no transaction over the journal writes anything but the record of the run, and packs go a megabyte at a time', async () => {
  const plain = setUp();
  await addRun(plain.backend, runRecord('a', 0, { status: 'running' }));
  await appendChunks(plain.backend, 'a', 0, 150, 4000);
  await addRun(plain.backend, runRecord('a', 0));
  const journalWrites: string[] = [];
  const packBytes: number[] = [];
  const setup = setUp({
    wrap: (): StoreBackend => ({
      read: (stores, work) => plain.backend.read(stores, work),
      write: (stores, work, options) =>
        plain.backend.write(
          stores,
          (tx) => {
            let bytes = 0;
            const counted: typeof tx = Object.create(tx, {
              // Its methods use private fields, so they are called on the transaction itself.
              get: { value: tx.get.bind(tx) },
              keys: { value: tx.keys.bind(tx) },
              lastKey: { value: tx.lastKey.bind(tx) },
              tagsFrom: { value: tx.tagsFrom.bind(tx) },
              delete: { value: tx.delete.bind(tx) },
              put: {
                value: (store: 'packs', record: Parameters<typeof tx.put<'packs'>>[1]) => {
                  if (stores.includes('journal')) journalWrites.push(store);
                  if (store === 'packs') bytes += record.bytes.byteLength;
                  return tx.put(store, record);
                },
              },
            });
            return work(counted).finally(() => {
              if (bytes > 0) packBytes.push(bytes);
            });
          },
          options,
        ),
      suspend: () => {},
      close: () => {},
    }),
  });
  await compact(setup, 'a', {});
  // That the chunks are compacted, and that none is left.
  expect(journalWrites).toEqual(['runs', 'runs']);
  expect(packBytes.length).toBeGreaterThan(5);
  expect(Math.max(...packBytes)).toBeLessThanOrEqual(2 ** 20);
});
