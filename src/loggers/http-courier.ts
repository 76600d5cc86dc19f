import type { RecordKind } from '../core/records.ts';
import { needOption, needPositive, refuseUnknown } from '../core/check-options.ts';
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
  type Unreachable,
  whyUnreachable,
} from '../core/send-request.ts';
import { startTimer } from '../core/timer.ts';
import { createWarner, type Warner, type Warning } from '../core/warnings.ts';
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
  /** The address for people: without what may be a secret in it. */
  readonly address: string;
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
  refuseUnknown(call, options, known);
  const href = readAddress(call, url);
  refuseBadRequest(call, options);
  const { flushSecs, timeoutSecs = 30, maxBatchBytes = 256 * 1024, maxQueuedBytes = 50 * 1024 ** 2, outbox = 'tabtrain', kinds } = options;
  for (const [option, value] of Object.entries({ flushSecs, timeoutSecs, maxBatchBytes, maxQueuedBytes })) {
    if (value !== undefined) needPositive(call, option, value);
  }
  needOption(call, 'outbox', outbox, outbox === false || (typeof outbox === 'string' && outbox !== ''), 'the name of a store, or false');
  const areKinds = kinds === undefined || Array.isArray(kinds);
  needOption(call, 'kinds', kinds, areKinds, "kinds of records, such as ['text', 'image']");
  return {
    url: href,
    address: shownAddress(href),
    headers: options.headers,
    credentials: options.credentials ?? 'same-origin',
    timeoutMs: timeoutSecs * 1000,
    outbox,
    warn: createWarner(options.onWarning),
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
  #isUnreachable = false;
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
    } catch (thrown) {
      this.settings.warn('http-headers', `${sayOfHttp('headers', { error: String(thrown) })} ${sayOfHttp('kept')}`);
      return { kind: 'later', why: 'headers', afterMs: undefined };
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
    const { address, warn } = this.settings;
    warn(`http-dropped:${this.#dropped}`, sayOfHttp('dropped', { address, count: this.#dropped }));
  }

  /** Warns of what keeps everything from being sent, each kind once. */
  async explain(outcome: Exclude<Outcome, { readonly kind: 'sent' }>): Promise<void> {
    const { url, address, warn } = this.settings;
    const { why, to = '' } = outcome;
    let key: 'refused' | 'busy' | Exclude<typeof why, number | 'headers'> | Unreachable;
    if (why === 'headers') return; // told
    if (typeof why === 'number') key = outcome.kind === 'refused' ? 'refused' : 'busy';
    else if (why !== 'unreachable') key = why;
    // Each look is a request of its own.
    else if (this.#isUnreachable) return;
    else {
      key = await whyUnreachable(url, this.parts);
      this.#isUnreachable = key !== 'offline';
    }
    const status = String(why);
    const values = { address, status, to, origin: globalThis.origin, headers: headerNames(this.#headers) };
    warn(`http-${key}${key === 'refused' ? `:${status}` : ''}`, `${sayOfHttp(key, values)} ${sayOfHttp('kept')}`);
  }
}
