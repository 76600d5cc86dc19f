import { afterEach, expect, test } from 'vitest';
import { csv, tfevents } from '../../../src/export/index.ts';
import { readScalars } from '../../../src/formats/tfevents/read.ts';
import { deleteStore, memoryStore } from '../../../src/store/index.ts';
import type { MetricStore } from '../../../src/store/metric-store.ts';
import { addPoints, addRun, collect, joined, type Point, startedAt } from './sample-runs.ts';

const name = 'compacted exports';
afterEach(() => deleteStore(name));

/** A training: each step one row of several tags, now and then one of other tags; two steps often share their wall time. */
function training(steps: number): Point[] {
  return Array.from({ length: steps }, (_, step) => {
    const tags = ['train/loss/step', 'train/lr', ...(step % 7 === 6 ? ['val/loss', 'grad/max'] : [])];
    return tags.map((tag, i) => ({
      tag,
      step,
      value: step / 4 + i,
      epoch: Math.floor(step / 100),
      wallTime: startedAt + Math.floor(step / 3),
    }));
  }).flat();
}

test('a run is exported the same before and after it was compacted, byte for byte, also when it went on', async () => {
  const store = memoryStore(name);
  const points = training(9000);
  const run = await addRun(store, points, { project: 'p' }, 4000);
  const before = await collect(tfevents(store, [run.id]));
  const table = await collect(csv(store, [run.id]));
  await store.maintain();
  const seqs: number[] = [];
  for await (const { seq } of store.chunks(run.id)) seqs.push(seq);
  // It was compacted: its points come in other pieces than those that were appended.
  expect(seqs.length).not.toBe(Math.ceil(points.length / 4000));
  expect(isSame(await collect(csv(store, [run.id])), table)).toBe(true);
  expect(isSame(await collect(tfevents(store, [run.id])), before)).toBe(true);

  await addPoints(store, run, Math.ceil(points.length / 4000), [{ tag: 'train/loss/step', step: 9000, value: -1 }], 9000);
  const text = (files: readonly { bytes: Uint8Array }[]): string => new TextDecoder().decode(files[0]?.bytes);
  const later = text(await collect(csv(store, [run.id])));
  expect(later.startsWith(text(table))).toBe(true);
  expect(later.slice(text(table).length)).toMatch(/^p\/p-1,train\/loss\/step,9000,0,\d+,-1\r\n$/);
});

test('an export that is under way when the run is compacted is complete', async () => {
  const store = memoryStore(name);
  // More than is kept between the two readings of an event file.
  const points = training(250_000);
  const run = await addRun(store, points, { project: 'p' }, 50_000);
  const before = await collect(tfevents(store, [run.id]));
  const pieces: Uint8Array[] = [];
  for await (const { bytes } of tfevents(store, [run.id])) {
    for await (const piece of bytes) {
      if (pieces.length === 0) await store.maintain();
      pieces.push(piece);
    }
  }
  expect(isSame([{ bytes: Buffer.concat(pieces) }], before)).toBe(true);
});

/** Calls `act` right before the store is asked for points for the `nth` time. */
function beforeReading(store: MetricStore, nth: number, act: (runId: string) => Promise<unknown>): void {
  const chunks = store.chunks.bind(store);
  let readings = 0;
  store.chunks = async function* (runId) {
    readings += 1;
    if (readings === nth) await act(runId);
    yield* chunks(runId);
  };
}

const refused = { code: 'export-failed', message: expect.stringContaining('Export it again.') };

test('a run that is continued from an earlier step between the two readings of an event file is refused, not exported wrongly', async () => {
  const store = memoryStore(name);
  const points = training(250_000);
  const run = await addRun(store, points, { project: 'p' }, 50_000);
  beforeReading(store, 2, async (runId) => {
    const { nextSeq } = await store.resumeRun(runId, { fromStep: 10, at: 1 });
    // It has soon logged as many as it had.
    const again = points.filter(({ step }) => step >= 10).map((point) => ({ ...point, value: -1 }));
    await addPoints(store, run, nextSeq, again);
  });
  await expect(collect(tfevents(store, [run.id]))).rejects.toMatchObject(refused);
  // The next one holds what there is now.
  const [file] = await collect(tfevents(store, [run.id]));
  const { steps, values } = readScalars(file!.bytes).tags.get('train/lr')!;
  expect([steps.length, values[9], values[10]]).toEqual([250_000, 3.25, -1]);
});

test('so is one of which superseded points are brought back, also where tags that go back are read a third time', async () => {
  const store = memoryStore(name);
  const points = training(250_000);
  const run = await addRun(store, [{ tag: 'back', step: 9, value: 0 }, { tag: 'back', step: 1, value: 0 }, ...points], {}, 50_000);
  const { nextSeq } = await store.resumeRun(run.id, { fromStep: 249_000, at: 1 });
  await addPoints(store, run, nextSeq, training(10));
  beforeReading(store, 3, (runId) => store.bringBack(runId));
  await expect(collect(tfevents(store, [run.id]))).rejects.toMatchObject(refused);
  await expect(collect(tfevents(store, [run.id]))).resolves.toHaveLength(1);
});

test('so is one that was deleted and made again with other points, and one that was deleted before its points were read', async () => {
  const store = memoryStore(name);
  const id = 'made twice';
  await addRun(store, training(250_000), { id }, 50_000);
  beforeReading(store, 2, async () => {
    await store.deleteRun(id);
    await store.maintain();
    await addRun(
      store,
      training(250_001).map((point) => ({ ...point, wallTime: startedAt + point.step })),
      { id },
      50_000,
    );
  });
  await expect(collect(tfevents(store, [id]))).rejects.toMatchObject(refused);
  for (const exporter of [tfevents, csv]) {
    const { value: file } = await exporter(store, [id]).next();
    await store.deleteRun(id);
    await expect(joined(file!.bytes)).rejects.toMatchObject(refused);
    await store.restoreRun(id);
    await expect(joined(file!.bytes)).resolves.toBeInstanceOf(Uint8Array);
  }
});

test('a run that is continued behind its last step between the two readings is exported', async () => {
  const store = memoryStore(name);
  const run = await addRun(store, training(250_000), { project: 'p' }, 50_000);
  const before = await collect(tfevents(store, [run.id], { layout: false }));
  beforeReading(store, 2, async (runId) => {
    await store.resumeRun(runId, { at: 1 });
    const { nextSeq } = await store.resumeRun(runId, { fromStep: 250_000, at: 2 });
    await addPoints(store, run, nextSeq, [{ tag: 'train/lr', step: 250_000, value: 0 }], 250_000);
  });
  expect(isSame(await collect(tfevents(store, [run.id], { layout: false })), before)).toBe(true);
});

test('what is logged between the two readings of an event file goes into the next one', async () => {
  const store = memoryStore(name);
  const points = training(250_000);
  const run = await addRun(store, points, { project: 'p' }, 50_000);
  const before = await collect(tfevents(store, [run.id]));
  beforeReading(store, 2, async () => {
    const more = ['train/lr', 'new'].map((tag) => ({ tag, step: 250_000, value: 0 }));
    await addPoints(store, run, Math.ceil(points.length / 50_000), more, 250_000);
  });
  expect(isSame(await collect(tfevents(store, [run.id])), before)).toBe(true);
  const [file] = await collect(tfevents(store, [run.id]));
  expect(readScalars(file!.bytes).tags.get('new')?.steps).toEqual([250_000]);
});

type Files = readonly { readonly bytes: Uint8Array }[];

function isSame(one: Files, other: Files): boolean {
  return one.length === other.length && one.every(({ bytes }, i) => Buffer.compare(bytes, other[i]!.bytes) === 0);
}
