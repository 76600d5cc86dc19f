import { LogError, toLogError } from '../core/errors.ts';
import { noteOpfsFolder } from '../store/opfs-registry.ts';
import { createTurns, foldersOf, type LogFolder } from './log-folder.ts';

/**
 * A folder of the origin-private file system: kept by the browser for this site, with the same lifetime as its databases, and seen by
 * nobody else. `path` is the folder in it, default `logs`. Take the files out with {@link folderFiles}.
 */
export function opfsFolder(path = 'logs'): LogFolder {
  // So that clearDevice() finds it.
  let noted: Promise<void> | undefined;
  return folderAt(
    async () => {
      if (typeof navigator !== 'object' || typeof navigator.storage?.getDirectory !== 'function') {
        throw new LogError('export-failed', `opfsFolder('${path}'): this browser has no private file system. Use memoryFolder() here.`);
      }
      const root = await navigator.storage.getDirectory();
      await (noted ??= noteOpfsFolder(root, foldersOf(path).join('/')));
      return root;
    },
    path,
    `opfs/${path}`,
  );
}

/**
 * A directory on disk that the person has picked, so that desktop programs can follow the files while the run goes on:
 * `directoryFolder(await showDirectoryPicker({ mode: 'readwrite' }))`. `path` is a folder in it, default the directory itself.
 */
export function directoryFolder(directory: FileSystemDirectoryHandle, path = ''): LogFolder {
  return folderAt(async () => directory, path, `directory/${directory.name}/${path}`);
}

function folderAt(open: () => Promise<FileSystemDirectoryHandle>, top: string, lockName: string): LogFolder {
  const turns = createTurns();
  foldersOf(top); // a bad path is told at once

  const folderOf = async (parts: readonly string[], create: boolean): Promise<FileSystemDirectoryHandle> => {
    let folder = await open();
    for (const part of [...foldersOf(top), ...parts]) folder = await folder.getDirectoryHandle(part, { create });
    return folder;
  };
  const fileOf = async (path: string, create: boolean): Promise<FileSystemFileHandle> => {
    const parts = foldersOf(path);
    return (await folderOf(parts.slice(0, -1), create)).getFileHandle(parts.at(-1) ?? '', { create });
  };
  // What is written goes to a copy that takes the file's place at close, so that it is all or nothing.
  const put = async (path: string, bytes: Uint8Array<ArrayBuffer>, keepExistingData: boolean): Promise<void> => {
    const file = await fileOf(path, true);
    const position = keepExistingData ? (await file.getFile()).size : 0;
    const writable = await file.createWritable({ keepExistingData });
    try {
      await writable.write({ type: 'write', position, data: bytes });
      await writable.close();
    } catch (thrown) {
      await writable.abort().catch(() => undefined); // the first error is the one to tell
      throw thrown;
    }
  };

  return {
    list: (path) =>
      told(path, async () => {
        const names: string[] = [];
        const folder = await unlessMissing(folderOf(foldersOf(path), false));
        if (folder !== undefined)
          for await (const [name, { kind }] of folder.entries()) names.push(kind === 'directory' ? `${name}/` : name);
        return names.sort();
      }),
    read: (path) => told(path, async () => (await unlessMissing(fileOf(path, false)))?.getFile()),
    write: (path, bytes) => told(path, () => put(path, bytes, false)),
    append: (path, bytes) => told(path, () => put(path, bytes, true)),
    makeFolder: (path) => told(path, async () => void (await folderOf(foldersOf(path), true))),
    exclusive: (act) =>
      turns(async () =>
        typeof navigator === 'object' && navigator.locks !== undefined
          ? await navigator.locks.request(`tabtrain:folder:${lockName}`, act)
          : await act(),
      ),
  };
}

async function unlessMissing<Handle>(handle: Promise<Handle>): Promise<Handle | undefined> {
  try {
    return await handle;
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'NotFoundError') return undefined;
    throw thrown;
  }
}

/** Runs `act`, and turns a refusal of the browser into an `export-failed` that says what to do. */
async function told<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (thrown) {
    if (!(thrown instanceof DOMException)) throw toLogError(thrown, 'export-failed', `'${path}'`);
    throw new LogError(
      'export-failed',
      `the browser refused '${path}' (${thrown.name}: ${thrown.message}). Check free space and permission; it is tried again with the next save.`,
      { cause: thrown },
    );
  }
}
