import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { crcText } from '../../../src/formats/archive/manifest.ts';
import { readPlainJson } from '../../../src/formats/archive/plain-json.ts';
import { crc32c } from '../../../src/formats/crc32c.ts';
import { importArchive } from '../../../src/import/index.ts';
import { memoryStore } from '../../../src/store/index.ts';
import { logSampleRuns, sampleIds } from '../../fixtures/archive/sample-runs.ts';
import { contentsOf, zipOf } from './rezip.ts';
import { snapshotOf } from './snapshot.ts';

const folder = `${import.meta.dirname}/../../fixtures/archive`;
const stored = async (version: number): Promise<Blob> => new Blob([await readFile(`${folder}/version-${version}.zip`)]);

test.each([1, 2])('an archive of version %i gives what the program that wrote it told about its runs', async (version) => {
  const expected = readPlainJson(await readFile(`${folder}/version-${version}.json`, 'utf8'));
  const store = memoryStore(`version ${version}`);
  const { runs } = await importArchive(store, await stored(version));
  expect(runs.map(({ id }) => id)).toEqual(sampleIds);
  expect(await Promise.all(sampleIds.map((id) => snapshotOf(store, id)))).toEqual(expected);
});

test('what a continuation superseded can be brought back after an import, unless the archive is of version 1', async () => {
  const [id] = sampleIds as [string];
  const logged = memoryStore('logged');
  await logSampleRuns(logged);
  await logged.bringBack(id);
  const [first, second] = [memoryStore('first'), memoryStore('second')];
  await importArchive(first, await stored(1));
  await importArchive(second, await stored(2));
  await second.bringBack(id);
  expect(await snapshotOf(second, id)).toEqual(await snapshotOf(logged, id));
  expect(await second.tags(id)).toContainEqual({ tag: 'only before', count: 1 });
  await first.bringBack(id);
  expect(await first.tags(id)).not.toContainEqual({ tag: 'only before', count: 1 });
});

test('an archive of a later version is refused by its number', async () => {
  const files = await contentsOf(await stored(2));
  const [path] = [...files.keys()].filter((name) => name.endsWith('tabtrain-archive.json')) as [string];
  const text = new TextDecoder().decode(files.get(path)).replace('"version":2', '"version":3').slice(0, -22);
  const utf8 = new TextEncoder();
  files.set(path, utf8.encode(`${text},"crc32c":"${crcText(crc32c(utf8.encode(text)))}"}\n`));
  const store = memoryStore('later');
  await expect(importArchive(store, await zipOf(files))).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining('version 3'),
  });
  expect(await store.runs({ archived: 'all' })).toEqual([]);
});
