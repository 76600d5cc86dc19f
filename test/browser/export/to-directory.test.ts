import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { csv, tfevents, toDirectory } from '../../../src/export/index.ts';
import type { ExportFile } from '../../../src/export/index.ts';
import { memoryStore } from '../../../src/store/index.ts';
import { addRun, collect } from '../../unit/export/sample-runs.ts';

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
