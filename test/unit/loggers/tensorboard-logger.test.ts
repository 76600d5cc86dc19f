import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { signalLifecycle, startRun } from '../../../src/run/index.ts';
import { memoryFolder, TensorBoardLogger, type TensorBoardLoggerOptions } from '../../../src/loggers/index.ts';
import { eventFiles, eventsOf, scalars } from './events.ts';
import { at, refusing, runInfo, startedAt } from './rows.ts';

const began = 1_700_000_100;

beforeEach(() => void vi.useFakeTimers({ now: began * 1000, toFake: ['Date', 'setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A stream that keeps what it is given. */
function sink() {
  const pieces: Uint8Array[] = [];
  let isClosed = false;
  const stream = new WritableStream<Uint8Array>({
    write: (piece) => void pieces.push(piece.slice()),
    close: () => {
      isClosed = true;
    },
  });
  return { stream, events: () => eventsOf(Buffer.concat(pieces)), writes: () => pieces.length, isClosed: () => isClosed };
}

const settled = async (): Promise<void> => {
  for (let i = 0; i < 50; i++) await Promise.resolve();
};

describe('into a stream', () => {
  function logging(options: Omit<TensorBoardLoggerOptions, 'stream' | 'folder'> = {}) {
    const into = sink();
    const logger = new TensorBoardLogger({ stream: into.stream, ...options });
    logger.start(runInfo);
    return { ...into, logger };
  }

  test('writes the version, the session, the numbers, and in the end its status and the layout', async () => {
    const { logger, events, isClosed } = logging();
    logger.logHyperparams({ lr: 0.5, layers: [{ units: 8 }], none: null });
    logger.logMetrics({ 'train/loss': 0.1, acc: NaN }, at(0));
    logger.logMetrics({ 'train/loss': -0 }, at(1));
    await logger.finalize('finished');
    expect(isClosed()).toBe(true);
    expect(events()[0]).toMatchObject({ wallTime: startedAt, fileVersion: 'brain.Event:2', writer: 'tabtrain run run-1' });
    expect(events().flatMap(({ values }) => values.map(({ tag, pluginName }) => [tag, pluginName]))).toEqual([
      ['_hparams_/session_start_info', 'hparams'],
      ['train/loss', 'scalars'],
      ['acc', 'scalars'],
      ['train/loss', ''],
      ['_hparams_/session_end_info', 'hparams'],
      ['custom_scalars__config__', 'custom_scalars'],
    ]);
    expect([...scalars(events())]).toEqual([
      ['train/loss', [`0 ${startedAt} 0.10000000149011612`, `1 ${startedAt + 1} -0`]],
      ['acc', [`0 ${startedAt} NaN`]],
    ]);
    const session = new TextDecoder().decode(events()[1]?.values[0]?.pluginContent);
    expect(session).toContain('layers/0/units');
    expect(session).not.toContain('none');
  });

  test('writes when maxQueue events wait, and after flushSecs however few there are', async () => {
    const { logger, writes } = logging({ maxQueue: 4, flushSecs: 30 });
    for (let step = 0; step < 3; step++) logger.logMetrics({ loss: step }, at(step));
    await settled();
    expect(writes()).toBe(0);
    logger.logMetrics({ loss: 3 }, at(3));
    await settled();
    expect(writes()).toBe(1);
    logger.logMetrics({ loss: 4 }, at(4));
    await vi.advanceTimersByTimeAsync(29_999);
    expect(writes()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(writes()).toBe(2);
  });

  test('writes at least ten events at once unless asked otherwise, and all there is on save', async () => {
    const { logger, writes, events } = logging();
    for (let step = 0; step < 9; step++) logger.logMetrics({ loss: step }, at(step));
    await settled();
    expect(writes()).toBe(0);
    await logger.save();
    expect(scalars(events()).get('loss')?.length).toBe(9);
    await vi.advanceTimersByTimeAsync(200_000);
    expect(writes()).toBe(1);
  });

  test('wall times never fall, and those that are none do not count', async () => {
    const { logger, events } = logging();
    for (const wallTime of [startedAt - 5, startedAt + 3, startedAt + 1, NaN, Infinity, startedAt + 4]) {
      logger.logMetrics({ loss: 1 }, at(1, { wallTime }));
    }
    await logger.save();
    expect(events().map(({ wallTime }) => wallTime - startedAt)).toEqual([-5, -5, 3, 3, 3, 3, 4]);
  });

  test('points with a step that event files cannot hold are left out, with a warning', async () => {
    const told = vi.spyOn(console, 'warn').mockReturnValue();
    const { logger, events } = logging();
    for (const step of [0, 0.5, 1, NaN]) logger.logMetrics({ loss: step }, at(step, { wallTime: startedAt }));
    await logger.save();
    expect(scalars(events()).get('loss')).toEqual([`0 ${startedAt} 0`, `1 ${startedAt} 1`]);
    expect(told.mock.calls).toEqual([[expect.stringContaining('"loss" has step 0.5')]]);
    told.mockRestore();
  });

  test('hyperparameters that come before the first events were written are one session; later ones are warned about', async () => {
    const told = vi.spyOn(console, 'warn').mockReturnValue();
    const { logger, events } = logging();
    logger.logHyperparams({ lr: 1 });
    logger.logMetrics({ loss: 1 }, at(0));
    logger.logHyperparams({ lr: 1, seed: 2 });
    await logger.save();
    const sessions = events().flatMap(({ values }) => values.filter(({ tag }) => tag === '_hparams_/session_start_info'));
    expect(sessions.map(({ pluginContent }) => new TextDecoder().decode(pluginContent).includes('seed'))).toEqual([true]);
    logger.logHyperparams({ lr: 1, seed: 2 });
    expect(told).not.toHaveBeenCalled();
    logger.logHyperparams({ lr: 1, seed: 3 });
    expect(told.mock.calls).toEqual([[expect.stringContaining('TensorBoard keeps those of before')]]);
    told.mockRestore();
  });

  test.each([
    [{}, undefined, undefined],
    [{ defaultHpMetric: true }, undefined, [`0 ${startedAt} -1`]],
    [{ defaultHpMetric: true }, { best: 1 }, undefined],
  ])('with %o and metrics %o hp_metric is %o', async (options, metrics, expected) => {
    const { logger, events } = logging(options);
    logger.logHyperparams({ lr: 1 }, metrics);
    logger.logMetrics({ loss: 1 }, at(1));
    await logger.save();
    expect(scalars(events()).get('hp_metric')).toEqual(expected);
  });

  test('a model is written as a graph', async () => {
    const pieces: Uint8Array[] = [];
    const logger = new TensorBoardLogger({ stream: new WritableStream({ write: (piece: Uint8Array) => void pieces.push(piece) }) });
    logger.logGraph({
      name: 'mlp',
      nodes: [
        { name: 'mlp/input', op: 'InputLayer', inputs: [] },
        { name: 'mlp/dense', op: 'Dense', inputs: ['mlp/input'], attributes: { units: '8' } },
      ],
    });
    await logger.save();
    const text = new TextDecoder('latin1').decode(Buffer.concat(pieces));
    // NodeDef: name 1, op 2, input 3, attr 5 { key 1, value 2 { s 2 } }; versions 4 { producer 1 = 22 }.
    expect(text).toContain('\x0a\x09mlp/dense\x12\x05Dense\x1a\x09mlp/input\x2a\x0c\x0a\x05units\x12\x03\x12\x018');
    expect(text).toContain('\x22\x02\x08\x16');
  });

  test('a stream that has failed is told of by each save, and nothing is kept for it', async () => {
    const failing = new WritableStream({ write: () => Promise.reject(new Error('pipe broken')) });
    const logger = new TensorBoardLogger({ stream: failing, maxQueue: 1 });
    logger.logMetrics({ loss: 1 }, at(0));
    await settled();
    for (let i = 0; i < 2; i++) {
      await expect(logger.save()).rejects.toMatchObject({ code: 'export-failed', message: 'TensorBoardLogger: pipe broken' });
    }
    logger.logMetrics({ loss: 1 }, at(1));
    await expect(logger.finalize('failed')).rejects.toThrow('pipe broken');
  });
});

describe('into a folder', () => {
  const path = 'lightning_logs/version_0';

  function logging(options: Omit<TensorBoardLoggerOptions, 'stream' | 'folder'> = {}, folder = memoryFolder()) {
    const logger = new TensorBoardLogger({ folder, version: 0, ...options });
    logger.start(runInfo);
    return { folder, logger };
  }

  test('makes a new file with each write, whose names rise and which say again what they are', async () => {
    const { folder, logger } = logging({ rollSecs: 0 });
    logger.logHyperparams({ lr: 1 });
    for (let step = 0; step < 3; step++) {
      logger.logMetrics({ loss: step }, at(step));
      await logger.save();
    }
    await logger.finalize('finished');
    const files = await eventFiles(folder);
    expect(files.map(({ name }) => name)).toEqual(
      ['000000', '000001', '000002', '000003'].map((count) => `${path}/events.out.tfevents.${began}.browser.${count}.v2`),
    );
    for (const { events } of files) expect(events[0]?.fileVersion).toBe('brain.Event:2');
    expect(files.map(({ events }) => events[0]?.wallTime)).toEqual([startedAt, startedAt, startedAt + 1, startedAt + 2]);
    const plugins = files.flatMap(({ events }) =>
      events.flatMap(({ values }) => values.map(({ tag, pluginName }) => `${tag} ${pluginName}`)),
    );
    expect(plugins).toEqual([
      '_hparams_/session_start_info hparams',
      ...Array.from({ length: 3 }, () => 'loss scalars'),
      '_hparams_/session_end_info hparams',
      'custom_scalars__config__ custom_scalars',
    ]);
    expect(await folder.text(`${path}/hparams.yaml`)).toBe('lr: 1\n');
  });

  test('makes at most one file in rollSecs, however much is logged and saved, and loses nothing by it', async () => {
    const { folder, logger } = logging({ rollSecs: 5 });
    for (let step = 0; step < 600; step++) {
      logger.logMetrics({ loss: step, acc: step }, at(step));
      await logger.save();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect((await eventFiles(folder)).length).toBe(13); // at 0, 5, … 60 seconds
    await logger.finalize('finished');
    const found = scalars((await eventFiles(folder)).flatMap(({ events }) => events));
    expect(found.get('loss')).toEqual(Array.from({ length: 600 }, (_, step) => `${step} ${startedAt + step} ${step}`));
  });

  test('makes some hundred files of a day, not thousands', async () => {
    const { folder, logger } = logging();
    for (let minute = 0; minute < 24 * 60; minute++) {
      for (let i = 0; i < 12; i++) {
        logger.logMetrics({ loss: i, acc: i }, at(minute * 12 + i));
        await logger.save();
        await vi.advanceTimersByTimeAsync(5000);
      }
    }
    await logger.finalize('finished');
    const files = await eventFiles(folder);
    expect(files.length).toBeLessThan(500);
    expect(scalars(files.flatMap(({ events }) => events)).get('acc')?.length).toBe(24 * 60 * 12);
  });

  test('a page that is hidden gets its file at once', async () => {
    const { folder, logger } = logging();
    logger.logMetrics({ loss: 1 }, at(0));
    await logger.save();
    logger.logMetrics({ loss: 2 }, at(1));
    await logger.save();
    expect((await eventFiles(folder)).length).toBe(1);
    signalLifecycle('hidden');
    await logger.save();
    expect((await eventFiles(folder)).length).toBe(2);
    await logger.finalize('finished');
  });

  test('goes on behind the files of before, in order', async () => {
    const folder = memoryFolder();
    await folder.write(`${path}/events.out.tfevents.1800000000.host`, new Uint8Array(1));
    const { logger } = logging({}, folder);
    logger.logMetrics({ loss: 1 }, at(5));
    await logger.finalize('finished');
    const names = (await folder.list(path)).toSorted();
    expect(names.at(-1)).toBe('events.out.tfevents.1800000001.browser.000000.v2');
    expect((await folder.read(`${path}/events.out.tfevents.1800000000.host`))?.size).toBe(1);
  });

  test('puts its files into a folder of the version, if asked', async () => {
    const { folder, logger } = logging({ subDir: 'train' });
    logger.logMetrics({ loss: 1 }, at(5));
    await logger.finalize('finished');
    expect(await folder.list(path)).toEqual(['train/']);
  });

  test('what a folder refuses is told, kept, and written in order when there is room', async () => {
    const refuse = { isOn: true };
    const folder = memoryFolder();
    const logger = new TensorBoardLogger({ folder: refusing(folder, refuse), version: 0 });
    logger.logMetrics({ loss: 1 }, at(0));
    await expect(logger.save()).rejects.toMatchObject({ message: expect.stringMatching(/^TensorBoardLogger: .*no space left/) });
    logger.logMetrics({ loss: 2 }, at(1));
    // Left alone for a while, but the run hears of it all the same.
    await expect(logger.save()).rejects.toThrow('no space left');
    refuse.isOn = false;
    await vi.advanceTimersByTimeAsync(5000);
    await logger.finalize('finished');
    const steps = scalars((await eventFiles(folder)).flatMap(({ events }) => events)).get('loss');
    expect(steps?.map((line) => line.split(' ')[0])).toEqual(['0', '1']);
  });
});

test('wrong options are refused by name', () => {
  const folder = memoryFolder();
  for (const options of [{ maxQueue: 0 }, { flushSecs: -1 }, { rollSecs: NaN }, { subDir: '..' }]) {
    expect(() => new TensorBoardLogger({ folder, ...options })).toThrow(expect.objectContaining({ code: 'bad-options' }));
  }
});

test('needs a folder or a stream, not both', () => {
  const make = (options: unknown) => () => new TensorBoardLogger(options as TensorBoardLoggerOptions);
  expect(make(undefined)).toThrow('new TensorBoardLogger(undefined): need { folder }');
  expect(make({ stream: new WritableStream(), folder: memoryFolder() })).toThrow('new TensorBoardLogger({ folder, stream }): they exclude');
});

test('is asked by a run for numbers, hyperparameters and graphs only', async () => {
  const run = await startRun({ store: false, loggers: [new TensorBoardLogger({ folder: memoryFolder() })] });
  expect((['scalar', 'hyperparams', 'graph', 'image', 'text'] as const).map((kind) => run.supports(kind))).toEqual([
    ...[true, true, true, false, false],
  ]);
  await run.finish();
});
