import { type IDBPDatabase, openDB } from 'idb';

/** A database as an earlier program has left it; see the README beside the files. */
export interface DatabaseFixture {
  readonly writtenBy: string;
  readonly version: number;
  readonly stores: readonly {
    readonly name: string;
    readonly keyPath: string | readonly string[];
    readonly indexes: readonly { readonly name: string; readonly keyPath: string | readonly string[] }[];
    readonly records: readonly Readonly<Record<string, unknown>>[];
  }[];
  readonly expected: {
    readonly runs: readonly Readonly<Record<string, unknown>>[];
    /** For each run its chunks; a point is tag, step, epoch, wall time, value. */
    readonly points: Readonly<Record<string, readonly (readonly (readonly (string | number)[])[])[]>>;
  };
}

/** One of every form that ever was. */
export const fixtures: readonly DatabaseFixture[] = await Promise.all(
  [new URL('../../fixtures/store/v1.json', import.meta.url), new URL('../../fixtures/store/v1-first-checksum.json', import.meta.url)].map(
    // Not imported: a bundler's reader need not know half surrogate pairs. What is in the files is said above.
    async (url) => (await (await fetch(url)).json()) as DatabaseFixture,
  ),
);

/** Makes the fixture's database under a store's name, without this program. The connection is left open for the caller to close. */
export async function restoreFixture(storeName: string, fixture: DatabaseFixture): Promise<IDBPDatabase> {
  const pathOf = (path: string | readonly string[]) => (typeof path === 'string' ? path : [...path]);
  return openDB(`tabtrain:${storeName}`, fixture.version, {
    upgrade(database) {
      for (const { name, keyPath, indexes, records } of fixture.stores) {
        const store = database.createObjectStore(name, { keyPath: pathOf(keyPath) });
        for (const index of indexes) store.createIndex(index.name, pathOf(index.keyPath));
        for (const { bytes, ...record } of records) {
          void store.put(typeof bytes === 'string' ? { ...record, bytes: bufferOf(bytes) } : record);
        }
      }
    },
  });
}

/** The points of a run by tag, in the order in which they were logged: step, epoch, wall time, value. */
export function expectedPoints(fixture: DatabaseFixture, runId: string): Map<string, (readonly number[])[]> {
  const byTag = new Map<string, (readonly number[])[]>();
  for (const [tag, ...numbers] of (fixture.expected.points[runId] ?? []).flat()) {
    const points = byTag.get(String(tag)) ?? [];
    byTag.set(String(tag), points);
    points.push(numbers.map(Number));
  }
  return byTag;
}

function bufferOf(base64: string): ArrayBuffer {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer;
}
