import { createTurns, foldersOf, type LogFolder } from './log-folder.ts';

/** A folder in memory, for tests, and for pages that let the files be downloaded at the end: see {@link folderFiles}. */
export interface MemoryFolder extends LogFolder {
  /** The text of a file; undefined where there is none. */
  text(path: string): Promise<string | undefined>;
}

/** Makes an empty {@link MemoryFolder}. It is gone with the page. */
export function memoryFolder(): MemoryFolder {
  const files = new Map<string, Uint8Array<ArrayBuffer>[]>();
  const folders = new Set<string>();
  const exclusive = createTurns();

  const named = (path: string): string => foldersOf(path).join('/');
  const makeAll = (parts: readonly string[]): void => {
    for (let i = 1; i <= parts.length; i++) folders.add(parts.slice(0, i).join('/'));
  };
  const add = (path: string, bytes: Uint8Array<ArrayBuffer>, before: readonly Uint8Array<ArrayBuffer>[]): void => {
    makeAll(foldersOf(path).slice(0, -1));
    files.set(named(path), [...before, bytes.slice()]);
  };
  const read = async (path: string): Promise<Blob | undefined> => {
    const pieces = files.get(named(path));
    return pieces && new Blob(pieces);
  };

  return {
    exclusive,
    read,
    async list(path) {
      const start = path === '' ? '' : `${named(path)}/`;
      const within = [...files.keys(), ...[...folders].map((name) => `${name}/`)].filter(
        (name) => name.startsWith(start) && name !== start,
      );
      return within.map((name) => name.slice(start.length)).filter((name) => /^[^/]+\/?$/.test(name));
    },
    async write(path, bytes) {
      add(path, bytes, []);
    },
    async append(path, bytes) {
      add(path, bytes, files.get(named(path)) ?? []);
    },
    async makeFolder(path) {
      makeAll(foldersOf(path));
    },
    async text(path) {
      return (await read(path))?.text();
    },
  };
}
