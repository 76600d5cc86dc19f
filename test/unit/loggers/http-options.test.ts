import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RequestParts } from '../../../src/core/send-request.ts';
import { setLanguage } from '../../../src/core/words.ts';
import type { HttpLoggerOptions } from '../../../src/loggers/http-courier.ts';
import { createHttpLogger } from '../../../src/loggers/http-logger.ts';
import { type HttpLogger, httpLogger, sendQueued } from '../../../src/loggers/index.ts';
import { manualTimer } from '../core/manual-timer.ts';
import { type LogServer, startLogServer } from './log-server.ts';
import { runInfo, startedAt } from './rows.ts';

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

const delivered = (logger: HttpLogger): Promise<void> => vi.waitFor(() => expect(logger.unsent).toBe(0));

const secret = 's3cret';

describe('an address', () => {
  test.each([
    ['log', /httpLogger\('…'\): need an address, such as/],
    ['', /need an address, such as/],
    [5 as unknown as string, /need an address, such as/],
    [undefined as unknown as string, /need an address, such as/],
    ['ftp://a/b', /need an address, such as/],
    [`http://a/?key=${secret}`.replace('http', 'ws'), /need an address, such as/],
    [`https://ada:${secret}@school.example/log`, /\('https:\/\/school.example\/log'\): .* a user or a password in it\. Give \{ headers:/],
    [`https://ada:p/${secret}@school.example/log`, /\('…'\): need an address/],
    [`ada:${secret}@school.example/log`, /\('…'\): need an address, such as/],
  ])('that is none is refused at once, and its secrets are not shown: %s', (url, text) => {
    expect(() => httpLogger(url)).toThrow(text);
    expect(() => httpLogger(url)).toThrow(expect.objectContaining({ code: 'bad-options', message: expect.not.stringContaining(secret) }));
  });

  test('that a secure page may not send to is refused at once', () => {
    vi.stubGlobal('origin', 'https://school.example');
    try {
      expect(() => httpLogger(`http://192.168.0.7/log?key=${secret}`)).toThrow(
        /^httpLogger\('http:\/\/192.168.0.7\/log'\): .* send to https only \(mixed content\)/,
      );
      for (const fine of ['http://localhost:8000/', 'http://127.0.0.1/', 'http://[::1]:1/', 'https://a.example/']) httpLogger(fine);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test.each([
    [404, /\/log refuses/],
    [{ status: 307, headers: { location: `/else?token=${secret}` } }, /\/log redirects to http:\/\/127.0.0.1:\d+\/else, and/],
  ])('with a secret in its query is not shown with it: %j', async (plan, text) => {
    server.plans.push(plan);
    const logger = createHttpLogger(
      `${server.url}?token=${secret}`,
      { onWarning: (warning) => void warnings.push(warning) },
      { fetch, timer: time.timer, now: Date.now, random: () => 0 },
    );
    logger.start?.(runInfo);
    await logger.finalize?.('finished');
    expect(warnings[0]?.text).toMatch(text);
    expect(JSON.stringify(warnings)).not.toContain(secret);
  });
});

describe('options', () => {
  // As a program without types may give them.
  const refused = (options: unknown): unknown => {
    try {
      return httpLogger(server.url, options as HttpLoggerOptions);
    } catch (thrown) {
      return thrown;
    }
  };

  test.each([
    [{ flushSecs: 0 }, /flushSecs: the number 0 }\): need a number above 0/],
    [{ flushSec: 1 }, /there is no option 'flushSec'\. There are: headers, .*flushSecs/],
    [null, /\(…, null\): need an object/],
    [{ kinds: 'text' }, /kinds: the string "text" }\): need kinds of records, such as \['text', 'image'\]/],
    [{ outbox: 5 }, /outbox: the number 5 }\): need the name of a store, or false/],
    [{ outbox: '' }, /need the name of a store, or false/],
    [{ credentials: 'yes' }, /credentials: the string "yes" }\): need omit, same-origin or include/],
    [{ headers: { Authorization: `Bearer ${secret}…` } }, /{ headers }: need an object of headers that can be sent/],
    [{ headers: { 'X Token': secret } }, /{ headers }: need an object of headers that can be sent/],
    [{ headers: `Bearer ${secret}` }, /{ headers }: need an object of headers/],
    [{ headers: ['Authorization', secret] }, /{ headers }: need an object of headers/],
  ])('that cannot be meant are refused, without their secrets: %j', (options, text) => {
    expect(refused(options)).toMatchObject({ code: 'bad-options', message: expect.stringMatching(text) });
    expect(refused(options)).not.toMatchObject({ message: expect.stringContaining(secret) });
  });

  test('for sending what waits are looked at in the same way', async () => {
    await expect(sendQueued(server.url, { headers: { 'X Token': '1' } })).rejects.toMatchObject({ code: 'bad-options' });
    // The same object for both is fine.
    const both: HttpLoggerOptions = { flushSecs: 1 };
    await expect(sendQueued(server.url, both)).resolves.toEqual({ sent: 0, left: 0 });
  });

  test.each([
    ['an object', { Authorization: 'Bearer 1' }],
    ['Headers', new Headers({ Authorization: 'Bearer 1' })],
    ['pairs', [['Authorization', 'Bearer 1']] as [string, string][]],
    ['a function', () => new Headers({ authorization: 'Bearer 1' })],
  ])('take headers as fetch does: %s', async (_, headers) => {
    await logging({ headers }).finalize?.('finished');
    expect(server.headers[0]).toMatchObject({ authorization: 'Bearer 1', 'content-type': 'application/json' });
  });

  test('take a type of one’s own for the body', async () => {
    await logging({ headers: { 'content-type': 'application/x-log' } }).finalize?.('finished');
    expect(server.headers[0]).toMatchObject({ 'content-type': 'application/x-log' });
  });
});

test('headers that cannot be sent are told of as such, not as a server that cannot be reached', async () => {
  const logger = logging({ headers: () => ({ Authorization: `Bearer ${secret}…` }), outbox: false });
  await time.pass(2000);
  await vi.waitFor(() =>
    expect(warnings).toMatchObject([{ key: 'http-headers', text: expect.stringContaining('need an object of headers that can be sent') }]),
  );
  expect(JSON.stringify(warnings)).not.toContain(secret);
  expect(server.came).toEqual([]);
  await logger.finalize?.('finished');
});

test('a server that pages may not send to is told to allow the headers that are sent', async () => {
  vi.stubGlobal('origin', 'https://school.example');
  for (const name of ['addEventListener', 'removeEventListener']) vi.stubGlobal(name, () => {});
  try {
    // The look whether it answers at all is the second one.
    const answers = [Promise.reject(new TypeError('Failed to fetch')), Promise.resolve(new Response())];
    void answers[0]?.catch(() => undefined);
    logging({ headers: { 'x-class': '7b' }, outbox: false }, { fetch: () => answers.shift()! });
    await time.pass(2000);
    await vi.waitFor(() =>
      expect(warnings).toMatchObject([
        { key: 'http-cors', text: expect.stringContaining('Access-Control-Allow-Headers: content-type, x-class.') },
      ]),
    );
  } finally {
    vi.unstubAllGlobals();
  }
});

test('headers that cannot be made are told of, and asked for again', async () => {
  let isReady = false;
  const headers = (): Record<string, string> => {
    if (!isReady) throw new Error('not signed in');
    return {};
  };
  const logger = logging({ headers });
  await time.pass(2000);
  await vi.waitFor(() =>
    expect(warnings).toMatchObject([{ key: 'http-headers', text: expect.stringContaining('not signed in') }, { key: 'http-memory' }]),
  );
  isReady = true;
  await time.pass(1000);
  await delivered(logger);
});

test('warnings come in the language that is set', async () => {
  setLanguage({ locale: 'de', words: { loggers: { refused: '{address} will nicht ({status}).' } } });
  try {
    server.plans.push(404);
    const logger = logging();
    await logger.finalize?.('finished');
    expect(warnings[0]?.text).toContain('/log will nicht (404).');
  } finally {
    setLanguage();
  }
});

test('without a database nothing is left of earlier pages', async () => {
  await expect(sendQueued(server.url)).resolves.toEqual({ sent: 0, left: 0 });
});
