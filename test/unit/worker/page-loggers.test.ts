import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LogError } from '../../../src/core/errors.ts';
import { LoggerFanOut } from '../../../src/core/logger-fan-out.ts';
import type { Logger, Metrics, Moment } from '../../../src/core/logger.ts';
import type { NewRecord } from '../../../src/core/records.ts';
import { RetryLater } from '../../../src/core/retry-later.ts';
import type { RunInfo } from '../../../src/core/run-info.ts';
import { PageLoggers } from '../../../src/worker/page-loggers.ts';
import { describeLoggers, serveLoggers } from '../../../src/worker/serve-loggers.ts';

const info: RunInfo = { id: 'r', project: 'p', name: 'p-1', status: 'running', startedAt: 0, config: {} };
const at = (step: number): Moment => ({ step, epoch: 0, wallTime: step });

/** Writes down what it is told, as one line each. */
class Diary implements Logger {
  readonly name: string;
  readonly lines: string[] = [];
  version: string | undefined;

  constructor(name = 'diary') {
    this.name = name;
  }
  start(run: RunInfo): void {
    this.version = 'version_7';
    this.lines.push(`start ${run.name}`);
  }
  logMetrics(metrics: Metrics, { step }: Moment): void {
    this.lines.push(
      `${step}: ${Object.entries(metrics)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')}`,
    );
  }
  logHyperparams(params: object, metrics?: Metrics): void {
    this.lines.push(`hyperparams ${JSON.stringify(params)} ${JSON.stringify(metrics)}`);
  }
  logRecord({ kind, tag }: NewRecord): void {
    this.lines.push(`${kind} ${tag}`);
  }
  supports(kind: string): boolean {
    return kind === 'text' || kind === 'alert';
  }
  async save(): Promise<void> {
    this.lines.push('save');
  }
  async finalize(status: string): Promise<void> {
    this.lines.push(status);
  }
}

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const one of cleanUp.splice(0)) one();
});

/** Both ends, and how many messages went to the page. The timer does not run by itself. */
function setUp(loggers: readonly Logger[]): { worker: Logger[]; due: () => void; messages: () => number; end: () => void } {
  const { port1, port2 } = new MessageChannel();
  const end = serveLoggers(port1, loggers);
  const posted = vi.spyOn(port2, 'postMessage');
  const timers: (() => void)[] = [];
  const page = new PageLoggers(port2, (act) => {
    timers.push(act);
    return () => {};
  });
  cleanUp.push(end, () => page.close());
  const due = (): void => {
    for (const act of timers.splice(0)) act();
  };
  return { worker: page.make(describeLoggers(loggers)), due, messages: () => posted.mock.calls.length, end };
}

describe('loggers of the page', () => {
  test('get everything in order, in one message per flush', async () => {
    const diary = new Diary();
    const { worker, due, messages } = setUp([diary]);
    const [logger] = worker as [Logger];
    const metrics = { loss: 1 };
    logger.start?.(info);
    logger.logHyperparams({ lr: 0.1 }, { best: 2 });
    logger.logMetrics(metrics, at(0));
    metrics.loss = 0.5; // its owner uses it again
    logger.logMetrics(metrics, at(1));
    logger.logRecord?.({ kind: 'text', tag: 'note', step: 1, epoch: 0, wallTime: 1, data: { text: 'hello' } });
    expect(messages()).toBe(0);
    due();
    expect(messages()).toBe(1);
    logger.logMetrics({ loss: NaN, acc: Infinity }, at(2));
    await logger.save?.();
    await logger.finalize?.('finished');
    expect(diary.lines).toEqual([
      'start p-1',
      'hyperparams {"lr":0.1} {"best":2}',
      '0: loss 1',
      '1: loss 0.5',
      'text note',
      '2: loss NaN, acc Infinity',
      'save',
      'finished',
    ]);
  });

  test('are known in the worker by name, kinds and, once started, version', async () => {
    const bare: Logger = { logMetrics: () => {}, logHyperparams: () => {} };
    const { worker } = setUp([new Diary('csv'), bare]);
    const [csv, other] = worker as [Logger, Logger];
    expect([csv.name, other.name]).toEqual(['csv', 'logger']);
    expect([csv.supports?.('alert'), csv.supports?.('image'), other.supports?.('text')]).toEqual([true, false, false]);
    expect('logGraph' in csv).toBe(false);
    expect(csv.version).toBe(undefined);
    csv.start?.(info);
    await csv.save?.();
    expect([csv.version, other.version]).toEqual(['version_7', undefined]);
  });

  test('are flushed at once when thousands of values wait', () => {
    const { worker, messages } = setUp([new Diary()]);
    const row = Object.fromEntries(Array.from({ length: 1024 }, (_, i) => [`m${i}`, i]));
    for (let step = 0; step < 3; step++) worker[0]?.logMetrics(row, at(step));
    expect(messages()).toBe(0);
    worker[0]?.logMetrics(row, at(3));
    expect(messages()).toBe(1);
  });

  test('are named once when they throw; the others and what comes later are not held up', async () => {
    const broken = new Diary('broken');
    broken.logMetrics = () => {
      throw new RangeError('disk is full');
    };
    const diary = new Diary();
    const { worker, due } = setUp([broken, diary]);
    const errors: LogError[] = [];
    const fanOut = new LoggerFanOut(worker, (error) => errors.push(error));
    fanOut.start(info);
    for (let step = 0; step < 5; step++) {
      fanOut.logMetrics({ loss: step }, at(step));
      due();
      await fanOut.save();
    }
    await fanOut.finalize('failed');
    expect(errors).toMatchObject([
      {
        code: 'logger-threw',
        message: expect.stringMatching(/^logger 'broken' failed in logMetrics\(\): disk is full\./),
        cause: { name: 'RangeError' },
      },
    ]);
    expect(diary.lines.filter((line) => line.includes('loss'))).toHaveLength(5);
    expect([broken.lines.at(-1), diary.lines.at(-1)]).toEqual(['failed', 'failed']);
  });

  test('that are async functions are heard when they fail later', async () => {
    // Where types ask for void, an async function fits.
    const fails = (() => Promise.reject(new RangeError('net down'))) as unknown as () => void;
    const { worker, due } = setUp([{ logMetrics: fails, logHyperparams: fails }]);
    const errors: string[] = [];
    const fanOut = new LoggerFanOut(worker, ({ message }) => errors.push(message));
    fanOut.start(info);
    for (let step = 0; step < 5; step++) {
      fanOut.logMetrics({ loss: step }, at(step));
      due();
      await fanOut.save();
    }
    await fanOut.finalize('failed');
    expect(errors).toEqual([expect.stringContaining("logger 'logger' failed in logMetrics(): net down")]);
  });

  test('that throw again and again in a run send one error across, and another one in the next run', async () => {
    const broken: Logger = {
      logHyperparams: () => {},
      logMetrics: () => {
        throw new RangeError('disk is full');
      },
    };
    const [logger] = setUp([broken]).worker as [Logger];
    for (const expected of [1, 0, 0]) {
      logger.logMetrics({ loss: 1 }, at(0));
      expect(
        await logger.save?.().then(
          () => 0,
          () => 1,
        ),
      ).toBe(expected);
    }
    logger.start?.(info);
    logger.logMetrics({ loss: 1 }, at(0));
    await expect(logger.save?.()).rejects.toMatchObject({ code: 'logger-threw' });
  });

  test('that ask for another try get it', async () => {
    const busy = new Diary('busy');
    let tries = 0;
    busy.save = async () => {
      tries += 1;
      if (tries === 1) throw new RetryLater(250, 'server is busy');
    };
    const { worker } = setUp([busy]);
    const asked: unknown = await worker[0]?.save?.().catch((thrown: unknown) => thrown);
    expect(asked).toBeInstanceOf(RetryLater);
    expect(asked).toMatchObject({ afterMs: 250, message: 'server is busy' });
    await worker[0]?.save?.();
    expect(tries).toBe(2);
  });

  test('that cannot save reject with why', async () => {
    const diary = new Diary();
    diary.save = () => Promise.reject(new TypeError('no connection'));
    const { worker } = setUp([diary]);
    await expect(worker[0]?.save?.()).rejects.toMatchObject({ name: 'TypeError', message: 'no connection' });
  });

  test('leave out what comes after a million values that the page has not taken, and say so', () => {
    const { worker } = setUp([new Diary()]);
    const row = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`m${i}`, i]));
    for (let step = 0; step < 1000; step++) worker[0]?.logMetrics(row, at(step));
    expect(() => worker[0]?.logMetrics(row, at(1000))).toThrow(expect.objectContaining({ code: 'logger-threw' }));
  });

  test.each(['here', 'by the page'])(
    'that have not answered when the connection is closed %s reject instead of keeping a run waiting',
    async (where) => {
      const { port1, port2 } = new MessageChannel();
      port1.start(); // takes everything and answers nothing
      const page = new PageLoggers(port2, () => () => {});
      cleanUp.push(() => port1.close());
      const [logger] = page.make(describeLoggers([new Diary()])) as [Logger];
      const finalized = logger.finalize?.('finished');
      if (where === 'here') page.close();
      else port1.close();
      await expect(finalized).rejects.toMatchObject({ code: 'worker-state' });
      await expect(logger.finalize?.('finished')).rejects.toMatchObject({ code: 'worker-state' });
    },
  );

  test('are finalized as failed when the worker is gone in the middle of a run, and only then', async () => {
    const [one, other] = [new Diary(), new Diary()];
    const { worker, due, end } = setUp([one, other]);
    for (const logger of worker) logger.start?.(info);
    due();
    await worker[0]?.finalize?.('finished');
    end();
    await Promise.resolve();
    expect([one.lines, other.lines]).toEqual([
      ['start p-1', 'finished'],
      ['start p-1', 'failed'],
    ]);
  });
});
