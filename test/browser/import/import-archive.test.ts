import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { archive } from '../../../src/export/index.ts';
import { importArchive } from '../../../src/import/index.ts';
import { deleteStore, openStore } from '../../../src/store/index.ts';
import type { MetricStore } from '../../../src/store/metric-store.ts';
import { makeClass } from '../../fixtures/archive/make-class.ts';
import { loggedRun, logRun } from '../../unit/import/logged-runs.ts';
import { contentsOf, deflatedZipOf } from '../../unit/import/rezip.ts';
import { snapshotOf, zipFile } from '../../unit/import/snapshot.ts';

const names: string[] = [];
const newStore = (): Promise<MetricStore> => {
  const name = `import ${crypto.randomUUID()}`;
  names.push(name);
  return openStore(name);
};
afterAll(async () => {
  await Promise.all(names.map((name) => deleteStore(name)));
});

test('in a real browser and its database, too, an archive gives back everything', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(loggedRun, { minLength: 1, maxLength: 2 }), fc.boolean(), async (runs, isCompacted) => {
      const [from, to] = [await newStore(), await newStore()];
      const ids: string[] = [];
      for (const run of runs) ids.push(await logRun(from, run, ids.at(-1)));
      if (isCompacted) await from.maintain();
      const zip = await zipFile(archive(from, ids));
      const { runs: imported } = await importArchive(to, isCompacted ? zip.slice() : await deflatedZipOf(await contentsOf(zip)));
      expect(imported.map(({ isNew }) => isNew)).toEqual(ids.map(() => true));
      for (const id of ids) expect(await snapshotOf(to, id)).toEqual(await snapshotOf(from, id));
      // And is known again, here and where it came from.
      for (const store of [from, to]) expect((await importArchive(store, zip)).runs.filter(({ isNew }) => isNew)).toEqual([]);
      await Promise.all([from.close(), to.close()]);
    }),
    { numRuns: 10 },
  );
}, 120_000);

test('thirty archives of a class go into one store, while the page stays alive', async () => {
  const files = await makeClass();
  const to = await newStore();
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 0);
  for (const file of files) await importArchive(to, file, { prefix: file.name.replace('.zip', '') });
  clearInterval(ticking);
  expect(ticks).toBeGreaterThan(30);
  const all = await to.runs();
  expect(all.map(({ name }) => name)).toEqual(files.map(({ name }) => `${name.replace('.zip', '')}-spiral-1`));
  expect((await Promise.all(all.map(({ id }) => to.tags(id)))).flat()).toEqual(
    all.flatMap(() => [
      { tag: 'train/loss', count: 2500 },
      { tag: 'train/accuracy', count: 2500 },
    ]),
  );
  await to.close();
}, 120_000);

test('a page that is closed in the middle of an import leaves no run that is taken for whole, and the next import removes it', async () => {
  const [file] = (await makeClass({ people: 1 })) as [File];
  const store = await newStore();
  const worker = new Worker(new URL('./closing.worker.ts', import.meta.url), { type: 'module' });
  const reached = new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = reject;
  });
  worker.postMessage({ name: store.name, file });
  await reached;
  expect(await store.runs()).toMatchObject([{ status: 'running', facts: { 'import.incomplete': true } }]);
  worker.terminate();
  await expect.poll(async () => (await store.runs())[0]?.status).toBe('interrupted');
  const { runs, notes } = await importArchive(store, file);
  expect(notes).toEqual([expect.stringContaining('was broken off')]);
  expect((await store.runs()).map(({ id, status }) => [id, status])).toEqual([[runs[0]!.id, 'finished']]);
  expect(await store.tags(runs[0]!.id)).toMatchObject([{ count: 2500 }, { count: 2500 }]);
  await store.close();
});
