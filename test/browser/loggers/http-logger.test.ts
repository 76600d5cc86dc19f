import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RequestParts } from '../../../src/core/send-request.ts';
import { startTimer } from '../../../src/core/timer.ts';
import { createHttpLogger } from '../../../src/loggers/http-logger.ts';
import type { HttpLoggerOptions } from '../../../src/loggers/http-courier.ts';
import { type HttpLogger, sendQueued } from '../../../src/loggers/index.ts';
import { signalLifecycle } from '../../../src/run/index.ts';
import { deleteStore } from '../../../src/store/index.ts';
import { openOutbox } from '../../../src/store/outbox.ts';
import { at, runInfo } from '../../unit/loggers/rows.ts';

const outbox = 'http-logger-tests';
const url = 'https://log.example/in';
let warnings: string[];
/** Bodies that came, with `keepalive` before those that outlive the page. */
let came: string[];
/** What the network does; by default it is down. */
let answer: () => Promise<Response>;
const down = (): Promise<Response> => Promise.reject(new TypeError('Failed to fetch'));
const taken = async (): Promise<Response> => new Response(null, { status: 204 });

beforeEach(async () => {
  warnings = [];
  came = [];
  answer = down;
  await deleteStore(outbox);
});
afterEach(() => deleteStore(outbox));

const parts: RequestParts = {
  fetch: (_, init) => {
    if (init?.method === 'POST') came.push(`${init.keepalive === true ? 'keepalive ' : ''}${String(init.body)}`);
    return answer();
  },
  timer: startTimer,
  now: Date.now,
  random: () => 0,
};

function logging(options: HttpLoggerOptions = {}): HttpLogger {
  const logger = createHttpLogger(url, { outbox, flushSecs: 0.01, onWarning: ({ key }) => void warnings.push(key), ...options }, parts);
  logger.start?.(runInfo);
  return logger;
}

async function waiting(): Promise<number> {
  const opened = await openOutbox(outbox);
  const keys = (await opened?.keys(url)) ?? [];
  opened?.letGo();
  return keys.length;
}

test('what cannot be sent waits in the outbox, is sent by the logger when the network is back, and leaves it', async () => {
  const logger = logging();
  logger.logMetrics({ loss: 1 }, at(0));
  await vi.waitFor(async () => expect(await waiting()).toBe(1));
  expect(warnings).toEqual(['http-unreachable']);
  // One that is alive sends by itself.
  await expect(sendQueued(url, { outbox }, parts)).resolves.toEqual({ sent: 0, left: 1 });
  answer = taken;
  globalThis.dispatchEvent(new Event('online'));
  await vi.waitFor(() => expect(logger.unsent).toBe(0));
  await vi.waitFor(async () => expect(await waiting()).toBe(0));
  expect(came.at(-1)).toBe(came[0]);
  await logger.finalize?.('finished');
});

test('what a run leaves at its end is kept, and sent when it can be', async () => {
  const logger = logging();
  logger.logMetrics({ loss: 1 }, at(0));
  await logger.finalize?.('finished');
  expect(logger.unsent).toBe(3);
  expect(await waiting()).toBeGreaterThan(0);
  expect(warnings.at(-1)).toBe('http-left:run-1');
  answer = taken;
  globalThis.dispatchEvent(new Event('online'));
  await vi.waitFor(() => expect(logger.unsent).toBe(0));
  await vi.waitFor(async () => expect(await waiting()).toBe(0));
});

test('what a run leaves at its end is sent by its page when asked to, and is out of the outbox then', async () => {
  const logger = logging();
  logger.logMetrics({ loss: 1 }, at(0));
  await logger.finalize?.('finished');
  const left = await waiting();
  await expect(sendQueued(url, { outbox, onWarning: () => {} }, parts)).resolves.toEqual({ sent: 0, left });
  answer = taken;
  await expect(sendQueued(url, { outbox }, parts)).resolves.toEqual({ sent: 3, left: 0 });
  expect(logger.unsent).toBe(0);
  expect(await waiting()).toBe(0);
});

test('what a page has left is sent by the next logger for the address, in order, before it asks again after a failure', async () => {
  const opened = await openOutbox(outbox);
  const left = (id: string) => ({
    url,
    since: 1,
    sender: 'gone',
    id,
    at: 1,
    items: 1,
    size: 1,
    body: `{"batch":"${id}","items":[\n1,\n2\n]}`,
  });
  await opened?.add([left('b'), left('a'), { ...left('c'), url: `${url}2` }], 1e6);
  const logger = logging();
  await vi.waitFor(() => expect(came.length).toBeGreaterThan(1));
  expect(came.some((body) => body.includes('"batch":"b"'))).toBe(false);
  answer = taken;
  globalThis.dispatchEvent(new Event('online'));
  await vi.waitFor(async () => expect(await waiting()).toBe(0));
  const batches = came.map((body) => /"batch":"(\w)"/.exec(body)?.[1]).filter((id) => id !== undefined);
  expect(batches.slice(-2)).toEqual(['a', 'b']);
  await expect(opened?.keys(`${url}2`)).resolves.toHaveLength(1);
  opened?.letGo();
  await logger.finalize?.('finished');
});

test('a page without a run sends what was left, too large ones in halves, and says what it did', async () => {
  const opened = await openOutbox(outbox);
  await opened?.add([{ url, since: 1, sender: 'gone', id: 'a', at: 1, items: 2, size: 1, body: '{"batch":"a","items":[\n1,\n2\n]}' }], 1e6);
  await expect(sendQueued(url, { outbox, onWarning: ({ key }) => void warnings.push(key) }, parts)).resolves.toEqual({ sent: 0, left: 1 });
  expect(warnings).toEqual(['http-unreachable']);
  came = [];
  answer = async () => new Response(null, { status: came.length === 1 ? 413 : 204 });
  await expect(sendQueued(url, { outbox }, parts)).resolves.toEqual({ sent: 2, left: 0 });
  expect(came.slice(1)).toEqual(['{"batch":"aa","items":[\n1\n]}', '{"batch":"ab","items":[\n2\n]}']);
  opened?.letGo();
});

test('a hidden page sends in requests that outlive it, with a copy in the outbox until they are answered', async () => {
  answer = taken;
  const logger = logging({ flushSecs: 3600 });
  await vi.waitFor(async () => expect((await indexedDB.databases()).some(({ name }) => name?.includes(outbox))).toBe(true));
  logger.logMetrics({ loss: 1 }, at(0));
  let answerNow = (): void => {};
  answer = () => new Promise((resolve) => (answerNow = () => resolve(new Response(null, { status: 204 }))));
  signalLifecycle('hidden');
  expect(came).toEqual([expect.stringMatching(/^keepalive .*"loss":1/s)]);
  await vi.waitFor(async () => expect(await waiting()).toBe(1));
  answerNow();
  await vi.waitFor(async () => expect(await waiting()).toBe(0));
  answer = taken;
  await logger.finalize?.('finished');
  expect(logger.unsent).toBe(0);
});

test('more than outlives a page waits in the outbox, and is sent by a page that goes on all the same', async () => {
  const logger = logging({ flushSecs: 3600 });
  for (let step = 0; step < 2000; step++) logger.logMetrics({ loss: step }, at(step));
  answer = taken;
  signalLifecycle('pagehide');
  const sent = came.reduce((sum, body) => sum + body.length, 0);
  expect(sent).toBeGreaterThan(30_000);
  expect(sent).toBeLessThan(65_536);
  await logger.finalize?.('finished');
  expect(logger.unsent).toBe(0);
  const steps = [...new Set(came)].flatMap((body) => [...body.matchAll(/"step":(\d+)/g)].map(([, step]) => Number(step)));
  expect(new Set(steps).size).toBe(2000);
  await vi.waitFor(async () => expect(await waiting()).toBe(0));
});
