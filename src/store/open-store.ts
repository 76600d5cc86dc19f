import { LogError } from '../core/errors.ts';
import { createWarner, type Warner, type Warning } from '../core/warnings.ts';
import { deleteDatabase } from './database.ts';
import { Hints } from './hints.ts';
import { openIdbStore } from './idb-store.ts';
import { deleteMemory, type MemoryStoreOptions, openMemoryStore } from './memory-store.ts';
import type { MetricStore } from './metric-store.ts';
import type { RetentionPolicy } from './retention.ts';
import { databaseName } from './schema.ts';
import { isFull, toStoreError } from './store-error.ts';

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
}

/** The store that is meant when none is named. */
export const defaultStoreName = 'tabtrain';

// How browsers say that this page may not have a database: a sandboxed frame, blocked site data, a private window of an
// older Firefox, a profile that cannot be written.
const refusals = new Set(['SecurityError', 'InvalidStateError', 'NotAllowedError', 'NotSupportedError', 'UnknownError']);

const warnConsole = createWarner();

/**
 * Opens the browser's own database, the same for every tab and worker that asks for this name. Default `tabtrain`. Where
 * the browser allows none, the page's memory store of that name, with one warning. Rejects with `store-blocked`
 * when a newer program has changed the database or {@link OpenStoreOptions.patienceMs} is over, `store-full`, `store-failed`.
 */
export async function openStore(name: string = defaultStoreName, options: OpenStoreOptions = {}): Promise<MetricStore> {
  const warn = options.onWarning === undefined ? warnConsole : createWarner(options.onWarning);
  if (!hasIndexedDb()) return inMemory(name, 'there is no IndexedDB here', { ...options, warn });
  try {
    return await openIdbStore(name, { ...options, warn });
  } catch (thrown) {
    const cause = thrown instanceof LogError ? thrown.cause : thrown;
    if (!(cause instanceof DOMException) || !refusals.has(cause.name) || isRoomLacking(cause)) throw thrown;
    return inMemory(name, `the browser refuses it (${cause.name}: ${cause.message})`, { ...options, warn });
  }
}

/** Deletes a store with all its runs. Default `tabtrain`. Rejects with `store-blocked` when a tab does not let go of it. */
export async function deleteStore(name: string = defaultStoreName): Promise<void> {
  await deleteMemory(name);
  if (!hasIndexedDb()) return;
  try {
    await deleteDatabase(name);
  } catch (thrown) {
    throw toStoreError(thrown, `deleteStore('${name}')`);
  }
  const hints = new Hints(databaseName(name));
  hints.announceRuns();
  hints.close();
}

function inMemory(name: string, reason: string, options: MemoryStoreOptions & { readonly warn: Warner }): MetricStore {
  options.warn(
    `memory:${name}`,
    `openStore('${name}'): runs are kept in memory only, because ${reason}. Charts and exports work, but runs are gone when this page ` +
      'is closed or reloaded, and other tabs do not see them. Open the page outside a sandboxed frame or private window to keep them.',
  );
  return openMemoryStore(name, options);
}

function isRoomLacking(cause: DOMException): boolean {
  return cause.name !== 'InvalidStateError' && isFull(cause.name, cause.message);
}

function hasIndexedDb(): boolean {
  try {
    return typeof indexedDB !== 'undefined' && indexedDB !== null;
  } catch {
    // Some browsers throw at the mere name in a sandboxed frame.
    return false;
  }
}
