import { describe, LogError } from '../core/errors.ts';
import { createWarner, type Warning } from '../core/warnings.ts';
import { deleteDatabase } from './database.ts';
import { hasIndexedDb } from './has-indexed-db.ts';
import { Hints } from './hints.ts';
import { openIdbStore } from './idb-store.ts';
import { deleteMemory, openMemoryStore } from './memory-store.ts';
import type { MetricStore } from './metric-store.ts';
import { noteObstacle } from './obstacles.ts';
import { deleteOutbox } from './outbox.ts';
import type { RetentionPolicy } from './retention.ts';
import { databaseName } from './schema.ts';
import { isFull, toStoreError } from './store-error.ts';
import { sayOfStore } from './words.ts';

export interface OpenStoreOptions {
  /** Hears of every warning, once each. Default: the console. */
  readonly onWarning?: (warning: Warning) => void;
  /** Hears of what is stored and cannot be read; it is left out. Default: a warning. */
  readonly onDamage?: (error: LogError) => void;
  /**
   * How long to wait, in milliseconds, for another tab that holds an older version of the database or is deleting it. Default:
   * until it lets go, with a warning that says so.
   */
  readonly patienceMs?: number;
  /** Which old runs are deleted to make room. Default: none. */
  readonly retention?: RetentionPolicy;
  /**
   * Bytes that all runs of the store together may take, in our own count. The oldest ended runs go first, as with
   * {@link RetentionPolicy.maxBytes}; what then is still too much is refused as on a full disk (`store-full`): training goes on, and the
   * newest points are kept in memory until there is room. A worker that writes to the store keeps to it, too. Default: no limit.
   */
  readonly maxBytes?: number;
}

/** The store that is meant when none is named. */
export const defaultStoreName = 'tabtrain';

// How browsers say that this page may not have a database: a sandboxed frame, blocked site data, a private window of an
// older Firefox, a profile that cannot be written.
const refusals = new Set(['SecurityError', 'InvalidStateError', 'NotAllowedError', 'NotSupportedError', 'UnknownError']);

const warnConsole = createWarner();

/**
 * Opens the browser's own database, the same for every tab and worker that asks for this name. Default `tabtrain`. Where the browser
 * allows none, and where a newer program has changed it, the page's memory store of that name, with one warning: a page never
 * fails to train because it cannot store. Rejects with `bad-options`, `store-blocked` when {@link OpenStoreOptions.patienceMs} is over,
 * `store-full`, `store-failed`.
 */
export async function openStore(name: string = defaultStoreName, options: OpenStoreOptions = {}): Promise<MetricStore> {
  if (typeof name !== 'string') {
    throw new LogError('bad-options', `openStore(${describe(name)}): the name comes first: openStore('tabtrain', { maxBytes: 1e9 }).`);
  }
  const { maxBytes = 0 } = options;
  if (typeof maxBytes !== 'number' || !(maxBytes >= 0)) {
    throw new LogError(
      'bad-options',
      `openStore('${name}', { maxBytes: ${describe(maxBytes)} }): need a number of bytes, or leave it out.`,
    );
  }
  const warn = options.onWarning === undefined ? warnConsole : createWarner(options.onWarning);
  const inMemory = (why: 'refused' | 'newer', text: string): MetricStore => {
    noteObstacle(name, why);
    warn(`memory:${name}`, text);
    return openMemoryStore(name, { ...options, warn });
  };
  const refused = (reason: string): MetricStore => inMemory('refused', sayOfStore('memory', { name, reason }));
  if (!hasIndexedDb()) return refused(sayOfStore('no-database'));
  try {
    return await openIdbStore(name, { ...options, warn });
  } catch (thrown) {
    const cause = thrown instanceof LogError ? thrown.cause : thrown;
    if (cause instanceof DOMException && cause.name === 'VersionError') return inMemory('newer', sayOfStore('memory-newer', { name }));
    if (!isRefusal(cause)) throw thrown;
    return refused(sayOfStore('database-refused', { cause: `${cause.name}: ${cause.message}` }));
  }
}

/** Deletes a store with all its runs, and what waits beside it to be sent. Default `tabtrain`. Rejects with `store-blocked` when a tab does not let go of it. */
export async function deleteStore(name: string = defaultStoreName): Promise<void> {
  await deleteMemory(name);
  if (!hasIndexedDb()) return;
  try {
    await deleteDatabase(name);
    await deleteOutbox(name);
  } catch (thrown) {
    // Where there can be no database there is none.
    if (isRefusal(thrown)) return;
    throw toStoreError(thrown, `deleteStore('${name}')`);
  }
  noteObstacle(name, undefined);
  const hints = new Hints(databaseName(name));
  hints.announceRuns();
  hints.close();
}

function isRefusal(thrown: unknown): thrown is DOMException {
  if (!(thrown instanceof DOMException) || !refusals.has(thrown.name)) return false;
  // Of a page that may have no database at all old browsers say what they say of a full one.
  return thrown.name === 'InvalidStateError' || !isFull(thrown.name, thrown.message);
}
