import { afterEach, expect, test } from 'vitest';
import type { LogError } from '../../../src/core/errors.ts';
import { startRun } from '../../../src/run/index.ts';
import { deleteStore, memoryStore, openStore, type StoredRecord } from '../../../src/store/index.ts';
import { logEverything } from './log-everything.ts';

const names: string[] = [];

afterEach(async () => {
  for (const name of names.splice(0)) await deleteStore(name);
});

function newName(): string {
  const name = crypto.randomUUID();
  names.push(name);
  return name;
}

/** The pixels of a picture as this browser decodes it: width, height, and red, green, blue and alpha of each. */
async function decoded(file: Blob | undefined): Promise<readonly unknown[]> {
  const bitmap = await createImageBitmap(file ?? new Blob([]));
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
  context?.drawImage(bitmap, 0, 0);
  return [bitmap.width, bitmap.height, [...(context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [])]];
}

async function inWorker(name: string): Promise<string> {
  const worker = new Worker(new URL('./log-everything.worker.ts', import.meta.url), { type: 'module' });
  try {
    const answer = await new Promise<{ readonly runId?: string; readonly problem?: string }>((resolve, reject) => {
      worker.addEventListener('message', ({ data }) => resolve(data));
      worker.addEventListener('error', reject);
      worker.postMessage(name);
    });
    if (answer.runId === undefined) throw new Error(answer.problem);
    return answer.runId;
  } finally {
    worker.terminate();
  }
}

const red = [255, 0, 0, 255];
const blue = [0, 0, 255, 255];
const white = [255, 255, 255, 255];
const clear = [0, 0, 0, 0];

test.each([
  ['the page', logEverything],
  ['a worker', inWorker],
])('records of every kind that %s logs come back from IndexedDB in order, their pictures as they were at the call', async (_, log) => {
  const name = newName();
  const runId = await log(name);
  const store = await openStore(name);
  const records = await store.records(runId);
  expect(records.map(({ kind, tag }) => `${kind} ${tag}`)).toEqual([
    ...['image pixels', 'image canvas', 'image bitmap', 'image data', 'image file', 'image grid', 'image batch'],
    ...['figure chart', 'figure picture', 'text text', 'audio sound', 'histogram weights', 'table table'],
    ...['event halved', 'alert slow', 'graph net'],
  ]);
  const of = (tag: string): StoredRecord => records.find((record) => record.tag === tag) as StoredRecord; // listed above
  const picture = async (tag: string): Promise<unknown> => decoded(await store.content(of(tag)));
  expect(await picture('pixels')).toEqual([2, 1, [10, 20, 30, 255, 40, 50, 60, 255]]);
  expect(await picture('canvas')).toEqual([2, 1, [...red, ...red]]);
  expect(await picture('bitmap')).toEqual([2, 1, [...red, ...red]]);
  expect(await picture('data')).toEqual([2, 1, [...blue, ...blue]]);
  expect(await picture('picture')).toEqual([2, 1, [...blue, ...blue]]);
  expect(await picture('grid')).toEqual([4, 2, [...blue, ...blue, ...white, ...white, ...blue, ...blue, ...clear, ...clear]]);
  expect(await picture('batch')).toEqual([4, 1, [0, 51, 102, 153].flatMap((grey) => [grey, grey, grey, 255])]);
  expect((await store.content(of('file')))?.type).toBe('image/webp');
  const data = (tag: string): unknown => of(tag).data;
  expect(data('bitmap')).toEqual({ width: 2, height: 1, channels: 4, caption: 'as it was' });
  expect(data('file')).toEqual({ width: 2, height: 1 });
  expect(data('grid')).toEqual({ width: 4, height: 2, channels: 4, images: 3, columns: 2 });
  expect(data('chart')).toEqual({ chart: { type: 'bar', data: { labels: ['a'], datasets: [{ data: [1] }] } } });
  expect(data('text')).toEqual({ text: '<img src=x onerror=alert(1)> **bold**' });
  expect(data('sound')).toEqual({ sampleRate: 8000, channels: 1, frames: 3 });
  expect(data('weights')).toMatchObject({ edges: Float64Array.of(0, 2, 4), counts: Float64Array.of(1, 3), num: 4, nanCount: 1 });
  expect(data('table')).toEqual({ columns: ['a', 'b'], rows: [[1, 'x']] });
  expect(data('halved')).toEqual({ lr: 0.05 });
  expect(data('slow')).toEqual({ text: 'the page is hidden', level: 'warn' });
  expect(data('net')).toEqual({ graph: { name: 'net', nodes: [{ name: 'd', op: 'Dense', inputs: [] }] } });
  const sound = await new AudioContext({ sampleRate: 8000 }).decodeAudioData(
    (await (await store.content(of('sound')))?.arrayBuffer()) as ArrayBuffer,
  ); // there
  expect([sound.numberOfChannels, sound.length]).toEqual([1, 3]);
  expect([...sound.getChannelData(0)]).toEqual([0, 0.5, -0.5].map((value) => expect.closeTo(value, 3)));
  await store.close();
});

test('a picture of 4 megapixels is a whole PNG that the browser reads back exactly', async () => {
  const store = memoryStore(newName());
  const run = await startRun({ store, onWarning: () => {} });
  const values = Uint8Array.from({ length: 2000 * 2000 }, (_, i) => (i * i) >> 5);
  run.logImage('large', { values, shape: [2000, 2000] });
  await run.finish();
  const [record] = (await store.records(run.id)) as [StoredRecord];
  const [width, height, pixels] = await decoded(await store.content(record));
  expect([width, height]).toEqual([2000, 2000]);
  const rgba = pixels as readonly number[];
  expect(values.findIndex((value, i) => rgba[4 * i] !== value || rgba[4 * i + 2] !== value)).toBe(-1);
});

test('what the browser cannot draw or read is named, and nothing else is lost', async () => {
  const store = memoryStore(newName());
  const errors: LogError[] = [];
  const run = await startRun({ store, onError: (error) => errors.push(error), onWarning: () => {} });
  run.logImage('no picture', new Blob(['not a picture'], { type: 'image/png' }));
  run.logImage('empty', document.createElement('canvas').cloneNode() as HTMLCanvasElement);
  const none = document.createElement('canvas');
  none.width = 0;
  run.logImage('no width', none);
  run.logImages('two sizes', [new OffscreenCanvas(1, 1), new OffscreenCanvas(2, 1)]);
  run.event('last');
  await run.finish();
  expect(errors.map(({ code, message }) => [code, message.slice(0, message.indexOf(':'))])).toEqual([
    ['bad-value', "run.logImage('no picture')"],
    ['bad-value', "run.logImage('no width')"],
    ['bad-value', "run.logImages('two sizes')"],
  ]);
  expect((await store.records(run.id)).map(({ tag }) => tag)).toEqual(['empty', 'last']);
});
