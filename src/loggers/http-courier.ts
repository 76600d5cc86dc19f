import { describe, LogError } from '../core/errors.ts';
import type { RecordKind } from '../core/records.ts';
import {
  headerNames,
  makeHeaders,
  type Outcome,
  readAddress,
  readHeaders,
  refuseBadRequest,
  type RequestHeaders,
  type RequestParts,
  sendRequest,
  shownAddress,
  whyUnreachable,
} from '../core/send-request.ts';
import { refuseUnknownNames } from '../core/loop-settings.ts';
import { startTimer } from '../core/timer.ts';
import { createWarner, type Warner, type Warning } from '../core/warnings.ts';
import { isRecordKind } from '../store/check-record.ts';
import { sayOfHttp } from './words.ts';

/** How a server is sent to; all are optional. */
export interface SendOptions {
  /** Headers of each request, as `fetch` takes them, such as `{ Authorization: 'Bearer 1a2b' }`, or what makes them, asked before each. */
  readonly headers?: RequestHeaders;
  /** Whether cookies go along, as with `fetch`. Default `same-origin`. */
  readonly credentials?: RequestCredentials;
  /** Seconds after which no answer counts as none. Default 30. */
  readonly timeoutSecs?: number;
  /**
   * The name of the store beside which unsent batches wait, so that a later page can send them; `deleteStore` of this name deletes
   * them, too. `false` keeps them in this page's memory only. Default: the default store's, `tabtrain`.
   */
  readonly outbox?: string | false;
  /** Hears of what goes wrong, each kind once. Default: the console. */
  readonly onWarning?: (warning: Warning) => void;
}

/** Settings of an `httpLogger`; all are optional. */
export interface HttpLoggerOptions extends SendOptions {
  /**
   * Seconds between two batches. Default: 2 in the first minute, 10 in the first ten, 30 after that. The page being hidden and the
   * end of the run do not wait.
   */
  readonly flushSecs?: number;
  /** About the size of a batch, in bytes: one that is full does not wait. A record that is larger goes alone. Default 256 kB. */
  readonly maxBatchBytes?: number;
  /** Bytes that wait at most while nothing can be sent; then the oldest go, with a warning. Default 50 MB. */
  readonly maxQueuedBytes?: number;
  /** The kinds of records that are sent. Default: all. */
  readonly kinds?: readonly RecordKind[];
}

/** Options with their defaults. */
export interface HttpSettings {
  /** The whole address. */
  readonly url: string;
  readonly headers: RequestHeaders | undefined;
  readonly credentials: RequestCredentials;
  readonly timeoutMs: number;
  readonly outbox: string | false;
  readonly warn: Warner;
  readonly flushMs: number | undefined;
  readonly maxBatchBytes: number;
  readonly maxQueuedBytes: number;
  readonly kinds: readonly RecordKind[] | undefined;
}

const jsonType = 'application/json';

/** The platform's own. */
export const platformParts: RequestParts = {
  fetch: (...args) => globalThis.fetch(...args),
  timer: startTimer,
  now: Date.now,
  random: Math.random,
};

const sendNames = ['headers', 'credentials', 'timeoutSecs', 'outbox', 'onWarning'] as const;
const known: readonly (keyof HttpLoggerOptions)[] = [...sendNames, 'flushSecs', 'maxBatchBytes', 'maxQueuedBytes', 'kinds'];

/** Options with their defaults. Throws `bad-options`. */
export function readSettings(call: string, url: string | URL, options: HttpLoggerOptions): HttpSettings {
  refuseUnknownNames(options, known, call);
  const address = readAddress(call, url);
  refuseBadRequest(call, options);
  const { outbox = 'tabtrain', kinds } = options;
  if (outbox !== false && (typeof outbox !== 'string' || outbox === ''))
    throw new LogError('bad-options', `${call}(url, { outbox: ${describe(outbox)} }): need the name of a store, or false.`);
  if (kinds !== undefined && !(Array.isArray(kinds) && kinds.every(isRecordKind)))
    throw new LogError('bad-options', `${call}(url, { kinds: ${describe(kinds)} }): need kinds of records, such as ['text', 'image'].`);
  const { flushSecs, timeoutSecs = 30, maxBatchBytes = 256 * 1024, maxQueuedBytes = 50 * 1024 ** 2, onWarning } = options;
  for (const [option, value] of Object.entries({ flushSecs, timeoutSecs, maxBatchBytes, maxQueuedBytes })) {
    if (value === undefined || (typeof value === 'number' && value > 0)) continue;
    throw new LogError('bad-options', `${call}(url, { ${option}: ${describe(value)} }): need a number above 0.`);
  }
  return {
    url: address,
    headers: options.headers,
    credentials: options.credentials ?? 'same-origin',
    timeoutMs: timeoutSecs * 1000,
    outbox,
    warn: createWarner(onWarning),
    flushMs: flushSecs === undefined ? undefined : flushSecs * 1000,
    maxBatchBytes,
    maxQueuedBytes,
    kinds,
  };
}

/** Makes the requests, and says in words why one has failed. */
export class Courier {
  readonly settings: HttpSettings;
  readonly parts: RequestParts;
  /** Those of the last request, for one that cannot wait for others. */
  #headers: Headers | undefined;
  #hasThrown = false;
  #dropped = 0;
  #toldDropped = 0;

  constructor(settings: HttpSettings, parts: RequestParts) {
    this.settings = settings;
    this.parts = parts;
    if (typeof settings.headers !== 'function') this.#headers = readHeaders(jsonType, settings.headers);
  }

  async post(body: string): Promise<Outcome> {
    try {
      this.#headers = await makeHeaders(jsonType, this.settings.headers);
      this.#hasThrown = false;
    } catch (thrown) {
      this.#hasThrown = true;
      this.settings.warn('http-headers', `${sayOfHttp('headers', { error: String(thrown) })} ${sayOfHttp('kept')}`);
      return { kind: 'later', why: 'unreachable', afterMs: undefined };
    }
    return this.#send(body, this.#headers, false);
  }

  /** A request that outlives the page. Undefined when it cannot be made at once. */
  beacon(body: string): Promise<Outcome> | undefined {
    return this.#headers && this.#send(body, this.#headers, true);
  }

  #send(body: string, headers: Headers, keepalive: boolean): Promise<Outcome> {
    const { url, credentials, timeoutMs } = this.settings;
    return sendRequest(url, body, { headers, credentials, timeoutMs, keepalive }, this.parts);
  }

  /**
   * Warns of items that were let go: of the first ones, whenever they have become ten times as many, and, with `isEnd`, of as many as
   * there were in the end.
   */
  tellDropped(count: number, isEnd = false): void {
    this.#dropped += count;
    if (this.#dropped === this.#toldDropped || (!isEnd && this.#dropped < this.#toldDropped * 10)) return;
    this.#toldDropped = this.#dropped;
    const { url, warn } = this.settings;
    warn(`http-dropped:${this.#dropped}`, sayOfHttp('dropped', { address: shownAddress(url), count: this.#dropped }));
  }

  /** Warns of what keeps everything from being sent, each kind once. */
  async explain(outcome: Exclude<Outcome, { readonly kind: 'sent' }>): Promise<void> {
    const { url, warn } = this.settings;
    if (this.#hasThrown) return; // told
    const address = shownAddress(url);
    const told = (key: string, text: string): void => warn(`http-${key}`, `${text} ${sayOfHttp('kept')}`);
    const { why } = outcome;
    if (outcome.kind === 'refused') {
      if (why === 'html') return told('html', sayOfHttp('html', { address }));
      if (why === 'redirect') return told('redirect', sayOfHttp('redirect', { address, to: shownAddress(outcome.to ?? '') }));
      return told(`refused:${why}`, sayOfHttp('refused', { address, status: String(why) }));
    }
    if (typeof why === 'number') return told('busy', sayOfHttp('busy', { address, status: String(why) }));
    if (why === 'timeout') return told('timeout', sayOfHttp('timeout', { address }));
    // Each look is a request of its own.
    if (['unreachable', 'cors', 'csp'].some((key) => warn.count(`http-${key}`) > 0)) return;
    const reason = await whyUnreachable(url, this.parts);
    if (reason === 'offline') return told(reason, sayOfHttp('offline'));
    if (reason === 'cors') {
      const headers = this.#headers === undefined ? '' : headerNames(this.#headers);
      return told(reason, sayOfHttp('cors', { address, origin: globalThis.origin, headers }));
    }
    if (reason === 'csp') return told(reason, sayOfHttp('csp', { address }));
    return told(reason, sayOfHttp(reason, { address }));
  }
}
