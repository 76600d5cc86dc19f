import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ModelPoint } from './plain-model.ts';
import { SummaryReader } from '../../../src/store/summary-reader.ts';
import type { StoreName } from '../../../src/store/schema.ts';
import type { KeyRange } from '../../../src/store/store-backend.ts';
import { TagNames } from '../../../src/store/tag-names.ts';
import { addRun, appendChunks, runRecord, setUp } from './maintenance-setup.ts';
import { Bench, startedAt } from './reading-setup.ts';

const numRuns = Number(process.env['TABTRAIN_PROPERTY_RUNS'] ?? 100);

const point: fc.Arbitrary<ModelPoint> = fc.record({
  tag: fc.constantFrom('x', 'y', 'z', 'rare'),
  step: fc.oneof({ weight: 19, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.constant(NaN) }),
  epoch: fc.nat(2),
  wallTime: fc.nat(1000).map((ms) => startedAt + ms / 1000),
  value: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -5, max: 5 }) },
    { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
  ),
});
const act = fc.oneof(
  { weight: 4, arbitrary: fc.array(point, { minLength: 1, maxLength: 30 }).map((points) => ({ kind: 'append' as const, points })) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 5 }).map((chunks) => ({ kind: 'compact' as const, chunks })) },
  { weight: 1, arbitrary: fc.option(fc.nat(40), { nil: undefined }).map((fromStep) => ({ kind: 'resume' as const, fromStep })) },
  { weight: 1, arbitrary: fc.constant({ kind: 'bring back' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'ask' as const }) },
);

/** What a plain list of points has to say about each of its tags. */
function expectedOf(bench: Bench): readonly object[] {
  const visible = bench.model.visible();
  return bench.model.tags().map((tag) => {
    const points = visible.filter((one) => one.tag === tag);
    const numbers = points.filter(({ value }) => !Number.isNaN(value));
    const low = numbers.find(({ value }) => value === Math.min(...numbers.map((one) => one.value))) ?? points[0];
    const high = numbers.find(({ value }) => value === Math.max(...numbers.map((one) => one.value))) ?? points[0];
    const last = points.at(-1);
    return {
      tag,
      count: points.length,
      nanCount: points.length - numbers.length,
      last: { tag, value: last?.value, step: last?.step, epoch: last?.epoch, wallTime: last?.wallTime },
      min: low?.value,
      minStep: low?.step,
      max: high?.value,
      maxStep: high?.step,
    };
  });
}

test('tags, summaries and last values are those of a plain list, also when asked again and again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 20 }), async (acts) => {
      const bench = await new Bench().create();
      const ask = async (): Promise<void> => {
        const expected = expectedOf(bench);
        const [tags, summary, lastValues] = await Promise.all([
          bench.summaries.tags('a'),
          bench.summaries.summary('a'),
          bench.summaries.lastValues('a'),
        ]);
        expect(summary).toEqual(expected);
        expect(tags).toEqual(summary.map(({ tag, count }) => ({ tag, count })));
        expect(lastValues).toEqual(summary.map(({ last }) => last));
      };
      for (const one of acts) {
        if (one.kind === 'append') await bench.append(one.points);
        else if (one.kind === 'compact') await bench.compact(one.chunks);
        else if (one.kind === 'resume') await bench.resume(one.fromStep);
        else if (one.kind === 'bring back') await bench.bringBack();
        else await ask();
      }
      await ask();
      expect(bench.damage).toEqual([]);
    }),
    { numRuns },
  );
}, 600_000);

test('a run that is made again under the id of another is counted anew; one that was deleted has no tags', async () => {
  const bench = await new Bench().create();
  const old = { tag: 'old', step: 1, epoch: 0, wallTime: startedAt, value: 1 };
  await bench.append([old, old]);
  expect(await bench.summaries.tags('a')).toEqual([{ tag: 'old', count: 2 }]);
  await bench.catalog.markDeleted('a', 1);
  expect(await bench.summaries.tags('a')).toEqual([]);
  await bench.catalog.restore('a');
  expect(await bench.summaries.tags('a')).toEqual([{ tag: 'old', count: 2 }]);
  const again = new Bench();
  await again.create();
  await again.append([old]);
  await again.summaries.tags('a');
  await again.backend.write(['runs', 'journal', 'tags'], async (tx) => {
    for (const store of ['journal', 'tags'] as const) await tx.delete(store, { from: ['a'], to: ['a', []] });
    const record = await tx.get('runs', 'a');
    if (record !== undefined) await tx.put('runs', { ...record, stamp: 'another' });
  });
  expect(await again.summaries.tags('a')).toEqual([]);
  again.model.chunks = [];
  await again.append([{ ...old, tag: 'new' }]);
  expect(await again.summaries.tags('a')).toEqual([{ tag: 'new', count: 1 }]);
  expect(await again.series.series('a', 'old', {})).toMatchObject({ throughSeq: 0, value: new Float64Array() });
});

test('what was counted is remembered of those runs that were asked for last, up to so many tags', async () => {
  const plain = setUp();
  for (const id of ['a', 'b', 'c']) {
    await addRun(plain.backend, runRecord(id, 0));
    await appendChunks(plain.backend, id, 0, 1);
  }
  let chunksRead: string[] = [];
  const { context } = setUp({
    wrap: () => ({
      ...plain.backend,
      read: (stores, work) =>
        plain.backend.read(stores, (tx) =>
          work(
            new Proxy(tx, {
              get(target, name) {
                const member: unknown = Reflect.get(target, name);
                if (typeof member !== 'function') return member;
                if (name !== 'getAll') return member.bind(target) as unknown;
                return (store: StoreName, range: KeyRange, most?: number) => {
                  if (store === 'journal') chunksRead.push(String(range.from[0]));
                  return target.getAll(store, range, most);
                };
              },
            }),
          ),
        ),
    }),
  });
  // Two tags a run: the last one, and two more.
  const reader = new SummaryReader(context, new TagNames(context), 4);
  const asked = async (...ids: string[]): Promise<readonly string[]> => {
    chunksRead = [];
    for (const id of ids) expect(await reader.summary(id)).toHaveLength(2);
    return chunksRead;
  };
  expect(await asked('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
  expect(await asked('a', 'b', 'c', 'a')).toEqual([]);
  const narrow = new SummaryReader(context, new TagNames(context), 2);
  chunksRead = [];
  for (const id of ['a', 'b', 'a', 'c', 'a', 'b']) await narrow.lastValues(id);
  expect(chunksRead).toEqual(['a', 'b', 'c', 'b']);
});
