import { type LogError, toLogError } from '../core/errors.ts';
import { hasOpaqueOrigin } from '../core/may-download.ts';
import { hasIndexedDb } from './has-indexed-db.ts';
import { memoryNames } from './memory-store.ts';
import { defaultStoreName, deleteStore } from './open-store.ts';
import { clearOpfsFolders } from './opfs-registry.ts';
import { outboxName } from './outbox.ts';
import { databaseName } from './schema.ts';

/** What {@link clearDevice} has done. */
export interface ClearedDevice {
  /** Names of the stores that are gone, each with what waited to be sent to a server. */
  readonly stores: readonly string[];
  /** Paths of the folders of `opfsFolder()` that are gone. */
  readonly folders: readonly string[];
  /** What is still there, and why; empty when all is gone. */
  readonly left: readonly { readonly name: string; readonly error: LogError }[];
}

/**
 * Removes everything that this library keeps in this browser for the page's address, whichever page or project it is of: all
 * stores, what waits to be sent to servers, the folders of `opfsFolder()`. It asks nobody: ask before you call it. Other tabs let go by
 * themselves; one that is training has lost its run and is told so. Where the browser cannot list its databases (Firefox before
 * 126) only the default store and those of this page are found. Never rejects: what could not be removed is in `left`.
 *
 * ```ts
 * if (confirm('Delete all runs on this device?')) await clearDevice();
 * ```
 */
export async function clearDevice(): Promise<ClearedDevice> {
  const [stores, folders, left]: [string[], string[], ClearedDevice['left'][number][]] = [[], [], []];
  const keep = (name: string, thrown: unknown): void =>
    void left.push({ name, error: toLogError(thrown, 'store-failed', 'clearDevice()') });
  await Promise.all(
    (await storeNames()).map(async (name) => {
      try {
        await deleteStore(name);
        stores.push(name);
      } catch (thrown) {
        keep(name, thrown);
      }
    }),
  );
  try {
    const root = await globalThis.navigator?.storage?.getDirectory?.();
    if (root !== undefined) {
      await clearOpfsFolders(root, (path, thrown) => (thrown === undefined ? folders.push(path) : keep(path, thrown)));
    }
  } catch {
    // No such file system for this page, so nothing in it.
  }
  return { stores: stores.sort(), folders: folders.sort(), left };
}

async function storeNames(): Promise<readonly string[]> {
  const names = new Set(memoryNames());
  const prefixes = [databaseName(''), outboxName('')];
  // Chromium also leaves a rejected promise behind where it refuses this to a sandboxed frame.
  if (hasIndexedDb() && !hasOpaqueOrigin()) {
    try {
      for (const { name = '' } of await indexedDB.databases()) {
        for (const prefix of prefixes) if (name.startsWith(prefix)) names.add(name.slice(prefix.length));
      }
    } catch {
      names.add(defaultStoreName);
    }
  }
  return [...names];
}
