import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { tfevents } from '../../../src/export/index.ts';
import { memoryFolder, TensorBoardLogger } from '../../../src/loggers/index.ts';
import { startRun } from '../../../src/run/index.ts';
import { deleteStore, memoryStore } from '../../../src/store/index.ts';
import { collect } from '../export/sample-runs.ts';
import { eventFiles, eventsOf, scalars } from './events.ts';

const name = 'live and later';
afterEach(() => deleteStore(name));

const tags = ['loss', 'val/acc', '_hparams_/mine', 'half \ud800 a pair', '__run_graph__'];

/** One step of a training: what is logged in it, and whether an epoch ends behind it. */
const step = fc.record({
  values: fc.dictionary(fc.constantFrom(...tags), fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -0, 1e-300, 16_777_217)), {
    maxKeys: 4,
  }),
  gap: fc.integer({ min: 1, max: 3 }),
  isFolded: fc.boolean(),
  endsEpoch: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Trains, and gives back what TensorBoard finds in the live files and in exports before and after the store was tidied up. */
async function trained(steps: readonly Step[], maxQueue: number, rollSecs: number) {
  await deleteStore(name);
  const store = memoryStore(name);
  const folder = memoryFolder();
  const run = await startRun({ store, config: { lr: 1 }, loggers: [new TensorBoardLogger({ folder, maxQueue, rollSecs })] });
  let now = 0;
  for (const { values, gap, isFolded, endsEpoch } of steps) {
    now += gap;
    run.log(values, { step: now });
    if (isFolded) run.log('folded', now, { onStep: true, onEpoch: true });
    void run.endStep();
    if (endsEpoch) await run.endEpoch();
  }
  await run.finish();
  const exported = async () => {
    const [file] = await collect(tfevents(store, [run.id]));
    return scalars(eventsOf(file!.bytes));
  };
  const live = scalars((await eventFiles(folder)).flatMap(({ events }) => events));
  const before = await exported();
  await store.maintain();
  return { live, before, after: await exported() };
}

test('live files and a later export hold the same points, in the same order within each tag', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 20 }), fc.constantFrom(0, 5), async (...schedule) => {
      const { live, before, after } = await trained(...schedule);
      expect(live).toEqual(before);
      expect(after).toEqual(before);
    }),
    { numRuns: 60 },
  );
});

test('they do for a long run, whose points the store has sorted by tag', async () => {
  const steps = Array.from({ length: 12_000 }, (_, i): Step => ({
    values: { loss: i / 7, lr: 0.1, ...(i % 9 === 8 && { 'val/acc': -i }) },
    gap: 1,
    isFolded: i % 2 === 0,
    endsEpoch: i % 1000 === 999,
  }));
  const { live, before, after } = await trained(steps, 10, 5);
  expect(live.get('loss')?.length).toBe(12_000);
  expect(live).toEqual(before);
  expect(after).toEqual(before);
});
