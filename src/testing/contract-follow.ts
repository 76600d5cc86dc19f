import { Arrivals, type Check, collect, onePoint, startedAt, type TwoStoreCheck, untilStatus } from './contract-tools.ts';
import { expectCode, expectSame } from './expect.ts';

/** What a store promises to those who follow it. */
export const followTests: readonly Check[] = [
  {
    name: 'follow hands over past and live chunks exactly once, in order',
    check: async (store) => {
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
    check: async (store) => {
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
    check: async (store) => {
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
    check: async (store) => {
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

/** What two stores of one name promise together. */
export const twoStoreTests: readonly TwoStoreCheck[] = [
  {
    name: 'what one store appends, a follower of the other hears, past and live',
    check: async (store, other) => {
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
    check: async (store, other) => {
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
    name: 'a writer whose run the other store deletes for good is told so',
    check: async (store, other) => {
      await store.createRun({ id: 'a', startedAt });
      await store.append(onePoint('a', 0));
      await other.deleteRun('a');
      await other.maintain();
      await expectCode(store.append(onePoint('a', 1)), 'run-not-found', 'append');
      expectSame(await collect(other.chunks('a')), [], 'chunks left behind');
    },
  },
];
