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

describe('an address or option', () => {
  test.each([
    ['log', /need an address, such as/],
    ['ftp://a/b', /begins with https: or http:/],
  ])('that is none is refused at once: %s', (url, text) => {
    expect(() => httpLogger(url)).toThrow(text);
    expect(() => httpLogger(url)).toThrow(expect.objectContaining({ code: 'bad-options' }));
  });

  test('that a secure page may not send to is refused at once', () => {
    vi.stubGlobal('origin', 'https://school.example');
    try {
      expect(() => httpLogger('http://192.168.0.7/log')).toThrow(/send to https only \(mixed content\)/);
      for (const fine of ['http://localhost:8000/', 'http://127.0.0.1/', 'http://[::1]:1/', 'https://a.example/']) httpLogger(fine);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('out of range is refused', () => {
    expect(() => httpLogger(server.url, { flushSecs: 0 })).toThrow(/flushSecs: the number 0 }\): need a number above 0/);
  });

  test('with a secret in its query is not shown with it', async () => {
    server.plans.push(404);
    const logger = createHttpLogger(
      `${server.url}?token=secret`,
      { onWarning: (warning) => void warnings.push(warning) },
      { fetch, timer: time.timer, now: Date.now, random: () => 0 },
    );
    logger.start?.(runInfo);
    await logger.finalize?.('finished');
    expect(warnings[0]?.text).toContain('/log refuses');
    expect(JSON.stringify(warnings)).not.toContain('secret');
  });
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
