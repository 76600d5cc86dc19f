import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogError } from '../../../src/core/errors.ts';
import type { Logger } from '../../../src/core/logger.ts';
import { filtered, httpLogger, LoggerCollection, prefixed, sendQueued, throttled } from '../../../src/loggers/index.ts';
import { startRun } from '../../../src/run/index.ts';
import { type LogServer, startLogServer } from './log-server.ts';
import { at, runInfo } from './rows.ts';

let server: LogServer;
beforeEach(async () => {
  server = await startLogServer();
});
afterEach(() => server.close());

/** What the server has of a run, in order: the metrics of its rows, and the types of what else came. */
function itemsOf(name: string): unknown[] {
  return [...server.taken.values()].flatMap(({ run, items }) =>
    run.name === name ? items.map((item) => item['metrics'] ?? item.type) : [],
  );
}

const quiet = { outbox: false, onWarning: () => {} } as const;

test.each<[string, (logger: Logger) => Logger]>([
  ['as it is', (logger) => logger],
  ['in a collection', (logger) => new LoggerCollection([logger])],
  ['wrapped', (logger) => filtered(throttled(prefixed(logger, ''), { perSecond: 1000 }), () => true)],
  ['in a wrapped collection', (logger) => prefixed(new LoggerCollection([logger]), '')],
])('one logger in two runs that are alive sends both whole: %s', async (_, wrap) => {
  const http = httpLogger(server.url, quiet);
  const errors: LogError[] = [];
  const start = (name: string): ReturnType<typeof startRun> =>
    startRun({ store: false, name, loggers: [wrap(http)], onError: (error) => void errors.push(error) });
  const a = await start('a');
  a.log({ a: 1 }, { step: 0 });
  const b = await start('b');
  b.log({ b: 1 }, { step: 0 });
  a.log({ a: 2 }, { step: 1 });
  b.child('inner').log({ x: 3 }, { step: 0 });
  await a.finish();
  b.log({ b: 2 }, { step: 1 });
  await b.finish();
  expect(itemsOf('a')).toEqual(['start', 'hyperparams', { a: 1 }, { a: 2 }, 'end']);
  expect(itemsOf('b')).toEqual(['start', 'hyperparams', { b: 1 }, { 'inner/x': 3 }, { b: 2 }, 'end']);
  expect(errors).toEqual([]);
  expect(http.unsent).toBe(0);
});

test('what the server has not taken is counted over all runs', async () => {
  const http = httpLogger(server.url, quiet);
  const [a, b] = [http.forRun?.(), http.forRun?.()];
  a?.start?.(runInfo);
  b?.start?.(runInfo);
  b?.logMetrics({ loss: 1 }, at(0));
  expect(http.unsent).toBe(3);
  await Promise.all([a?.finalize?.('finished'), b?.finalize?.('finished')]);
  expect(http.unsent).toBe(0);
});

test('what a run left at its end is sent again with other headers, and counted while it waits', async () => {
  const warnings: string[] = [];
  server.plans.push(401);
  const http = httpLogger(server.url, { outbox: false, headers: { Authorization: 'Bearer old' }, onWarning: () => {} });
  const run = await startRun({ store: false, name: 'a', loggers: [http] });
  run.log({ a: 1 });
  await run.finish();
  const alive = await startRun({ store: false, name: 'b', loggers: [http] });
  server.plans.push(401);
  const onWarning = ({ text }: { readonly text: string }): void => void warnings.push(text);
  await expect(sendQueued(server.url, { headers: { Authorization: 'Bearer worse' }, onWarning })).resolves.toEqual({ sent: 0, left: 1 });
  expect(warnings).toMatchObject([expect.stringContaining('(status 401)')]);
  await expect(sendQueued(`${server.url}/else`)).resolves.toEqual({ sent: 0, left: 0 });
  await expect(sendQueued(server.url, { headers: { Authorization: 'Bearer new' } })).resolves.toEqual({ sent: 4, left: 0 });
  expect(server.headers.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer worse', 'Bearer new']);
  expect(itemsOf('a')).toEqual(['start', 'hyperparams', { a: 1 }, 'end']);
  await alive.finish();
  expect(server.headers.at(-1)?.authorization).toBe('Bearer old');
});

test('a batch that was put aside is offered again, too', async () => {
  server.plans.push(400);
  const http = httpLogger(server.url, quiet);
  const run = await startRun({ store: false, name: 'a', loggers: [http] });
  await run.finish();
  expect(http.unsent).toBe(3);
  await expect(sendQueued(server.url)).resolves.toEqual({ sent: 3, left: 0 });
  expect(http.unsent).toBe(0);
});

test('a logger that is passed on by hand refuses a second run while the first is alive, and loses nothing', async () => {
  const http = httpLogger(server.url, quiet);
  const byHand: Logger = {
    start: (run) => http.start?.(run),
    logMetrics: (metrics, moment) => http.logMetrics(metrics, moment),
    logHyperparams: () => {},
    finalize: async (status) => http.finalize?.(status),
  };
  const errors: LogError[] = [];
  const a = await startRun({ store: false, name: 'a', loggers: [byHand] });
  const b = await startRun({ store: false, name: 'b', loggers: [byHand], onError: (error) => void errors.push(error) });
  b.log({ b: 1 });
  await b.finish();
  a.log({ a: 1 });
  await a.finish();
  expect(errors).toMatchObject([{ code: 'bad-options', message: expect.stringMatching(/run 'b' begins .* one httpLogger for each run/) }]);
  expect(itemsOf('a')).toEqual(['start', { b: 1 }, { a: 1 }, 'end']);
});
