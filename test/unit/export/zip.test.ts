import { expect, test } from 'vitest';
import { csv, tfevents, toZip } from '../../../src/export/index.ts';
import type { ExportFile } from '../../../src/export/index.ts';
import { memoryStore } from '../../../src/store/index.ts';
import { addRun, collect } from './sample-runs.ts';

const fileOf = (path: string, content: string): ExportFile => ({
  path,
  bytes: {
    async *[Symbol.asyncIterator]() {
      yield new TextEncoder().encode(content);
    },
  },
});

async function zipped(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Reads a stored zip by its central directory alone, as unpackers do.
function entriesOf(zip: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = zip.length - 22;
  expect(view.getUint32(end, true)).toBe(0x06054b50);
  const entries = new Map<string, Uint8Array>();
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < view.getUint16(end + 10, true); i++) {
    expect(view.getUint32(at, true)).toBe(0x02014b50);
    expect(view.getUint16(at + 10, true)).toBe(0);
    const size = view.getUint32(at + 24, true);
    const nameLength = view.getUint16(at + 28, true);
    const offset = view.getUint32(at + 42, true);
    const content = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
    entries.set(new TextDecoder().decode(zip.subarray(at + 46, at + 46 + nameLength)), zip.slice(content, content + size));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

test('one zip holds the files of several exporters, byte for byte, and OPEN-ME.txt', async () => {
  const store = memoryStore('zip');
  const run = await addRun(store, [{ tag: 'loss', step: 0, value: 1 }], { project: 'é', name: 'one' });
  const entries = entriesOf(await zipped(toZip([tfevents(store, [run.id]), csv(store, [run.id])])));
  expect([...entries.keys()]).toEqual(['é/one/events.out.tfevents.1700000000.browser.0.v2', 'metrics.csv', 'OPEN-ME.txt']);
  const files = [...(await collect(tfevents(store, [run.id]))), ...(await collect(csv(store, [run.id])))];
  for (const { path, bytes } of files) expect(entries.get(path)).toEqual(bytes);
  const text = new TextDecoder().decode(entries.get('OPEN-ME.txt'));
  expect(text).toContain('tensorboard --logdir . --samples_per_plugin scalars=1000000\n');
  expect(text).toContain("pd.read_csv('metrics.csv', float_precision='round_trip')");
});

test('paths that occur twice are kept apart, whatever their case', async () => {
  const files = [fileOf('a/x.csv', '1'), fileOf('A/x.CSV', '2'), fileOf('a/x.csv', '3'), fileOf('noending', '4'), fileOf('noending', '5')];
  const entries = entriesOf(await zipped(toZip(files)));
  expect([...entries.keys()]).toEqual(['a/x.csv', 'A/x-2.CSV', 'a/x-3.csv', 'noending', 'noending-2', 'OPEN-ME.txt']);
});

test('runs of two stores get folders of their own when their names are equal or differ by case', async () => {
  const [one, two, three] = ['one', 'two', 'three'].map((name) => memoryStore(`zip-${name}`));
  const point = { tag: 'loss', step: 0, value: 1 };
  const a = await addRun(one!, [point], { project: 'demo', name: 'first' });
  const b = await addRun(two!, [point], { project: 'demo', name: 'first', startedAt: 1_700_000_001 });
  const c = await addRun(three!, [point], { project: 'Demo', name: 'FIRST' });
  const files = [tfevents(one!, [a.id]), tfevents(two!, [b.id]), tfevents(three!, [c.id])];
  expect([...entriesOf(await zipped(toZip(files))).keys()]).toEqual([
    'demo/first/events.out.tfevents.1700000000.browser.0.v2',
    'demo/first-2/events.out.tfevents.1700000001.browser.0.v2',
    'Demo/FIRST-3/events.out.tfevents.1700000000.browser.0.v2',
    'OPEN-ME.txt',
  ]);
});

test('the zip is made as it is read', async () => {
  let made = 0;
  const endless: ExportFile = {
    path: 'endless',
    bytes: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          made += 1;
          yield new Uint8Array(65_536);
        }
      },
    },
  };
  const reader = toZip([endless]).getReader();
  for (let taken = 0; taken < 20; taken++) await reader.read();
  expect(made).toBeLessThan(25);
  await reader.cancel().catch(() => undefined);
});

test('a file that cannot be made errors the stream with its name and cause', async () => {
  const cause = new Error('disk gone');
  const broken: ExportFile = {
    path: 'broken.csv',
    bytes: {
      // oxlint-disable-next-line require-yield -- fails before its first piece
      async *[Symbol.asyncIterator]() {
        throw cause;
      },
    },
  };
  await expect(zipped(toZip([broken]))).rejects.toMatchObject({
    code: 'export-failed',
    message: expect.stringContaining("'broken.csv'"),
    cause,
  });
});

test('an unknown run errors the stream with its own code', async () => {
  await expect(zipped(toZip(tfevents(memoryStore('zip'), ['nope'])))).rejects.toMatchObject({ code: 'run-not-found' });
});
