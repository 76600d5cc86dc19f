import type { NewRecord } from '../core/records.ts';
import type { MetricStore, StoredRecord } from '../store/metric-store.ts';
import { Arrivals, type Check, startedAt, type TwoStoreCheck } from './contract-tools.ts';
import { expectCode, expectSame, expectTrue } from './expect.ts';

/** More bytes than a store keeps in a record itself. */
const large = 100_000;

/** What a store promises about things beside numbers. */
export const recordTests: readonly Check[] = [
  {
    name: 'a record of any kind comes back as it was given, its columns of numbers in their types, its content byte for byte',
    check: async (store) => {
      await store.createRun({ id: 'a', startedAt });
      const given: readonly NewRecord[] = [
        recordOf('text', 'notes', 1, { data: { text: '<b>loss</b> über 9000', list: [1, null, { deep: true }] } }),
        recordOf('histogram', 'w', 1, { data: { edges: Float64Array.of(-0.5, 0.1, 2 ** 40), counts: Uint32Array.of(3, 4_000_000_000) } }),
        recordOf('image', 'digits', 2, { data: { width: 2, height: 2 }, content: contentOf(300, 1, 'image/png') }),
        recordOf('checkpoint', 'best', 3, { epoch: 2, content: contentOf(large, 2, 'application/octet-stream') }),
        recordOf('file', 'empty.txt', 3, { content: new Blob([]) }),
        recordOf('event', 'épopée 1/ü', 4),
      ];
      await store.addRecords('a', given.slice(0, 2));
      await store.addRecords('a', given.slice(2));
      const stored = await store.records('a');
      expectSame(stored.map(plain), given.map(plain), 'the records');
      expectSame(
        stored.map(({ runId, index }) => [runId, index]),
        given.map((_, index) => ['a', index]),
        'their runs and numbers',
      );
      for (const [index, record] of stored.entries()) {
        const [found, expected] = [await store.content(record), given[index]?.content];
        expectSame([found?.type, await bytesOf(found)], [expected?.type, await bytesOf(expected)], `the content of ${record.tag}`);
      }
    },
  },
  {
    name: 'records are asked for by kind, by tag, from a number on, and so many',
    check: async (store) => {
      await store.createRun({ id: 'a', startedAt });
      await store.createRun({ id: 'b', startedAt });
      await store.addRecords('b', [recordOf('text', 'x', 9)]);
      for (let step = 0; step < 4; step++) await store.addRecords('a', [recordOf('text', 'x', step), recordOf('image', 'x', step)]);
      await store.addRecords('a', [recordOf('text', 'y', 4), recordOf('text', 'x', 4)]);
      const found = async (query?: Parameters<MetricStore['records']>[1]): Promise<readonly number[]> =>
        (await store.records('a', query)).map(({ index }) => index);
      expectSame(await found(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'all');
      expectSame(await found({ kind: 'text' }), [0, 2, 4, 6, 8, 9], 'of a kind');
      expectSame(await found({ kind: 'text', tag: 'x' }), [0, 2, 4, 6, 9], 'of a tag');
      expectSame(await found({ kind: 'text', tag: 'x', fromIndex: 3, limit: 2 }), [4, 6], 'two of a tag');
      expectSame(await found({ fromIndex: 7 }), [7, 8, 9], 'the last');
      expectSame(await found({ kind: 'text', fromIndex: 1, limit: 3 }), [2, 4, 6], 'three of a kind');
      expectSame(await found({ kind: 'audio' }), [], 'of a kind that is not there');
      expectSame(await store.records('nobody'), [], 'of a run that is not there');
    },
  },
  {
    name: 'records that cannot be stored are refused by name, and none of their call is kept',
    check: async (store) => {
      await store.createRun({ id: 'a', startedAt });
      await expectCode(store.addRecords('nobody', [recordOf('text', 'x', 0)]), 'run-not-found', 'a run that is not there');
      const good = recordOf('text', 'x', 0);
      await expectCode(store.addRecords('a', [good, { ...good, tag: '' }]), 'bad-tag', 'no tag');
      await expectCode(store.addRecords('a', [good, { ...good, step: Number.NaN }]), 'bad-data', 'no step');
      // Wrong on purpose: what a program without types might pass.
      await expectCode(store.addRecords('a', [good, { ...good, kind: 'hologram' as 'text' }]), 'bad-data', 'an unknown kind');
      await expectCode(store.records('a', { tag: 'x' }), 'bad-options', 'a tag without a kind');
      await store.addRecords('a', []);
      expectSame(await store.records('a'), [], 'records');
    },
  },
  {
    name: 'a continued run supersedes records as it does points, and can bring them back',
    check: async (store) => {
      await store.createRun({ id: 'a', startedAt });
      const steps = async (): Promise<readonly number[]> => (await store.records('a')).map(({ step }) => step);
      await store.addRecords('a', [recordOf('image', 'x', 1), recordOf('image', 'x', 5), recordOf('image', 'x', 9)]);
      await store.resumeRun('a', { fromStep: 5, at: startedAt + 10 });
      expectSame(await steps(), [1], 'what is left');
      await store.addRecords('a', [recordOf('image', 'x', 6)]);
      expectSame(await steps(), [1, 6], 'with what came after');
      expectSame((await store.records('a', { limit: 2 })).length, 2, 'superseded ones do not count towards a limit');
      const all = await store.records('a', { withSuperseded: true, fromIndex: 1, limit: 3 });
      expectSame(
        all.map(({ step, generation }) => [step, generation]),
        [
          [5, 0],
          [9, 0],
          [6, 1],
        ],
        'with superseded ones',
      );
      await store.bringBack('a');
      expectSame(await steps(), [1, 5, 9, 6], 'brought back');
    },
  },
  {
    name: 'followRecords hands over past and live records exactly once, in order, also to one who begins later or before the run',
    check: async (store) => {
      const early = new Arrivals<number>();
      const undoEarly = store.followRecords('a', ({ step }) => early.add(step));
      await store.createRun({ id: 'a', startedAt });
      // More than a store reads at once.
      await store.addRecords(
        'a',
        Array.from({ length: 200 }, (_, step) => recordOf(step % 2 === 0 ? 'text' : 'event', `x${step % 3}`, step)),
      );
      const all = new Arrivals<number>();
      const later = new Arrivals<number>();
      const undos = [store.followRecords('a', ({ step }) => all.add(step)), store.followRecords('a', ({ index }) => later.add(index), 202)];
      for (let step = 200; step < 204; step++) await store.addRecords('a', [recordOf('text', 'x', step)]);
      await Promise.all([all.atLeast(204), later.atLeast(2), early.atLeast(204)]);
      undoEarly();
      for (const undo of undos) undo();
      const expected = Array.from({ length: 204 }, (_, step) => step);
      expectSame([all.all, early.all, later.all], [expected, expected, [202, 203]], 'heard');
    },
  },
  {
    name: 'a follower of records hears nothing after its undo, nothing superseded, and is kept from hearing by nobody who throws',
    check: async (store) => {
      await store.createRun({ id: 'a', startedAt });
      await store.addRecords('a', [recordOf('text', 'x', 1), recordOf('text', 'x', 5)]);
      await store.resumeRun('a', { fromStep: 5, at: startedAt + 10 });
      await store.addRecords('a', [recordOf('text', 'x', 6), recordOf('text', 'x', 7)]);
      const heard = new Arrivals<number>();
      const stopped = new Arrivals<number>();
      const undo = store.followRecords('a', ({ step }) => {
        heard.add(step);
        throw new Error('thrown by a listener of the contract suite');
      });
      const stop: () => void = store.followRecords('a', ({ step }) => {
        stopped.add(step);
        if (step === 6) stop();
      });
      await heard.atLeast(3);
      await store.addRecords('a', [recordOf('text', 'x', 8)]);
      await Promise.all([heard.atLeast(4), stopped.atLeast(2)]);
      undo();
      expectSame(
        [heard.all, stopped.all],
        [
          [1, 6, 7, 8],
          [1, 6],
        ],
        'heard',
      );
    },
  },
  {
    name: 'records and their contents go with their run, and contents that another run holds stay',
    check: async (store) => {
      const shared = contentOf(large, 3, 'image/png');
      for (const id of ['a', 'b']) {
        await store.createRun({ id, startedAt });
        await store.addRecords(id, [
          recordOf('image', 'same', 0, { content: shared }),
          recordOf('image', 'own', 0, { content: contentOf(large, id.charCodeAt(0), '') }),
        ]);
      }
      const ofA = await store.records('a');
      await store.deleteRun('a');
      expectSame(await store.records('a'), [], 'out of sight');
      await store.restoreRun('a');
      expectSame((await store.records('a')).map(plain), ofA.map(plain), 'restored');
      expectSame((await contentAt(store, ofA, 1))?.size, large, 'a content of the restored run');
      await store.deleteRun('a');
      await store.maintain();
      await expectCode(contentAt(store, ofA, 1), 'bad-data', 'a content that nobody holds any more');
      const ofB = await store.records('b');
      expectSame(await bytesOf(await contentAt(store, ofB, 0)), await bytesOf(shared), 'a content that the other run holds, too');
      await store.createRun({ id: 'a', startedAt });
      expectSame(await store.records('a'), [], 'a new run of the same id');
      expectTrue((await store.run('a'))?.id === 'a', 'the new run is there');
    },
  },
];

/** What two stores of one name promise together. */
export const twoStoreRecordTests: readonly TwoStoreCheck[] = [
  {
    name: 'what one store adds, a follower of records of the other hears',
    check: async (store, other) => {
      await store.createRun({ id: 'a', startedAt });
      await store.addRecords('a', [recordOf('text', 'x', 0)]);
      const heard = new Arrivals<number>();
      const undo = other.followRecords('a', ({ step }) => heard.add(step));
      for (let step = 1; step < 5; step++) await store.addRecords('a', [recordOf('image', 'x', step)]);
      await heard.atLeast(5);
      undo();
      expectSame(heard.all, [0, 1, 2, 3, 4], 'heard');
    },
  },
  {
    name: 'records stored through one store are read through the other, and both may add to a run',
    check: async (store, other) => {
      await store.createRun({ id: 'a', startedAt });
      const content = contentOf(large, 4, 'image/png');
      await Promise.all([
        store.addRecords('a', [recordOf('image', 'one', 0, { content })]),
        other.addRecords('a', [recordOf('image', 'two', 0, { content })]),
        store.addRecords('a', [recordOf('image', 'three', 0)]),
        other.addRecords('a', [recordOf('image', 'four', 0)]),
      ]);
      const [stored, seen] = await Promise.all([store.records('a'), other.records('a')]);
      expectSame(
        seen.map(({ tag }) => tag),
        stored.map(({ tag }) => tag),
        'what the other sees',
      );
      expectSame(
        stored.map(({ index }) => index),
        [0, 1, 2, 3],
        'each has a number of its own',
      );
      for (const [index, { tag }] of seen.entries()) {
        if (tag === 'one' || tag === 'two') expectSame(await bytesOf(await contentAt(other, seen, index)), await bytesOf(content), tag);
      }
    },
  },
];

function recordOf(kind: NewRecord['kind'], tag: string, step: number, more: Partial<NewRecord> = {}): NewRecord {
  return { kind, tag, step, epoch: 0, wallTime: startedAt + step, ...more };
}

function contentOf(length: number, seed: number, type: string): Blob {
  return new Blob([Uint8Array.from({ length }, (_, at) => (at * 7 + seed) % 251)], { type });
}

async function bytesOf(content: Blob | undefined): Promise<Uint8Array | undefined> {
  return content && new Uint8Array(await content.arrayBuffer());
}

async function contentAt(store: MetricStore, records: readonly StoredRecord[], index: number): Promise<Blob | undefined> {
  const record = records[index];
  return record && store.content(record);
}

// What the user gave, the content left out; columns with the names of their types.
function plain({ kind, tag, step, epoch, wallTime, data }: NewRecord | StoredRecord): unknown {
  const types = Object.entries(data ?? {}).map(([name, value]) => [
    name,
    ArrayBuffer.isView(value) ? value.constructor.name : typeof value,
  ]);
  return [kind, tag, step, epoch, wallTime, data, types.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))];
}
