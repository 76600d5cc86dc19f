import { expect, test } from 'vitest';
import type { NewRecord } from '../../../src/core/records.ts';
import { archive } from '../../../src/export/index.ts';
import { importArchive } from '../../../src/import/index.ts';
import { memoryStore } from '../../../src/store/index.ts';
import type { MetricStore } from '../../../src/store/metric-store.ts';
import { addRun, startedAt } from '../export/sample-runs.ts';
import { snapshotOf, zipFile } from './snapshot.ts';

let stores = 0;
const newStore = (): MetricStore => memoryStore(`import-${++stores}`);
const moment = { step: 3, epoch: 1, wallTime: startedAt + 3 };
const large = new Blob([new Uint8Array(9000).fill(7)], { type: 'image/png' });

/** A run with everything there is. */
async function richRun(store: MetricStore): Promise<string> {
  const points = Array.from({ length: 250 }, (_, i) => ({
    tag: i % 3 === 0 ? 'val/loss' : 'train/loss',
    step: i,
    value: [NaN, Infinity, -Infinity, -0, 0.1, 1 / 3][i % 6]!,
    epoch: Math.floor(i / 100),
    wallTime: startedAt + i / 7,
  }));
  const { id } = await addRun(store, points, {
    name: 'best one',
    config: { lr: 0.1, big: Infinity, none: NaN, minus: -0, net: { layers: [8, 4], $number: 'NaN' } },
    facts: { 'backend.name': 'wasm', 'config.text': 'lr: 1.0e-1 # exactly\n' },
    tags: ['a', '<b>'],
    notes: '<script>alert(1)</script> ü',
    parent: 'elsewhere',
    source: 'old.zip',
  });
  const records: NewRecord[] = [
    { kind: 'text', tag: 'note', ...moment, data: { text: '# ü \ud800', list: [NaN, -0, { $x: 1 }] } },
    {
      kind: 'histogram',
      tag: 'w',
      ...moment,
      data: { edges: Float64Array.of(-0, 0.1, NaN), counts: Uint32Array.of(3, 4e9), small: Float32Array.of(0.5) },
    },
    { kind: 'audio', tag: 'bytes', ...moment, data: { raw: Uint8Array.of(0, 255), whole: Int32Array.of(-1, 1) } },
    { kind: 'image', tag: 'small', ...moment, content: new Blob(['tiny'], { type: 'image/png' }) },
    { kind: 'image', tag: 'large', ...moment, data: { caption: 'one' }, content: large },
    { kind: 'checkpoint', tag: 'large again', ...moment, content: large.slice(0, large.size, 'application/octet-stream') },
    { kind: 'file', tag: 'empty', ...moment, content: new Blob([]) },
  ];
  await store.addRecords(id, records);
  await store.updateRun(id, { status: 'failed', endedAt: startedAt + 99.5, failure: 'out of memory', isStarred: true, isArchived: true });
  return id;
}

test('everything a run holds comes back as it was', async () => {
  const from = newStore();
  const id = await richRun(from);
  const to = newStore();
  const report = await importArchive(to, await zipFile(archive(from, [id])));
  expect(report).toEqual({ runs: [{ id, name: 'best one', project: 'demo', isNew: true, archivedId: id }], notes: [] });
  expect(await snapshotOf(to, id, false)).toEqual(await snapshotOf(from, id, false));
  expect((await to.run(id))?.source).toBe('ada.zip');
  // A Blob has no name: the run keeps the source it had.
  const blob = newStore();
  const bare = await zipFile(archive(from, [id]));
  await importArchive(blob, bare.slice());
  expect(await snapshotOf(blob, id)).toEqual(await snapshotOf(from, id));
});
