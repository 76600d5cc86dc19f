import { needOption, needPositive, refuseUnknown } from '../core/check-options.ts';
import { LogError, toLogError } from '../core/errors.ts';
import {
  headerNames,
  makeHeaders,
  type Outcome,
  pauseMs,
  readAddress,
  refuseBadRequest,
  type RequestHeaders,
  type RequestParts,
  type RequestSettings,
  sendRequest,
  shownAddress,
  whyUnreachable,
} from '../core/send-request.ts';
import { startTimer } from '../core/timer.ts';
import { combineFiles } from './combine-files.ts';
import { collectBlob, piecesOf } from './collect-blob.ts';
import type { ExportFiles } from './export-file.ts';
import { toZip } from './zip.ts';

/** What {@link upload} has done so far. */
export interface UploadProgress {
  /** The file it is at. */
  readonly path: string;
  /** Making it, or sending it. */
  readonly phase: 'making' | 'sending' | 'sent';
  /** Files that are sent. */
  readonly files: number;
  /** Their bytes. */
  readonly bytes: number;
}

/** Settings of {@link upload}; all are optional. */
export interface UploadOptions {
  /** `files` (default): a request for each file. `zip`: one with all of them. */
  readonly as?: 'files' | 'zip';
  /** Default `POST`. */
  readonly method?: 'POST' | 'PUT';
  /** Headers of each request, as `fetch` takes them, such as `{ Authorization: 'Bearer 1a2b' }`, or what makes them, asked before each. */
  readonly headers?: RequestHeaders;
  /** Whether cookies go along, as with `fetch`. Default `same-origin`. */
  readonly credentials?: RequestCredentials;
  /** How often a file is tried. Default 5. */
  readonly tries?: number;
  /** Seconds after which no answer counts as none. Default 300. */
  readonly timeoutSecs?: number;
  /** Called as it goes on. */
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Ends it; the call then rejects with the reason of the signal. */
  readonly signal?: AbortSignal;
}

/** What was sent. */
export interface UploadResult {
  readonly files: number;
  readonly bytes: number;
}

const call = 'upload';
const known: readonly (keyof UploadOptions)[] = ['as', 'method', 'headers', 'credentials', 'tries', 'timeoutSecs', 'onProgress', 'signal'];
const platformParts: RequestParts = {
  fetch: (...args) => globalThis.fetch(...args),
  timer: startTimer,
  now: Date.now,
  random: Math.random,
};

/**
 * Sends files to a server: each to `<url>/<path>` with its bytes as the body, or all of them to `<url>` as one zip. What fails for a
 * while is tried again, with growing pauses or when `Retry-After` says; the same file may so come twice. One file at a time is made and
 * held. Rejects with `bad-options`, or with `export-failed` that says which file failed and why; those before it have been sent.
 *
 * ```ts
 * await upload(csv(store, [runId]), 'https://example.org/runs', { headers: { Authorization: `Bearer ${token}` } });
 * ```
 */
export async function upload(
  files: ExportFiles,
  url: string | URL,
  options: UploadOptions = {},
  parts: RequestParts = platformParts,
): Promise<UploadResult> {
  refuseUnknown(call, options, known);
  const address = readAddress(call, url);
  refuseBadRequest(call, options);
  const { as = 'files', method = 'POST', tries = 5, timeoutSecs = 300, onProgress, signal } = options;
  needOption(call, 'as', as, ['files', 'zip'].includes(as), 'one of files, zip');
  needOption(call, 'method', method, ['POST', 'PUT'].includes(method), 'one of POST, PUT');
  needPositive(call, 'tries', tries);
  needPositive(call, 'timeoutSecs', timeoutSecs);
  let done: UploadResult = { files: 0, bytes: 0 };
  const send = async (path: string, to: string, make: () => Promise<Blob>): Promise<void> => {
    onProgress?.({ path, phase: 'making', ...done });
    const body = await make().catch((thrown: unknown) => {
      throw toLogError(thrown, 'export-failed', `${call}(files), '${path}'`);
    });
    onProgress?.({ path, phase: 'sending', ...done });
    await insist(path, to, body, options, parts);
    done = { files: done.files + 1, bytes: done.bytes + body.size };
    onProgress?.({ path, phase: 'sent', ...done });
  };
  signal?.throwIfAborted();
  if (as === 'zip') {
    await send('zip', address, () => collectBlob(piecesOf(toZip(files)), 'application/zip'));
    return done;
  }
  for await (const file of combineFiles(files)) {
    signal?.throwIfAborted();
    await send(file.path, addressOf(file.path, address), () => collectBlob(file.bytes, ''));
  }
  return done;
}

/** Below the address, whose query stays where it is. */
function addressOf(path: string, url: string): string {
  const address = new URL(url);
  // Half of a pair, as a name may have it, becomes �, as in any UTF-8.
  const inner = path
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
  address.pathname = `${address.pathname.replace(/\/$/, '')}/${inner}`;
  return address.href;
}

async function insist(path: string, url: string, body: Blob, options: UploadOptions, parts: RequestParts): Promise<void> {
  const { method = 'POST', credentials = 'same-origin', tries = 5, timeoutSecs = 300, signal } = options;
  for (let count = 1; ; count++) {
    const headers = await makeHeaders(body.type || 'application/octet-stream', options.headers).catch((thrown: unknown) => {
      throw toLogError(thrown, 'export-failed', `${call}(files), '${path}', headers`);
    });
    const settings = { method, headers, credentials, timeoutMs: timeoutSecs * 1000, signal };
    const outcome = await sendRequest(url, body, settings, parts);
    if (outcome.kind === 'sent') return;
    if (outcome.kind === 'refused' || count >= tries) {
      const reason = await inWords(outcome, url, settings, parts);
      throw new LogError('export-failed', `${call}(files): '${path}' could not be sent to ${shownAddress(url)}: ${reason}.`);
    }
    await pause(pauseMs(count, outcome.afterMs, parts.random), parts, signal);
  }
}

async function inWords(
  outcome: Exclude<Outcome, { readonly kind: 'sent' }>,
  url: string,
  { headers, method }: Pick<RequestSettings, 'headers' | 'method'>,
  parts: RequestParts,
): Promise<string> {
  if (outcome.why === 'redirect') return `it redirects to ${outcome.to ?? ''}. Give that address`;
  if (outcome.why === 'html')
    return 'it answers with a web page, so it has not taken anything. Look at the address, and whether one has to sign in there';
  if (outcome.why === 'timeout') return 'it has not answered in time';
  if (typeof outcome.why === 'number') return `it answers with status ${outcome.why}`;
  const reasons = {
    offline: 'this device is offline',
    unreachable: 'it cannot be reached',
    cors: `it does not let pages of ${globalThis.origin} send to it (CORS). It has to answer with Access-Control-Allow-Origin, and with Access-Control-Allow-Headers: ${headerNames(headers)}${method === 'PUT' ? ', Access-Control-Allow-Methods: PUT' : ''}`,
    csp: 'the Content-Security-Policy of this page forbids it. Add the address to connect-src',
  } as const;
  return reasons[await whyUnreachable(url, parts)];
}

function pause(ms: number, { timer }: RequestParts, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      cancel();
      reject(signal?.reason as Error); // as AbortSignal.throwIfAborted does
    };
    const cancel = timer(() => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    }, ms);
    signal?.addEventListener('abort', aborted, { once: true });
  });
}
