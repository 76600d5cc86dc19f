import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogError } from '../../../src/core/errors.ts';
import { csv, tfevents } from '../../../src/export/index.ts';
import { readScalars } from '../../../src/formats/tfevents/read.ts';
import { startRun, type StartRunOptions } from '../../../src/run/start-run.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';
import type { MetricStore } from '../../../src/store/metric-store.ts';
import { chunkOf } from '../../../src/testing/index.ts';

let count = 0;
const freshStore = (): MetricStore => memoryStore(`resume-test-${count++}`);

async function points(store: MetricStore, runId: string, tag: string): Promise<[step: number, value: number, epoch: number][]> {
  const series = await store.series(runId, tag);
  if (series.kind !== 'points') throw new Error('points were expected');
  return Array.from(series.value, (value, i) => [series.step[i]!, value, series.epoch[i]!]);
}

/** Logs as a training does, from the run's own step on: a loss for each step and its mean for each epoch of `perEpoch` steps. */
async function train(
  options: StartRunOptions & { readonly config?: Readonly<Record<string, unknown>> },
  steps: number,
  perEpoch: number,
  status: 'finished' | 'failed' = 'finished',
) {
  const run = await startRun(options);
  for (let i = 0; i < steps; i++) {
    run.log('loss', 100 * (options.config?.['part'] as number) + run.step, { onStep: true, onEpoch: true, separator: '/' });
    await run.endStep();
    if (run.step % perEpoch === 0) await run.endEpoch();
  }
  await run.finish(status);
  return run;
}

test('a run goes on behind its last step, with its name, its epoch and what is added to its record', async () => {
  const store = freshStore();
  const first = await train({ store, project: 'spiral', config: { part: 1 }, tags: ['short'], notes: 'first try' }, 6, 4, 'failed');
  const resumed = await startRun({ store, resume: first.id, config: { part: 2, lr: 0.1 }, notes: '', facts: { cores: 2 } });
  // Its second epoch was closed, though short, when it failed.
  expect([resumed.step, resumed.epoch, resumed.id, resumed.info.name]).toEqual([6, 2, first.id, 'spiral-1']);
  expect(resumed.info).toMatchObject({
    status: 'running',
    config: { part: 2, lr: 0.1 },
    facts: { cores: 2 },
    tags: ['short'],
    notes: '',
    resumes: [{ generation: 1 }],
  });
  resumed.log('loss', 7);
  await resumed.finish();
  expect(await points(store, first.id, 'loss')).toEqual([[6, 7, 2]]);
  expect(await points(store, first.id, 'loss/step')).toHaveLength(6);
  expect(await store.runs()).toMatchObject([{ id: first.id, status: 'finished' }]);
});

test('behind the end of an epoch the next one begins', async () => {
  const store = freshStore();
  const first = await train({ store, config: { part: 1 } }, 8, 4);
  const resumed = await startRun({ store, resume: first.id });
  expect([resumed.step, resumed.epoch]).toEqual([8, 2]);
  await resumed.finish();
});

test('behind the end of an epoch whose values are named in any way the next one begins', async () => {
  const store = freshStore();
  const first = await startRun({ store });
  for (let step = 0; step < 4; step++) {
    first.log('val_loss', 1, { onEpoch: true });
    first.log('loss', 1);
    await first.endStep();
    if (step % 2 === 1) await first.endEpoch();
  }
  expect([first.step, first.epoch, first.info.facts]).toEqual([4, 2, { 'run.epochs': 2 }]);
  await first.finish();
  const second = await startRun({ store, resume: first.id });
  expect([second.step, second.epoch]).toEqual([4, 2]);
  second.log('loss', 1);
  // Broken off in the middle of an epoch.
  await second.finish('failed');
  const third = await startRun({ store, resume: first.id });
  expect([third.step, third.epoch]).toEqual([5, 2]);
  await third.finish();
  // Back into the epoch before, and broken off there.
  const fourth = await startRun({ store, resume: first.id, fromStep: 3 });
  expect([fourth.step, fourth.epoch]).toEqual([3, 1]);
  fourth.log('loss', 1);
  await fourth.finish('failed');
  const fifth = await startRun({ store, resume: first.id });
  expect([fifth.step, fifth.epoch]).toEqual([4, 1]);
  await fifth.finish();
});

test('with fromStep the points at and past it are superseded for readers and exporters, and can be brought back', async () => {
  const store = freshStore();
  const first = await train({ store, config: { part: 1 } }, 8, 4);
  const resumed = await startRun({ store, resume: first.id, fromStep: 4 });
  expect([resumed.step, resumed.epoch]).toEqual([4, 1]);
  // Nothing was logged since: an epoch's value would lie at the step before.
  resumed.log('note', 1, { onEpoch: true });
  await resumed.endEpoch();
  resumed.log('loss/step', 204);
  await resumed.finish();
  const kept = [0, 1, 2, 3].map((step) => [step, 100 + step, 0]);
  expect(await points(store, first.id, 'loss/step')).toEqual([...kept, [4, 204, 2]]);
  expect(await points(store, first.id, 'note')).toEqual([[3, 1, 1]]);
  expect(await points(store, first.id, 'loss/epoch')).toEqual([[3, 101.5, 0]]);
  expect(await text(csv(store, [first.id]))).not.toContain(',107,');

  await store.bringBack(first.id);
  expect((await points(store, first.id, 'loss/step')).map(([, value]) => value)).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 204]);
  expect(await text(csv(store, [first.id]))).toContain(',107,');
});

test('a run may be continued from a step that it never reached, and one that has logged nothing from its beginning', async () => {
  const store = freshStore();
  const first = await train({ store, config: { part: 1 } }, 3, 4);
  const later = await startRun({ store, resume: first.id, fromStep: 50 });
  expect([later.step, later.epoch]).toEqual([50, 1]);
  await later.finish();
  expect(await points(store, first.id, 'loss/step')).toHaveLength(3);
  const empty = await startRun({ store });
  await empty.finish();
  const resumed = await startRun({ store, resume: empty.id });
  expect([resumed.step, resumed.epoch]).toEqual([0, 0]);
  await resumed.finish();
});

test('however often a run is continued, what is read and exported is what a list of points would hold', async () => {
  const parts = fc.array(fc.record({ steps: fc.nat(7), fromStep: fc.option(fc.nat(15)) }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(parts, async (continuations) => {
      const store = freshStore();
      const model: { step: number; value: number }[] = [];
      let next = 0;
      let runId: string | undefined;
      for (const [part, { steps, fromStep }] of continuations.entries()) {
        const from: StartRunOptions = runId === undefined ? {} : { resume: runId, ...(fromStep === null ? {} : { fromStep }) };
        const run = await startRun({ store, ...from });
        if (runId !== undefined && fromStep !== null) {
          model.splice(0, model.length, ...model.filter(({ step }) => step < fromStep));
          next = fromStep;
        } else next = model.reduce((last, { step }) => Math.max(last, step + 1), 0);
        expect(run.step).toBe(next);
        for (let i = 0; i < steps; i++) {
          run.log('loss', part * 1000 + next);
          model.push({ step: next++, value: part * 1000 + run.step });
          await run.endStep();
        }
        await run.finish();
        runId = run.id;
      }
      const id = runId as string; // at least one part
      expect((await points(store, id, 'loss')).map(([step, value]) => ({ step, value }))).toEqual(model);
      for await (const { bytes } of tfevents(store, [id])) {
        const pieces: Uint8Array[] = [];
        for await (const piece of bytes) pieces.push(piece);
        const { tags } = readScalars(new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer()));
        // At the end of each list the values of later generations have taken the place of the ones before.
        expect(tags.get('loss')?.steps ?? []).toEqual(model.map(({ step }) => step).sort((a, b) => a - b));
      }
    }),
    { numRuns: 25 },
  );
});

test('a run that somebody writes cannot be continued, one that was interrupted can', async () => {
  const store = freshStore();
  const run = await startRun({ store });
  await expect(startRun({ store, resume: run.id })).rejects.toMatchObject({ code: 'run-locked' });
  run.log('loss', 1);
  await run.finish();
  // A record that is `running` with nobody at work, as a crash leaves it.
  const crashed = await store.createRun({ startedAt: 1 });
  await store.append(chunkOf(crashed.id, 0, [{ tag: 'loss', value: 1, step: 5, epoch: 3 }]));
  expect((await store.run(crashed.id))?.status).toBe('interrupted');
  const resumed = await startRun({ store, resume: crashed.id });
  expect([resumed.step, resumed.epoch]).toEqual([6, 3]);
  expect((await store.run(crashed.id))?.status).toBe('running');
  await resumed.finish();
});

test.each<[StartRunOptions, LogError['code'], string]>([
  [{ fromStep: 3 }, 'bad-options', 'resume'],
  [{ resume: 'a', fromStep: Number.NaN }, 'bad-options', 'fromStep'],
  [{ resume: '' }, 'bad-options', 'resume'],
  [{ resume: 'a', id: 'b' }, 'bad-options', "id 'b'"],
  [{ resume: 'a', store: false }, 'bad-options', 'store'],
  [{ resume: 'a', project: 'other' }, 'bad-options', "'other'"],
  [{ resume: 'a', name: 'other' }, 'bad-options', "'other'"],
  [{ resume: 'a', parent: 'other' }, 'bad-options', "'other'"],
  [{ resume: 'missing' }, 'run-not-found', 'missing'],
  [{ tags: [''] }, 'bad-options', 'tags'],
  [{ notes: 5 as never }, 'bad-options', 'notes'],
])('startRun(%j) is refused, and the run is as before and free', async (options, code, part) => {
  const store = freshStore();
  const first = await startRun({ store, id: 'a' });
  await first.finish();
  const before = await store.run('a');
  await expect(startRun({ store, ...options })).rejects.toMatchObject({ code, message: expect.stringContaining(part) });
  expect(await store.runs()).toEqual([before]);
  const again = await startRun({ store, resume: 'a', id: 'a', project: 'default', name: first.info.name });
  await again.finish();
});

test('tags, notes and the parent of a new run are in its record', async () => {
  const store = freshStore();
  const run = await startRun({ store, tags: ['a', 'b'], notes: 'n', parent: 'sweep' });
  expect(run.info).toMatchObject({ tags: ['a', 'b'], notes: 'n', parent: 'sweep' });
  expect(await store.runs({ parent: 'sweep' })).toHaveLength(1);
  await run.finish();
});

async function text(files: AsyncIterable<{ readonly bytes: AsyncIterable<Uint8Array> }>): Promise<string> {
  let all = '';
  for await (const { bytes } of files) for await (const piece of bytes) all += new TextDecoder().decode(piece);
  return all;
}
