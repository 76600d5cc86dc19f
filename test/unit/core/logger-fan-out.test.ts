import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogError } from '../../../src/core/errors.ts';
import { LoggerFanOut } from '../../../src/core/logger-fan-out.ts';
import type { Logger } from '../../../src/core/logger.ts';
import type { NewRecord } from '../../../src/core/records.ts';
import { RetryLater } from '../../../src/core/retry-later.ts';
import { createWarner } from '../../../src/core/warnings.ts';
import { manualTimer, settled } from './manual-timer.ts';

const errors: LogError[] = [];
const warnings: string[] = [];
let time = manualTimer();

beforeEach(() => {
  errors.length = 0;
  warnings.length = 0;
  time = manualTimer();
});

function fanOut(...loggers: readonly Logger[]): LoggerFanOut {
  const warn = createWarner(({ text }) => warnings.push(text));
  return new LoggerFanOut(loggers, (error) => errors.push(error), warn, time.timer);
}

function logger(name: string, more: Partial<Logger> = {}): Logger {
  return { name, logMetrics: () => {}, logHyperparams: () => {}, ...more };
}

const at = { step: 0, epoch: 0, wallTime: 0 };
const record = (kind: NewRecord['kind']): NewRecord => ({ kind, tag: 'x', ...at });

describe('rows for some loggers only', () => {
  test('reach those that are named', () => {
    const got: string[] = [];
    const named = (name: string): Logger => logger(name, { logMetrics: (metrics) => got.push(`${name} ${Object.keys(metrics).join()}`) });
    const all = fanOut(named('csv'), named('http'), named('store'));
    all.logMetrics({ a: 1 }, at, ['http', 'store']);
    all.logMetrics({ b: 1 }, at, []);
    all.logMetrics({ c: 1 }, at);
    expect(got).toEqual(['http a', 'store a', 'csv c', 'http c', 'store c']);
    expect(warnings).toEqual([]);
  });

  test('of a name that no logger has are warned about once, with the names there are', () => {
    const all = fanOut(logger('csv'), { logMetrics: () => {}, logHyperparams: () => {} });
    for (let i = 0; i < 3; i++) all.logMetrics({ a: 1 }, at, ['cvs']);
    expect(warnings).toEqual([expect.stringContaining("{ logger: ['cvs'] }): no logger has this name")]);
    expect(warnings[0]).toContain("'csv', 'logger'");
  });
});

describe('loggers made of others', () => {
  const groups = (got: string[]): LoggerFanOut => {
    const named = (name: string): Logger =>
      logger(name, { logMetrics: (metrics) => void got.push(`${name} ${Object.keys(metrics).join()}`) });
    const never = vi.fn<() => void>(() => expect.unreachable());
    return fanOut(logger('local', { logMetrics: never, loggers: [named('csv'), named('console')] }), named('http'));
  };

  test('are called in its place, and picked by its name or their own', () => {
    const got: string[] = [];
    const all = groups(got);
    all.logMetrics({ a: 1 }, at);
    all.logMetrics({ b: 1 }, at, ['local']);
    all.logMetrics({ c: 1 }, at, ['console']);
    expect(got).toEqual(['csv a', 'console a', 'http a', 'csv b', 'console b', 'console c']);
    all.logMetrics({ d: 1 }, at, ['other']);
    expect(warnings).toEqual([expect.stringContaining("There are: 'csv', 'local', 'console', 'http'.")]);
  });
});

test('a verb written as an async function is heard when it fails: named once, and the others go on', async () => {
  const rows = vi.fn<() => void>();
  // Where types ask for void, an async function fits.
  const fails = (() => Promise.reject(new Error('net down'))) as unknown as () => void;
  const all = fanOut(logger('http', { logMetrics: fails, logHyperparams: fails, logRecord: fails }), logger('good', { logMetrics: rows }));
  for (let i = 0; i < 3; i++) all.logMetrics({ a: 1 }, at);
  all.logHyperparams({});
  all.logRecord(record('text'));
  await settled();
  expect(rows).toHaveBeenCalledTimes(3);
  expect(errors.map(({ code, message }) => [code, message.slice(0, 46)])).toEqual([
    ['logger-threw', "logger 'http' failed in logMetrics(): net down"],
  ]);
});

describe('records', () => {
  test('go to the loggers that take their kind', () => {
    const all: string[] = [];
    const some: string[] = [];
    const loggers = fanOut(
      logger('numbers'),
      logger('all', { logRecord: ({ kind }) => all.push(kind) }),
      logger('some', { logRecord: ({ kind }) => some.push(kind), supports: (kind) => kind === 'image' }),
      logger('says so without the verb', { supports: () => true }),
    );
    for (const kind of ['text', 'image'] as const) loggers.logRecord(record(kind));
    expect([all, some]).toEqual([['text', 'image'], ['image']]);
  });

  test('and all else are supported when one logger takes them', () => {
    const images = fanOut(logger('numbers'), logger('some', { logRecord: () => {}, supports: (kind) => kind === 'image' }));
    expect((['image', 'text', 'graph', 'scalar', 'hyperparams'] as const).map((kind) => images.supports(kind))).toEqual([
      ...[true, false, false, true, true],
    ]);
    expect(fanOut(logger('graphs', { logGraph: () => {} })).supports('graph')).toBe(true);
    expect(fanOut().supports('scalar')).toBe(false);
  });

  test('of a logger that throws are named once, and it goes on being called, as do the others', () => {
    const bad = vi.fn<() => void>(() => {
      throw new Error('no disk');
    });
    const good = vi.fn<() => void>();
    const graph = { name: 'm', nodes: [] };
    const all = fanOut(
      logger('bad', { logRecord: bad, logGraph: bad, supports: () => true }),
      logger('good', { logRecord: good, logGraph: good }),
    );
    all.logRecord(record('text'));
    all.logRecord(record('text'));
    all.logGraph(graph);
    expect([bad, good].map(({ mock }) => mock.calls.length)).toEqual([3, 3]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      code: 'logger-threw',
      message: expect.stringContaining("logger 'bad' failed in logRecord(): no disk"),
    });
  });

  test('hyperparameters come with the metrics to compare by', () => {
    const got = vi.fn<Logger['logHyperparams']>();
    fanOut(logger('a', { logHyperparams: got })).logHyperparams({ lr: 0.1 }, { 'val/acc': 0.9 });
    expect(got).toHaveBeenCalledWith({ lr: 0.1 }, { 'val/acc': 0.9 });
  });
});

describe('a logger that asks for another try', () => {
  test('is saved again when it asked to be, and nobody waits for that', async () => {
    let refusals = 2;
    const save = vi.fn<() => Promise<void>>(async () => {
      if (refusals-- > 0) throw new RetryLater(3000, 'too many requests');
    });
    const all = fanOut(logger('http', { save }));
    await all.save();
    expect(save).toHaveBeenCalledTimes(1);
    // Not asked while it wants to be left alone.
    await all.save();
    expect(save).toHaveBeenCalledTimes(1);
    await time.pass(2999);
    expect(save).toHaveBeenCalledTimes(1);
    await time.pass(1);
    expect(save).toHaveBeenCalledTimes(2);
    await time.pass(3000);
    expect(save).toHaveBeenCalledTimes(3);
    await time.pass(60_000);
    await all.save();
    expect(save).toHaveBeenCalledTimes(4);
    expect([errors, warnings]).toEqual([[], []]);
  });

  test('is given its try before the end, without waiting longer than it asked', async () => {
    const calls: string[] = [];
    const all = fanOut(
      logger('http', {
        async save() {
          calls.push('save');
          if (calls.length < 3) throw new RetryLater(2000);
        },
        async finalize(status) {
          calls.push(status);
          if (calls.length < 5) throw new RetryLater(100);
        },
      }),
    );
    await all.save();
    const over = all.finalize('finished');
    await time.pass(2000);
    expect(calls).toEqual(['save', 'save']);
    await time.pass(2000);
    expect(calls).toEqual(['save', 'save', 'save', 'finished']);
    await time.pass(100);
    await over;
    expect(calls).toEqual(['save', 'save', 'save', 'finished', 'finished']);
    expect([errors, warnings, time.waits]).toEqual([[], [], []]);
  });

  test('over and over at the end is waited for no longer than ten seconds in all', async () => {
    const all = fanOut(logger('http', { save: () => Promise.reject(new RetryLater(6000)) }));
    await all.save();
    const over = all.finalize('finished');
    await time.pass(6000);
    await over;
    expect([errors.length, warnings.length]).toEqual([1, 0]);
  });

  test('at once is given a tenth of a second to breathe, and an end', async () => {
    let isPatient = false;
    const again = vi.fn<() => Promise<void>>(() => (isPatient ? Promise.resolve() : Promise.reject(new RetryLater(0))));
    const all = fanOut(logger('http', { save: again }));
    await all.save();
    await time.pass(99);
    expect(again).toHaveBeenCalledTimes(1);
    isPatient = true;
    await time.pass(1);
    expect(again).toHaveBeenCalledTimes(2);

    const finalize = vi.fn<() => Promise<void>>(() => Promise.reject(new RetryLater(0)));
    const over = fanOut(logger('http', { finalize })).finalize('finished');
    for (let i = 0; i < 110; i++) await time.pass(100);
    await over;
    expect(finalize).toHaveBeenCalledTimes(101);
    expect(errors).toHaveLength(1);
  });

  test('is not asked by those who waited behind the save that it put off', async () => {
    let refuse = (): void => {};
    const save = vi.fn<() => Promise<void>>(() => new Promise((_, reject) => (refuse = () => reject(new RetryLater(3000)))));
    const all = fanOut(logger('http', { save }));
    const saves = [all.save(), all.save()];
    await settled();
    refuse();
    await Promise.all(saves);
    expect(save).toHaveBeenCalledTimes(1);
    await time.pass(3000);
    expect(save).toHaveBeenCalledTimes(2);
  });

  test('for longer than the end of a run may take is named, and finalized all the same', async () => {
    const finalize = vi.fn<() => Promise<void>>(async () => {});
    const all = fanOut(logger('http', { save: () => Promise.reject(new RetryLater(60_000, 'come back in a minute')), finalize }));
    await all.save();
    const over = all.finalize('failed');
    await time.pass(10_000);
    await over;
    expect(finalize).toHaveBeenCalledTimes(1);
    expect([errors.length, warnings.length]).toEqual([1, 0]);
    expect(errors[0]?.message).toContain("logger 'http' failed in save(): come back in a minute");
    expect(time.waits).toEqual([]);
  });
});

describe('a logger that does not answer', () => {
  test('is waited for ten seconds once, with a warning, and the others are saved', async () => {
    const save = vi.fn<() => Promise<void>>(() => new Promise(() => {}));
    const finalize = vi.fn<() => Promise<void>>(() => new Promise(() => {}));
    const good = vi.fn<() => Promise<void>>(async () => {});
    const all = fanOut(logger('deaf', { save, finalize }), logger('good', { save: good, finalize: good }));
    let saves = 0;
    const first = all.save().then(() => (saves += 1));
    await time.pass(9999);
    expect(saves).toBe(0);
    await time.pass(1);
    await first;
    expect(warnings).toEqual([expect.stringContaining("logger 'deaf' has not answered save() for 10 seconds")]);
    await all.save();
    await all.finalize('finished');
    expect([save, finalize, good].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 3]);
    expect(errors).toEqual([]);
  });

  test('is waited for again when it has answered late', async () => {
    let answer = (): void => {};
    const save = (): Promise<void> => new Promise((resolve) => (answer = resolve));
    const all = fanOut(logger('slow', { save }));
    const first = all.save();
    await time.pass(10_000);
    await first;
    answer();
    await settled();
    let isOver = false;
    const second = all.save().then(() => (isOver = true));
    await settled();
    expect(isOver).toBe(false);
    answer();
    await second;
  });

  test('is not hurried when it is the store, which has a patience of its own', async () => {
    let answer = (): void => {};
    const all = fanOut(logger('store', { save: () => new Promise((resolve) => (answer = resolve)) }));
    let isOver = false;
    const over = all.save().then(() => (isOver = true));
    await time.pass(60_000);
    expect([isOver, warnings]).toEqual([false, []]);
    answer();
    await over;
  });
});

test('who asks for a save while one is under way waits for another one behind it, which all of them share', async () => {
  const answers: (() => void)[] = [];
  const all = fanOut(logger('slow', { save: () => new Promise((resolve) => answers.push(resolve)) }));
  const over: number[] = [];
  const saves = [0, 1, 2].map((i) => all.save().then(() => over.push(i)));
  await settled();
  expect(answers).toHaveLength(1);
  answers[0]?.();
  await settled();
  expect([answers.length, over]).toEqual([2, [0]]);
  answers[1]?.();
  await Promise.all(saves);
  expect([answers.length, over]).toEqual([2, [0, 1, 2]]);
});
