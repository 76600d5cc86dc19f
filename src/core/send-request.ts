import { needOption } from './check-options.ts';
import { LogError } from './errors.ts';
import type { Timer } from './timer.ts';

/** Headers of requests, as `fetch` takes them, or what makes them before each one: a token may have a short life. */
export type RequestHeaders = HeadersInit | (() => HeadersInit | Promise<HeadersInit>);

/** What became of one request. */
export type Outcome =
  | { readonly kind: 'sent' }
  /** It may pass later. `why` is a status, that nothing was answered, or that there are no headers yet. `afterMs`: as the server has asked. */
  | {
      readonly kind: 'later';
      readonly why: number | 'unreachable' | 'timeout' | 'headers';
      readonly afterMs: number | undefined;
      readonly to?: undefined;
    }
  /** The server does not want it. `isOfBody`: it may want another one. `to`: where a redirect leads, for people. */
  | { readonly kind: 'refused'; readonly why: number | 'redirect' | 'html'; readonly isOfBody: boolean; readonly to?: string };

/** What requests are made with; tests give their own. */
export interface RequestParts {
  readonly fetch: typeof globalThis.fetch;
  readonly timer: Timer;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface RequestSettings {
  readonly method?: 'POST' | 'PUT';
  readonly headers: Headers;
  readonly credentials: RequestCredentials;
  /** Milliseconds after which no answer counts as none. */
  readonly timeoutMs: number;
  /** Goes on when the page is closed; the browser takes 64 kB of such bodies at once. */
  readonly keepalive?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Statuses that say something about the body, not about who sends it where. */
const bodyStatuses: ReadonlySet<number> = new Set([400, 413, 415, 422]);
/** Refusals that may pass: a timeout, too early, too many requests. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429]);
const firstPauseMs = 1000;
const longestPauseMs = 5 * 60_000;
const longestAskedMs = 60 * 60_000;

/** Makes one request. Rejects only when `signal` is aborted. */
export async function sendRequest(url: string, body: string | Blob, settings: RequestSettings, parts: RequestParts): Promise<Outcome> {
  const { method = 'POST', headers, credentials, timeoutMs, keepalive = false, signal } = settings;
  const ending = new AbortController();
  let isLate = false;
  const abort = (): void => ending.abort();
  signal?.addEventListener('abort', abort, { once: true });
  const cancel = parts.timer(() => {
    isLate = true;
    abort();
  }, timeoutMs);
  try {
    signal?.throwIfAborted();
    const response = await parts.fetch(url, { method, body, headers, credentials, keepalive, signal: ending.signal, cache: 'no-store' });
    void response.body?.cancel().catch(() => undefined); // what else it says is of no use
    return outcomeOf(response, parts.now());
  } catch (thrown) {
    if (signal?.aborted === true) throw thrown;
    return { kind: 'later', why: isLate ? 'timeout' : 'unreachable', afterMs: undefined };
  } finally {
    cancel();
    signal?.removeEventListener('abort', abort);
  }
}

function outcomeOf(response: Response, now: number): Outcome {
  const { status } = response;
  // Behind a redirect a POST may have become a GET without a body, which then went well.
  if (response.redirected) return { kind: 'refused', why: 'redirect', isOfBody: false, to: shownAddress(response.url) };
  if (response.ok) {
    // A sign-in page or a page for unknown addresses has taken nothing.
    const isPage = response.headers.get('content-type')?.startsWith('text/html') === true;
    return isPage ? { kind: 'refused', why: 'html', isOfBody: false } : { kind: 'sent' };
  }
  if (status >= 500 || passingStatuses.has(status)) return { kind: 'later', why: status, afterMs: askedMs(response, now) };
  return { kind: 'refused', why: status, isOfBody: bodyStatuses.has(status) };
}

/** `Retry-After`: seconds or a date (RFC 9110, 10.2.3). */
function askedMs(response: Response, now: number): number | undefined {
  const asked = response.headers.get('retry-after');
  if (asked === null) return undefined;
  const ms = /^\d+$/.test(asked.trim()) ? Number(asked) * 1000 : Date.parse(asked) - now;
  return ms >= 0 ? Math.min(ms, longestAskedMs) : undefined;
}

/**
 * Milliseconds to wait after so many failures in a row (1 = the first): twice as long each time, up to five minutes, of which a random
 * half is left out, so that thirty pages do not come back at once. Never less than the server has asked for.
 */
export function pauseMs(failures: number, afterMs: number | undefined, random: () => number): number {
  const pause = Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs) * (1 - random() / 2);
  return Math.max(pause, afterMs ?? 0);
}

/** Says why nothing can be sent there. */
export type Unreachable = 'offline' | 'unreachable' | 'cors' | 'csp';

/**
 * Looks why a request got no answer, which browsers do not tell: it asks the server for its head only, without reading the answer.
 * One that answers this way has forbidden the other.
 */
export async function whyUnreachable(url: string, { fetch, timer }: RequestParts): Promise<Unreachable> {
  if ((globalThis.navigator as { readonly onLine?: boolean } | undefined)?.onLine === false) return 'offline';
  if (typeof origin !== 'string' || new URL(url).origin === origin) return 'unreachable';
  const ending = new AbortController();
  const cancel = timer(() => ending.abort(), 10_000);
  let isForbidden = false;
  const forbidden = (): void => {
    isForbidden = true;
  };
  globalThis.addEventListener('securitypolicyviolation', forbidden);
  try {
    await fetch(url, { method: 'HEAD', mode: 'no-cors', credentials: 'omit', cache: 'no-store', signal: ending.signal });
    return 'cors';
  } catch {
    await new Promise((resolve) => setTimeout(resolve)); // the violation is told in a task of its own
    return isForbidden ? 'csp' : 'unreachable';
  } finally {
    cancel();
    globalThis.removeEventListener('securitypolicyviolation', forbidden);
  }
}

/** Headers of one request, besides the type of its body. Rejects with what their maker threw, or as {@link readHeaders} throws. */
export async function makeHeaders(type: string, headers: RequestHeaders | undefined): Promise<Headers> {
  return readHeaders(type, typeof headers === 'function' ? await headers() : headers);
}

/** Headers of one request, besides the type of its body. Throws `bad-options` for what cannot be sent, without showing it. */
export function readHeaders(type: string, headers: HeadersInit = {}): Headers {
  const all = new Headers({ 'Content-Type': type });
  try {
    for (const [name, value] of new Headers(headers)) all.set(name, value);
  } catch {
    const rule = 'names of letters, digits and hyphens, values of one line of Latin letters';
    throw new LogError('bad-options', `{ headers }: need an object of headers that can be sent: ${rule}.`);
  }
  return all;
}

/** Names of headers, as a server lists those that it allows. */
export function headerNames(headers: Headers | undefined): string {
  return [...(headers?.keys() ?? [])].join(', ');
}

/** Throws `bad-options` for what no request can be made with. */
export function refuseBadRequest(
  call: string,
  { headers, credentials = 'same-origin' }: { readonly headers?: RequestHeaders; readonly credentials?: RequestCredentials },
): void {
  needOption(call, 'credentials', credentials, ['omit', 'same-origin', 'include'].includes(credentials), 'omit, same-origin or include');
  if (typeof headers !== 'function') readHeaders('', headers);
}

/** An address of the web for people: without what may be a secret in it. */
export function shownAddress(url: string | URL): string {
  const { origin: place, pathname } = new URL(url);
  return place + pathname;
}

/**
 * The whole address, seen from this page. Throws `bad-options` for what is none, no address of the web, one that browsers do not send
 * to because of a user or password in it, or one of plain http from a secure page, which they block.
 */
export function readAddress(call: string, url: string | URL): string {
  const base = (globalThis as { readonly document?: { readonly baseURI: string } }).document?.baseURI ?? globalThis.location?.href;
  // Of what cannot be read nobody knows where a secret is.
  let shown = '…';
  const refuse = (why: string): LogError => new LogError('bad-options', `${call}('${shown}'): ${why}.`);
  let address: URL;
  try {
    // Others become a path of this page.
    address = new URL(typeof url === 'string' ? url : url.href, base);
  } catch {
    throw refuse('need an address, such as https://example.org/log');
  }
  const { protocol, hostname, username, password, href } = address;
  if (protocol !== 'https:' && protocol !== 'http:') throw refuse('need an address, such as https://example.org/log');
  shown = shownAddress(address);
  if (username + password !== '') {
    throw refuse('browsers send to no address with a user or a password in it. Give { headers: { Authorization: … } } instead');
  }
  const isSecure = [globalThis.origin, globalThis.location?.protocol].some((here) => (here as string | undefined)?.startsWith('https:'));
  const isHere = hostname === 'localhost' || hostname.endsWith('.localhost') || /^127\.|^\[::1\]$/.test(hostname);
  if (isSecure && protocol === 'http:' && !isHere) {
    throw refuse(
      'this page came over https, and browsers let such a page send to https only (mixed content). Give the server https, or open the page over http',
    );
  }
  return href;
}
