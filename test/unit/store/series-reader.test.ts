import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SeriesQuery } from '../../../src/store/metric-store.ts';
import { Bench, startedAt } from './reading-setup.ts';
import type { ModelPoint } from './plain-model.ts';
import { expectShown, shownPoints } from './series-model.ts';

const numRuns = Number(process.env['TABTRAIN_PROPERTY_RUNS'] ?? 100);

const value = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -9, max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 0.1) },
);
const point: fc.Arbitrary<ModelPoint> = fc.record({
  tag: fc.constantFrom('x', 'x', 'y'),
  step: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 400 }) }, { weight: 1, arbitrary: fc.constantFrom(2.5, -3, 1e12, NaN) }),
  epoch: fc.nat(3),
  wallTime: fc.integer({ min: 0, max: 90_000 }).map((ms) => startedAt + ms / 1000),
  value,
});
/** A stretch long enough for buckets: rising, falling back now and then, or in any order. */
const stretch = fc
  .record({
    from: fc.nat(200),
    length: fc.integer({ min: 130, max: 900 }),
    values: fc.array(value, { minLength: 1, maxLength: 9 }),
    back: fc.nat(60),
    // Here and there a step that is none.
    gap: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
  })
  .map(({ from, length, values, back, gap = Infinity }) =>
    Array.from({ length }, (_, i): ModelPoint => ({
      tag: 'x',
      step: i % gap === gap - 1 ? NaN : from + (back === 0 ? i : (i % (2 * back)) + Math.floor(i / 3)),
      epoch: Math.floor(i / 100),
      wallTime: startedAt + i / 10,
      value: values[(i * i) % values.length] as number,
    })),
  );
const act = fc.oneof(
  { weight: 3, arbitrary: fc.array(point, { minLength: 1, maxLength: 20 }).map((points) => ({ kind: 'append' as const, points })) },
  { weight: 3, arbitrary: stretch.map((points) => ({ kind: 'append' as const, points })) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 6 }).map((chunks) => ({ kind: 'compact' as const, chunks })) },
  { weight: 1, arbitrary: fc.option(fc.nat(500), { nil: undefined }).map((fromStep) => ({ kind: 'resume' as const, fromStep })) },
  { weight: 1, arbitrary: fc.constant({ kind: 'bring back' as const }) },
);
const bound = fc.option(fc.integer({ min: -5, max: 500 }), { nil: undefined });
const query = fc
  .record({
    from: bound,
    to: bound,
    axis: fc.constantFrom('step' as const, 'relative' as const, 'wall' as const),
    maxPoints: fc.option(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 60 })), { nil: undefined }),
  })
  .map(({ from, to, axis, maxPoints }): SeriesQuery => {
    const origin = axis === 'wall' ? startedAt : 0;
    // Times span 90 seconds, steps some hundreds.
    const at = (x: number): number => origin + (axis === 'step' ? x : x / 5);
    return {
      axis,
      ...(from === undefined ? {} : { from: at(from) }),
      ...(to === undefined ? {} : { to: at(to) }),
      ...(maxPoints === undefined ? {} : { maxPoints }),
    };
  });

async function perform(bench: Bench, acts: readonly (typeof act extends fc.Arbitrary<infer Act> ? Act : never)[]): Promise<void> {
  for (const one of acts) {
    if (one.kind === 'append') await bench.append(one.points);
    else if (one.kind === 'compact') await bench.compact(one.chunks);
    else if (one.kind === 'resume') await bench.resume(one.fromStep);
    else await bench.bringBack();
  }
}

test('a series is what a plain list of points would show, whatever was compacted, continued and brought back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 1, maxLength: 14 }),
      fc.array(fc.tuple(fc.constantFrom('x', 'y', 'none'), query), { minLength: 1, maxLength: 6 }),
      async (acts, queries) => {
        const bench = await new Bench().create();
        await perform(bench, acts);
        const visible = bench.model.visible();
        const all = await Promise.all(queries.map(([tag, options]) => bench.series.series('a', tag, options)));
        all.forEach((series, index) => {
          const [tag, options] = queries[index] as (typeof queries)[number];
          expect([series.tag, series.throughSeq]).toEqual([tag, bench.model.chunks.length - 1]);
          const points = visible.filter((one) => one.tag === tag);
          expectShown(series, shownPoints(points, options, startedAt), options.maxPoints);
        });
        expect(bench.damage).toEqual([]);
      },
    ),
    { numRuns },
  );
}, 600_000);

test('a join gives each point the value that the other tag had last at the same step', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 10 }), bound, async (acts, from) => {
      const bench = await new Bench().create();
      await perform(bench, acts);
      const visible = bench.model.visible();
      const of = (tag: string): readonly ModelPoint[] => visible.filter((one) => one.tag === tag);
      const expected = of('x').flatMap((one) => {
        const other = of('y').findLast(({ step }) => step === one.step || (Number.isNaN(step) && Number.isNaN(one.step)));
        return other === undefined || (from !== undefined && !(other.value >= from)) ? [] : [[one.step, one.value, other.value]];
      });
      const series = await bench.series.series('a', 'x', { x: 'y', maxPoints: 1, ...(from === undefined ? {} : { from }) });
      if (series.kind !== 'points') throw new Error('a join is always points');
      expect(Array.from(series.value, (one, row) => [series.step[row], one, series.x?.[row]])).toEqual(expected);
    }),
    { numRuns },
  );
}, 600_000);

test('where steps are spread unevenly there are as many rows as where they are not', async () => {
  const bench = await new Bench().create();
  // Few points in the middle, most before and behind.
  const steps = Array.from({ length: 10_000 }, (_, i) => (i < 4900 ? i : i < 5050 ? 10_000 + i : i < 5400 ? 20_000 + i : 50_000 + i));
  await bench.append(steps.map((at, i) => ({ tag: 'x', step: at, epoch: 0, wallTime: startedAt + i, value: i % 13 })));
  await bench.compact();
  for (const [from, to, maxPoints, fewest] of [
    [5000, 19_999, 60, 50],
    [5000, 19_999, 200, 150],
    [5000, 49_999, 100, 50],
    [0, 1e6, 20, 10],
    [4899, 1e6, 40, 20],
  ] as const) {
    const series = await bench.series.series('a', 'x', { from, to, maxPoints });
    expectShown(series, shownPoints(bench.model.visible(), { from, to }, startedAt), maxPoints);
    expect(series.step.length).toBeGreaterThanOrEqual(fewest);
  }
});

test('series called together share one transaction, in which nothing is read twice', async () => {
  const bench = await new Bench().create();
  const tags = Array.from({ length: 20 }, (_, tag) => `tag ${tag}`);
  for (let seq = 0; seq < 40; seq++) {
    const points = tags.flatMap((tag) =>
      Array.from({ length: 10 }, (_, i) => ({ tag, step: seq * 10 + i, epoch: 0, wallTime: startedAt + seq, value: i })),
    );
    await bench.append(points);
    if (seq === 29) await bench.compact();
  }
  bench.backend.reset();
  const all = await Promise.all(tags.map((tag) => bench.series.series('a', tag, { maxPoints: 50 })));
  expect(bench.backend.reads).toBe(1);
  expect(bench.backend.records).toMatchObject({ runs: 1, units: 1, journal: 10, tags: 20 });
  const { packs = 0 } = bench.backend.records;
  const stored = await bench.backend.read(['packs'], (tx) => tx.keys('packs', { from: [], to: [[]] }));
  expect(packs).toBeLessThan(stored.length);
  for (const series of all) expect(series).toMatchObject({ kind: 'buckets', throughSeq: 39 });
  // What one is given is its own, also when two ask for the same.
  const [one, other] = await Promise.all([bench.series.series('a', 'tag 3', {}), bench.series.series('a', 'tag 3', {})]);
  if (one?.kind !== 'points' || other?.kind !== 'points') throw new Error('without maxPoints there are points');
  one.value.fill(-1);
  expect(other.value.slice(0, 3)).toEqual(Float64Array.of(0, 1, 2));
  expect(other.value.buffer.byteLength).toBe(8 * other.value.length);
});

test('a call that makes no sense or asks too much is refused, the others of its turn are answered', async () => {
  const bench = await new Bench().create();
  await bench.append([{ tag: 'few', step: 1, epoch: 0, wallTime: startedAt, value: 1 }]);
  const rows = 200_001;
  const steps = Float64Array.from({ length: rows }, (_, row) => row);
  await bench.appendColumns({
    seq: 1,
    tags: ['many'],
    tag: new Uint16Array(rows),
    step: steps,
    epoch: new Float64Array(rows),
    wallTime: steps.map((step) => startedAt + step),
    value: steps,
  });
  const ask = (tag: string, options: SeriesQuery): Promise<unknown> =>
    bench.series.series('a', tag, options).then(
      ({ kind }) => kind,
      (error: unknown) => (error as { readonly code: string }).code,
    );
  const answers = async (): Promise<unknown> =>
    Promise.all([
      ask('few', { x: 'many' }),
      ask('many', { x: 'few' }),
      ask('few', { x: 'few' }),
      ask('many', { maxPoints: 10 }),
      ask('few', { from: NaN }),
    ]);
  const expected = ['query-too-large', 'query-too-large', 'points', 'buckets', 'bad-options'];
  expect(await answers()).toEqual(expected);
  await bench.compact();
  expect(await answers()).toEqual(expected);
  // One point less is not too much.
  await bench.resume(200_000);
  expect(await ask('few', { x: 'many' })).toBe('points');
});

test('a run that is not there, was deleted, or a database that fails', async () => {
  const bench = await new Bench().create();
  const empty = { kind: 'points', tag: 'x', throughSeq: -1, step: new Float64Array() };
  expect(await bench.series.series('nobody', 'x', {})).toMatchObject(empty);
  await bench.append([{ tag: 'x', step: 1, epoch: 0, wallTime: startedAt, value: 1 }]);
  expect(await bench.series.series('a', 'x', {})).toMatchObject({ throughSeq: 0, value: Float64Array.of(1) });
  await bench.catalog.markDeleted('a', 1);
  expect(await bench.series.series('a', 'x', {})).toMatchObject(empty);
  bench.backend.read = () => Promise.reject(new Error('gone'));
  const [one, other] = await Promise.allSettled([bench.series.series('a', 'x', {}), bench.series.series('a', 'y', {})]);
  expect([one?.status, other?.status]).toEqual(['rejected', 'rejected']);
});
