import { expect, test } from 'vitest';
import { toZip } from '../../../src/export/index.ts';
import { CSVLogger, folderFiles, memoryFolder } from '../../../src/loggers/index.ts';
import { at, runInfo } from './rows.ts';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

test('a folder lists what lies directly in it, and knows what is not there', async () => {
  const folder = memoryFolder();
  await folder.write('a/b/c.txt', bytes('1'));
  await folder.append('a/b/c.txt', bytes('2'));
  await folder.append('top.txt', bytes('3'));
  await folder.makeFolder('a/empty');
  expect((await folder.list('')).toSorted()).toEqual(['a/', 'top.txt']);
  expect((await folder.list('a')).toSorted()).toEqual(['b/', 'empty/']);
  expect(await folder.list('nowhere')).toEqual([]);
  expect(await folder.text('a/b/c.txt')).toBe('12');
  expect(await folder.read('a/c.txt')).toBeUndefined();
  await expect(folder.read('a/../c.txt')).rejects.toMatchObject({ code: 'bad-options' });
});

test('loggers that start at once get versions of their own, behind those that are there', async () => {
  const folder = memoryFolder();
  for (const name of ['version_2', 'version_10', 'version_x', 'version_11.txt']) await folder.makeFolder(`lightning_logs/${name}`);
  await folder.write('lightning_logs/version_99', bytes('a file'));
  const loggers = Array.from({ length: 4 }, () => new CSVLogger({ folder }));
  for (const logger of loggers) logger.start(runInfo);
  const paths = await Promise.all(loggers.map((logger) => logger.logDir()));
  expect(paths).toEqual([11, 12, 13, 14].map((version) => `lightning_logs/version_${version}`));
  expect(loggers.map(({ version }) => version)).toEqual([11, 12, 13, 14]);
});

test.each([
  [{ name: '', version: 3 }, 'version_3'],
  [{ name: 'a/b', version: 'best' }, 'a/b/best'],
  [{}, 'lightning_logs/version_0'],
])('with %o files go to %s', async (options, path) => {
  const folder = memoryFolder();
  const logger = new CSVLogger({ folder, ...options });
  logger.logMetrics({ loss: 1 }, at(0));
  await logger.save();
  expect(await logger.logDir()).toBe(path);
  expect(await folder.text(`${path}/metrics.csv`)).toBe('epoch,loss,step\r\n0,1.0,0\r\n');
});

test('the files of a folder can be saved like an export', async () => {
  const folder = memoryFolder();
  await folder.write('a/one.txt', bytes('1'));
  await folder.write('a/b/two.txt', bytes('x'.repeat(300_000)));
  const sizes: Record<string, number> = {};
  for await (const file of folderFiles(folder, 'a')) {
    sizes[file.path] = 0;
    for await (const piece of file.bytes) sizes[file.path]! += piece.length;
  }
  expect(sizes).toEqual({ 'a/one.txt': 1, 'a/b/two.txt': 300_000 });
  const zip = new TextDecoder('latin1').decode(await new Response(toZip(folderFiles(folder))).arrayBuffer());
  expect(zip).toContain('a/b/two.txt');
});
