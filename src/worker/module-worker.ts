import { describe, LogError } from '../core/errors.ts';
import { loadFailure } from './load-failure.ts';

/** What {@link moduleWorker} takes beside the address. */
export interface ModuleWorkerOptions {
  /** Shown by developer tools. Default: none. */
  readonly name?: string;
}

/** For each worker made here, how to find out why its script did not load. */
const failures = new WeakMap<Worker, () => Promise<string>>();

/**
 * Starts a module worker from a file of this or of another origin, also in a frame that is sandboxed and so has
 * no origin. For pages without a bundler; bundlers look for `new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' })`
 * and need nothing else.
 *
 * A relative address is one beside the page. Another origin has to allow the file to be read (`Access-Control-Allow-Origin`), and
 * a page with a Content-Security-Policy has to allow `worker-src blob:` (`data:` in a sandboxed frame) and that origin in `script-src`. Inside such a worker
 * `self.location` is that of a script that imports the file: write addresses there with `new URL('…', import.meta.url)`.
 *
 * Throws `bad-options` for what is no address of a file on the web, `worker-died` where the browser refuses at once. What goes wrong while loading is told by
 * `connectTrainer`: with `worker-died`, and whether the file is missing, is no script, or may not be read here.
 *
 * ```ts
 * const trainer = connectTrainer(moduleWorker('https://cdn.example/train.worker.js'));
 * ```
 */
export function moduleWorker(url: string | URL, { name }: ModuleWorkerOptions = {}): Worker {
  const address = resolve(url);
  const options: WorkerOptions = { type: 'module', ...(name === undefined ? {} : { name }) };
  // A page with an opaque origin has the origin "null", as no address has.
  const isOwn = address.origin === globalThis.origin && address.origin !== 'null';
  const denied = hearDenied();
  try {
    const worker = isOwn ? new Worker(address, options) : importingWorker(address, options);
    failures.set(worker, () => loadFailure(address, denied.policy()));
    return worker;
  } catch (cause) {
    throw new LogError(
      'worker-died',
      `moduleWorker(${JSON.stringify(address.href)}): the browser refuses to start a worker here: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Where a Content-Security-Policy forbids it, allow it with worker-src; else train in the page, with a Trainer.',
      { cause },
    );
  }
}

/** Finds out why the script of a worker did not load, in words. Never rejects. */
export function whyNotLoaded(worker: object): Promise<string> | undefined {
  // A map may be asked for any object.
  return failures.get(worker as Worker)?.();
}

/** A worker whose own script is of this origin and imports the one that is not. */
function importingWorker(address: URL, options: WorkerOptions): Worker {
  // As a static import the whole script is there before the first message is handed out, so none is lost.
  const script = `import ${JSON.stringify(address.href)};`;
  // Chromium 156 starts no module worker from a Blob of an opaque origin. Elsewhere a Blob it has to be: it is of the page's own origin, and so
  // the worker has the page's database.
  if (globalThis.origin === 'null') return new Worker(`data:text/javascript,${encodeURIComponent(script)}`, options);
  const blob = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(blob, options);
  const forget = (): void => URL.revokeObjectURL(blob);
  worker.addEventListener('message', forget, { once: true });
  worker.addEventListener('error', forget, { once: true });
  return worker;
}

function resolve(url: string | URL): URL {
  const refuse = (why: string, cause?: unknown): never => {
    throw new LogError('bad-options', `moduleWorker(${describe(url instanceof URL ? url.href : url)}): ${why}`, { cause });
  };
  if (typeof url !== 'string' && !(url instanceof URL)) return refuse('need an address, as in new URL().');
  let address: URL;
  try {
    address = new URL(url, globalThis.document?.baseURI ?? globalThis.location.href);
  } catch (cause) {
    return refuse('that is no address. Give one as in new URL(), absolute or relative to the page.', cause);
  }
  if (address.protocol === 'file:')
    refuse('a page opened as a file may not start workers. Serve its folder, e.g. with npx serve or python3 -m http.server.');
  return address;
}

/** Listens for the browser's own word that a policy forbade a script. */
function hearDenied(): { policy(): string | undefined } {
  let policy: string | undefined;
  const scope: EventTarget = globalThis.document ?? globalThis;
  const hear = (event: Event): void => {
    // Only this event has it, and only that of a worker or a script is asked for.
    const { effectiveDirective } = event as SecurityPolicyViolationEvent;
    if (/^(?:worker|script|child|default)-src/.test(effectiveDirective)) policy ??= effectiveDirective;
  };
  scope.addEventListener('securitypolicyviolation', hear);
  // What forbids a worker does so as it starts.
  setTimeout(() => scope.removeEventListener('securitypolicyviolation', hear), 10_000);
  return { policy: () => policy };
}
