import { describe, expect, test, vi } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import type { NewRecord } from '../../../src/core/records.ts';
import { createWarner } from '../../../src/core/warnings.ts';
import { RecordWriter, type RecordWriterOptions } from '../../../src/run/record-writer.ts';
import type { RunChange } from '../../../src/store/metric-store.ts';
import { manualTimer, settled } from '../core/manual-timer.ts';

const run = { id: 'a', project: 'p', name: 'p-1', status: 'running', startedAt: 1, config: { lr: 0.1 } } as const;

/** A writer, a store that does what it is told, and a logger; and what each of them got. */
function setUp(options: Partial<RecordWriterOptions> = {}) {
  const time = manualTimer();
  const batches: (readonly NewRecord[])[] = [];
  const changes: RunChange[] = [];
  const logged: NewRecord[] = [];
  const errors: LogError[] = [];
  const warnings: string[] = [];
  const told = {
    alerts: [] as unknown[],
    changes: [] as unknown[],
    hyperparams: [] as unknown[],
    rows: [] as unknown[],
    graphs: [] as unknown[],
  };
  const behaviour: { answer: () => Promise<void> } = { answer: () => Promise.resolve() };
  const moment = { step: 3, epoch: 1, wallTime: 9 };
  const writer = new RecordWriter({
    info: run,
    store: {
      async addRecords(runId, records) {
        expect(runId).toBe('a');
        await behaviour.answer();
        batches.push(records);
      },
      async updateRun(_, change) {
        await behaviour.answer();
        changes.push(change);
        return run;
      },
    },
    fanOut: {
      logRecord: (record) => logged.push(record),
      logGraph: (graph) => told.graphs.push(graph),
      logHyperparams: (...args) => told.hyperparams.push(args),
      logMetrics: (...args) => told.rows.push(args),
      supports: (kind) => kind === 'scalar',
    },
    warn: createWarner(({ text }) => warnings.push(text)),
    onError: (error) => errors.push(error),
    onAlert: (alert) => told.alerts.push(alert),
    onChange: (change) => told.changes.push(change),
    moment: () => ({ ...moment }),
    timer: time.timer,
    ...options,
  });
  return { writer, time, batches, changes, logged, errors, warnings, told, behaviour, moment };
}

const tags = (batches: readonly (readonly NewRecord[])[]): readonly (readonly string[])[] =>
  batches.map((batch) => batch.map(({ tag }) => tag));

/** A tensor whose numbers come when they are asked to. */
function slowTensor(values: ArrayLike<number>, shape: readonly number[]) {
  let give = (): void => {};
  const data = new Promise<ArrayLike<number>>((resolve) => (give = () => resolve(values)));
  return { tensor: { size: values.length, shape, data: () => data }, give: () => give() };
}

describe('what is logged beside numbers', () => {
  test('comes into the store and to the loggers as records of the moment, in the order of the calls, in one transaction', async () => {
    const { writer, batches, logged, errors, told, moment } = setUp();
    const slow = slowTensor(Float32Array.of(0, 1), [1, 2]);
    writer.logImage('val/first', slow.tensor, { caption: 'two pixels' });
    writer.logText('notes', '**bold**');
    writer.logTable('t', [{ a: 1 }]);
    moment.step = 4;
    writer.logHistogram('w', [1, 2, 3], { bins: 1 });
    writer.logAudio('a', [0], { step: 99 });
    writer.logFigure('roc', { type: 'line', data: {} });
    writer.event('halved', { lr: 0.05 });
    writer.event('n', 3);
    writer.event('nothing');
    writer.alert('diverged', 'loss is NaN', 'error');
    writer.logGraph({ name: 'net', nodes: [{ name: 'd', op: 'Dense', inputs: [] }] });
    expect(writer.pending).toBe(11);
    const saved = writer.save();
    await settled();
    expect(batches).toEqual([]);
    slow.give();
    await saved;
    expect(writer.pending).toBe(0);
    expect(batches).toHaveLength(1);
    const place = { step: 4, epoch: 1, wallTime: 9 };
    expect(batches[0]).toEqual([
      {
        kind: 'image',
        tag: 'val/first',
        ...place,
        step: 3,
        data: { width: 2, height: 1, channels: 1, caption: 'two pixels' },
        content: expect.any(Blob),
      },
      { kind: 'text', tag: 'notes', ...place, step: 3, data: { text: '**bold**' } },
      { kind: 'table', tag: 't', ...place, step: 3, data: { columns: ['a'], rows: [[1]] } },
      { kind: 'histogram', tag: 'w', ...place, data: expect.objectContaining({ counts: Float64Array.of(3), num: 3 }) },
      { kind: 'audio', tag: 'a', ...place, step: 99, data: { sampleRate: 44_100, channels: 1, frames: 1 }, content: expect.any(Blob) },
      { kind: 'figure', tag: 'roc', ...place, data: { chart: { type: 'line', data: {} } } },
      { kind: 'event', tag: 'halved', ...place, data: { lr: 0.05 } },
      { kind: 'event', tag: 'n', ...place, data: { value: 3 } },
      { kind: 'event', tag: 'nothing', ...place, data: {} },
      { kind: 'alert', tag: 'diverged', ...place, data: { text: 'loss is NaN', level: 'error' } },
      { kind: 'graph', tag: 'net', ...place, data: { graph: { name: 'net', nodes: [{ name: 'd', op: 'Dense', inputs: [] }] } } },
    ]);
    expect(logged).toEqual(batches[0]?.slice(0, -1));
    expect(told.alerts).toEqual([{ title: 'diverged', text: 'loss is NaN', level: 'error' }]);
    expect(told.graphs).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  test('is stored by itself, soon at first and then once a second, however much comes', async () => {
    const { writer, time, batches } = setUp();
    writer.event('1');
    await time.pass(99);
    expect(batches).toEqual([]);
    await time.pass(1);
    expect(tags(batches)).toEqual([['1']]);
    for (let i = 2; i < 8; i++) await time.pass(1000);
    for (const name of ['2', '3']) writer.event(name);
    expect(time.waits).toEqual([200]);
    await time.pass(200);
    for (const wait of [400, 800, 1000, 1000]) {
      writer.event('more');
      expect(time.waits).toEqual([wait]);
      await time.pass(wait);
    }
    expect(tags(batches)).toEqual([['1'], ['2', '3'], ['more'], ['more'], ['more'], ['more']]);
  });

  test('costs few transactions, none of them endless', async () => {
    const { writer, batches } = setUp();
    for (let i = 0; i < 200; i++) writer.event(String(i));
    await writer.save();
    expect(batches.map(({ length }) => length)).toEqual([64, 64, 64, 8]);
    expect(tags(batches).flat()).toEqual(Array.from({ length: 200 }, (_, i) => String(i)));
  });

  test('and is bad is refused at once by the call, and nothing else is touched', async () => {
    const { writer, batches, errors } = setUp();
    // Wrong on purpose: what a program without types might pass.
    const wrong = writer as unknown as Record<string, (...args: readonly unknown[]) => void>;
    const refused = (verb: string, ...args: readonly unknown[]): unknown => {
      try {
        wrong[verb]?.(...args);
      } catch (thrown) {
        return [(thrown as LogError).code, (thrown as LogError).message];
      }
      return undefined;
    };
    writer.logText('good', 'x');
    expect(refused('logText', '', 'x')).toEqual(['bad-tag', expect.stringContaining('run.logText(the string "")')]);
    expect(refused('logText', 7, 'x')).toEqual(['bad-tag', expect.stringContaining('run.logText(the number 7)')]);
    expect(refused('logText', 'a', 7)).toEqual(['bad-value', expect.stringContaining("run.logText('a'): got the number 7")]);
    expect(refused('logText', 'a', 'x', { step: Number.NaN })).toEqual(['bad-options', expect.stringContaining('step is the number NaN')]);
    expect(refused('logImage', 'a', 'x.png')).toEqual(['bad-value', expect.any(String)]);
    expect(refused('event', 'a', () => 1)).toEqual(['bad-options', expect.stringContaining("run.event('a'): data is a function")]);
    expect(refused('alert', 'a', 'b', 'fatal')).toEqual(['bad-options', expect.stringContaining('level')]);
    expect(refused('logText', 'a', 'x', { step: 1.5 })).toEqual(['bad-options', expect.stringContaining('need a whole number')]);
    expect(refused('every', 2)).toEqual(['bad-options', expect.stringContaining('run.every(2, undefined)')]);
    expect(refused('every', 0, () => {})).toEqual(['bad-options', expect.stringContaining('run.every(the number 0)')]);
    expect(refused('logHyperparams', { f: () => 1 })).toEqual(['bad-options', expect.stringContaining('config.f is a function')]);
    expect(refused('logHyperparams', {}, { acc: '1' })).toEqual(['bad-value', expect.stringContaining("the metric 'acc'")]);
    expect(refused('logGraph', { name: 'g', nodes: [{}] })).toEqual(['bad-value', expect.any(String)]);
    await writer.save();
    expect([tags(batches), errors]).toEqual([[['good']], []]);
  });

  test('and fails only later is named, and what comes behind it is stored', async () => {
    const { writer, batches, errors } = setUp();
    writer.logHistogram('lost', { size: 1, data: () => Promise.reject(new Error('device lost')) });
    writer.event('behind');
    await writer.save();
    expect(tags(batches)).toEqual([['behind']]);
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['read-failed', "run.logHistogram('lost'): reading a tensor back failed: device lost"],
    ]);
  });

  test('is called for on each n-th step only, the first included', () => {
    const { writer, moment } = setUp();
    const steps: number[] = [];
    for (moment.step = 0; moment.step < 7; moment.step++) writer.every(3, () => steps.push(moment.step));
    expect(steps).toEqual([0, 3, 6]);
  });
});

describe('hyperparameters', () => {
  test('are added to those of the run, with the metrics to compare by as facts and as a row', async () => {
    const { writer, changes, told } = setUp();
    writer.logHyperparams({ depth: 3 });
    writer.logHyperparams({ lr: 0.2 }, { 'val/acc': 0.9 });
    writer.logHyperparams({}, { 'val/loss': 1 });
    await writer.save();
    expect(changes).toEqual([{ config: { depth: 3, lr: 0.2 }, facts: { 'hp.metrics': { 'val/acc': 0.9, 'val/loss': 1 } } }]);
    expect(told.hyperparams).toEqual([
      [{ lr: 0.1, depth: 3 }, undefined],
      [{ lr: 0.2, depth: 3 }, { 'val/acc': 0.9 }],
      [{ lr: 0.2, depth: 3 }, { 'val/loss': 1 }],
    ]);
    expect(told.rows).toEqual([
      [{ 'val/acc': 0.9 }, { step: 3, epoch: 1, wallTime: 9 }],
      [{ 'val/loss': 1 }, { step: 3, epoch: 1, wallTime: 9 }],
    ]);
    expect(told.changes.at(-1)).toEqual({ config: { lr: 0.2, depth: 3 }, facts: { 'hp.metrics': { 'val/acc': 0.9, 'val/loss': 1 } } });
  });

  test('that the store refuses are given to it again, with what came meanwhile', async () => {
    const { writer, changes, behaviour, errors, time } = setUp();
    behaviour.answer = () => Promise.reject(new LogError('store-full', 'full'));
    writer.logHyperparams({ a: 1, b: 1 });
    await writer.save();
    writer.logHyperparams({ b: 2 });
    expect([errors.map(({ code }) => code), writer.isWaiting]).toEqual([['store-full'], true]);
    behaviour.answer = () => Promise.resolve();
    await time.pass(30_000);
    expect(changes).toEqual([{ config: { a: 1, b: 2 }, facts: {} }]);
    expect(writer.isWaiting).toBe(false);
  });
});

describe('a store that refuses records', () => {
  test('is given them again, later each time, told of once, and loses none', async () => {
    const { writer, time, batches, behaviour, errors, warnings, logged } = setUp();
    let asked = 0;
    behaviour.answer = () => {
      asked += 1;
      return Promise.reject(new LogError('store-full', 'no room'));
    };
    writer.event('1');
    await writer.save();
    expect([asked, writer.pending]).toEqual([1, 1]);
    writer.event('2');
    for (const wait of [1000, 2000, 4000]) {
      expect(time.waits).toEqual([wait]);
      await time.pass(wait);
    }
    expect([asked, writer.pending]).toEqual([4, 2]);
    expect(logged.map(({ tag }) => tag)).toEqual(['1', '2']);
    const finalized = writer.finalize();
    await finalized;
    expect(warnings).toEqual([expect.stringContaining("2 records of run 'a' could not be stored")]);
    const whenSaved = writer.whenSaved();
    behaviour.answer = () => Promise.resolve();
    await time.pass(30_000);
    await whenSaved;
    expect([tags(batches), writer.pending, errors.map(({ code }) => code)]).toEqual([[['1', '2']], 0, ['store-full']]);
  });

  test('because of one of them stores the others, and names the one', async () => {
    const { writer, batches, behaviour, errors } = setUp();
    writer.event('1');
    writer.event('bad');
    writer.event('3');
    let calls = 0;
    behaviour.answer = () => ([0, 2].includes(calls++) ? Promise.reject(new LogError('bad-data', 'cannot be read')) : Promise.resolve());
    await writer.save();
    expect(tags(batches)).toEqual([['1'], ['3']]);
    expect(errors.map(({ code, message }) => [code, message])).toEqual([['bad-data', "run.event('bad'): not stored: cannot be read"]]);
    expect(writer.pending).toBe(0);
  });

  test('for good is told of once; the loggers go on getting records', async () => {
    const { writer, time, batches, behaviour, errors, logged } = setUp();
    behaviour.answer = () => Promise.reject(new LogError('run-not-found', 'deleted'));
    writer.event('1');
    await writer.save();
    writer.event('2');
    await writer.save();
    expect([logged.map(({ tag }) => tag), batches, writer.isWaiting]).toEqual([['1', '2'], [], false]);
    expect(errors.map(({ code }) => code)).toEqual(['run-not-found']);
    expect(time.waits).toEqual([]);
  });

  test('to answer holds up a save for ten seconds and no end, and gets all when it answers', async () => {
    const { writer, time, batches, behaviour, warnings } = setUp();
    let answer = (): void => {};
    behaviour.answer = () => new Promise((resolve) => (answer = resolve));
    writer.event('1');
    const saved = writer.save();
    await settled();
    writer.event('2');
    await time.pass(10_000);
    await saved;
    expect(warnings).toEqual([expect.stringContaining('has not answered for 10 seconds')]);
    behaviour.answer = () => Promise.resolve();
    answer();
    await settled();
    await time.pass(1000);
    expect(tags(batches)).toEqual([['1'], ['2']]);
  });
});

describe('more than may wait', () => {
  const image = (): { values: Uint8Array; shape: number[] } => ({ values: new Uint8Array(1000), shape: [10, 100] });

  test('is named once a tag and not kept, until there is room again', async () => {
    const { writer, batches, warnings } = setUp({ mostBytes: 4000 });
    for (let i = 0; i < 6; i++) writer.logImage('x', image());
    writer.logImage('y', image());
    expect(writer.pending).toBe(3);
    expect(warnings).toEqual([
      expect.stringContaining("run.logImage('x'): not kept"),
      expect.stringContaining("run.logImage('y'): not kept"),
    ]);
    await writer.save();
    writer.logImage('y', image());
    await writer.save();
    expect(tags(batches)).toEqual([['x', 'x', 'x'], ['y']]);
  });

  test('holds back who asks for room, but not for a store that refuses', async () => {
    const { writer, behaviour } = setUp({ mostBytes: 4000 });
    expect(writer.whenRoom()).toBeUndefined();
    writer.logImage('x', image());
    const room = vi.fn<() => void>();
    void writer.whenRoom()?.then(room);
    await settled();
    expect(room).not.toHaveBeenCalled();
    await writer.save();
    await settled();
    expect(room).toHaveBeenCalledTimes(1);
    behaviour.answer = () => Promise.reject(new LogError('store-full', 'full'));
    writer.logImage('x', image());
    await writer.save();
    expect(writer.whenRoom()).toBeUndefined();
  });

  test('does not stop one record that is larger by itself', async () => {
    const { writer, batches } = setUp({ mostBytes: 100 });
    writer.logImage('x', image());
    await writer.save();
    expect(tags(batches)).toEqual([['x']]);
  });
});

describe('without a store', () => {
  test('records go to loggers that take them; of others it is told once that nobody does', async () => {
    const logged: string[] = [];
    const fanOut = { logRecord: ({ tag }: NewRecord) => logged.push(tag), logGraph() {}, logHyperparams() {}, logMetrics() {} };
    const { writer, warnings } = setUp({ store: undefined, fanOut: { ...fanOut, supports: (kind) => kind === 'text' } });
    writer.logText('a', 'x');
    writer.event('b');
    writer.event('b');
    expect(['text', 'event', 'graph'].map((kind) => writer.supports(kind as 'text'))).toEqual([true, false, false]);
    expect(setUp().writer.supports('nonsense' as 'text')).toBe(false); // a caller without types
    await writer.finalize();
    expect([logged, warnings]).toEqual([
      ['a'],
      [expect.stringContaining("run.event('b'): not kept, as the run has no store and no logger")],
    ]);
  });
});

test('after the end every verb says that the run has finished', async () => {
  const { writer } = setUp();
  await writer.finalize();
  const closed = expect.objectContaining({ code: 'closed-run' });
  expect(() => writer.logText('a', 'x')).toThrow(closed);
  expect(() => writer.alert('a', 'x')).toThrow(closed);
  expect(() => writer.logHyperparams({})).toThrow(closed);
});
