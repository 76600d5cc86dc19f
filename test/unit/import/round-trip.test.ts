import fc from 'fast-check';
import { expect, test } from 'vitest';
import { archive } from '../../../src/export/index.ts';
import { importArchive } from '../../../src/import/index.ts';
import { memoryStore } from '../../../src/store/index.ts';
import { snapshotOf, zipFile } from './snapshot.ts';
import { type Logged, loggedRun, logRun } from './logged-runs.ts';

// `TABTRAIN_PROPERTY_RUNS` makes the search longer.
const numRuns = Number(process.env['TABTRAIN_PROPERTY_RUNS'] ?? 60);
let stores = 0;

test('an archive that is imported gives back everything the store held, also what a continuation superseded', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(loggedRun, { minLength: 1, maxLength: 3 }), fc.boolean(), async (runs: readonly Logged[], isCompacted) => {
      const from = memoryStore(`from ${++stores}`);
      const ids: string[] = [];
      for (const run of runs) ids.push(await logRun(from, run, ids.at(-1)));
      if (isCompacted) await from.maintain();
      const to = memoryStore(`to ${stores}`);
      const file = (await zipFile(archive(from, ids))).slice();
      expect((await importArchive(to, file)).runs.map(({ id, isNew }) => [id, isNew])).toEqual(ids.map((id) => [id, true]));
      for (const id of ids) expect(await snapshotOf(to, id)).toEqual(await snapshotOf(from, id));
      // And what is out of sight now.
      for (const id of ids) {
        for (const { generation, fromStep } of (await from.run(id))?.resumes ?? []) {
          if (fromStep === undefined) continue;
          for (const store of [from, to]) await store.bringBack(id, generation);
        }
        expect(await snapshotOf(to, id)).toEqual(await snapshotOf(from, id));
      }
      for (const store of [from, to])
        expect((await importArchive(store, file)).runs.map(({ id, isNew }) => [id, isNew])).toEqual(ids.map((id) => [id, false]));
      await Promise.all([from.close(), to.close()]);
    }),
    { numRuns },
  );
}, 600_000);
