import { readFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { setLanguage } from '../../../src/core/words.ts';
import { archive } from '../../../src/export/index.ts';
import { importArchive } from '../../../src/import/index.ts';
import { german } from '../../../src/languages/de.ts';
import { memoryStore } from '../../../src/store/index.ts';
import { addRun } from '../export/sample-runs.ts';
import { refusal } from './refusal.ts';
import { contentsOf, deflatedZipOf, forged, zipOf } from './rezip.ts';
import { zipFile } from './snapshot.ts';

const file = new Blob([await readFile(`${import.meta.dirname}/../../fixtures/archive/version-2.zip`)]);
const files = await contentsOf(file);
const root = [...files.keys()].find((path) => path.includes('/'))!.split('/')[0]!;

afterEach(() => setLanguage(undefined));

test('manifests count among what a zip unpacks to, and none is unpacked when they are too large together', async () => {
  const manifest = files.get(`${root}/tabtrain-archive.json`)!;
  const many = new Map(Array.from({ length: 20 }, (_, i) => [`${i}/tabtrain-archive.json`, manifest] as const));
  // Each says that it is that large. Unpacking one would find that it is not, and say so.
  const claiming = (bytes: number): Promise<Blob> => deflatedZipOf(many, Object.fromEntries([...many.keys()].map((path) => [path, bytes])));
  for (const bytes of [2e6, 60e6]) {
    const message = await refusal(await claiming(bytes));
    expect(message).toContain('1 thing is wrong with it');
    expect(message).toContain('times as large when unpacked');
  }
});

test('a run with more continuations than a store should have is refused, one with as many as it may is imported', async () => {
  const withResumes = (count: number): Promise<Blob> => {
    const resumes = JSON.stringify(Array.from({ length: count }, (_, i) => ({ generation: i + 1, at: i })));
    return zipOf(forged(files, { 'runs/1/run.json': (text) => text.replace(/"resumes":\[[^\]]*\]/, `"resumes":${resumes}`) }));
  };
  expect(await refusal(await withResumes(4097))).toContain('it has 4097 continuations, and 4096 can be read');
  const { runs } = await importArchive(memoryStore('continued'), await withResumes(300));
  expect(runs).toHaveLength(3);
});

test('a manifest that names the files of one run twice is refused', async () => {
  const twice = forged(files, {
    'tabtrain-archive.json': (text) => text.replace('"runs":[', '"runs":[{"id":"x","project":"p","name":"n","folder":"runs/1"},'),
  });
  expect(await refusal(await zipOf(twice))).toContain('another run has the same id or folder');
});

test('an archive that has lost its manifest is missed, also beside another one', async () => {
  const other = memoryStore('other');
  const { id } = await addRun(other, [{ tag: 'loss', step: 0, value: 1 }]);
  const both = new Map([...files, ...(await contentsOf(await zipFile(archive(other, [id]))))]);
  const manifest = both.get(`${root}/tabtrain-archive.json`)!;
  both.delete(`${root}/tabtrain-archive.json`);
  const missing = `\n- ${root}/tabtrain-archive.json is missing`;
  expect(await refusal(await zipOf(both))).toContain(missing);
  both.set(`${root}/tabtrain-archive.jsoN`, manifest);
  expect(await refusal(await zipOf(both))).toContain(missing);
  // What macOS puts beside files is no archive.
  const fromMac = new Map([...files, [`__MACOSX/${root}/runs/1/._run.json`, new Uint8Array(10)] as const]);
  expect((await importArchive(memoryStore('from a Mac'), await zipOf(fromMac))).runs).toHaveLength(3);
});

test('a report of damage is in the language of the page, wherever the damage is', async () => {
  setLanguage(german);
  const whole = new Uint8Array(await (await deflatedZipOf(files)).arrayBuffer());
  const seen = new Set<string>();
  for (let at = 0; at < whole.length; at += 37) {
    const damaged = whole.slice();
    damaged[at]! ^= 0x55;
    const store = memoryStore(`damaged ${at}`);
    const problems = await importArchive(store, new Blob([damaged])).then(
      () => [],
      (thrown: unknown) => (thrown as Error).message.split('\n').slice(1),
    );
    // Paths are what they are, and may be damaged.
    for (const problem of problems) seen.add(problem.replace(/^- \S*\/.*? (?=fehlt|ist |hat )/, '- … ').replaceAll(/[\d.]+/g, '1'));
    await store.close();
  }
  seen.add((await refusal(file.slice(0, file.size - 400))).split('\n')[1]!);
  expect([...seen].toSorted()).toEqual([
    '- Es ist keine Zip-Datei, oder ein Teil davon fehlt',
    '- … fehlt',
    '- … hat 1 Bytes statt 1',
    '- … ist beschädigt: Die Prüfsumme stimmt nicht',
    '- … ist beschädigt: Es lässt sich nicht auspacken',
  ]);
});

test('points where no training has any are imported as they are, and whose they are is said; times of a run that are none are refused', async () => {
  const from = memoryStore('odd');
  const at = { tag: 'loss', value: 1, step: 1 };
  const points = [
    at,
    { ...at, step: NaN },
    { ...at, step: -1e300 },
    { ...at, epoch: Infinity },
    { ...at, wallTime: 1e300 },
    { ...at, step: 0.5 },
  ];
  const { id } = await addRun(from, points, { name: 'odd one' });
  const to = memoryStore('odd too');
  const { notes } = await importArchive(to, await zipFile(archive(from, [id])), { prefix: 'ada' });
  expect(notes).toEqual(['4 points of run “ada-odd one” lie at steps or times that no training has. Charts with this run may look empty.']);
  const steps: number[] = [];
  for await (const { step } of to.chunks(id)) steps.push(...step);
  expect(steps).toEqual(points.map(({ step }) => step));
  for (const [key, value] of [
    ['startedAt', '1e300'],
    ['endedAt', '-1e300'],
  ] as const) {
    const changed = forged(files, { 'runs/1/run.json': (text) => text.replace(new RegExp(`"${key}":[\\d.]+`), `"${key}":${value}`) });
    expect(await refusal(await zipOf(changed))).toContain(`its ${key} is`);
  }
});

test('a call with something else in place of store, file or options is refused by the name of what is wrong', async () => {
  const store = memoryStore('calls');
  const file = new File(['x'], 'x.zip');
  await expect(importArchive(null as never, file)).rejects.toMatchObject({
    code: 'bad-options',
    message: expect.stringContaining('need one such as'),
  });
  await expect(importArchive(store, file, null as never)).rejects.toMatchObject({
    code: 'bad-options',
    message: expect.stringContaining('need options'),
  });
  await expect(importArchive(store, 'x.zip' as never)).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining('need a File'),
  });
  await expect(importArchive(store, file, { prefix: 3 } as never)).rejects.toMatchObject({
    code: 'bad-options',
    message: expect.stringContaining('prefix'),
  });
});
