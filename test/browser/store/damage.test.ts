import { openDB } from 'idb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogError } from '../../../src/core/errors.ts';
import { openIdbStore } from '../../../src/store/idb-store.ts';
import { deleteStore, type MetricStore, type ScalarChunk } from '../../../src/store/index.ts';
import { putRecord, readRecords } from './raw-database.ts';

// One run in a real database, with several units, a pyramid and a tail. Each test damages one record behind the store's back; whatever
// is read then has to be true, and what is left out has to be told.

const name = crypto.randomUUID();
const runId = 'a';
const tags = ['loss', 'val/acc', 'lr', 'mixed/nan', 'few'] as const;
const chunkPoints = 4096;
const chunks = 24;

type StoredRecord = Readonly<Record<string, unknown>>;

/** The value of a tag at a step: all values of a tag differ, so that one in the wrong place is a wrong one. */
function valueOf(tag: string, step: number): number {
  const number = tags.indexOf(tag as (typeof tags)[number]); // -1 for others: then nothing fits
  if (tag === 'mixed/nan' && step % 7 === 3) return NaN;
  return Math.sin(step * 12.9898 + number) * 1000 + step * 1e-3;
}

/** Tag `few` has one point in each chunk. */
function chunkAt(seq: number): ScalarChunk {
  const dense = tags.length - 1;
  const tag = Uint16Array.from({ length: chunkPoints }, (_, k) => (k === chunkPoints - 1 ? dense : k % dense));
  const rows = Math.ceil((chunkPoints - 1) / dense);
  const step = Float64Array.from(tag, (index, k) => (index === dense ? seq : seq * rows + Math.floor(k / dense)));
  return {
    runId,
    seq,
    tags,
    tag,
    step,
    epoch: new Float64Array(chunkPoints),
    wallTime: step.map((at) => 1.7e9 + at / 64),
    value: Float64Array.from(tag, (index, k) => valueOf(tags[index] as string, step[k] as number)),
  };
}

const logged = Array.from({ length: chunks }, (_, seq) => chunkAt(seq));
const countOf = (tag: string): number =>
  logged.reduce((sum, chunk) => sum + Array.from(chunk.tag).filter((index) => tags[index] === tag).length, 0);

function open(damages: LogError[]): Promise<MetricStore> {
  return openIdbStore(name, { onDamage: (error) => damages.push(error), maintenance: { unitBytes: 200_000, smallRun: 0 } });
}

let records: Readonly<Record<string, readonly StoredRecord[]>> = {};

beforeAll(async () => {
  const store = await open([]);
  await store.createRun({ id: runId, startedAt: 1.7e9 });
  const lock = await store.lockRun(runId);
  for (const chunk of logged.slice(0, -2)) await store.append(chunk);
  await store.updateRun(runId, { status: 'finished', endedAt: 1.7e9 + 1 });
  lock.release();
  await store.maintain();
  for (const chunk of logged.slice(-2)) await store.append(chunk);
  await store.close();
  const database = await openDB(`tabtrain:${name}`);
  records = Object.fromEntries(
    await Promise.all(['journal', 'packs', 'units', 'summaries', 'tags'].map(async (one) => [one, await database.getAll(one)] as const)),
  );
  database.close();
});

afterAll(() => deleteStore(name));

/** Whatever a reader is given, it was logged, in this order, and nothing twice. */
async function readAll(store: MetricStore): Promise<{ readonly points: number; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  const complain = (problem: string): void => void (problems.length < 5 && problems.push(problem));
  let points = 0;
  const read = new Map<string, number>();
  for await (const chunk of store.chunks(runId)) {
    for (const [row, index] of chunk.tag.entries()) {
      const tag = chunk.tags[index] ?? '';
      const step = chunk.step[row] ?? NaN;
      points += 1;
      if (!Object.is(chunk.value[row], valueOf(tag, step))) complain(`chunks: ${tag} is ${chunk.value[row]} at ${step}`);
      if (step <= (read.get(tag) ?? -1)) complain(`chunks: ${tag} repeats step ${step}`);
      read.set(tag, step);
    }
  }
  for (const { tag, count } of await store.tags(runId)) if (count > countOf(tag)) complain(`tags: ${count} points in ${tag}`);
  for (const { tag, step, value } of await store.lastValues(runId)) {
    if (!Object.is(value, valueOf(tag, step))) complain(`lastValues: ${tag} is ${value} at ${step}`);
  }
  for (const { tag, min, minStep, max, maxStep, count } of await store.summary(runId)) {
    if (!Object.is(min, valueOf(tag, minStep)) || !Object.is(max, valueOf(tag, maxStep))) complain(`summary: extremes of ${tag}`);
    if (count > countOf(tag)) complain(`summary: ${count} points in ${tag}`);
  }
  for (const tag of tags) {
    const series = await store.series(runId, tag);
    for (const [row, step] of series.step.entries()) {
      const value = series.kind === 'points' ? series.value[row] : series.first[row];
      if (!Object.is(value, valueOf(tag, step))) complain(`series: ${tag} is ${value} at ${step}`);
      if (row > 0 && step <= (series.step[row - 1] ?? NaN)) complain(`series: ${tag} repeats step ${step}`);
    }
    for (const maxPoints of [10, 300, 5000]) {
      const merged = await store.series(runId, tag, { maxPoints });
      if (merged.kind === 'points') continue;
      if (merged.step.length > maxPoints) complain(`series: ${merged.step.length} rows of ${maxPoints}`);
      for (const row of merged.step.keys()) {
        const at = (column: Float64Array): number => column[row] ?? NaN;
        const isTrue =
          Object.is(at(merged.first), valueOf(tag, at(merged.step))) &&
          Object.is(at(merged.last), valueOf(tag, at(merged.lastStep))) &&
          Object.is(at(merged.min), valueOf(tag, at(merged.minStep))) &&
          Object.is(at(merged.max), valueOf(tag, at(merged.maxStep)));
        if (!isTrue) complain(`series: bucket ${row} of ${tag} holds what was not logged there`);
      }
      if (merged.count.reduce((sum, count) => sum + count, 0) > countOf(tag)) complain(`series: buckets of ${tag} hold too many points`);
    }
  }
  return { points, problems };
}

const bytesOf = (record: StoredRecord): Uint8Array<ArrayBuffer> => new Uint8Array((record['bytes'] as ArrayBuffer).slice(0)); // every store asked for has them

/** Ways to damage a record; undefined: it is gone. */
const damages: Readonly<Record<string, (record: StoredRecord) => StoredRecord | undefined>> = {
  'cut short': (record) => ({ ...record, bytes: bytesOf(record).slice(0, 40).buffer }),
  'cut in half': (record) => ({ ...record, bytes: bytesOf(record).slice(0, bytesOf(record).length >> 1).buffer }),
  empty: (record) => ({ ...record, bytes: new ArrayBuffer(0) }),
  'altered in one bit': (record) => {
    const bytes = bytesOf(record);
    const at = bytes.length >> 1;
    bytes[at] = (bytes[at] ?? 0) ^ 16;
    return { ...record, bytes: bytes.buffer };
  },
  'of a later version': (record) => {
    const bytes = bytesOf(record);
    bytes[0] = 99;
    return { ...record, bytes: bytes.buffer };
  },
  'of another kind': (record) => ({ ...record, bytes: 'text' }),
  'without its bytes': ({ bytes: _, ...record }) => record,
  gone: () => undefined,
};

async function replace(objectStore: string, record: StoredRecord, damaged: StoredRecord | undefined): Promise<void> {
  const database = await openDB(`tabtrain:${name}`);
  if (damaged === undefined) {
    const { keyPath } = database.transaction(objectStore).store;
    await database.delete(
      objectStore,
      [keyPath].flat().map((part) => record[part ?? ''] as string | number),
    );
  } else await database.put(objectStore, damaged);
  database.close();
}

test('undamaged, all of it is read without a report', async () => {
  expect(records['units']?.length).toBeGreaterThan(3);
  expect(new Set(records['packs']?.map(({ level }) => level)).size).toBeGreaterThan(3);
  const reports: LogError[] = [];
  const store = await open(reports);
  expect(await readAll(store)).toEqual({ points: chunks * chunkPoints, problems: [] });
  expect(reports).toEqual([]);
  await store.close();
});

/** Which records of an object store are damaged: one in the middle, and for packs of points and of buckets. */
const places: Readonly<Record<string, () => StoredRecord | undefined>> = {
  journal: () => records['journal']?.at(-2),
  'packs of points': () => records['packs']?.filter(({ level }) => level === 0)[4],
  'packs of buckets': () => records['packs']?.filter(({ level }) => level === 2)[1],
  'packs of the largest buckets': () => records['packs']?.filter(({ level }) => level !== 0).at(-1),
  units: () => records['units']?.[1],
  summaries: () => records['summaries']?.[1],
};

describe.each(Object.keys(places))('of the %s, a record', (place) => {
  test.each(Object.keys(damages))('%s is read around with a report', async (way) => {
    const objectStore = place.split(' ')[0] as string;
    const record = places[place]?.();
    if (record === undefined) throw new Error('there is no such record');
    await replace(objectStore, record, damages[way]?.(record));
    const reports: LogError[] = [];
    const store = await open(reports);
    try {
      const { points, problems } = await readAll(store);
      expect(problems).toEqual([]);
      // Buckets and summaries can be made again from points.
      expect(points).toBeLessThanOrEqual(chunks * chunkPoints);
      expect(points).toBeGreaterThan(chunks * chunkPoints * 0.6);
      if (place.includes('buckets') || place === 'summaries') expect(points).toBe(chunks * chunkPoints);
      expect(reports.length).toBeGreaterThan(0);
      expect(new Set(reports.map(({ code }) => code))).toEqual(new Set(['bad-data']));
    } finally {
      await store.close();
      await replace(objectStore, record, record);
    }
  });
});

test.each(Object.keys(damages).filter((way) => way !== 'gone'))(
  'a chunk that is %s is passed over by compaction, and stays where it is',
  async (way) => {
    const database = crypto.randomUUID();
    const reports: LogError[] = [];
    const store = await openIdbStore(database, { onDamage: (error) => reports.push(error) });
    await store.createRun({ id: runId, startedAt: 1.7e9 });
    for (const chunk of logged.slice(0, 4)) await store.append(chunk);
    const second = (await readRecords(database, 'journal'))[1];
    if (second === undefined) throw new Error('there is no such record');
    const damaged = damages[way]?.(second);
    await putRecord(database, 'journal', damaged);
    await store.updateRun(runId, { status: 'finished', endedAt: 1.7e9 + 1 });
    await store.maintain();
    expect(await readAll(store)).toEqual({ points: 3 * chunkPoints, problems: [] });
    expect(reports.length).toBeGreaterThan(0);
    expect(await readRecords(database, 'journal')).toEqual([damaged]);
    await store.close();
    await deleteStore(database);
  },
);
