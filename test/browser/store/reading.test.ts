import { afterEach, expect, test, vi } from 'vitest';
import { deleteStore, type MetricStore, openStore, type Series } from '../../../src/store/index.ts';
import { readRecords } from './raw-database.ts';

const name = 'reading';
const tags = Array.from({ length: 20 }, (_, index) => `tag ${index}`);
const steps = 6000;
const stepsAChunk = 200;

afterEach(async () => {
  vi.restoreAllMocks();
  await deleteStore(name);
});

function valueOf(tag: number, step: number): number {
  return Math.sin(step / 100 + tag) + (step === 3333 ? 50 : 0);
}

async function logAll(store: MetricStore): Promise<void> {
  await store.createRun({ id: 'a', startedAt: 1000 });
  for (let seq = 0; seq * stepsAChunk < steps; seq++) {
    const tag = Uint16Array.from({ length: stepsAChunk * tags.length }, (_, row) => row % tags.length);
    const step = Float64Array.from(tag, (_, row) => seq * stepsAChunk + Math.floor(row / tags.length));
    const value = step.map((at, row) => valueOf(tag[row] ?? 0, at));
    await store.append({
      runId: 'a',
      seq,
      tags,
      tag,
      step,
      epoch: new Float64Array(tag.length),
      wallTime: step.map((at) => 1000 + at),
      value,
    });
  }
  await store.updateRun('a', { status: 'finished', endedAt: 2000 });
}

test('a compacted run is read by another connection: charts in one transaction, points, counts and chunks', async () => {
  const writer = await openStore(name);
  await logAll(writer);
  await writer.maintain();
  await writer.close();
  expect((await readRecords(name, 'journal')).length).toBe(0);
  expect((await readRecords(name, 'packs')).length).toBeGreaterThan(1);

  const store = await openStore(name);
  const transactions = vi.spyOn(IDBDatabase.prototype, 'transaction');
  const charts = await Promise.all(tags.map((tag) => store.series('a', tag, { maxPoints: 60 })));
  expect(transactions.mock.calls.filter(([scope]) => [scope].flat().includes('packs')).length).toBe(1);
  charts.forEach((series, tag) => expectChart(series, tag));
  const zoomed = await store.series('a', 'tag 7', { from: 3330, to: 3336, maxPoints: 100 });
  if (zoomed.kind !== 'points') throw new Error('seven points are allowed as they are');
  expect([...zoomed.step]).toEqual([3330, 3331, 3332, 3333, 3334, 3335, 3336]);
  expect([...zoomed.value]).toEqual([...zoomed.step].map((step) => valueOf(7, step)));
  expect(await store.tags('a')).toEqual(tags.map((tag) => ({ tag, count: steps })));
  expect((await store.lastValues('a')).map(({ step, value }) => [step, value])).toEqual(
    tags.map((_, tag) => [steps - 1, valueOf(tag, steps - 1)]),
  );

  const read = tags.map(() => 0);
  for await (const chunk of store.chunks('a')) {
    chunk.tag.forEach((index, row) => {
      const tag = tags.indexOf(chunk.tags[index] ?? '');
      // Points of a tag come in log order.
      if (chunk.step[row] === read[tag]) read[tag] = (read[tag] ?? 0) + 1;
    });
  }
  expect(read).toEqual(tags.map(() => steps));

  const seqs: number[] = [];
  await new Promise<void>((resolve) => {
    const undo = store.follow('a', ({ seq, value }) => {
      expect(value.length).toBe(stepsAChunk * tags.length);
      seqs.push(seq);
      if (seqs.length === steps / stepsAChunk) {
        undo();
        resolve();
      }
    });
  });
  expect(seqs).toEqual(Array.from({ length: steps / stepsAChunk }, (_, seq) => seq));
  await store.close();
});

function expectChart(series: Series, tag: number): void {
  if (series.kind !== 'buckets') throw new Error('too many points for points');
  expect(series.count.length).toBeLessThanOrEqual(60);
  expect(series.count.length).toBeGreaterThanOrEqual(30);
  expect(series.count.reduce((sum, count) => sum + count, 0)).toBe(steps);
  const top = series.max.indexOf(Math.max(...series.max));
  expect([series.max[top], series.maxStep[top]]).toEqual([valueOf(tag, 3333), 3333]);
}
