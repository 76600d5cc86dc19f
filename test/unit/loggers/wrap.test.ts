import { describe, expect, test } from 'vitest';
import type { Logger, Metrics, Moment } from '../../../src/core/logger.ts';
import type { NewRecord } from '../../../src/core/records.ts';
import { filtered, prefixed, throttled } from '../../../src/loggers/index.ts';
import { at, recorder, runInfo } from './rows.ts';

const record = (tag: string): NewRecord => ({ kind: 'text', tag, step: 1, epoch: 0, wallTime: 0, data: { text: 'x' } });

/** A logger with every verb, which writes down all calls. */
function full(): Logger & { readonly calls: unknown[] } {
  const calls: unknown[] = [];
  return {
    calls,
    name: 'full',
    version: 7,
    start: (run) => void calls.push(['start', run.id]),
    logMetrics: (metrics) => void calls.push(['logMetrics', metrics]),
    logHyperparams: (params, metrics) => void calls.push(['logHyperparams', params, metrics]),
    logRecord: ({ tag }) => void calls.push(['logRecord', tag]),
    supports: (kind) => kind === 'text',
    logGraph: ({ name }) => void calls.push(['logGraph', name]),
    save: async () => void calls.push(['save']),
    finalize: async (status) => void calls.push(['finalize', status]),
  };
}

describe.each([
  ['prefixed', (logger: Logger) => prefixed(logger, '')],
  ['filtered', (logger: Logger) => filtered(logger, () => true)],
  ['throttled', (logger: Logger) => throttled(logger, { perSecond: 1000 })],
])('%s', (_name, wrap) => {
  test('passes every verb on', async () => {
    const inner = full();
    const logger = wrap(inner);
    logger.start?.(runInfo);
    logger.logMetrics({ loss: 1 }, at(0));
    logger.logHyperparams({ lr: 1 }, { best: 2 });
    logger.logRecord?.(record('note'));
    logger.logGraph?.({ name: 'mlp', nodes: [] });
    await logger.save?.();
    await logger.finalize?.('finished');
    expect(inner.calls).toEqual([
      ['start', 'run-1'],
      ['logMetrics', { loss: 1 }],
      ['logHyperparams', { lr: 1 }, { best: 2 }],
      ['logRecord', 'note'],
      ['logGraph', 'mlp'],
      ['save'],
      ['finalize', 'finished'],
    ]);
    expect([logger.name, logger.version, logger.supports?.('text'), logger.supports?.('image')]).toEqual(['full', 7, true, false]);
  });

  test('claims nothing that the logger inside cannot do', async () => {
    const logger = wrap(recorder());
    expect(logger.supports?.('text')).toBe(false);
    expect(logger.logGraph).toBeUndefined();
    await logger.save?.();
    await logger.finalize?.('failed');
  });
});

test('what is no logger is refused', () => {
  const none = null as unknown as Logger;
  expect(() => prefixed(none, 'x')).toThrow('prefixed(null, …): need a logger');
  expect(() => filtered(none, [])).toThrow('filtered(null, …)');
  expect(() => throttled(none, { perSecond: 1 })).toThrow('throttled(null, …)');
});

test('a prefix is joined as Lightning joins it, or by a separator of your own', () => {
  const inner = full();
  prefixed(inner, 'fold1').logMetrics({ loss: 1, 'val/acc': 2 }, at(0));
  prefixed(inner, 'fold1', { separator: '/' }).logMetrics({ loss: 1 }, at(0));
  prefixed(inner, 'fold1').logRecord?.(record('note'));
  prefixed(inner, 'fold1').logHyperparams({ lr: 1 }, { best: 2 });
  expect(inner.calls).toEqual([
    ['logMetrics', { 'fold1-loss': 1, 'fold1-val/acc': 2 }],
    ['logMetrics', { 'fold1/loss': 1 }],
    ['logRecord', 'fold1-note'],
    ['logHyperparams', { lr: 1 }, { 'fold1-best': 2 }],
  ]);
});

test('a filter lets named numbers and records through, and no empty rows', () => {
  const inner = full();
  const logger = filtered(inner, ['loss', 'note']);
  logger.logMetrics({ loss: 1, acc: 2 }, at(0));
  logger.logMetrics({ acc: 2 }, at(1));
  logger.logRecord?.(record('note'));
  logger.logRecord?.(record('other'));
  expect(inner.calls).toEqual([
    ['logMetrics', { loss: 1 }],
    ['logRecord', 'note'],
  ]);
});

test('a filter can go by the moment', () => {
  const inner = recorder();
  const logger = filtered(inner, (tag, { step }) => tag.startsWith('val/') || step % 10 === 0);
  logger.logMetrics({ loss: 1, 'val/loss': 2 }, at(5));
  logger.logMetrics({ loss: 3 }, at(10));
  expect(inner.rows).toEqual([
    [{ 'val/loss': 2 }, 5],
    [{ loss: 3 }, 10],
  ]);
});

describe('a throttle', () => {
  const steps = (logger: Logger, from: number, to: number, more: (step: number) => Metrics = () => ({})): void => {
    for (let step = from; step < to; step++) logger.logMetrics({ loss: step, ...more(step) }, at(step, { wallTime: 1000 + step / 10 }));
  };

  test('lets a tag through as often as asked, and keeps the newest for the next save', async () => {
    const inner = recorder();
    const logger = throttled(inner, { perSecond: 1 });
    steps(logger, 0, 26);
    expect(inner.rows).toEqual([
      [{ loss: 0 }, 0],
      [{ loss: 10 }, 10],
      [{ loss: 20 }, 20],
    ]);
    await logger.save?.();
    expect(inner.rows.slice(3)).toEqual([[{ loss: 25 }, 25]]);
    await logger.save?.();
    expect(inner.rows.length).toBe(4);
  });

  test('judges each tag by itself, so that a rare one is not lost among frequent ones', async () => {
    const inner = recorder();
    const logger = throttled(inner, { perSecond: 1 });
    steps(logger, 0, 9, (step): Metrics => (step === 5 ? { lr: 1 } : {}));
    await logger.finalize?.('finished');
    expect(inner.rows).toEqual([
      [{ loss: 0 }, 0],
      [{ lr: 1 }, 5],
      [{ loss: 8 }, 8],
    ]);
  });

  test('never holds back values of epochs', () => {
    const inner = recorder();
    const logger = throttled(inner, { perSecond: 0.001 });
    const end: Partial<Moment> = { rhythm: 'epoch', stage: 'validate' };
    for (let step = 0; step < 3; step++) logger.logMetrics({ val_loss: step }, at(step, end));
    expect(inner.rows.length).toBe(3);
  });

  test('passes the newest value that it holds before a value of the epoch under the same name', async () => {
    const inner = recorder();
    const logger = throttled(inner, { perSecond: 1 });
    steps(logger, 0, 3);
    logger.logMetrics({ loss: 9, acc: 1 }, at(2, { wallTime: 1000.3, rhythm: 'epoch' }));
    await logger.save?.();
    expect(inner.rows).toEqual([
      [{ loss: 0 }, 0],
      [{ loss: 2 }, 2],
      [{ loss: 9, acc: 1 }, 2],
    ]);
  });

  test('tells by the next save what a row has failed with later', async () => {
    const fails = (() => Promise.reject(new Error('net down'))) as unknown as () => void; // fits where types ask for void
    const logger = throttled({ ...recorder(), logMetrics: fails }, { perSecond: 1 });
    steps(logger, 0, 1);
    await expect(logger.save?.()).rejects.toThrow('net down');
    await logger.save?.();
  });

  test('refuses a rate that lets nothing through', () => {
    expect(() => throttled(recorder(), { perSecond: 0 })).toThrow('perSecond: the number 0');
    expect(() => throttled(recorder(), undefined as unknown as { perSecond: number })).toThrow('perSecond: undefined');
  });
});
