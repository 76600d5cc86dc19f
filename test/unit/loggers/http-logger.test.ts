import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RequestParts } from '../../../src/core/send-request.ts';
import type { HttpLoggerOptions } from '../../../src/loggers/http-courier.ts';
import { createHttpLogger } from '../../../src/loggers/http-logger.ts';
import { type HttpLogger, httpLogger } from '../../../src/loggers/index.ts';
import { signalLifecycle, startRun } from '../../../src/run/index.ts';
import { manualTimer, settled } from '../core/manual-timer.ts';
import { type LogServer, startLogServer } from './log-server.ts';
import { at, bare, runInfo, startedAt } from './rows.ts';

let server: LogServer;
let time: ReturnType<typeof manualTimer>;
let warnings: { key: string; text: string }[];

beforeEach(async () => {
  server = await startLogServer();
  time = manualTimer();
  warnings = [];
});
afterEach(() => server.close());

/** A logger whose run has begun; its clock stands still unless it is given. `random` 0 leaves pauses whole. */
function logging(options: HttpLoggerOptions = {}, more: Partial<RequestParts> = {}): HttpLogger {
  const parts: RequestParts = { fetch, timer: time.timer, now: () => startedAt * 1000, random: () => 0, ...more };
  const logger = createHttpLogger(server.url, { onWarning: (warning) => void warnings.push(warning), ...options }, parts);
  logger.start?.(runInfo);
  return logger;
}

const keys = (): string[] => warnings.map(({ key }) => key);
const steps = (): unknown[] => server.items('metrics').map(({ step }) => step);
const came = (count: number): Promise<void> => vi.waitFor(() => expect(server.came.length).toBeGreaterThanOrEqual(count));
const delivered = (logger: HttpLogger): Promise<void> => vi.waitFor(() => expect(logger.unsent).toBe(0));

describe('what is sent', () => {
  test('is the run, its rows, hyperparameters, records, graph and end, and nothing else', async () => {
    const logger = logging({ headers: { Authorization: 'Bearer abc' } });
    logger.logHyperparams({ lr: 0.5, layers: [{ units: 8 }], none: null }, { 'val/acc': 0.9 });
    logger.logMetrics({ loss: 0.1, 'a"b': NaN }, at(0, { stage: 'train', rhythm: 'step' }));
    logger.logMetrics({ up: Infinity, down: -Infinity, zero: -0, small: 5e-324, large: 1.7976931348623157e308 }, bare(1));
    logger.logRecord?.({
      ...at(2),
      kind: 'image',
      tag: 'digit',
      data: { width: 2, edges: new Float64Array([0.5, NaN]) },
      content: new Blob([new Uint8Array([0, 1, 254, 255])], { type: 'image/png' }),
    });
    logger.logGraph?.({ name: 'm', nodes: [{ name: 'd', op: 'Dense', inputs: [] }] });
    await logger.finalize?.('stopped');
    expect(logger.unsent).toBe(0);
    expect(server.came).toHaveLength(1);
    const { items, batch, ...head } = server.came[0]!;
    expect(head).toEqual({ format: 'tabtrain-log', version: 1, run: { id: 'run-1', project: 'demo', name: 'demo-1' } });
    expect(batch).toMatch(/^run-1:[0-9a-f]{8}:00000000$/);
    expect(items).toEqual([
      { type: 'start', run: { id: 'run-1', project: 'demo', name: 'demo-1', startedAt, config: {}, resumes: 0 } },
      { type: 'hyperparams', params: { lr: 0.5, layers: [{ units: 8 }], none: null }, metrics: { 'val/acc': 0.9 } },
      {
        type: 'metrics',
        ...{ step: 0, epoch: 0, wallTime: startedAt, stage: 'train', rhythm: 'step' },
        metrics: { loss: 0.1, 'a"b': 'NaN' },
      },
      {
        type: 'metrics',
        ...{ step: 1, epoch: null, wallTime: startedAt + 1 },
        metrics: { up: 'Infinity', down: '-Infinity', zero: -0, small: 5e-324, large: 1.7976931348623157e308 },
      },
      { type: 'graph', graph: { name: 'm', nodes: [{ name: 'd', op: 'Dense', inputs: [] }] } },
      {
        type: 'record',
        ...{ kind: 'image', tag: 'digit', step: 2, epoch: 0, wallTime: startedAt + 2 },
        data: { width: 2, edges: [0.5, 'NaN'] },
        content: { type: 'image/png', base64: 'AAH+/w==' },
      },
      { type: 'end', status: 'stopped', wallTime: startedAt },
    ]);
    expect(server.headers[0]).toMatchObject({ 'content-type': 'application/json', authorization: 'Bearer abc' });
    expect(warnings).toEqual([]);
  });

  test('goes in batches: quick when the run is young, slower when it is old', async () => {
    let now = startedAt * 1000;
    const logger = logging({}, { now: () => now });
    expect(time.waits).toEqual([2000]);
    await time.pass(2000);
    await came(1);
    await delivered(logger);
    for (const [age, pause] of [
      [59_000, 2000],
      [61_000, 10_000],
      [601_000, 30_000],
    ] as const) {
      now = startedAt * 1000 + age;
      logger.logMetrics({ loss: 1 }, at(0));
      expect(time.waits).toEqual([pause]);
      await time.pass(pause);
      await delivered(logger);
    }
    expect(server.came.length).toBe(4);
  });

  test('does not wait when a batch is full, by bytes or by rows, and keeps its order', async () => {
    let logger = logging({ maxBatchBytes: 2000 });
    for (let step = 0; step < 100; step++) logger.logMetrics({ loss: step }, at(step));
    await logger.finalize?.('finished');
    expect(server.came.length).toBeGreaterThan(3);
    expect(steps()).toEqual(Array.from({ length: 100 }, (_, step) => step));
    logger = logging({ maxBatchBytes: 1e9 });
    for (let step = 0; step < 5001; step++) logger.logMetrics({ loss: step }, at(step));
    await vi.waitFor(() => expect(server.came.at(-1)?.items).toHaveLength(5000));
    await logger.finalize?.('finished');
  });

  test('is a batch at a save, but not one for each of many short epochs', async () => {
    let now = startedAt * 1000;
    const logger = logging({}, { now: () => now });
    now += 3000;
    for (let epoch = 0; epoch < 50; epoch++) {
      logger.logMetrics({ loss: 1 }, at(epoch));
      await logger.save?.();
    }
    await came(1);
    expect(time.waits).toContain(2000);
    await logger.finalize?.('finished');
    expect(server.came.length).toBe(2);
    expect(steps()).toHaveLength(50);
  });

  test('comes from a run with all that a loop logs; kinds of records can be left out', async () => {
    const logger = httpLogger(server.url, { kinds: ['text'] });
    const run = await startRun({ store: false, loggers: [logger], config: { lr: 1 } });
    run.log({ loss: 1 }, { step: 0 });
    run.log({ loss: 2 }, { step: 1 });
    await run.finish();
    expect(steps()).toEqual([0, 1]);
    expect(server.items('end')).toMatchObject([{ status: 'finished' }]);
    expect([logger.supports?.('text'), logger.supports?.('image')]).toEqual([true, false]);
  });
});

describe('a server that fails', () => {
  test('for a while is asked again later each time, and gets everything once', async () => {
    server.plans.push(503, 'reset', 500);
    const logger = logging();
    logger.logMetrics({ loss: 1 }, at(0));
    await time.pass(2000);
    for (const [tries, pause] of [
      [1, 1000],
      [2, 2000],
      [3, 4000],
    ] as const) {
      await came(tries);
      await vi.waitFor(() => expect(time.waits).toContain(pause));
      logger.logMetrics({ loss: 1 }, at(tries));
      await time.pass(pause);
    }
    await came(4);
    await logger.finalize?.('finished');
    expect(steps()).toEqual([0, 1, 2, 3]);
    expect(keys()).toEqual(['http-busy', 'http-memory', 'http-unreachable']);
    expect(warnings[0]?.text).toContain('/log cannot take it now (status 503). What is logged is kept');
  });

  test('leaves out half of the pause at most, by chance, so that not all pages come at once', async () => {
    server.plans.push(503);
    logging({}, { random: () => 1 });
    await time.pass(2000);
    await vi.waitFor(() => expect(time.waits).toContain(500));
  });

  test.each([
    ['7', 7000],
    [new Date((startedAt + 20) * 1000).toUTCString(), 20_000],
  ])('and asks for patience (Retry-After: %s) gets it', async (retryAfter, pause) => {
    server.plans.push({ status: 429, headers: { 'Retry-After': retryAfter } });
    const logger = logging();
    await time.pass(2000);
    await vi.waitFor(() => expect(time.waits).toContain(pause));
    await time.pass(pause - 1);
    expect(server.came.length).toBe(1);
    await time.pass(1);
    await delivered(logger);
  });

  test('to answer what it has taken gets the same again, to the last byte', async () => {
    server.plans.push('deaf');
    const logger = logging();
    logger.logMetrics({ loss: 1 }, at(0));
    await time.pass(2000);
    await vi.waitFor(() => expect(time.waits).toContain(1000));
    logger.logMetrics({ loss: 1 }, at(1));
    await time.pass(1000);
    await came(2);
    await logger.finalize?.('finished');
    expect(server.came[1]).toEqual(server.came[0]);
    expect(steps()).toEqual([0, 1]);
  });

  test('by not answering is given up after a time, and holds nothing up meanwhile', async () => {
    server.plans.push('hang');
    const logger = logging({ timeoutSecs: 20 });
    await time.pass(2000);
    await came(1);
    for (let step = 0; step < 10; step++) logger.logMetrics({ loss: step }, at(step));
    await logger.save?.();
    await time.pass(20_000);
    await vi.waitFor(() => expect(keys()).toContain('http-timeout'));
    await logger.finalize?.('finished');
    expect(steps()).toHaveLength(10);
  });

  test('on a batch that is too large gets halves of it', async () => {
    server.plans.push(413, 413);
    const logger = logging();
    for (let step = 0; step < 9; step++) logger.logMetrics({ loss: step, zero: -0 }, at(step));
    await logger.finalize?.('finished');
    expect(steps()).toEqual(Array.from({ length: 9 }, (_, step) => step));
    expect(server.items('metrics').every(({ metrics }) => Object.is((metrics as { zero: number }).zero, -0))).toBe(true);
    expect([...server.taken.keys()].map((id) => id.slice(-10))).toEqual(
      ['00000000aa', '00000000ab', ...['0000000b']].map((end) => expect.stringContaining(end)),
    );
    expect(warnings).toEqual([]);
  });

  test('with a single batch goes on with the next, and says so once', async () => {
    server.plans.push(204, 400, 422);
    const logger = logging({ maxBatchBytes: 200 });
    for (let step = 0; step < 6; step++) logger.logMetrics({ loss: step }, at(step));
    await logger.finalize?.('finished');
    expect(steps().length).toBeLessThan(6);
    expect(logger.unsent).toBeGreaterThan(0);
    expect(keys()).toEqual(['http-body', 'http-memory', 'http-left:run-1']);
    expect(warnings[2]?.text).toContain(`${logger.unsent} items of run demo-1 could not be sent`);
  });

  test.each([401, 403, 404])('with all (status %i) is told of once, and what is logged is kept for the day it does not', async (status) => {
    server.plans.push(status, status);
    const logger = logging();
    logger.logMetrics({ loss: 1 }, at(0));
    await time.pass(2000);
    await vi.waitFor(() => expect(keys()).toContain(`http-refused:${status}`));
    logger.logMetrics({ loss: 1 }, at(1));
    await logger.finalize?.('finished');
    expect(keys()).toEqual([`http-refused:${status}`, 'http-memory', 'http-left:run-1']);
    expect(logger.unsent).toBe(4);
    await time.pass(5 * 60_000);
    await delivered(logger);
    expect(steps()).toEqual([0, 1]);
  });

  test('by a redirect or a web page has taken nothing', async () => {
    server.plans.push({ status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8' } }, 302);
    server.plans[1] = { status: 307, headers: { Location: `${server.url}/new?secret=1` } };
    const logger = logging();
    await time.pass(2000);
    await vi.waitFor(() => expect(keys()).toContain('http-html'));
    await time.pass(5 * 60_000);
    await vi.waitFor(() => expect(keys()).toContain('http-redirect'));
    expect(logger.unsent).toBe(1);
  });

  test('for so long that memory would fill up loses the oldest, and the count is told', async () => {
    server.plans.push(...Array.from({ length: 100 }, () => 404));
    const logger = logging({ maxBatchBytes: 1000, maxQueuedBytes: 5000 });
    for (let step = 0; step < 500; step++) logger.logMetrics({ loss: step }, at(step));
    await vi.waitFor(() => expect(keys().join()).toContain('http-dropped'));
    server.plans.length = 0;
    await logger.finalize?.('finished');
    await delivered(logger);
    expect(steps().at(-1)).toBe(499);
    expect(steps().length).toBeLessThan(80);
    // As many as are missing, of the rows, the start and the end; told a few times on the way.
    const told = warnings.flatMap(({ key, text }) =>
      key.startsWith('http-dropped:') ? [/: (\d+|one) items? so far/.exec(text)?.[1]] : [],
    );
    expect(told.at(-1)).toBe(String(502 - [...server.taken.values()].flatMap(({ items }) => items).length));
    expect(told.length).toBeLessThan(5);
  });
});

describe('the end of a run', () => {
  test('waits for a server that asked for patience, but not for one that is not there', async () => {
    server.plans.push(503);
    const logger = logging();
    const over = logger.finalize?.('finished');
    await vi.waitFor(() => expect(time.waits).toContain(1000));
    await time.pass(1000);
    await over;
    expect(server.items('end')).toHaveLength(1);

    const { url } = server;
    await server.close();
    const lost = createHttpLogger(
      url,
      { onWarning: (warning) => void warnings.push(warning) },
      { fetch, timer: time.timer, now: Date.now, random: () => 0 },
    );
    lost.start?.(runInfo);
    await lost.finalize?.('finished');
    expect(lost.unsent).toBe(2);
    expect(keys()).toContain('http-left:run-1');
    server = await startLogServer();
  });

  test('waits eight seconds for a server that hangs', async () => {
    server.plans.push('hang');
    const logger = logging();
    const over = vi.fn<() => void>();
    void logger.finalize?.('finished').then(over);
    await came(1);
    await settled();
    expect(over).not.toHaveBeenCalled();
    await time.pass(8000);
    await vi.waitFor(() => expect(over).toHaveBeenCalled());
    expect(logger.unsent).toBe(2);
  });
});

describe('a page that goes away', () => {
  test('sends what it has in requests that outlive it, up to 60 kB', async () => {
    const kept: boolean[] = [];
    const spy: typeof fetch = (url, init) => {
      kept.push(init?.keepalive === true);
      return fetch(url, init);
    };
    const logger = logging({}, { fetch: spy });
    for (let step = 0; step < 1000; step++) logger.logMetrics({ loss: step }, at(step));
    signalLifecycle('hidden');
    expect(kept).toEqual([true]);
    for (const request of kept) expect(request).toBe(true);
    await vi.waitFor(() => expect(server.came.length).toBeGreaterThan(0));
    await logger.finalize?.('finished');
    expect(steps().toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 1000 }, (_, step) => step));
  });

  test('asks for no headers then that would have to be waited for', async () => {
    const logger = logging({ headers: async () => ({ Authorization: 'Bearer late' }) });
    signalLifecycle('hidden');
    await settled();
    expect(server.came.length).toBe(0);
    await logger.finalize?.('finished');
    expect(server.headers[0]?.authorization).toBe('Bearer late');
  });
});
