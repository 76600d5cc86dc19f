import { expect, test } from 'vitest';
import type { RunInfo } from '../../../src/core/run-info.ts';
import { bucketsKept, pointsKept, RunFeed } from '../../../src/panel/run-feed.ts';
import type { BucketSeries, MetricStore, PointSeries, ScalarChunk, Series, SeriesQuery } from '../../../src/store/metric-store.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const info: RunInfo = { id: 'a', project: 'p', name: 'p-1', status: 'running', startedAt: 0, config: {} };

interface Asked {
  readonly tag: string;
  readonly query: SeriesQuery;
  answer(steps: readonly number[], throughSeq: number): Promise<void>;
  answerWith(series: Series | Error): Promise<void>;
}

/** A store whose answers about series a test gives. */
class HandStore {
  readonly asked: Asked[] = [];
  deliver: (chunk: ScalarChunk) => void = () => {};
  readonly #tags: readonly string[];

  constructor(tags: readonly string[]) {
    this.#tags = tags;
  }

  tags: MetricStore['tags'] = () => Promise.resolve(this.#tags.map((tag) => ({ tag, count: 1 })));

  series: MetricStore['series'] = (runId, tag, query = {}) =>
    // That is how the place is asked for from which to follow.
    query.maxPoints === 2
      ? Promise.resolve(seriesOf(runId, tag, [], 0))
      : new Promise((resolve, reject) => {
          const answerWith = async (series: Series | Error): Promise<void> => {
            if (series instanceof Error) reject(series);
            else resolve(series);
            await turn();
          };
          this.asked.push({
            tag,
            query,
            answer: (steps, throughSeq) => answerWith(seriesOf(runId, tag, steps, throughSeq)),
            answerWith,
          });
        });

  follow: MetricStore['follow'] = (_runId, listener) => {
    this.deliver = listener;
    return () => {};
  };
}

function seriesOf(runId: string, tag: string, steps: readonly number[], throughSeq: number): PointSeries {
  const column = Float64Array.from(steps);
  return { kind: 'points', runId, tag, throughSeq, step: column, epoch: column, wallTime: column, value: column };
}

/** For each of `from` a bucket of 1,000 points, all 1, one a step. */
function bucketsOf(tag: string, from: readonly number[], throughSeq: number): BucketSeries {
  const first = Float64Array.from(from);
  const last = first.map((step) => step + 999);
  const ones = first.map(() => 1);
  const thousands = first.map(() => 1_000);
  return {
    ...{ kind: 'buckets', runId: 'a', tag, throughSeq, step: first, epoch: first, wallTime: first, count: thousands },
    ...{ nanCount: first.map(() => 0), sum: thousands, min: ones, minStep: first, minWallTime: first, max: ones, maxStep: first },
    ...{ maxWallTime: first, first: ones, last: ones, lastStep: last, lastWallTime: last },
  };
}

function chunkOf(seq: number, tags: readonly string[], count: number, from: number): ScalarChunk {
  const steps = Float64Array.from({ length: count * tags.length }, (_, i) => from + Math.floor(i / tags.length));
  return {
    runId: 'a',
    seq,
    tags,
    tag: Uint16Array.from(steps, (_, i) => i % tags.length),
    step: steps,
    epoch: steps,
    wallTime: steps,
    value: steps,
  };
}

async function feedOf(tags: readonly string[]) {
  const store = new HandStore(tags);
  const errors: unknown[] = [];
  const feed = new RunFeed(store, info, { onTags() {}, onNumbers() {}, onError: (error) => errors.push(error) });
  feed.resume();
  await turn();
  const stepsOf = (tag: string): number[] => {
    const drawn = [...feed.tags].find((one) => one.tag === tag)?.columns?.drawn;
    return drawn === undefined ? [] : [...drawn.step.subarray(0, drawn.length)];
  };
  return { store, feed, errors, stepsOf };
}

test('all tags of the cards that are wanted in one turn are asked for in that turn', async () => {
  const tags = ['train/loss', 'val/loss', 'train/accuracy'];
  const { store, feed } = await feedOf(tags);
  const cards = new Set([...feed.tags].map(({ place }) => place.card));
  for (const card of cards) feed.want(card);
  expect(store.asked.map(({ tag }) => tag).sort()).toEqual([...tags].sort());
});

test('tags that grow too long together are read again one after another', async () => {
  const tags = ['a', 'b', 'c'];
  const { store, feed, errors } = await feedOf(tags);
  for (const { place } of [...feed.tags]) feed.want(place.card);
  for (const asked of store.asked.splice(0)) await asked.answer([0], 0);
  store.deliver(chunkOf(1, tags, pointsKept, 1));
  store.deliver(chunkOf(2, tags, 1, pointsKept + 1));
  await turn();
  for (const tag of tags) {
    expect(store.asked.map((asked) => [asked.tag, asked.query.maxPoints])).toEqual([[tag, bucketsKept]]);
    await store.asked.splice(0)[0]?.answer([0, 1, 2], 2);
  }
  expect(store.asked).toEqual([]);
  expect(errors).toEqual([]);
});

test('when points are superseded or brought back, everything that was read is read again at once', async () => {
  const { store, feed, stepsOf } = await feedOf(['a', 'b']);
  for (const { place } of [...feed.tags]) feed.want(place.card);
  for (const asked of store.asked.splice(0)) await asked.answer([0, 1, 2], 0);
  store.deliver(chunkOf(1, ['a', 'b'], 2, 3));
  expect(stepsOf('a')).toEqual([0, 1, 2, 3, 4]);

  const resumes = [{ generation: 1, fromSeq: 2, at: 9, fromStep: 2 }];
  feed.update({ ...info, resumes });
  feed.update({ ...info, resumes: [...resumes] });
  expect(store.asked.map(({ tag }) => tag)).toEqual(['a', 'b']);
  store.deliver(chunkOf(2, ['a', 'b'], 1, 2));
  store.deliver(chunkOf(3, ['a', 'b'], 1, 3));
  for (const asked of store.asked.splice(0)) await asked.answer([0, 1, 2], 2);
  expect([stepsOf('a'), stepsOf('b')]).toEqual([
    [0, 1, 2, 3],
    [0, 1, 2, 3],
  ]);
  expect(feed.newest.step).toBe(3);
});

test('a tag that is being read while points are superseded is read once more', async () => {
  const { store, feed, stepsOf } = await feedOf(['a']);
  for (const { place } of [...feed.tags]) feed.want(place.card);
  const [before] = store.asked.splice(0);
  feed.update({ ...info, resumes: [{ generation: 1, fromSeq: 1, at: 9, fromStep: 1 }] });
  await before?.answer([0, 1, 2], 0);
  expect(stepsOf('a')).toEqual([]);
  await store.asked[0]?.answer([0], 1);
  expect(stepsOf('a')).toEqual([0]);
  expect(store.asked).toHaveLength(1);
});

test('when points cannot be read again, what came meanwhile is drawn behind those read before, without a hole', async () => {
  const { store, feed, errors, stepsOf } = await feedOf(['a', 'b']);
  for (const { place } of [...feed.tags]) feed.want(place.card);
  await store.asked.shift()?.answerWith(bucketsOf('a', [0, 1_000], 1));
  await store.asked.shift()?.answer([0, 1], 1);
  const stretch = { axis: 'step', min: 1_500, max: 3_000 } as const;
  feed.detailOf('a', stretch);
  await store.asked.shift()?.answer([1_500, 1_600], 1);

  feed.update({ ...info, resumes: [{ generation: 1, fromSeq: 2, at: 1 }] });
  store.deliver(chunkOf(2, ['a', 'b'], 1, 2_000));
  store.deliver(chunkOf(3, ['b', 'a'], 1, 2_001));
  for (const asked of store.asked.splice(0)) await asked.answerWith(new Error('the disk is busy'));
  expect(stepsOf('b')).toEqual([0, 1, 2_000, 2_001]);
  store.deliver(chunkOf(4, ['a', 'b'], 1, 2_002));
  expect(stepsOf('b')).toEqual([0, 1, 2_000, 2_001, 2_002]);
  expect(stepsOf('a')).toEqual([0, 999, 1_000, 1_999, 2_000, 2_001, 2_002]);
  const detail = feed.detailOf('a', stretch)?.drawn;
  expect([...(detail?.step.subarray(0, detail.length) ?? [])]).toEqual([0, 1_500, 1_600, 2_000, 2_001, 2_002]);
  expect(errors).toHaveLength(2);

  // Whoever looks at the card next has it read again.
  for (const { place } of [...feed.tags]) feed.want(place.card);
  for (const asked of store.asked.splice(0)) await asked.answer([0, 1, 2_000, 2_001, 2_002], 4);
  expect([stepsOf('a'), stepsOf('b')]).toEqual([
    [0, 1, 2_000, 2_001, 2_002],
    [0, 1, 2_000, 2_001, 2_002],
  ]);
});

test('only a stretch of buckets is asked for, anew after the whole was read again, and live points go on in it', async () => {
  const { store, feed, errors } = await feedOf(['a', 'b']);
  const stretch = { axis: 'step', min: 2_050, max: 2_060 } as const;
  expect(feed.detailOf('a', stretch)).toBeUndefined();
  for (const { place } of [...feed.tags]) feed.want(place.card);
  const [a, b] = store.asked.splice(0);
  await a?.answerWith(bucketsOf('a', [0, 1_000, 2_000, 3_000], 0));
  await b?.answer([0, 1, 2], 0);
  for (const tag of ['a', 'b', 'none']) expect(feed.detailOf(tag, stretch)).toBeUndefined();
  expect(store.asked.map(({ tag, query }) => [tag, query.axis])).toEqual([['a', 'step']]);
  await store.asked.splice(0)[0]?.answer([2_040, 2_050, 2_055, 2_060], 0);
  store.deliver(chunkOf(1, ['a'], 1, 4_000));
  const shown = feed.detailOf('a', stretch)?.drawn;
  expect([...(shown?.step.subarray(0, shown.length) ?? [])]).toEqual([
    0, 999, 1_000, 2_040, 2_050, 2_055, 2_060, 2_999, 3_000, 3_999, 4_000,
  ]);

  feed.update({ ...info, resumes: [{ generation: 1, fromSeq: 2, at: 9, fromStep: 2_055 }] });
  const again = store.asked.splice(0);
  expect(again.map(({ tag }) => tag)).toEqual(['a', 'b']);
  await again[0]?.answerWith(bucketsOf('a', [0, 1_000, 2_000], 2));
  feed.detailOf('a', stretch);
  await store.asked.splice(0)[0]?.answer([2_040, 2_050], 2);
  const left = feed.detailOf('a', stretch)?.drawn;
  expect([...(left?.step.subarray(0, left.length) ?? [])]).toEqual([0, 999, 1_000, 2_040, 2_050, 2_999]);
  expect(feed.detailOf('a', undefined)).toBeUndefined();
  expect([store.asked, errors]).toEqual([[], []]);
});

test('a stretch that cannot be read is reported; after close nobody hears of it', async () => {
  const { store, feed, errors } = await feedOf(['a']);
  for (const { place } of [...feed.tags]) feed.want(place.card);
  await store.asked.splice(0)[0]?.answerWith(bucketsOf('a', [0, 1_000], 0));
  feed.detailOf('a', { axis: 'step', min: 1, max: 2 });
  await store.asked.splice(0)[0]?.answerWith(new Error('the disk is gone'));
  expect(String(errors)).toContain('the disk is gone');
  feed.detailOf('a', { axis: 'step', min: 1, max: 3 });
  feed.close();
  await store.asked.splice(0)[0]?.answerWith(new Error('the store is closed'));
  expect(errors).toHaveLength(1);
});
