import { Arrivals, type Check, ids, startedAt, untilStatus } from './contract-tools.ts';
import { expectCode, expectSame, expectTrue } from './expect.ts';

/** What a store promises about runs. */
export const runTests: readonly Check[] = [
  {
    name: 'a new run has an id, a name unique in its project, and is running while its lock is held',
    check: async (store) => {
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
    check: async (store) => {
      const runs = await Promise.all(Array.from({ length: 8 }, () => store.createRun({ project: 'p', startedAt })));
      expectSame(runs.map((run) => run.name).toSorted(), ['p-1', 'p-2', 'p-3', 'p-4', 'p-5', 'p-6', 'p-7', 'p-8'], 'names');
    },
  },
  {
    name: 'an id that is taken is refused, and the run that has it stays as it was',
    check: async (store) => {
      await store.createRun({ id: 'a', name: 'mine', startedAt, config: { lr: 1 } });
      await expectCode(store.createRun({ id: 'a', startedAt }), 'run-exists', 'createRun');
      const kept = await store.run('a');
      expectSame([kept?.name, kept?.config], ['mine', { lr: 1 }], 'the first run');
    },
  },
  {
    name: 'runs are listed oldest first, all or those of one project',
    check: async (store) => {
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
    check: async (store) => {
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
    check: async (store) => {
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
    check: async (store) => {
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
    check: async (store) => {
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
