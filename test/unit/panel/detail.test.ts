import { expect, test } from 'vitest';
import { Detail, leadIn, rowsKept, type Stretch } from '../../../src/panel/detail.ts';
import { SeriesColumns } from '../../../src/panel/series-columns.ts';
import type { BucketSeries, PointSeries, ScalarChunk, Series, SeriesQuery } from '../../../src/store/metric-store.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What was logged: the value at each step, one step a second from `startedAt` on. */
const startedAt = 5_000;
const length = 200_000;
const logged = Float64Array.from({ length }, (_, step) => Math.sin(step / 700) + (step % 10) / 10);
logged[123_456] = 99;

const where = { runId: 'r', tag: 'loss', throughSeq: 7 };

function points(from: number, to: number, throughSeq = 7, valueAt = (step: number): number => logged[step] ?? NaN): PointSeries {
  const step = Float64Array.from({ length: Math.max(0, to - from + 1) }, (_, row) => from + row);
  return {
    kind: 'points',
    ...where,
    throughSeq,
    step,
    epoch: step.map(() => 0),
    wallTime: step.map((x) => startedAt + x),
    value: step.map(valueAt),
  };
}

/** Buckets of `size` steps each, made from the definition of each column. */
function buckets(from: number, to: number, size: number): BucketSeries {
  const starts: number[] = [];
  for (let start = from; start <= to; start += size) starts.push(start);
  const stepsOf = (start: number): number[] => Array.from({ length: Math.min(size, to - start + 1) }, (_, row) => start + row);
  const valueOf = (step: number): number => logged[step] ?? NaN;
  const column = (make: (steps: number[]) => number): Float64Array => Float64Array.from(starts, (start) => make(stepsOf(start)));
  const lowest = (steps: number[]): number => steps.reduce((best, step) => (valueOf(step) < valueOf(best) ? step : best));
  const highest = (steps: number[]): number => steps.reduce((best, step) => (valueOf(step) > valueOf(best) ? step : best));
  const first = (steps: number[]): number => steps[0] ?? NaN;
  const last = (steps: number[]): number => steps.at(-1) ?? NaN;
  return {
    kind: 'buckets',
    ...where,
    step: column(first),
    epoch: column(() => 0),
    wallTime: column((steps) => startedAt + first(steps)),
    count: column((steps) => steps.length),
    nanCount: column(() => 0),
    sum: column((steps) => steps.reduce((sum, step) => sum + valueOf(step), 0)),
    min: column((steps) => valueOf(lowest(steps))),
    minStep: column(lowest),
    minWallTime: column((steps) => startedAt + lowest(steps)),
    max: column((steps) => valueOf(highest(steps))),
    maxStep: column(highest),
    maxWallTime: column((steps) => startedAt + highest(steps)),
    first: column((steps) => valueOf(first(steps))),
    last: column((steps) => valueOf(last(steps))),
    lastStep: column(last),
    lastWallTime: column((steps) => startedAt + last(steps)),
  };
}

function chunk(seq: number, steps: readonly number[], values = steps): ScalarChunk {
  const step = Float64Array.from(steps);
  const { length: rows } = steps;
  // Another tag takes every other row.
  const twice = (column: Float64Array): Float64Array => Float64Array.from({ length: 2 * rows }, (_, row) => column[row >> 1] ?? NaN);
  return {
    runId: 'r',
    seq,
    tags: ['other', 'loss'],
    tag: Uint16Array.from({ length: 2 * rows }, (_, row) => row % 2),
    step: twice(step),
    epoch: new Float64Array(2 * rows),
    wallTime: twice(step.map((x) => startedAt + x)),
    value: twice(Float64Array.from(values)),
  };
}

const whole = buckets(0, length - 1, 500);

function detailOf(overview: SeriesColumns = new SeriesColumns(whole)) {
  const asked: { readonly query: SeriesQuery; readonly resolve: (series: Series) => void; readonly reject: (thrown: unknown) => void }[] =
    [];
  const errors: unknown[] = [];
  let redraws = 0;
  const detail = new Detail({
    tag: 'loss',
    startedAt,
    read: (query) => new Promise((resolve, reject) => asked.push({ query, resolve, reject })),
    onRead: () => (redraws += 1),
    onError: (thrown) => errors.push(thrown),
  });
  return {
    detail,
    overview,
    asked,
    errors,
    redraws: () => redraws,
    show: (stretch: Stretch | undefined) => detail.show(overview, stretch),
    answer: async (series: Series) => {
      asked.shift()?.resolve(series);
      await turn();
    },
  };
}

const near: Stretch = { axis: 'step', min: 123_400, max: 123_500 };

function rowsOf(columns: SeriesColumns | undefined): [step: number, value: number][] {
  const { length: rows, step, value } = columns?.drawn ?? { length: 0, step: [], value: [] };
  return Array.from({ length: rows }, (_, row) => [step[row] ?? NaN, value[row] ?? NaN]);
}

const within = (rows: [number, number][], { min, max }: Stretch): [number, number][] => rows.filter(([x]) => x >= min && x <= max);

test('a stretch is asked for once, with its lead-in, and shows every point as it was logged', async () => {
  const { show, asked, answer, redraws } = detailOf();
  expect(show(near)).toBeUndefined();
  expect(show({ ...near })).toBeUndefined();
  // 500 points in 500 steps of a bucket: one point a step. Its ends lie at 499, 999, ….
  expect(asked.map(({ query }) => query)).toEqual([
    { axis: 'step', from: near.min - leadIn, to: near.max + leadIn / 100, maxPoints: leadIn + rowsKept },
  ]);
  await answer(points(near.min - leadIn, near.max + leadIn / 100));
  expect(redraws()).toBe(1);
  const shown = show(near);
  expect(within(rowsOf(shown), near)).toEqual(Array.from({ length: 101 }, (_, row) => [near.min + row, logged[near.min + row]]));
  expect(rowsOf(shown)).toContainEqual([123_456, 99]);
  expect(asked).toEqual([]);
});

test('around the stretch the whole tag stays, in order and to both ends', async () => {
  const { show, answer } = detailOf();
  show(near);
  await answer(points(near.min - leadIn, near.max + leadIn / 100));
  const rows = rowsOf(show(near));
  expect([rows[0], rows.at(-1)]).toEqual([
    [0, logged[0]],
    [length - 1, logged[length - 1]],
  ]);
  expect(show(near)?.extent('step')).toEqual({ min: 0, max: length - 1, isSorted: true });
});

test('the moving average in a stretch is that over all points', async () => {
  const { show, answer } = detailOf();
  show(near);
  await answer(points(near.min - leadIn, near.max + leadIn / 100));
  for (const weight of [0.6, 0.99]) {
    const line = show(near)?.smoothed(weight);
    let average = 0;
    for (let step = 0; step <= near.max; step++) {
      average = weight * average + (1 - weight) * (logged[step] ?? NaN);
      if (step < near.min) continue;
      const row = line?.step.indexOf(step) ?? -1;
      const exact = average / (1 - weight ** (step + 1));
      // Values lie within 0 to 2 and what the lead-in began with has a share of 0.99 ** 1000, about 4e-5, left.
      expect(Math.abs((line?.value[row] ?? NaN) - exact)).toBeLessThan(2 * 0.99 ** leadIn);
    }
  }
});

test('of stretches asked for one after another the last one counts, whatever the order of the answers', async () => {
  const { show, asked, redraws } = detailOf();
  const far: Stretch = { axis: 'step', min: 20_000, max: 20_010 };
  show(far);
  show(near);
  const [first, second] = asked.splice(0);
  second?.resolve(points(near.min - leadIn, near.max));
  await turn();
  first?.resolve(points(far.min - leadIn, far.max));
  await turn();
  expect(redraws()).toBe(1);
  expect(within(rowsOf(show(near)), near)).toHaveLength(101);
  expect(within(rowsOf(show(near)), far).length).toBeLessThan(11);
  expect(asked).toEqual([]);
});

test('until a stretch inside it is there, the one before is drawn; without a stretch nothing is read and a late answer is dropped', async () => {
  const { show, asked, answer, redraws } = detailOf();
  show(near);
  await answer(points(near.min - leadIn, near.max));
  const before = show(near);
  expect(show({ ...near, max: 123_460 })).toBe(before);
  expect(show(undefined)).toBeUndefined();
  expect(asked).toHaveLength(1);
  await answer(points(near.min - leadIn, 123_460));
  expect(redraws()).toBe(1);
  expect(show(undefined)).toBeUndefined();
  expect(asked).toEqual([]);
});

test('points that came while the stretch was read are in it once, those that come later too', async () => {
  const { detail, overview, show, answer } = detailOf();
  const end: Stretch = { axis: 'step', min: length - 5, max: length + 1 };
  const log = (seq: number, step: number): void => {
    overview.append(step, startedAt + step, step);
    detail.take(chunk(seq, [step]));
  };
  show(end);
  log(8, length);
  log(9, length + 1);
  // The store had committed chunk 8 when it answered, and chunk 10 has not been announced yet.
  await answer(points(length - 5 - leadIn, length, 8, (step) => logged[step] ?? step));
  log(10, length + 2);
  const rows = rowsOf(show(end)).filter(([step]) => step >= end.min);
  const steps = Array.from({ length: 8 }, (_, row) => length - 5 + row);
  expect(rows).toEqual(steps.map((step) => [step, logged[step] ?? step]));
});

test('a chunk that the answer already had is not added again when it is announced', async () => {
  const { detail, overview, show, answer } = detailOf();
  const end: Stretch = { axis: 'step', min: length - 2, max: length };
  show(end);
  await answer(points(length - 2 - leadIn, length + 5, 8, (step) => logged[step] ?? step));
  overview.append(length, startedAt + length, length);
  overview.append(length + 50, startedAt + length + 50, length + 50);
  detail.take(chunk(8, [length, length + 50]));
  const steps = rowsOf(show(end)).map(([step]) => step);
  expect(steps.filter((step) => step === length)).toHaveLength(1);
  expect(steps.at(-1)).toBe(length + 50);
});

test('a stretch without buckets in it is not read', () => {
  const { overview, show, asked } = detailOf();
  for (let step = length; step < length + 100; step++) overview.append(step, startedAt + step, step);
  expect(show({ axis: 'step', min: length + 10, max: length + 20 })).toBeUndefined();
  const short = detailOf(new SeriesColumns(points(0, 99)));
  expect(short.show({ axis: 'step', min: 10, max: 20 })).toBeUndefined();
  expect([...asked, ...short.asked]).toEqual([]);
});

test('when the whole tag was read again, so is the stretch; an answer from before is dropped', async () => {
  const { detail, show, asked, answer, redraws } = detailOf();
  show(near);
  detail.renew();
  expect(show(near)).toBeUndefined();
  expect(asked).toHaveLength(2);
  await answer(points(near.min - leadIn, near.max));
  expect(redraws()).toBe(0);
  await answer(points(near.min - leadIn, near.max, 9, () => -1));
  expect(within(rowsOf(show(near)), near).every(([, value]) => value === -1)).toBe(true);
});

test('where the points before a stretch lie closer than expected, they do not cost the stretch its own', async () => {
  const { show, asked, answer } = detailOf();
  show(near);
  await answer(buckets(near.min - leadIn, near.max, 2));
  expect(asked.map(({ query }) => query)).toEqual([{ axis: 'step', from: near.min, to: near.max, maxPoints: rowsKept }]);
  await answer(points(near.min, near.max));
  expect(within(rowsOf(show(near)), near)).toHaveLength(101);
});

test('a stretch of many points comes as finer buckets', async () => {
  const { show, asked, answer } = detailOf();
  const wide: Stretch = { axis: 'step', min: 100_000, max: 149_999 };
  show(wide);
  await answer(buckets(wide.min - leadIn, wide.max, 20));
  expect(asked).toEqual([]);
  expect(rowsOf(show(wide))).toContainEqual([123_456, 99]);
  // Each bucket of 20 has its first, lowest, highest and last point, which may coincide.
  expect(within(rowsOf(show(wide)), wide).length).toBeGreaterThan(2 * 2_500);
});

test('on the time axes the stretch is asked for as the axis counts', async () => {
  const { show, asked, answer } = detailOf();
  show({ axis: 'relative', min: 123_400, max: 123_500 });
  await answer(points(123_400 - leadIn, 123_510));
  expect(within(rowsOf(show({ ...near, axis: 'relative' })), near)).toHaveLength(101);
  show({ axis: 'wall', min: startedAt + 123_400, max: startedAt + 123_500 });
  expect(asked.map(({ query }) => [query.axis, query.from])).toEqual([['wall', startedAt + 123_400 - leadIn]]);
});

test('where steps go back, the stretch stands alone, in the order in which it was logged', async () => {
  const overview = new SeriesColumns(whole);
  overview.append(3, startedAt + length, 5);
  const { show, asked, answer } = detailOf(overview);
  show({ axis: 'step', min: 2, max: 4 });
  expect(asked[0]?.query).toEqual({ axis: 'step', from: 2, to: 4, maxPoints: leadIn + rowsKept });
  await answer({ ...points(2, 5), step: Float64Array.of(2, 3, 4, 3), value: Float64Array.of(1, 2, 3, 5) });
  expect(rowsOf(show({ axis: 'step', min: 2, max: 4 }))).toEqual([
    [2, 1],
    [3, 2],
    [4, 3],
    [3, 5],
  ]);
});

test('a stretch that cannot be read is told once and not asked for again; the whole is drawn instead', async () => {
  const { show, asked, errors } = detailOf();
  show(near);
  const gone = new Error('the disk is gone');
  asked.shift()?.reject(gone);
  await turn();
  expect(errors).toEqual([gone]);
  expect(show(near)).toBeUndefined();
  expect(asked).toEqual([]);
});
