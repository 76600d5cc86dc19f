import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { csv, tfevents, toDirectory } from '../../../src/export/index.ts';
import type { ExportFile } from '../../../src/export/index.ts';
import { memoryStore } from '../../../src/store/index.ts';
import { addPoints, addRun, collect } from '../../unit/export/sample-runs.ts';

let root: FileSystemDirectoryHandle;

beforeEach(async () => {
  root = await (await navigator.storage.getDirectory()).getDirectoryHandle('logs', { create: true });
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await (await navigator.storage.getDirectory()).removeEntry('logs', { recursive: true });
});

const fileOf = (path: string, content: string): ExportFile => ({
  path,
  bytes: {
    async *[Symbol.asyncIterator]() {
      for (const character of content) yield new TextEncoder().encode(character);
    },
  },
});

async function bytesAt(path: string): Promise<Uint8Array> {
  const parts = path.split('/');
  let folder = root;
  for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part);
  return new Uint8Array(await (await (await folder.getFileHandle(parts.at(-1)!)).getFile()).arrayBuffer());
}

const textAt = async (path: string): Promise<string> => new TextDecoder().decode(await bytesAt(path));

test('an export is written into folders, byte for byte', async () => {
  const store = memoryStore('directory');
  const run = await addRun(store, [{ tag: 'loss', step: 0, value: 1 }], { project: 'demo', name: 'one' });
  const result = await toDirectory([tfevents(store, [run.id]), csv(store, [run.id])], root);
  const paths = ['demo/one/events.out.tfevents.1700000000.browser.0.v2', 'metrics.csv'];
  expect(result).toEqual({ outcome: 'saved', written: paths, unchanged: [] });
  for (const { path, bytes } of await collect(tfevents(store, [run.id]))) expect(await bytesAt(path)).toEqual(bytes);
});

test('a file that goes on is brought up to date, an equal one is left alone', async () => {
  await toDirectory([fileOf('a/x', 'one'), fileOf('y', 'same')], root);
  const result = await toDirectory([fileOf('a/x', 'one two'), fileOf('y', 'same')], root);
  expect(result).toEqual({ outcome: 'saved', written: ['a/x'], unchanged: ['y'] });
  expect(await textAt('a/x')).toBe('one two');
});

test.each([
  ['other content', 'two'],
  ['more content', 'one and more'],
])('a file with %s is never overwritten, the others are written and the error names it', async (_what, there) => {
  await toDirectory([fileOf('x', there)], root);
  await expect(toDirectory([fileOf('x', 'one'), fileOf('y', 'new')], root)).rejects.toMatchObject({
    code: 'export-failed',
    message: expect.stringContaining("'x' already there with other content"),
  });
  expect(await textAt('x')).toBe(there);
  expect(await textAt('y')).toBe('new');
});

test('a run that went on is brought up to date although new tags changed the beginning of its file', async () => {
  const store = memoryStore('directory-went-on');
  const run = await addRun(store, [{ tag: 'train/loss', step: 0, value: 1 }], { project: 'demo', name: 'one', config: { lr: 1 } });
  await toDirectory(tfevents(store, [run.id]), root);
  await addPoints(store, run, 1, [
    { tag: 'val/accuracy', step: 0, value: 0.5 },
    { tag: 'train/loss', step: 0, value: 2 },
  ]);
  await store.updateRun(run.id, { status: 'finished', endedAt: 1_700_002_000 });
  const files = () => [tfevents(store, [run.id]), csv(store, [run.id])];
  const result = await toDirectory(files(), root);
  const path = 'demo/one/events.out.tfevents.1700000000.browser.0.v2';
  expect(result.written).toEqual([path, 'metrics.csv']);
  expect(await bytesAt(path)).toEqual((await collect(tfevents(store, [run.id])))[0]!.bytes);
  expect(await toDirectory(files(), root)).toMatchObject({ written: [], unchanged: [path, 'metrics.csv'] });
});

test('the event file of another run of the same name and start is left as found', async () => {
  const [one, two] = [memoryStore('directory-one'), memoryStore('directory-two')];
  const point = { tag: 'loss', step: 0, value: 1 };
  const a = await addRun(one, [point], { project: 'demo', name: 'one' });
  const b = await addRun(two, [point, { tag: 'more', step: 1, value: 2 }], { project: 'demo', name: 'one' });
  await toDirectory(tfevents(one, [a.id]), root);
  const path = 'demo/one/events.out.tfevents.1700000000.browser.0.v2';
  const before = await bytesAt(path);
  await expect(toDirectory(tfevents(two, [b.id]), root)).rejects.toMatchObject({
    code: 'export-failed',
    message: expect.stringContaining(path),
  });
  expect(await bytesAt(path)).toEqual(before);
});

test('an event file of the same run that holds more than the store is left as found', async () => {
  const [one, two] = [memoryStore('directory-more'), memoryStore('directory-less')];
  const points = ['a', 'b', 'c'].map((tag) => ({ tag, step: 0, value: 1 }));
  const names = { id: 'same', project: 'demo', name: 'one' };
  await addRun(one, points, names);
  await addRun(two, points.slice(1), names);
  await toDirectory(tfevents(one, ['same']), root);
  await expect(toDirectory(tfevents(two, ['same']), root)).rejects.toMatchObject({ code: 'export-failed' });
  expect(await bytesAt('demo/one/events.out.tfevents.1700000000.browser.0.v2')).toEqual((await collect(tfevents(one, ['same'])))[0]!.bytes);
});

test('a table of several runs is brought up to date when they went on and a run with more hyperparameters came', async () => {
  const store = memoryStore('directory-tables');
  const a = await addRun(store, [{ tag: 'loss\r\nof all', step: 0, value: 1 }], { name: 'a', config: { lr: 1 } });
  const b = await addRun(store, [{ tag: 'loss', step: 0, value: 2 }], { name: 'b' });
  await toDirectory(csv(store, [a.id, b.id]), root);
  await addPoints(store, a, 1, [{ tag: 'val', step: 1, value: 3 }]);
  const c = await addRun(store, [{ tag: 'loss', step: 0, value: 4 }], { name: 'c', config: { units: 8 } });
  const ids = [a.id, b.id, c.id];
  expect((await toDirectory(csv(store, ids), root)).written).toEqual(['metrics.csv']);
  const [file] = await collect(csv(store, ids));
  expect(await bytesAt('metrics.csv')).toEqual(file!.bytes);
});

test.each([
  ['of another run', (text: string) => text.replaceAll('demo/a', 'demo/z')],
  ['with a value changed by hand', (text: string) => text.replace(',2\r\n', ',20\r\n')],
  ['with a column added by hand', (text: string) => text.replaceAll('\r\n', ',note\r\n')],
  ['with a line added by hand', (text: string) => `${text}\r\n`],
  ['with text in front', (text: string) => `mine\r\n${text}`],
])('a table %s is left as found', async (what, change) => {
  const store = memoryStore(`directory-foreign-${what}`);
  const a = await addRun(store, [{ tag: 'loss', step: 0, value: 2 }], { name: 'a' });
  const b = await addRun(store, [{ tag: 'loss', step: 0, value: 3 }], { name: 'b' });
  const [file] = await collect(csv(store, [a.id, b.id]));
  const there = change(new TextDecoder().decode(file!.bytes));
  await toDirectory([fileOf('metrics.csv', there)], root);
  await addPoints(store, a, 1, [{ tag: 'val', step: 1, value: 3 }]);
  await expect(toDirectory(csv(store, [a.id, b.id]), root)).rejects.toMatchObject({ code: 'export-failed' });
  expect(await textAt('metrics.csv')).toBe(there);
});

test('a file with other content is replaced when asked for', async () => {
  await toDirectory([fileOf('x', 'a longer text')], root);
  const result = await toDirectory([fileOf('x', 'one')], root, { existing: 'replace' });
  expect(result.written).toEqual(['x']);
  expect(await textAt('x')).toBe('one');
});

test('a file that cannot be made leaves the old one as it was', async () => {
  await toDirectory([fileOf('x', 'old')], root);
  const broken: ExportFile = {
    path: 'x',
    bytes: {
      async *[Symbol.asyncIterator]() {
        yield new TextEncoder().encode('old and new');
        throw new Error('gone');
      },
    },
  };
  await expect(toDirectory([broken], root)).rejects.toMatchObject({
    code: 'export-failed',
    message: expect.stringContaining("could not write 'x'"),
  });
  expect(await textAt('x')).toBe('old');
});

test('closing the folder dialog is no error', async () => {
  vi.stubGlobal('showDirectoryPicker', () => Promise.reject(new DOMException('closed', 'AbortError')));
  expect(await toDirectory([fileOf('x', 'one')])).toEqual({ outcome: 'cancelled', written: [], unchanged: [] });
});

test('a browser that cannot open folders says what to do instead', async () => {
  vi.stubGlobal('showDirectoryPicker', undefined);
  await expect(toDirectory([fileOf('x', 'one')])).rejects.toMatchObject({
    code: 'export-failed',
    message: expect.stringContaining('download('),
  });
});
