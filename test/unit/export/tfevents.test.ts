import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { Config } from '../../../src/core/run-info.ts';
import { csv, tfevents } from '../../../src/export/index.ts';
import { ProtobufReader } from '../../../src/formats/protobuf.ts';
import { readRecords } from '../../../src/formats/tfevents/read-records.ts';
import { decodeEvent, readScalars } from '../../../src/formats/tfevents/read.ts';
import type { TfEvent, TfScalars } from '../../../src/formats/tfevents/read.ts';
import { memoryStore } from '../../../src/store/index.ts';
import type { MetricStore, ScalarChunk } from '../../../src/store/metric-store.ts';
import { addRun, collect, startedAt } from './sample-runs.ts';
import type { Point } from './sample-runs.ts';

let stores = 0;
const newStore = () => memoryStore(`tfevents-${stores++}`);

async function exported(points: readonly Point[], chunkSize?: number): Promise<{ events: TfEvent[]; tags: Map<string, TfScalars> }> {
  const store = newStore();
  const run = await addRun(store, points, {}, chunkSize);
  const [file] = await collect(tfevents(store, [run.id]));
  const { tags, report } = readScalars(file!.bytes);
  expect(report).toMatchObject({ damagedRecords: 0, truncatedAt: undefined, brokenAt: undefined });
  return { tags, events: [...readRecords(file!.bytes)].map((record) => decodeEvent(record.payload)) };
}

test('a run is a folder under its project, named so that TensorBoard finds it', async () => {
  const store = newStore();
  const one = await addRun(store, [{ tag: 'loss', step: 0, value: 1 }], { project: 'mnist', name: 'first' });
  const two = await addRun(store, [], { project: 'mnist', name: 'first' });
  const paths = (await collect(tfevents(store, [one.id, two.id]))).map((file) => file.path);
  expect(paths).toEqual([
    'mnist/first/events.out.tfevents.1700000000.browser.0.v2',
    'mnist/first-2/events.out.tfevents.1700000000.browser.0.v2',
  ]);
  const merged = (await collect(tfevents(store, [one.id], { prefix: 'class 7/../anna?' }))).map((file) => file.path);
  expect(merged).toEqual(['class 7/run/anna-/mnist/first/events.out.tfevents.1700000000.browser.0.v2']);
});

test('projects that become one folder keep their runs apart', async () => {
  const store = newStore();
  const one = await addRun(store, [], { project: 'a/b', name: 'x' });
  const two = await addRun(store, [], { project: 'a:b', name: 'X' });
  const paths = (await collect(tfevents(store, [one.id, two.id, one.id]))).map((file) => file.path.split('/').slice(0, 2).join('/'));
  expect(paths).toEqual(['a-b/x', 'a-b/X-2']);
});

test('runs whose names differ only in how an accent is composed are kept apart, as macOS takes them for one', async () => {
  const store = newStore();
  const one = await addRun(store, [], { project: 'a', name: 'caf\u00e9' });
  const two = await addRun(store, [], { project: 'A', name: 'cafe\u0301' });
  const paths = (await collect(tfevents(store, [one.id, two.id]))).map((file) => file.path.slice(0, file.path.lastIndexOf('/')));
  expect(paths).toEqual(['a/caf\u00e9', 'A/cafe\u0301-2']);
});

test('a file begins with the version and the start of the run, then the layout and the session', async () => {
  const { events } = await exported([{ tag: 'train/loss/step', step: 0, value: 1 }]);
  expect(events[0]).toMatchObject({
    wallTime: startedAt,
    step: 0,
    fileVersion: 'brain.Event:2',
    writer: expect.stringMatching(/^tabtrain run ./),
  });
  expect(events.slice(1).map((event) => event.values[0]?.tag)).toEqual([
    'custom_scalars__config__',
    '_hparams_/session_start_info',
    'train/loss/step',
  ]);
});

test('each tag of a run is drawn by one chart of the layout: training and validation of a metric share it', async () => {
  const tags = ['train/loss/step', 'val/loss/epoch', 'val_loss', 'loss', 'train/metrics/accuracy/epoch', 'a+b (c)', 'x/y', 'train/lr'];
  const { events } = await exported(tags.map((tag, step) => ({ tag, step, value: 1 })));
  const patterns = patternsIn(events[1]!.values[0]!.tensor!.strings[0]!);
  const drawn = patterns.map((pattern) => tags.filter((tag) => new RegExp(`^${pattern}`).test(tag)));
  expect(drawn).toEqual([
    ['train/loss/step', 'val/loss/epoch', 'val_loss', 'loss'],
    ['train/metrics/accuracy/epoch'],
    ['a+b (c)'],
    ['x/y'],
    ['train/lr'],
  ]);
});

// Layout{category{chart{multiline{tag}}}}
function patternsIn(layout: Uint8Array): string[] {
  const found: string[] = [];
  const walk = (reader: ProtobufReader, [field, ...below]: readonly number[]): void => {
    while (reader.next()) {
      if (reader.field !== field) reader.skip();
      else if (below.length > 0) walk(reader.message(), below);
      else found.push(reader.text());
    }
  };
  walk(new ProtobufReader(layout), [2, 2, 2, 1]);
  return found;
}

test('only the first value of a tag carries metadata', async () => {
  const { events } = await exported([
    { tag: 'a', step: 0, value: 1 },
    { tag: 'b', step: 0, value: 1 },
    { tag: 'a', step: 1, value: 1 },
  ]);
  expect(events.slice(3).map((event) => event.values[0]?.pluginName)).toEqual(['scalars', 'scalars', '']);
});

test('of several values at one step the last logged one is exported', async () => {
  const { tags } = await exported(
    [
      { tag: 'a', step: 1, value: 1 },
      { tag: 'b', step: 1, value: 9 },
      { tag: 'a', step: 1, value: 2 },
      { tag: 'a', step: 2, value: 3 },
      { tag: 'a', step: 2, value: NaN },
    ],
    2,
  );
  expect(tags.get('a')).toMatchObject({ steps: [1, 2], values: [2, NaN] });
  expect(tags.get('b')).toMatchObject({ steps: [1], values: [9] });
});

test('a tag whose steps go back is sorted, the values logged last win, other tags keep their place', async () => {
  const { tags, events } = await exported([
    { tag: 'loss', step: 0, value: 10, wallTime: startedAt },
    { tag: 'lr', step: 0, value: 1, wallTime: startedAt },
    { tag: 'loss', step: 1, value: 11, wallTime: startedAt + 1 },
    { tag: 'loss', step: 2, value: 12, wallTime: startedAt + 2 },
    { tag: 'lr', step: 1, value: 2, wallTime: startedAt + 3 },
    { tag: 'loss', step: 1, value: 21, wallTime: startedAt + 10 },
    { tag: 'loss', step: 3, value: 23, wallTime: startedAt + 11 },
    { tag: 'lr', step: 2, value: 3, wallTime: startedAt + 12 },
  ]);
  expect(tags.get('loss')).toEqual({
    steps: [0, 1, 2, 3],
    values: [10, 21, 12, 23],
    wallTimes: [startedAt, startedAt + 10, startedAt + 10, startedAt + 11],
  });
  expect(tags.get('lr')).toEqual({ steps: [0, 1, 2], values: [1, 2, 3], wallTimes: [startedAt, startedAt + 3, startedAt + 12] });
  const wallTimes = events.map((event) => event.wallTime);
  expect(wallTimes).toEqual([...wallTimes].sort((a, b) => a - b));
});

test('many points of a tag that goes back come in pieces too', async () => {
  const store = newStore();
  const points = [...Array(20_000).keys(), 0].map((step) => ({ tag: 'loss', step, value: step }));
  const run = await addRun(store, points, {}, 4096);
  for await (const { bytes } of tfevents(store, [run.id])) {
    const pieces: Uint8Array[] = [];
    for await (const piece of bytes) pieces.push(piece);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(300_000);
    expect(pieces.length).toBeGreaterThan(2);
  }
});

test('wall times that are not finite or fall are replaced by the one before', async () => {
  const { tags } = await exported([
    { tag: 'a', step: 0, value: 1, wallTime: NaN },
    { tag: 'a', step: 1, value: 1, wallTime: startedAt + 5 },
    { tag: 'a', step: 2, value: 1, wallTime: startedAt + 4 },
    { tag: 'a', step: 3, value: 1, wallTime: Infinity },
    { tag: 'a', step: 4, value: 1, wallTime: -Infinity },
  ]);
  expect(tags.get('a')?.wallTimes).toEqual([startedAt, startedAt + 5, startedAt + 5, startedAt + 5, startedAt + 5]);
});

test('tags that TensorBoard keeps for itself are exported under another name', async () => {
  const { tags } = await exported([
    { tag: '_hparams_/session_start_info', step: 0, value: 1 },
    { tag: 'broken\ud800', step: 0, value: 2 },
    { tag: 'broken\ud801', step: 0, value: 3 },
  ]);
  expect([...tags.keys()]).toEqual(['logged/_hparams_/session_start_info', 'broken\ufffd', 'broken\ufffd_2']);
});

test.each([
  ['finished', '_hparams_/session_end_info'],
  ['failed', '_hparams_/session_end_info'],
  ['stopped', '_hparams_/session_end_info'],
  [undefined, 'a'],
] as const)('a run that is %s ends with %s', async (status, tag) => {
  const store = newStore();
  const run = await addRun(store, [{ tag: 'a', step: 0, value: 1 }]);
  if (status !== undefined) await store.updateRun(run.id, { status, endedAt: startedAt + 60 });
  const [file] = await collect(tfevents(store, [run.id]));
  const last = [...readRecords(file!.bytes)].map((record) => decodeEvent(record.payload)).at(-1);
  expect(last?.values[0]?.tag).toBe(tag);
});

test.each([
  [2 ** 31 - 1, 1],
  [2 ** 31, 0],
  [-(2 ** 31) - 1, 0],
])('with a step of %d there are %d sessions for the HPARAMS tab, which holds 32 bits', async (step, sessions) => {
  const { events, tags } = await exported([{ tag: 'a', step, value: 1 }]);
  expect(events.filter((event) => event.values[0]?.pluginName === 'hparams').length).toBe(sessions);
  expect(tags.get('a')?.steps).toEqual([step]);
});

test('a step that event files cannot hold is left out with a warning that names run and tag; all else is complete', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const store = newStore();
  const points = [2 ** 53, 0, 1.5, 1, NaN].map((step, i) => ({ tag: 'a', step, value: i }));
  const odd = await addRun(store, [...points, { tag: 'b', step: 7, value: 8 }]);
  const fine = await addRun(store, [{ tag: 'a', step: 3, value: 4 }]);
  const files = await collect(tfevents(store, [odd.id, fine.id]));
  const [first, second] = files.map((file) => readScalars(file.bytes).tags);
  expect([first!.get('a')?.steps, first!.get('a')?.values, first!.get('b')?.steps]).toEqual([[0, 1], [1, 3], [7]]);
  expect(second!.get('a')?.steps).toEqual([3]);
  expect(warn.mock.calls).toEqual([[expect.stringContaining(`tfevents(store, ["${odd.id}"]): "a" has step 9007199254740992`)]]);
  warn.mockRestore();
});

test.each(['tfevents', 'csv'] as const)('a stored hyperparameter that JSON cannot hold is text in %s', async (kind) => {
  const store = newStore();
  const config = { seed: 2n ** 64n, list: [1n] } as unknown as Config; // as another program may have stored it
  const run = await addRun(store, [{ tag: 'a', step: 0, value: 1 }], { config });
  const [file] = await collect({ tfevents, csv }[kind](store, [run.id]));
  expect(new TextDecoder().decode(file!.bytes)).toContain('18446744073709551616');
});

test('an unknown run is refused with the call, before any file', async () => {
  const files = tfevents(newStore(), ['nope']);
  await expect(files.next()).rejects.toMatchObject({
    code: 'run-not-found',
    message: expect.stringContaining('tfevents(store, ["nope"])'),
  });
});

test('a large run comes in pieces, and its file can be made twice', async () => {
  const store = newStore();
  const points = Array.from({ length: 30_000 }, (_, step) => ({ tag: 'loss', step, value: step / 3 }));
  const run = await addRun(store, points, {}, 4096);
  for await (const { bytes } of tfevents(store, [run.id])) {
    const sizes: number[] = [];
    for await (const piece of bytes) sizes.push(piece.length);
    expect(Math.max(...sizes)).toBeLessThan(300_000);
    expect(sizes.length).toBe(6);
    let again = 0;
    for await (const piece of bytes) again += piece.length;
    expect(again).toBe(sizes.reduce((sum, size) => sum + size, 0));
  }
});

const anyPoint = fc.record({
  tag: fc.constantFrom('loss', 'val/損失', ' ', 'a"b', '😀'),
  step: fc.oneof(fc.integer({ min: -3, max: 12 }), fc.maxSafeInteger()),
  value: fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 0, -0)),
});

test('exporting and reading back gives the last value of each step, as float32, in rising steps', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyPoint, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), async (points, chunkSize) => {
      const wanted = new Map<string, Map<number, number>>();
      for (const { tag, step, value } of points) wanted.set(tag, (wanted.get(tag) ?? new Map<number, number>()).set(step + 0, value));
      const { tags, events } = await exported(points, chunkSize);
      const found = new Map([...tags].map(([tag, { steps, values }]) => [tag, steps.map((step, i) => [step, values[i]])]));
      expect(found).toEqual(
        new Map(
          [...wanted].map(([tag, byStep]) => [
            tag,
            [...byStep].sort(([a], [b]) => a - b).map(([step, value]) => [step, Math.fround(value)]),
          ]),
        ),
      );
      const wallTimes = events.map((event) => event.wallTime);
      expect(wallTimes).toEqual([...wallTimes].sort((a, b) => a - b));
    }),
    { numRuns: 200 },
  );
});

async function addManyPoints(store: MetricStore, count: number): Promise<string> {
  const { id } = await store.createRun({ project: 'demo', startedAt });
  const size = 50_000;
  for (let seq = 0; seq * size < count; seq++) await store.append(manyPoints(id, seq, size));
  return id;
}

// Two tags in turn; every 1,000th step is logged twice.
function manyPoints(runId: string, seq: number, size: number): ScalarChunk {
  const rows = Float64Array.from({ length: size }, (_, i) => seq * size + i);
  const steps = rows.map((row) => Math.floor(row / 2)).map((step) => (step % 1000 === 999 ? step - 1 : step));
  return {
    runId,
    seq,
    tags: ['a', 'b'],
    tag: Uint16Array.from(rows, (row) => row % 2),
    step: steps,
    epoch: new Float64Array(size),
    wallTime: rows.map((row) => startedAt + row),
    value: rows,
  };
}

test('a run too large to be kept between two readings is exported whole', async () => {
  const store = newStore();
  const id = await addManyPoints(store, 700_000);
  const [file] = await collect(tfevents(store, [id]));
  const { tags, report } = readScalars(file!.bytes);
  expect(report.damagedRecords).toBe(0);
  for (const [number, name] of ['a', 'b'].entries()) {
    const { steps, values } = tags.get(name)!;
    expect(steps.length).toBe(349_650); // 350,000 points, 350 of them replaced
    expect(steps.every((step, i) => i === 0 || step > steps[i - 1]!)).toBe(true);
    expect(values[998]).toBe(999 * 2 + number); // step 998 holds what was logged second
    expect(values.at(-1)).toBe(699_998 + number);
  }
});

test('what is logged while a file is being made goes into the next export', async () => {
  const store = newStore();
  const id = await addManyPoints(store, 600_000);
  for await (const { bytes } of tfevents(store, [id])) {
    let pieces = 0;
    const whole: Uint8Array[] = [];
    for await (const piece of bytes) {
      if (pieces++ === 0) await store.append(manyPoints(id, 12, 50_000));
      whole.push(piece);
    }
    const records = whole.flatMap((piece) => [...readRecords(piece)]);
    expect(records.length).toBe(3 + 600_000 - 600);
  }
});
