import { afterEach, expect, test } from 'vitest';
import { csv, tfevents } from '../../../src/export/index.ts';
import { readScalars } from '../../../src/formats/tfevents/read.ts';
import { deleteStore, memoryStore } from '../../../src/store/index.ts';
import { addPoints, addRun, collect, type Point, startedAt } from './sample-runs.ts';

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

test('a run that is continued from an earlier step between the two readings of an event file is refused, not exported wrongly', async () => {
  const store = memoryStore(name);
  const run = await addRun(store, training(250_000), { project: 'p' }, 50_000);
  const chunks = store.chunks.bind(store);
  let readings = 0;
  store.chunks = async function* (runId) {
    readings += 1;
    if (readings === 2) await store.resumeRun(runId, { fromStep: 10, at: 1 });
    yield* chunks(runId);
  };
  await expect(collect(tfevents(store, [run.id]))).rejects.toMatchObject({
    code: 'export-failed',
    message: expect.stringContaining('Export it again.'),
  });
  // The next one holds what is left.
  const [file] = await collect(tfevents(store, [run.id]));
  expect(readScalars(file!.bytes).tags.get('train/lr')?.steps).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('what is logged between the two readings of an event file goes into the next one', async () => {
  const store = memoryStore(name);
  const points = training(250_000);
  const run = await addRun(store, points, { project: 'p' }, 50_000);
  const before = await collect(tfevents(store, [run.id]));
  const chunks = store.chunks.bind(store);
  let readings = 0;
  store.chunks = async function* (runId) {
    readings += 1;
    if (readings === 2) {
      const more = ['train/lr', 'new'].map((tag) => ({ tag, step: 250_000, value: 0 }));
      await addPoints(store, run, Math.ceil(points.length / 50_000), more, 250_000);
    }
    yield* chunks(runId);
  };
  expect(isSame(await collect(tfevents(store, [run.id])), before)).toBe(true);
  const [file] = await collect(tfevents(store, [run.id]));
  expect(readScalars(file!.bytes).tags.get('new')?.steps).toEqual([250_000]);
});

type Files = readonly { readonly bytes: Uint8Array }[];

function isSame(one: Files, other: Files): boolean {
  return one.length === other.length && one.every(({ bytes }, i) => Buffer.compare(bytes, other[i]!.bytes) === 0);
}
