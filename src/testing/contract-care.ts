import type { MetricStore } from '../store/metric-store.ts';
import { chunkOf, pointsOf } from './chunks.ts';
import { Arrivals, type Check, collect, ids, onePoint, startedAt } from './contract-tools.ts';
import { expectCode, expectSame, expectTrue } from './expect.ts';

/** What a store promises about runs that are looked after: deleted and restored, labelled, continued. */
export const careTests: readonly Check[] = [
  {
    name: 'a deleted run is out of sight at once and comes back whole when it is restored in time',
    check: async (store) => {
      for (const id of ['a', 'b']) {
        await store.createRun({ id, project: 'p', startedAt });
        await store.append(onePoint(id, 0));
      }
      await store.deleteRun('a');
      expectSame(await ids(store.runs()), ['b'], 'runs');
      expectSame(await store.run('a'), undefined, 'the run');
      expectSame(await store.tags('a'), [], 'its tags');
      expectSame((await store.series('a', 'x')).step, [], 'its points');
      await store.append(onePoint('a', 1));
      const named = await store.createRun({ project: 'p', startedAt });
      expectSame(named.name, 'p-3', 'the name of a new run while p-1 can still be restored');
      const back = await store.restoreRun('a');
      expectSame([back.id, back.name], ['a', 'p-1'], 'restored');
      expectSame((await store.series('a', 'x')).step, [0, 1], 'its points, also those its writer went on logging');
      await expectCode(store.restoreRun('nobody'), 'run-not-found', 'restoring a run that never was');
      await store.deleteRun('a');
      await store.maintain();
      await expectCode(store.restoreRun('a'), 'run-not-found', 'restoring too late');
    },
  },
  {
    name: 'runs are renamed, labelled, annotated, starred and put into the archive',
    check: async (store) => {
      await store.createRun({ id: 'a', project: 'p', startedAt, tags: ['first'], notes: 'a try' });
      await store.createRun({ id: 'b', project: 'p', startedAt: startedAt + 1, parent: 'a', source: 'runs.zip' });
      const changed = await store.updateRun('a', { name: 'p/2: best', tags: ['good', 'small'], notes: 'keep', isStarred: true });
      expectSame(
        [changed.name, changed.tags, changed.notes, changed.isStarred],
        ['p-2- best', ['good', 'small'], 'keep', true],
        'changed, with a name that is safe as a folder name',
      );
      expectSame((await store.updateRun('a', { name: 'P-2' })).name, 'P-2-2', 'a name that is taken');
      expectSame((await store.updateRun('a', { name: 'p-2-2' })).name, 'p-2-2', 'its own name in other letters');
      await store.updateRun('b', { isArchived: true });
      expectSame(await ids(store.runs()), ['a'], 'without the archive');
      expectSame(await ids(store.runs({ archived: true })), ['b'], 'the archive');
      expectSame(await ids(store.runs({ archived: 'all', project: 'p' })), ['a', 'b'], 'both');
      expectSame(await ids(store.runs({ archived: 'all', parent: 'a' })), ['b'], 'children');
      const child = await store.run('b');
      expectSame([child?.parent, child?.source, child?.isArchived], ['a', 'runs.zip', true], 'an archived run by its id');
      expectSame((await store.updateRun('b', { isArchived: false })).isArchived, false, 'taken out again');
      expectSame(await ids(store.runs()), ['a', 'b'], 'listed again');
    },
  },
  {
    name: 'a continued run hides what it supersedes from every reader, and can bring it back',
    check: async (store) => {
      await store.createRun({ id: 'a', startedAt });
      await store.append(
        chunkOf('a', 0, [
          { tag: 'x', value: 1, step: 1 },
          { tag: 'x', value: 2, step: 2 },
          { tag: 'old', value: 9, step: 3 },
          { tag: 'x', value: 3, step: 3 },
        ]),
      );
      await store.updateRun('a', { status: 'failed', endedAt: startedAt + 1, failure: 'out of memory' });
      const lock = await store.lockRun('a');
      const { info, nextSeq } = await store.resumeRun('a', { fromStep: 2, at: startedAt + 10 });
      expectSame(
        [info.status, info.endedAt, info.failure, nextSeq, info.resumes],
        ['running', undefined, undefined, 2, [{ generation: 1, fromSeq: 1, at: startedAt + 10, fromStep: 2 }]],
        'continued',
      );
      await store.append(
        chunkOf('a', 2, [
          { tag: 'x', value: 20, step: 2 },
          { tag: 'x', value: 30, step: 3 },
        ]),
      );
      expectSame(await valuesOf(store), [1, 20, 30], 'series');
      expectSame(
        (await collect(store.chunks('a'))).flatMap((chunk) => pointsOf(chunk).map((point) => [point.tag, point.value])),
        [
          ['x', 1],
          ['x', 20],
          ['x', 30],
        ],
        'chunks',
      );
      expectSame(
        (await collect(store.chunks('a', 0, true))).flatMap((chunk) => pointsOf(chunk).map((point) => [chunk.seq, point.tag, point.value])),
        [
          [0, 'x', 1],
          [0, 'x', 2],
          [0, 'old', 9],
          [0, 'x', 3],
          [2, 'x', 20],
          [2, 'x', 30],
        ],
        'chunks with what is superseded',
      );
      const heard = new Arrivals<number>();
      const undo = store.follow('a', (chunk) => {
        for (const value of chunk.value) heard.add(value);
      });
      await heard.atLeast(3);
      undo();
      expectSame(heard.all, [1, 20, 30], 'follow');
      expectSame(await store.tags('a'), [{ tag: 'x', count: 3 }], 'tags');
      expectSame(
        (await store.summary('a')).map(({ tag, min, max, last }) => [tag, min, max, last.value, last.step]),
        [['x', 1, 30, 30, 3]],
        'summary',
      );
      const back = await store.bringBack('a');
      expectTrue(back.resumes?.[0]?.isBroughtBack === true, 'the record says so');
      expectSame(await valuesOf(store), [1, 2, 3, 20, 30], 'brought back, in log order');
      expectSame(
        (await store.lastValues('a')).map(({ tag, value }) => [tag, value]),
        [
          ['x', 30],
          ['old', 9],
        ],
        'last values',
      );
      lock.release();
    },
  },
  {
    name: 'continuing a run without a step supersedes nothing, and what makes no sense is refused',
    check: async (store) => {
      await store.createRun({ id: 'a', startedAt });
      await store.append(onePoint('a', 0));
      expectSame((await store.resumeRun('a', { at: startedAt + 1 })).nextSeq, 2, 'next chunk');
      await expectCode(store.append(onePoint('a', 1)), 'run-locked', 'the writer before');
      await store.append(onePoint('a', 2));
      expectSame((await store.series('a', 'x')).step, [0, 2], 'series');
      await expectCode(store.resumeRun('a', { at: startedAt, fromStep: NaN }), 'bad-options', 'fromStep NaN');
      await expectCode(store.resumeRun('nobody', { at: startedAt }), 'run-not-found', 'a run that is not there');
      await expectCode(store.bringBack('a'), 'bad-options', 'nothing to bring back');
      await expectCode(store.bringBack('nobody'), 'run-not-found', 'bringing back for a run that is not there');
      await store.resumeRun('a', { at: startedAt + 2, fromStep: 1 });
      await store.resumeRun('a', { at: startedAt + 3, fromStep: 0 });
      expectSame((await store.series('a', 'x')).step, [], 'all superseded');
      await expectCode(store.bringBack('a', 1), 'bad-options', 'a generation that superseded nothing');
      await store.bringBack('a', 3);
      expectSame((await store.series('a', 'x')).step, [0], 'the latest brought back');
      await store.bringBack('a', 2);
      expectSame((await store.series('a', 'x')).step, [0, 2], 'the one before, too');
    },
  },
  {
    name: 'one metric drawn over another: x is its value at the same step',
    check: async (store) => {
      await store.createRun({ id: 'a', startedAt });
      await store.append(
        chunkOf('a', 0, [
          { tag: 'tokens', value: 100, step: 1 },
          { tag: 'loss', value: 5, step: 1 },
          { tag: 'loss', value: 4, step: 2 },
          { tag: 'tokens', value: 300, step: 3 },
          { tag: 'tokens', value: 310, step: 3 },
          { tag: 'loss', value: 3, step: 3 },
        ]),
      );
      const joined = (await store.series('a', 'loss', { x: 'tokens' })) as { readonly x?: Float64Array; readonly value?: Float64Array };
      expectSame([joined.x, joined.value], [new Float64Array([100, 310]), new Float64Array([5, 3])], 'joined');
      const part = (await store.series('a', 'loss', { x: 'tokens', from: 200 })) as { readonly value?: Float64Array };
      expectSame(part.value, [3], 'within bounds of x');
      expectSame((await store.series('a', 'loss', { x: 'none' })).step, [], 'another metric that is not there');
    },
  },
];

async function valuesOf(store: MetricStore): Promise<Float64Array | undefined> {
  const series = await store.series('a', 'x');
  return series.kind === 'points' ? series.value : undefined;
}
