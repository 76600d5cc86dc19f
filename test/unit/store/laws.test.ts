import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWarner } from '../../../src/core/warnings.ts';
import { Hints } from '../../../src/store/hints.ts';
import { JournalStore } from '../../../src/store/journal-store.ts';
import { MemoryBackend, MemoryDatabase } from '../../../src/store/memory-backend.ts';
import type { MetricStore, RunLock, ScalarChunk, Series } from '../../../src/store/metric-store.ts';
import { threadLocks } from '../../../src/store/writer-locks.ts';
import { HaltingBackend } from './halting-backend.ts';
import { byTag, type ModelPoint, ModelRun, toChunk, toPoints } from './plain-model.ts';

// Whatever is done to a store in whatever order, and wherever it is killed: readers see what a plain list would show them.
// `TABTRAIN_PROPERTY_RUNS` makes the search longer.

const numRuns = Number(process.env['TABTRAIN_PROPERTY_RUNS'] ?? 150);
const runId = 'a';
const startedAt = 1_700_000_000;

type Act =
  | {
      readonly kind: 'append';
      readonly chunks: readonly (readonly ModelPoint[])[];
      readonly isAwaited: boolean;
      readonly haltAfter: number | undefined;
      readonly isMaintained: boolean;
    }
  | { readonly kind: 'maintain' | 'end' | 'bring back' | 'delete' | 'restore' | 'follow' | 'reopen' }
  | { readonly kind: 'resume'; readonly fromStep: number | undefined }
  | {
      readonly kind: 'query';
      readonly tag: string;
      readonly from: number | undefined;
      readonly to: number | undefined;
      readonly maxPoints: number;
    };

const value = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -9, max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -0, 0.1) },
);
const step = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 60 }) }, { weight: 1, arbitrary: fc.constantFrom(2.5, -3, 1e12) });
const point: fc.Arbitrary<ModelPoint> = fc.record({
  tag: fc.constantFrom('x', 'x', 'x', 'y', 'val/loss', 'rare'),
  step,
  epoch: fc.integer({ min: 0, max: 3 }),
  wallTime: fc.integer({ min: 0, max: 500 }).map((ms) => startedAt + ms / 1000),
  value,
});
// Long stretches of one tag, so that there are buckets: nobody would write them down point by point.
const stretch = fc.record({ from: fc.integer({ min: 0, max: 40 }), length: fc.integer({ min: 100, max: 700 }) }).map(({ from, length }) =>
  Array.from({ length }, (_, i): ModelPoint => ({
    tag: 'x',
    step: from + i,
    epoch: 0,
    wallTime: startedAt + i / 10,
    value: Math.round(Math.sin(i) * 50),
  })),
);
const points = fc.oneof({ weight: 4, arbitrary: fc.array(point, { maxLength: 12 }) }, { weight: 1, arbitrary: stretch });
const bound = fc.option(fc.integer({ min: -2, max: 300 }), { nil: undefined });
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      chunks: fc.array(points, { minLength: 1, maxLength: 5 }),
      isAwaited: fc.boolean(),
      haltAfter: fc.option(fc.nat(12), { nil: undefined, freq: 3 }),
      isMaintained: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('maintain', 'end', 'bring back', 'delete', 'restore', 'follow', 'reopen') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('resume' as const),
      fromStep: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('query' as const),
      tag: fc.constantFrom('x', 'y', 'none'),
      from: bound,
      to: bound,
      maxPoints: fc.integer({ min: 1, max: 40 }),
    }),
  },
);

/** A store in a process of its own, which can be killed. */
class Process {
  readonly backend: HaltingBackend;
  readonly store: MetricStore;
  readonly damage: string[] = [];
  lock: RunLock | undefined;

  constructor(database: MemoryDatabase) {
    this.backend = new HaltingBackend(new MemoryBackend(database));
    this.store = new JournalStore({
      name: 'laws',
      kind: 'memory',
      backend: this.backend,
      hints: new Hints(),
      locks: threadLocks(),
      warn: createWarner(() => {}),
      onDamage: (error) => this.damage.push(error.message),
      // Small enough for a few dozen points to make a unit.
      maintenance: { unitBytes: 700, smallRun: 0, smallTail: 0 },
    });
  }
}

test('readers see what a plain list would show, whatever is appended, compacted, continued, deleted or killed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 3, maxLength: 30, size: 'max' }), async (acts) => {
      const database = new MemoryDatabase();
      const model = new ModelRun();
      let here = new Process(database);
      here.lock = await here.store.lockRun(runId);
      await here.store.createRun({ id: runId, startedAt });
      for (const one of acts) here = await perform(one, here, model, database);
      await verify(here.store, model);
      await here.store.maintain();
      if (model.isDeleted) await expect(here.store.restoreRun(runId)).rejects.toMatchObject({ code: 'run-not-found' });
      await verify(here.store, model);
      expect(here.damage).toEqual([]);
      await here.store.close();
    }),
    { numRuns },
  );
}, 600_000);

async function perform(one: Act, here: Process, model: ModelRun, database: MemoryDatabase): Promise<Process> {
  const { store } = here;
  const isGone = model.isDeleted;
  switch (one.kind) {
    case 'append':
      return isGone ? here : appendAndPerhapsDie(one, here, model, database);
    case 'maintain':
      if (!isGone) await store.maintain();
      break;
    case 'reopen':
      await store.close();
      return new Process(database);
    case 'end':
      if (isGone) break;
      await store.updateRun(runId, { status: 'finished', endedAt: startedAt + 1 });
      here.lock?.release();
      here.lock = undefined;
      break;
    case 'resume':
      if (isGone) break;
      here.lock ??= await store.lockRun(runId);
      expect(
        (await store.resumeRun(runId, { at: startedAt, ...(one.fromStep === undefined ? {} : { fromStep: one.fromStep }) })).nextSeq,
      ).toBe(model.chunks.length + 1);
      model.resumes.push({ fromSeq: model.chunks.length, fromStep: one.fromStep, isBroughtBack: false });
      model.chunks.push([]);
      break;
    case 'bring back': {
      const hiding = model.resumes.findLast((resume) => resume.fromStep !== undefined && !resume.isBroughtBack);
      if (isGone || hiding === undefined) break;
      await store.bringBack(runId);
      hiding.isBroughtBack = true;
      break;
    }
    case 'delete':
      await store.deleteRun(runId);
      model.isDeleted = true;
      break;
    case 'restore':
      if (!isGone) break;
      await store.restoreRun(runId);
      model.isDeleted = false;
      break;
    case 'follow':
      await checkFollow(store, model);
      break;
    case 'query':
      await checkWindow(store, model, one);
  }
  return here;
}

/** Appends chunks, perhaps beside maintenance, perhaps killed after some transactions: then what was acknowledged must be there. */
async function appendAndPerhapsDie(
  one: Act & { kind: 'append' },
  here: Process,
  model: ModelRun,
  database: MemoryDatabase,
): Promise<Process> {
  const first = model.chunks.length;
  if (one.haltAfter !== undefined) here.backend.haltAfter(one.haltAfter);
  const maintained = one.isMaintained ? here.store.maintain().catch(() => {}) : undefined;
  let acknowledged = 0;
  const append = async (index: number): Promise<void> => {
    await here.store.append(toChunk(runId, first + index, one.chunks[index] ?? []));
    acknowledged = Math.max(acknowledged, index + 1);
  };
  try {
    if (one.isAwaited) for (let index = 0; index < one.chunks.length; index++) await append(index);
    else await Promise.all(one.chunks.map((_, index) => append(index)));
  } catch (thrown) {
    if (one.haltAfter === undefined) throw thrown;
  }
  await maintained;
  let next = here;
  if (one.haltAfter !== undefined) {
    await here.store.close().catch(() => {});
    next = new Process(database);
  } else expect(acknowledged).toBe(one.chunks.length);
  const stored = (await next.store.series(runId, 'x')).throughSeq + 1 - first;
  expect(stored, 'acknowledged is stored').toBeGreaterThanOrEqual(acknowledged);
  expect(stored, 'stored was appended').toBeLessThanOrEqual(one.chunks.length);
  model.chunks.push(...one.chunks.slice(0, stored));
  return next;
}

async function verify(store: MetricStore, model: ModelRun): Promise<void> {
  const visible = model.visible();
  const expected = byTag(visible);
  for (const tag of ['x', 'y', 'val/loss', 'rare']) {
    const series = await store.series(runId, tag);
    expect(series.kind).toBe('points');
    expect(pointsOf(series), `series of ${tag}`).toEqual(expected[tag] ?? []);
    if (!model.isDeleted) expect(series.throughSeq).toBe(model.chunks.length - 1);
  }
  const middle = Math.floor(model.chunks.length / 2);
  for (const fromSeq of [0, middle, model.chunks.length]) {
    const read: ScalarChunk[] = [];
    for await (const chunk of store.chunks(runId, fromSeq)) read.push(chunk);
    expect(byTag(read.flatMap(toPoints)), `chunks from ${fromSeq}`).toEqual(byTag(model.visible(fromSeq)));
  }
  const tags = model.tags();
  expect(await store.tags(runId)).toEqual(tags.map((tag) => ({ tag, count: expected[tag]?.length })));
  expect(await store.lastValues(runId)).toEqual(tags.map((tag) => expected[tag]?.at(-1)));
  for (const summary of await store.summary(runId)) checkSummary(summary, expected[summary.tag] ?? []);
  await checkFollow(store, model);
}

function checkSummary(found: Awaited<ReturnType<MetricStore['summary']>>[number], all: readonly ModelPoint[]): void {
  const numbers = all.filter((one) => !Number.isNaN(one.value));
  const low = numbers.find((one) => one.value === Math.min(...numbers.map((other) => other.value)));
  const high = numbers.find((one) => one.value === Math.max(...numbers.map((other) => other.value)));
  expect([found.count, found.nanCount], found.tag).toEqual([all.length, all.length - numbers.length]);
  expect(found.last).toEqual(all.at(-1));
  // 0 and -0 are equal: whichever came first.
  expect([found.min + 0, found.max + 0]).toEqual([(low?.value ?? NaN) + 0, (high?.value ?? NaN) + 0]);
  if (low !== undefined) expect([found.minStep, found.maxStep]).toEqual([low.step, high?.step]);
}

async function checkFollow(store: MetricStore, model: ModelRun): Promise<void> {
  const fromSeq = Math.floor(model.chunks.length / 3);
  const expected = model.visible(fromSeq);
  const heard: ScalarChunk[] = [];
  let wake = (): void => {};
  const undo = store.follow(
    runId,
    (chunk) => {
      heard.push(chunk);
      wake();
    },
    fromSeq,
  );
  const count = (): number => heard.reduce((sum, chunk) => sum + chunk.step.length, 0);
  while (count() < expected.length)
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  undo();
  const seqs = heard.map((chunk) => chunk.seq);
  expect(seqs, 'each chunk once, in order').toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
  for (const chunk of heard) {
    expect(byTag(toPoints(chunk)), `chunk ${chunk.seq}`).toEqual(byTag(expected.filter((one) => one.seq === chunk.seq)));
  }
}

async function checkWindow(store: MetricStore, model: ModelRun, query: Act & { kind: 'query' }): Promise<void> {
  const { tag, from = -Infinity, to = Infinity, maxPoints } = query;
  const all = byTag(model.visible().filter((one) => one.tag === tag && one.step >= from && one.step <= to))[tag] ?? [];
  const options = { maxPoints, ...(query.from === undefined ? {} : { from }), ...(query.to === undefined ? {} : { to }) };
  const series = await store.series(runId, tag, options);
  if (all.length <= maxPoints) {
    expect(pointsOf(series), 'points within the window').toEqual(all);
    return;
  }
  if (series.kind !== 'buckets') throw new Error(`${all.length} points came back as points, allowed were ${maxPoints}`);
  const rows = series.count.length;
  expect(rows).toBeLessThanOrEqual(maxPoints);
  expect(rows).toBeGreaterThanOrEqual(Math.max(1, Math.floor(maxPoints / 4)));
  // Each row must be made of just the next `count` points.
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const part = all.slice(at, at + (series.count[row] ?? 0));
    at += part.length;
    const numbers = part.filter((one) => !Number.isNaN(one.value));
    const values = numbers.map((one) => one.value);
    const low = numbers.find((one) => one.value === Math.min(...values)) ?? part[0];
    const high = numbers.find((one) => one.value === Math.max(...values)) ?? part[0];
    expect([series.step[row], series.epoch[row], series.wallTime[row], series.first[row]]).toEqual([
      part[0]?.step,
      part[0]?.epoch,
      part[0]?.wallTime,
      part[0]?.value,
    ]);
    expect([series.lastStep[row], series.lastWallTime[row], series.last[row]]).toEqual([
      part.at(-1)?.step,
      part.at(-1)?.wallTime,
      part.at(-1)?.value,
    ]);
    expect([series.nanCount[row], series.minStep[row], series.minWallTime[row], series.maxStep[row], series.maxWallTime[row]]).toEqual([
      part.length - numbers.length,
      low?.step,
      low?.wallTime,
      high?.step,
      high?.wallTime,
    ]);
    expect([(series.min[row] ?? 0) + 0, (series.max[row] ?? 0) + 0]).toEqual([
      (numbers.length === 0 ? NaN : (low?.value ?? 0)) + 0,
      (numbers.length === 0 ? NaN : (high?.value ?? 0)) + 0,
    ]);
    const sum = numbers.length === 0 ? NaN : values.reduce((total, one) => total + one, 0);
    if (Number.isFinite(sum)) expect(series.sum[row]).toBeCloseTo(sum, 6);
    else expect(series.sum[row]).toBe(sum);
  }
  expect(at).toBe(all.length);
}

function pointsOf(series: Series): readonly ModelPoint[] {
  if (series.kind === 'buckets') throw new Error('buckets where points were expected');
  return Array.from(series.value, (one, row) => ({
    tag: series.tag,
    step: series.step[row] ?? NaN,
    epoch: series.epoch[row] ?? NaN,
    wallTime: series.wallTime[row] ?? NaN,
    value: one,
  }));
}
