import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { archive, csv } from '../../../src/export/index.ts';
import { importArchive } from '../../../src/import/index.ts';
import { memoryStore } from '../../../src/store/index.ts';
import { addRun } from '../export/sample-runs.ts';
import { refusal } from './refusal.ts';
import { contentsOf, deflatedZipOf, forged, zipOf } from './rezip.ts';
import { zipFile } from './snapshot.ts';

const file = new Blob([await readFile(`${import.meta.dirname}/../../fixtures/archive/version-2.zip`)]);
const files = await contentsOf(file);
const root = [...files.keys()].find((path) => path.includes('/'))!.split('/')[0]!;

test('every single damaged byte of an archive is found, or does not matter', async () => {
  const whole = new Uint8Array(await file.arrayBuffer());
  const expected = memoryStore('expected');
  await importArchive(expected, file);
  const names = (await expected.runs({ archived: 'all' })).map(({ name }) => name);
  for (let at = 0; at < whole.length; at += 97) {
    const damaged = whole.slice();
    damaged[at]! ^= 0x55;
    const store = memoryStore(`byte ${at}`);
    try {
      await importArchive(store, new Blob([damaged]));
      // Times of files, the text that lies beside the archive, and the names in front of files are nobody's data.
      expect((await store.runs({ archived: 'all' })).map(({ name }) => name)).toEqual(names);
    } catch (thrown) {
      expect([at, (thrown as { code?: string }).code]).toEqual([at, 'bad-file']);
      expect(await store.runs({ archived: 'all' })).toEqual([]);
    }
    await store.close();
  }
});

test('an archive that was cut off, something else, and a zip without an archive are refused, each in its own words', async () => {
  expect(await refusal(file.slice(0, file.size - 400))).toContain('it is no zip file, or a part of it is missing');
  expect(await refusal(new File(['{"hello": 1}'], 'notes.json'))).toContain('“notes.json” cannot be imported');
  expect(await refusal(new Blob([]))).toContain('no zip file');
  const store = memoryStore('csv');
  const { id } = await addRun(store, [{ tag: 'loss', step: 0, value: 1 }]);
  expect(await refusal(await zipFile(csv(store, [id])))).toContain('there is no archive in it');
  // Wrong on purpose: what a program without types might pass.
  await expect(importArchive(store, 'ada.zip' as unknown as Blob)).rejects.toMatchObject({ code: 'bad-file' });
});

test('the report names every file that is damaged or missing, and what is wrong with it', async () => {
  const changed = new Map(files);
  const points = changed.get(`${root}/runs/1/points.bin`)!;
  const flipped = points.slice();
  flipped[40]! ^= 1;
  changed.set(`${root}/runs/1/points.bin`, flipped);
  changed.delete(`${root}/runs/2/run.json`);
  changed.set(`${root}/runs/3/run.json`, files.get(`${root}/runs/3/run.json`)!.slice(0, 20));
  const [content] = [...files.keys()].filter((path) => path.includes('/contents/')) as [string];
  changed.set(
    content,
    files.get(content)!.map((byte) => byte ^ 1),
  );
  const message = await refusal(await zipOf(changed));
  expect(message.split('\n').length).toBe(5);
  expect(message).toContain('4 things are wrong with it');
  expect(message).toContain(`\n- ${root}/runs/1/points.bin is damaged: its checksum is wrong`);
  expect(message).toContain(`\n- ${content} is damaged: its checksum is wrong`);
  expect(message).toContain(`\n- ${root}/runs/2/run.json is missing`);
  expect(message).toMatch(new RegExp(`\\n- ${root}/runs/3/run.json has 20 bytes in place of \\d+`));
});

test('a long report is cut short, and says by how much', async () => {
  const store = memoryStore('many');
  const ids: string[] = [];
  for (let i = 0; i < 25; i++) ids.push((await addRun(store, [{ tag: 'loss', step: 0, value: 1 }])).id);
  const all = await contentsOf(await zipFile(archive(store, ids)));
  for (const path of [...all.keys()]) if (path.endsWith('run.json')) all.delete(path);
  const message = await refusal(await zipOf(all));
  expect(message).toContain('25 things are wrong with it');
  expect(message.split('\n')).toHaveLength(22);
  expect(message).toContain('and 5 more');
});

const hostile: readonly (readonly [what: string, path: string, change: (text: string) => string, says: RegExp])[] = [
  [
    'a key that would change all objects',
    'runs/1/run.json',
    (text) => text.replace('"lr":', '"__proto__":{"polluted":1},"lr":'),
    /__proto__/,
  ],
  ['a wrong type', 'runs/1/run.json', (text) => text.replace('"tags":["good"]', '"tags":[{}]'), /tags/],
  ['a status that is none', 'runs/1/run.json', (text) => text.replace('"failed"', '"running"'), /status/],
  ['a time that is none', 'runs/1/run.json', (text) => text.replace(/"startedAt":\d+/, '"startedAt":"now"'), /startedAt/],
  ['an id of another run', 'runs/2/run.json', (text) => text.replace('"continued/validation"', '"continued"'), /id/],
  ['a huge count of points', 'runs/1/run.json', (text) => text.replace(/"points":\d+/, '"points":9007199254740991'), /points in place of/],
  ['a continuation out of turn', 'runs/1/run.json', (text) => text.replace('"generation":1', '"generation":7'), /continuation/],
  ['a tag that is listed twice', 'runs/1/run.json', (text) => text.replace('"val/loss <b>"', '"loss"'), /tags/],
  ['a tag that is too long', 'runs/1/run.json', (text) => text.replace('"val/loss <b>"', `"${'x'.repeat(70_000)}"`), /tags/],
  ['tags that are missing', 'runs/1/run.json', (text) => text.replace(/"tagNames":\[[^\]]*\]/, '"tagNames":[]'), /tag that is not listed/],
  [
    'settings nested too deep',
    'runs/1/run.json',
    (text) => text.replace('"lr":', `"deep":${'['.repeat(9000)}${']'.repeat(9000)},"lr":`),
    /nested/,
  ],
  ['a record of an unknown kind', 'runs/1/records.jsonl', (text) => text.replace('"text"', '"program"'), /kind/],
  ['a record without a step', 'runs/1/records.jsonl', (text) => text.replace('"step":0', '"step":{"$number":"NaN"}'), /step/],
  ['a record of a later generation', 'runs/1/records.jsonl', (text) => text.replace('"generation":1', '"generation":9'), /generation/],
  ['a content that is not there', 'runs/1/records.jsonl', (text) => text.replace(/"sha256":"b5/g, '"sha256":"00'), /content/],
  [
    'a content that lies elsewhere',
    'runs/1/records.jsonl',
    (text) => text.replace(/"sha256":"[0-9a-f]{64}"/, '"sha256":"../../secret"'),
    /content/,
  ],
  ['columns that are none', 'runs/1/records.jsonl', (text) => text.replace('$Float64Array', '$constructor'), /does not say what it holds/],
  [
    'a block that is larger than its file',
    'runs/1/points.bin',
    (text) => text.replace(/^TTP.[\s\S]{4}/, 'TTP\u0001\u00ff\u007f\u0000\u0000'),
    /block/,
  ],
  ['files in another folder', 'tabtrain-archive.json', (text) => text.replaceAll('"runs/1/', '"../../runs/1/'), /missing/],
  ['a list that is none', 'tabtrain-archive.json', (text) => text.replace('"files":[', '"files":{},"more":['), /lists of runs and files/],
];

test.each(hostile)('an archive with %s, made to look whole, is refused', async (_what, path, change, says) => {
  expect(await refusal(await zipOf(forged(files, { [path]: change })))).toMatch(says);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test('steps beyond what integers reach, and text that looks like markup, are kept as they are', async () => {
  const from = memoryStore('far');
  const { id } = await addRun(from, [{ tag: '<img src=x onerror=alert(1)>', step: 2 ** 53 + 2, value: 1 }], { notes: '<script>' });
  const to = memoryStore('far away');
  await importArchive(to, await zipFile(archive(from, [id])));
  expect(await to.lastValues(id)).toMatchObject([{ tag: '<img src=x onerror=alert(1)>', step: 2 ** 53 + 2 }]);
});

test('an archive that was packed again, with compression or within a folder, is read; what unpacks to far more than it says is refused', async () => {
  const again = memoryStore('again');
  expect((await importArchive(again, await deflatedZipOf(files))).runs).toHaveLength(3);
  const wrapped = new Map([...files].map(([path, bytes]) => [`my downloads/${path}`, bytes]));
  expect((await importArchive(memoryStore('wrapped'), await deflatedZipOf(wrapped))).runs).toHaveLength(3);

  const path = `${root}/runs/1/points.bin`;
  expect(await refusal(await deflatedZipOf(files, { [path]: 10 }))).toContain(path);
  expect(await refusal(await deflatedZipOf(files, { [path]: 3e9 }))).toContain('times as large when unpacked');
});

test('a file that is twice in a zip is refused', async () => {
  const twice = new Map(files);
  twice.set(`${root}/runs/1/points.biX`, files.get(`${root}/runs/1/points.bin`)!);
  const bytes = new Uint8Array(await (await zipOf(twice)).arrayBuffer());
  const text = new TextDecoder('latin1').decode(bytes);
  for (let at = text.indexOf('points.biX'); at !== -1; at = text.indexOf('points.biX', at + 1)) bytes[at + 9] = 'n'.charCodeAt(0);
  expect(await refusal(new Blob([bytes]))).toContain(`${root}/runs/1/points.bin is in it twice`);
});
