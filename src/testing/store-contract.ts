import type { MetricStore, ScalarChunk } from '../store/metric-store.ts';
import { chunkOf, type ChunkPoint, pointsOf } from './chunks.ts';
import { expectCode, expectSame, expectTrue } from './expect.ts';

/** One promise of a store: resolves when it is kept, rejects with what was found. */
export interface ContractTest {
  readonly name: string;
  run(): Promise<void>;
}

/**
 * What every {@link MetricStore} promises, as tests for any test runner. `make` opens an empty store for each test; it is
 * closed at the end. `another`, if given, opens the same store once more, as another tab would.
 *
 * ```ts
 * for (const { name, run } of storeContract(() => openMyStore())) test(name, run);
 * ```
 */
export function storeContract(
  make: () => Promise<MetricStore>,
  another?: (store: MetricStore) => Promise<MetricStore>,
): readonly ContractTest[] {
  const alone = [...runTests, ...pointTests, ...followTests].map(({ name, check }) => ({
    name,
    async run(): Promise<void> {
      await using store = await make();
      await check(store);
    },
  }));
  if (another === undefined) return alone;
  const together = twoStoreTests.map(({ name, check }) => ({
    name,
    async run(): Promise<void> {
      await using store = await make();
      await using other = await another(store);
      await check(store, other);
    },
  }));
  return [...alone, ...together];
}

interface Check {
  readonly name: string;
  check(store: MetricStore): Promise<void>;
}

interface TwoStoreCheck {
  readonly name: string;
  check(store: MetricStore, other: MetricStore): Promise<void>;
}

const startedAt = 1_700_000_000;

const runTests: readonly Check[] = [
  {
    name: 'a new run has an id, a name unique in its project, and is running while its lock is held',
    async check(store) {
      const lock = await store.lockRun('first');
      const first = await store.createRun({ id: 'first', project: 'spiral', startedAt, config: { lr: 0.03, net: { layers: [8, 4] } } });
      expectSame(
        first,
        { id: 'first', project: 'spiral', name: 'spiral-1', status: 'running', startedAt, config: { lr: 0.03, net: { layers: [8, 4] } } },
        'created',
      );
      const second = await store.createRun({ project: 'spiral', startedAt: startedAt + 1 });
      expectTrue(second.id.length > 8 && second.id !== 'first', 'an id is chosen');
      expectSame(second.name, 'spiral-2', 'name of the second run');
      const named = await store.createRun({ project: 'spiral', name: 'Spiral-2', startedAt: startedAt + 2 });
      expectSame(named.name.toLowerCase() === 'spiral-2', false, 'a name that differs only in case is taken');
      const elsewhere = await store.createRun({ startedAt: startedAt + 3 });
      expectSame([elsewhere.project, elsewhere.name], ['default', 'default-1'], 'project and name by default');
      expectSame(await store.run('first'), first, 'read again');
      lock.release();
    },
  },
  {
    name: 'runs made at the same time get different names',
    async check(store) {
      const runs = await Promise.all(Array.from({ length: 8 }, () => store.createRun({ project: 'p', startedAt })));
      expectSame(runs.map((run) => run.name).toSorted(), ['p-1', 'p-2', 'p-3', 'p-4', 'p-5', 'p-6', 'p-7', 'p-8'], 'names');
    },
  },
  {
    name: 'an id that is taken is refused, and the run that has it stays as it was',
    async check(store) {
      await store.createRun({ id: 'a', name: 'mine', startedAt, config: { lr: 1 } });
      await expectCode(store.createRun({ id: 'a', startedAt }), 'run-exists', 'createRun');
      const kept = await store.run('a');
      expectSame([kept?.name, kept?.config], ['mine', { lr: 1 }], 'the first run');
    },
  },
  {
    name: 'runs are listed oldest first, all or those of one project',
    async check(store) {
      await store.createRun({ id: 'late', project: 'a', startedAt: startedAt + 9 });
      await store.createRun({ id: 'early', project: 'b', startedAt });
      await store.createRun({ id: 'same moment', project: 'a', startedAt: startedAt + 9 });
      expectSame(await ids(store.runs()), ['early', 'late', 'same moment'], 'all');
      expectSame(await ids(store.runs({ project: 'a' })), ['late', 'same moment'], 'project a');
      expectSame(await ids(store.runs({ project: 'none' })), [], 'a project without runs');
      expectSame(await store.run('nobody'), undefined, 'a run that is not there');
    },
  },
  {
    name: 'a change merges config and facts, and ends the run',
    async check(store) {
      await store.createRun({ id: 'a', startedAt, config: { lr: 1, seed: 7 }, facts: { 'backend.name': 'wasm' } });
      await store.updateRun('a', { config: { lr: 2 }, facts: { count: 3 } });
      const ended = await store.updateRun('a', { status: 'failed', endedAt: startedAt + 5, failure: 'loss is NaN' });
      const expected = {
        id: 'a',
        project: 'default',
        name: 'default-1',
        status: 'failed',
        startedAt,
        endedAt: startedAt + 5,
        failure: 'loss is NaN',
        config: { lr: 2, seed: 7 },
        facts: { 'backend.name': 'wasm', count: 3 },
      };
      expectSame(ended, expected, 'what the change gives back');
      expectSame(await store.run('a'), expected, 'read again');
      await expectCode(store.updateRun('nobody', { status: 'finished' }), 'run-not-found', 'updateRun');
    },
  },
  {
    name: 'a run whose record says running but whose lock is free is interrupted, until somebody takes the lock',
    async check(store) {
      const lock = await store.lockRun('a');
      await store.createRun({ id: 'a', startedAt });
      expectSame((await store.run('a'))?.status, 'running', 'while the lock is held');
      lock.release();
      await untilStatus(store, 'a', 'interrupted');
      const again = await store.lockRun('a');
      expectSame((await store.runs())[0]?.status, 'running', 'taken up again');
      await store.updateRun('a', { status: 'stopped' });
      again.release();
      expectSame((await store.run('a'))?.status, 'stopped', 'a run that has ended');
    },
  },
  {
    name: 'a run has one writer at a time',
    async check(store) {
      const lock = await store.lockRun('a');
      await expectCode(store.lockRun('a'), 'run-locked', 'second lockRun');
      const other = await store.lockRun('b');
      lock.release();
      lock.release();
      (await store.lockRun('a')).release();
      other.release();
    },
  },
  {
    name: 'watchRuns calls back after runs were made, changed and deleted, and no more after its undo',
    async check(store) {
      const calls = new Arrivals<string>();
      const undo = store.watchRuns(() => calls.add('changed'));
      await store.createRun({ id: 'a', startedAt });
      await calls.atLeast(1);
      await store.updateRun('a', { config: { lr: 1 } });
      await calls.atLeast(2);
      undo();
      undo();
      const before = calls.all.length;
      const sentinel = new Arrivals<string>();
      const undoSentinel = store.watchRuns(() => sentinel.add('changed'));
      await store.deleteRun('a');
      await sentinel.atLeast(1);
      undoSentinel();
      expectSame(calls.all.length, before, 'calls after the undo');
    },
  },
];

const pointTests: readonly Check[] = [
  {
    name: 'what was appended is read back: every number, every tag, in order',
    async check(store) {
      await store.createRun({ id: 'a', startedAt });
      const odd: readonly ChunkPoint[] = [
        { tag: 'train/loss/step', value: NaN, step: 0, wallTime: 1_700_000_000.123 },
        { tag: 'väl/精度', value: -Infinity, step: -5, epoch: 3, wallTime: 1_700_000_000.1234567 },
        { tag: 'train/loss/step', value: Infinity, step: 9_007_199_254_740_991, epoch: 70_000 },
        { tag: 'train/loss/step', value: -0, step: 2.5, epoch: 0.25 },
        { tag: 'train/loss/step', value: 5e-324, step: 3 },
      ];
      const chunks = [chunkOf('a', 0, odd), chunkOf('a', 1, [{ tag: 'lr', value: 0.1, step: 4 }])];
      for (const chunk of chunks) await store.append(chunk);
      const read = await collect(store.chunks('a'));
      expectSame(
        read.map((chunk) => [chunk.runId, chunk.seq, chunk.tags, pointsOf(chunk)]),
        chunks.map((chunk) => [chunk.runId, chunk.seq, chunk.tags, pointsOf(chunk)]),
        'chunks',
      );
      expectSame(await collect(store.chunks('a', 1)).then(seqs), [1], 'from chunk 1');
      expectSame(await collect(store.chunks('nobody')), [], 'a run that is not there');
      expectSame(
        await store.tags('a'),
        [
          { tag: 'train/loss/step', count: 4 },
          { tag: 'väl/精度', count: 1 },
          { tag: 'lr', count: 1 },
        ],
        'tags',
      );
      expectSame(await store.tags('nobody'), [], 'tags of a run that is not there');
    },
  },
  {
    name: 'the arrays of a chunk may be used again as soon as append has been called',
    async check(store) {
      await store.createRun({ id: 'a', startedAt });
      const chunk = chunkOf('a', 0, [{ tag: 'x', value: 1, step: 1 }]);
      const done = store.append(chunk);
      chunk.value[0] = 99;
      await done;
      const [read] = await collect(store.chunks('a'));
      expectSame(read?.value, [1], 'value');
      if (read !== undefined) read.value[0] = 42;
      expectSame((await collect(store.chunks('a')))[0]?.value, [1], 'value read after a reader changed its copy');
    },
  },
  {
    name: 'chunks() ends with what was committed when it was called',
    async check(store) {
      await store.createRun({ id: 'a', startedAt });
      for (let seq = 0; seq < 3; seq++) await store.append(onePoint('a', seq));
      const before = store.chunks('a');
      const iterator = before[Symbol.asyncIterator]();
      await iterator.next();
      await store.append(onePoint('a', 3));
      const rest: number[] = [];
      for (let result = await iterator.next(); result.done !== true; result = await iterator.next()) rest.push(result.value.seq);
      expectSame(rest, [1, 2], 'the rest');
      expectSame(await collect(store.chunks('a')).then(seqs), [0, 1, 2, 3], 'called again');
    },
  },
  {
    name: 'chunks appended without waiting are stored in order',
    async check(store) {
      await store.createRun({ id: 'a', startedAt });
      await Promise.all(Array.from({ length: 20 }, (_, seq) => store.append(onePoint('a', seq, `tag ${seq % 7}`))));
      expectSame(
        await collect(store.chunks('a')).then(seqs),
        Array.from({ length: 20 }, (_, seq) => seq),
        'seqs',
      );
      expectSame(
        (await store.tags('a')).map(({ tag }) => tag),
        ['tag 0', 'tag 1', 'tag 2', 'tag 3', 'tag 4', 'tag 5', 'tag 6'],
        'tags',
      );
    },
  },
  {
    name: 'a chunk that does not continue the run is refused, and the stored ones stay',
    async check(store) {
      await store.createRun({ id: 'a', startedAt });
      await store.append(onePoint('a', 0));
      await expectCode(store.append(onePoint('a', 2)), 'bad-data', 'a gap');
      await expectCode(
        store.append(chunkOf('a', 0, [{ tag: 'x', value: 7, step: 7 }])),
        'bad-data',
        'other points under a number that is taken',
      );
      await store.append(onePoint('a', 0));
      await expectCode(store.append({ ...onePoint('a', 1), step: new Float64Array(2) }), 'bad-data', 'unequal columns');
      await expectCode(store.append({ ...onePoint('a', 1), tags: [] }), 'bad-data', 'a point without a tag');
      await store.append(onePoint('a', 1));
      expectSame(await collect(store.chunks('a')).then(seqs), [0, 1], 'seqs');
      expectSame((await store.tags('a'))[0]?.count, 2, 'points');
    },
  },
  {
    name: 'append refuses a run that does not exist or was deleted',
    async check(store) {
      await expectCode(store.append(onePoint('nobody', 0)), 'run-not-found', 'a run that never was');
      await store.createRun({ id: 'a', startedAt });
      await store.append(onePoint('a', 0));
      await store.deleteRun('a');
      await expectCode(store.append(onePoint('a', 1)), 'run-not-found', 'a run that was deleted');
      expectSame(await collect(store.chunks('a')), [], 'chunks left behind');
    },
  },
  {
    name: 'deleting a run removes it and its points, and nothing else',
    async check(store) {
      for (const id of ['a', 'b', 'a ']) {
        await store.createRun({ id, startedAt });
        await store.append(onePoint(id, 0));
      }
      await store.deleteRun('a');
      await store.deleteRun('a');
      expectSame(await ids(store.runs()), ['b', 'a '], 'runs');
      expectSame([(await collect(store.chunks('a'))).length, (await store.tags('a')).length], [0, 0], 'what is left of it');
      expectSame([(await collect(store.chunks('b'))).length, (await store.tags('a ')).length], [1, 1], 'the others');
      await store.createRun({ id: 'a', startedAt });
      await store.append(onePoint('a', 0, 'anew'));
      expectSame(await store.tags('a'), [{ tag: 'anew', count: 1 }], 'made again under the same id');
    },
  },
  {
    name: 'series gives the points of one tag, within bounds on any axis',
    async check(store) {
      await store.createRun({ id: 'a', startedAt });
      expectSame(
        await store.series('a', 'x'),
        { kind: 'points', runId: 'a', tag: 'x', throughSeq: -1, step: [], epoch: [], wallTime: [], value: [] },
        'an empty run',
      );
      await store.append(
        chunkOf(
          'a',
          0,
          [1, 2, 3].map((step) => ({ tag: 'x', value: step * 10, step })),
        ),
      );
      await store.append(
        chunkOf(
          'a',
          1,
          [4, 5].flatMap((step) => [
            { tag: 'y', value: -step, step },
            { tag: 'x', value: step * 10, step },
          ]),
        ),
      );
      const values = async (query: object): Promise<unknown> =>
        ((await store.series('a', 'x', query)) as { readonly value?: Float64Array }).value;
      expectSame(await values({}), [10, 20, 30, 40, 50], 'all');
      expectSame(await values({ from: 2, to: 4 }), [20, 30, 40], 'steps 2 to 4');
      expectSame(await values({ axis: 'relative', from: 4 }), [40, 50], 'from 4 seconds after the start');
      expectSame(await values({ axis: 'wall', to: startedAt + 2 }), [10, 20], 'up to a wall time');
      expectSame((await store.series('a', 'y')).throughSeq, 1, 'throughSeq');
      expectSame((await store.series('a', 'none')).step, [], 'a tag that is not there');
      await expectCode(store.series('a', 'x', { maxPoints: 0 }), 'bad-options', 'maxPoints 0');
    },
  },
  {
    name: 'series merges to buckets above maxPoints, and counts NaN without losing the rest',
    async check(store) {
      await store.createRun({ id: 'a', startedAt });
      await store.append(
        chunkOf(
          'a',
          0,
          [4, NaN, 2, 8, 1, 1].map((value, step) => ({ tag: 'x', value, step })),
        ),
      );
      expectSame((await store.series('a', 'x', { maxPoints: 6 })).kind, 'points', 'as many as allowed');
      expectSame(
        await store.series('a', 'x', { maxPoints: 2 }),
        {
          kind: 'buckets',
          runId: 'a',
          tag: 'x',
          throughSeq: 0,
          step: [0, 3],
          epoch: [0, 0],
          wallTime: [startedAt, startedAt + 3],
          count: [3, 3],
          nanCount: [1, 0],
          sum: [6, 10],
          min: [2, 1],
          minStep: [2, 4],
          minWallTime: [startedAt + 2, startedAt + 4],
          max: [4, 8],
          maxStep: [0, 3],
          maxWallTime: [startedAt, startedAt + 3],
          first: [4, 8],
          last: [2, 1],
          lastStep: [2, 5],
          lastWallTime: [startedAt + 2, startedAt + 5],
        },
        'two buckets',
      );
    },
  },
  {
    name: 'after close every call says that the store is closed, and closing again does nothing',
    async check(store) {
      await store.close();
      await store.close();
      await expectCode(store.runs(), 'store-closed', 'runs');
      await expectCode(store.append(onePoint('a', 0)), 'store-closed', 'append');
      await expectCode(collect(store.chunks('a')), 'store-closed', 'chunks');
      await expectCode(
        Promise.resolve().then(() => store.follow('a', () => {})),
        'store-closed',
        'follow',
      );
      await expectCode(store.lockRun('a'), 'store-closed', 'lockRun');
    },
  },
];

const followTests: readonly Check[] = [
  {
    name: 'follow hands over past and live chunks exactly once, in order',
    async check(store) {
      await store.createRun({ id: 'a', startedAt });
      for (let seq = 0; seq < 3; seq++) await store.append(onePoint('a', seq));
      const all = new Arrivals<number>();
      const later = new Arrivals<number>();
      const undos = [store.follow('a', (chunk) => all.add(chunk.seq)), store.follow('a', (chunk) => later.add(chunk.seq), 5)];
      for (let seq = 3; seq < 9; seq++) await store.append(onePoint('a', seq));
      await all.atLeast(9);
      await later.atLeast(4);
      for (const undo of undos) undo();
      expectSame(all.all, [0, 1, 2, 3, 4, 5, 6, 7, 8], 'from the beginning');
      expectSame(later.all, [5, 6, 7, 8], 'from chunk 5');
    },
  },
  {
    name: 'a follower hears nothing after its undo, not even in the middle of what is stored',
    async check(store) {
      await store.createRun({ id: 'a', startedAt });
      for (let seq = 0; seq < 3; seq++) await store.append(onePoint('a', seq));
      const heard = new Arrivals<number>();
      const undo: () => void = store.follow('a', (chunk) => {
        heard.add(chunk.seq);
        if (chunk.seq === 1) undo();
      });
      await heard.atLeast(2);
      const sentinel = new Arrivals<number>();
      const undoSentinel = store.follow('a', (chunk) => sentinel.add(chunk.seq));
      await store.append(onePoint('a', 3));
      await sentinel.atLeast(4);
      undoSentinel();
      expectSame(heard.all, [0, 1], 'heard');
    },
  },
  {
    name: 'a listener that throws keeps nobody else from hearing, itself included',
    async check(store) {
      await store.createRun({ id: 'a', startedAt });
      const bad = new Arrivals<number>();
      const good = new Arrivals<number>();
      const undos = [
        store.follow('a', (chunk) => {
          bad.add(chunk.seq);
          throw new Error('thrown by a listener of the contract suite');
        }),
        store.follow('a', (chunk) => good.add(chunk.seq)),
      ];
      await store.append(onePoint('a', 0));
      await store.append(onePoint('a', 1));
      await Promise.all([bad.atLeast(2), good.atLeast(2)]);
      for (const undo of undos) undo();
      expectSame(
        [bad.all, good.all],
        [
          [0, 1],
          [0, 1],
        ],
        'heard',
      );
    },
  },
  {
    name: 'a follower may be there before its run, and survives its deletion',
    async check(store) {
      const heard = new Arrivals<number>();
      const undo = store.follow('a', (chunk) => heard.add(chunk.seq));
      await store.createRun({ id: 'a', startedAt });
      await store.append(onePoint('a', 0));
      await heard.atLeast(1);
      await store.deleteRun('a');
      expectSame(await store.run('a'), undefined, 'deleted');
      undo();
      expectSame(heard.all, [0], 'heard');
    },
  },
];

const twoStoreTests: readonly TwoStoreCheck[] = [
  {
    name: 'what one store appends, a follower of the other hears, past and live',
    async check(store, other) {
      await store.createRun({ id: 'a', startedAt });
      await store.append(onePoint('a', 0));
      const heard = new Arrivals<number>();
      const undo = other.follow('a', (chunk) => heard.add(chunk.seq));
      for (let seq = 1; seq < 6; seq++) await store.append(onePoint('a', seq));
      await heard.atLeast(6);
      undo();
      expectSame(heard.all, [0, 1, 2, 3, 4, 5], 'heard');
    },
  },
  {
    name: 'runs made by one store are announced to the other, and their writer is known there',
    async check(store, other) {
      const heard = new Arrivals<string>();
      const undo = other.watchRuns(() => heard.add('changed'));
      const lock = await store.lockRun('a');
      await store.createRun({ id: 'a', startedAt });
      await heard.atLeast(1);
      await untilStatus(other, 'a', 'running');
      await expectCode(other.lockRun('a'), 'run-locked', 'lockRun of the other');
      lock.release();
      await untilStatus(other, 'a', 'interrupted');
      undo();
    },
  },
  {
    name: 'a writer whose run the other store deletes is told so',
    async check(store, other) {
      await store.createRun({ id: 'a', startedAt });
      await store.append(onePoint('a', 0));
      await other.deleteRun('a');
      await expectCode(store.append(onePoint('a', 1)), 'run-not-found', 'append');
      expectSame(await collect(other.chunks('a')), [], 'chunks left behind');
    },
  },
];

/** What a listener was called with, and a way to wait for it. */
class Arrivals<Item> {
  readonly all: Item[] = [];
  #waiting: (() => void)[] = [];

  add(item: Item): void {
    this.all.push(item);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  async atLeast(count: number): Promise<void> {
    while (this.all.length < count) await new Promise<void>((wake) => this.#waiting.push(wake));
  }
}

function onePoint(runId: string, seq: number, tag = 'x'): ScalarChunk {
  return chunkOf(runId, seq, [{ tag, value: seq, step: seq }]);
}

async function collect(chunks: AsyncIterable<ScalarChunk>): Promise<readonly ScalarChunk[]> {
  const all: ScalarChunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

function seqs(chunks: readonly ScalarChunk[]): readonly number[] {
  return chunks.map((chunk) => chunk.seq);
}

async function ids(runs: Promise<readonly { readonly id: string }[]>): Promise<readonly string[]> {
  return (await runs).map((run) => run.id);
}

// A lock is let go in another process; the store says so through watchRuns.
async function untilStatus(store: MetricStore, runId: string, status: string): Promise<void> {
  const changes = new Arrivals<string>();
  const undo = store.watchRuns(() => changes.add('changed'));
  try {
    for (let seen = 1; (await store.run(runId))?.status !== status; seen++) await changes.atLeast(seen);
  } finally {
    undo();
  }
}
