import { chunkOf, type ChunkPoint, pointsOf } from './chunks.ts';
import { type Check, collect, ids, onePoint, seqs, startedAt } from './contract-tools.ts';
import { expectCode, expectSame } from './expect.ts';

/** What a store promises about points. */
export const pointTests: readonly Check[] = [
  {
    name: 'what was appended is read back: every number, every tag, in order',
    check: async (store) => {
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
    check: async (store) => {
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
    check: async (store) => {
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
    check: async (store) => {
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
    check: async (store) => {
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
    check: async (store) => {
      await expectCode(store.append(onePoint('nobody', 0)), 'run-not-found', 'a run that never was');
      await store.createRun({ id: 'a', startedAt });
      await store.append(onePoint('a', 0));
      await store.deleteRun('a');
      await store.maintain();
      await expectCode(store.append(onePoint('a', 1)), 'run-not-found', 'a run that was deleted for good');
      expectSame(await collect(store.chunks('a')), [], 'chunks left behind');
    },
  },
  {
    name: 'deleting a run removes it and its points, and nothing else',
    check: async (store) => {
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
    check: async (store) => {
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
    check: async (store) => {
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
    check: async (store) => {
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
