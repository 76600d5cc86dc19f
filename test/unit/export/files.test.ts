import { expect, test } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import type { NewRecord } from '../../../src/core/records.ts';
import { files, toZip } from '../../../src/export/index.ts';
import { memoryStore } from '../../../src/store/index.ts';
import type { MetricStore, StoredRecord } from '../../../src/store/metric-store.ts';
import { addRun, collect, startedAt } from './sample-runs.ts';

const moment = { step: 120, epoch: 1, wallTime: startedAt + 3 };
let stores = 0;

async function aRun(
  more: Parameters<MetricStore['addRecords']>[1],
  run: Parameters<typeof addRun>[2] = {},
): Promise<readonly [MetricStore, string]> {
  const store = memoryStore(`files ${++stores}`);
  const { id } = await addRun(store, [{ tag: 'loss', step: 0, value: 1 }], { name: 'first', ...run });
  await store.addRecords(id, more);
  return [store, id];
}

async function textsOf(store: MetricStore, id: string, options = {}): Promise<Map<string, string>> {
  const found = await collect(files(store, [id], options));
  return new Map(found.map(({ path, bytes }) => [path, new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)]));
}

test('each kind becomes a file that other programs open, in folders by kind and tag', async () => {
  const [store, id] = await aRun([
    { kind: 'text', tag: 'note', ...moment, data: { text: '# Hello\n' } },
    {
      kind: 'image',
      tag: 'val/digits',
      ...moment,
      data: { width: 1, height: 1, caption: 'a seven' },
      content: new Blob(['PNG'], { type: 'image/png' }),
    },
    { kind: 'audio', tag: 'beep', ...moment, content: new Blob(['RIFF'], { type: 'audio/wav' }) },
    { kind: 'histogram', tag: 'w', ...moment, data: { edges: Float64Array.of(0, NaN), counts: Uint32Array.of(3) } },
    {
      kind: 'table',
      tag: 'worst',
      ...moment,
      data: {
        columns: ['id', 'note'],
        rows: [
          [17, '=HYPERLINK("x")'],
          [NaN, null],
        ],
      },
    },
    { kind: 'figure', tag: 'share', ...moment, data: { chart: { type: 'bar' } } },
    { kind: 'graph', tag: 'net', ...moment, data: { name: 'net', nodes: [] } },
    { kind: 'checkpoint', tag: 'best', ...moment, content: new Blob(['abc']) },
    {
      kind: 'file',
      tag: 'model.json',
      ...moment,
      data: { fileName: 'model.json' },
      content: new Blob(['{}'], { type: 'application/json' }),
    },
    { kind: 'event', tag: 'lr', ...moment, data: { lr: 0.1 } },
    { kind: 'alert', tag: 'Plateau', ...moment, data: { text: 'no change', level: 'warn' } },
  ]);
  const found = await textsOf(store, id);
  expect([...found.keys()]).toEqual([
    'demo/first/run.json',
    'demo/first/texts/note/step-000120.md',
    'demo/first/images/val/digits/step-000120.png',
    'demo/first/audio/beep/step-000120.wav',
    'demo/first/histograms/w/step-000120.json',
    'demo/first/tables/worst/step-000120.csv',
    'demo/first/figures/share/step-000120.json',
    'demo/first/graphs/net/step-000120.json',
    'demo/first/checkpoints/best/step-000120.bin',
    'demo/first/files/model.json/model.json',
    'demo/first/events.jsonl',
    'demo/first/index.jsonl',
  ]);
  expect(found.get('demo/first/texts/note/step-000120.md')).toBe('# Hello\n');
  expect(found.get('demo/first/images/val/digits/step-000120.png')).toBe('PNG');
  expect(JSON.parse(found.get('demo/first/histograms/w/step-000120.json')!)).toEqual({ edges: [0, 'NaN'], counts: [3] });
  expect(found.get('demo/first/tables/worst/step-000120.csv')).toBe('id,note\r\n17,"\'=HYPERLINK(""x"")"\r\nNaN,\r\n');
  const lines = (path: string): unknown[] =>
    found
      .get(path)!
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  const at = { step: 120, epoch: 1, wall_time: startedAt + 3 };
  expect(lines('demo/first/events.jsonl')).toEqual([
    { kind: 'event', tag: 'lr', ...at, data: { lr: 0.1 } },
    { kind: 'alert', tag: 'Plateau', ...at, data: { text: 'no change', level: 'warn' } },
  ]);
  expect(lines('demo/first/index.jsonl')).toHaveLength(9);
  expect(lines('demo/first/index.jsonl')[1]).toEqual({
    kind: 'image',
    tag: 'val/digits',
    ...at,
    data: { width: 1, height: 1, caption: 'a seven' },
    file: 'images/val/digits/step-000120.png',
  });
  expect(JSON.parse(found.get('demo/first/run.json')!)).toMatchObject({ id, name: 'first', status: 'interrupted', startedAt });
  expect((await textsOf(store, id, { prefix: 'ada', escapeFormulas: false })).get('ada/demo/first/tables/worst/step-000120.csv')).toContain(
    '"=HYPER',
  );
});

test('names are safe on every system and never meet, whatever the tags', async () => {
  const content = new Blob(['x'], { type: 'image/png' });
  const [store, id] = await aRun(
    ['a', 'A', 'a', '../../etc', 'con', 'a/../b', '/', 'x:y']
      .map((tag) => ({ kind: 'image' as const, tag, ...moment, content }))
      .concat([
        { kind: 'image', tag: 'steps', ...moment, step: -2.5, content },
        { kind: 'image', tag: 'steps', ...moment, step: 12_345_678, content },
      ]),
  );
  await store.addRecords(id, [{ kind: 'file', tag: 'f', ...moment, data: { fileName: '../../../evil.sh' }, content }]);
  const paths = [...(await textsOf(store, id)).keys()].map((path) => path.slice('demo/first/'.length));
  expect(paths).toEqual([
    'run.json',
    'images/a/step-000120.png',
    'images/A/step-000120-2.png',
    'images/a/step-000120-3.png',
    'images/run/run/etc/step-000120.png',
    'images/run-con/step-000120.png',
    'images/a/run/b/step-000120.png',
    'images/step-000120.png',
    'images/x-y/step-000120.png',
    'images/steps/step--2.5.png',
    'images/steps/step-12345678.png',
    'files/f/evil.sh',
    'index.jsonl',
  ]);
});

test('a content that is lost costs one file, not the export', async () => {
  const [store, id] = await aRun([
    { kind: 'image', tag: 'lost', ...moment, content: new Blob([new Uint8Array(9000)], { type: 'image/png' }) },
  ]);
  store.content = (record: StoredRecord) => Promise.reject(new LogError('bad-data', `${record.tag} is lost`));
  const found = await textsOf(store, id);
  expect([...found.keys()]).toEqual(['demo/first/run.json', 'demo/first/index.jsonl']);
  expect(JSON.parse(found.get('demo/first/index.jsonl')!)).toMatchObject({ tag: 'lost', file: null });
});

test('what a continuation superseded is not exported, a run that is not there is refused, and OPEN-ME names no table for pandas', async () => {
  const [store, id] = await aRun([{ kind: 'table', tag: 't', ...moment, data: { columns: ['a'], rows: [] } }]);
  const text = await new Response(toZip(files(store, [id]))).text();
  expect(text).toContain('OPEN-ME.txt');
  expect(text).not.toContain('read_csv');
  await store.resumeRun(id, { fromStep: 100, at: startedAt });
  expect([...(await textsOf(store, id)).keys()]).toEqual(['demo/first/run.json']);
  await expect(textsOf(store, 'nobody')).rejects.toMatchObject({ code: 'run-not-found' });
});

test('a record of a run that went on may take the place of its own earlier file, and of no other', async () => {
  const [store, id] = await aRun([]);
  const { value: first } = await files(store, [id]).next();
  expect(await first!.isEarlier!(new Blob([JSON.stringify({ id })]))).toBe(true);
  expect(await first!.isEarlier!(new Blob([JSON.stringify({ id: 'other' })]))).toBe(false);
  expect(await first!.isEarlier!(new Blob(['no JSON']))).toBe(false);
});

test('a file and a folder never get one path, in whatever order they were logged', async () => {
  const text = (tag: string): NewRecord => ({ kind: 'text', tag, ...moment, data: { text: tag } });
  const file = (tag: string): NewRecord => ({ ...text(tag), kind: 'file', content: new Blob([tag]) });
  const inside = 'a/step-000120.md';
  const name = 'b/X/x.bin';
  const [store, id] = await aRun([text('a'), text(inside), text(inside), file('x/y'), file('x'), file(name), file('b/x')]);
  const paths = [...(await textsOf(store, id)).keys()].map((path) => path.toLowerCase());
  const folders = paths.flatMap((path) => path.split('/').map((_part, at, parts) => parts.slice(0, at).join('/')));
  expect(paths.filter((path) => folders.includes(path))).toEqual([]);
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths).toHaveLength(2 + 7);
  // What the index says is where the files are.
  const index = (await textsOf(store, id)).get('demo/first/index.jsonl')!.trim().split('\n');
  const told = index.map((line) => `demo/first/${(JSON.parse(line) as { file: string }).file}`.toLowerCase());
  expect(told.toSorted()).toEqual(paths.filter((path) => /\/(texts|files)\//.test(path)).toSorted());
});
