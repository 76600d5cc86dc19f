import { hasOpaqueOrigin, mayDownload } from '../core/may-download.ts';
import { hasIndexedDb } from './has-indexed-db.ts';
import { knownObstacles } from './obstacles.ts';
import { placeTexts, sayOfPlace } from './words.ts';

/** What a page can lack where it is. */
export type PlaceKey = keyof typeof placeTexts;

/** One thing that a page lacks where it is. */
export interface PlaceNote {
  /** For programs. */
  readonly key: PlaceKey;
  /** One sentence for the person in front of the page, in the language that is set. */
  readonly text: string;
}

/**
 * What this page lacks where it is, most important first; empty where it lacks nothing that a person would miss:
 *
 * - `sandboxed`, `storage-blocked`, `newer-database`: runs are kept in memory only. The last, and a database that the browser refuses only
 *   when it is opened, are known once a store was opened.
 * - `tab-in-the-way`: a store is being opened and waits for another tab.
 * - `no-downloads`: the frame's sandbox lets no file out, and there is no save dialog. A frame of another origin cannot see that;
 *   `download()` says so then.
 * - `insecure`: `http://` and not this machine: no WebGPU, no file dialogs.
 *
 * In a worker it speaks of the worker; a page should be asked in the page.
 */
export function describePlace(): readonly PlaceNote[] {
  const obstacles = knownObstacles();
  const isOpaque = hasOpaqueOrigin();
  const keys: PlaceKey[] = [];
  if (isOpaque && isStorageBlocked()) keys.push('sandboxed');
  else if (obstacles.has('refused') || isStorageBlocked()) keys.push('storage-blocked');
  if (obstacles.has('newer')) keys.push('newer-database');
  if (obstacles.has('waiting')) keys.push('tab-in-the-way');
  if (mayDownload() === false && !('showSaveFilePicker' in globalThis)) keys.push('no-downloads');
  if (globalThis.isSecureContext === false && !isOpaque) keys.push('insecure');
  return keys.map((key) => ({ key, text: sayOfPlace(key) }));
}

function isStorageBlocked(): boolean {
  if (!hasIndexedDb()) return true;
  try {
    // Asking is enough: browsers that block a site's data throw here, and workers have none.
    return typeof globalThis.localStorage === 'undefined' && typeof document !== 'undefined';
  } catch {
    return true;
  }
}
