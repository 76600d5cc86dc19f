import { LogError } from '../core/errors.ts';
import { combineFiles } from './combine-files.ts';
import type { ExportFile, ExportFiles } from './export-file.ts';
import { filePickers, isCancelled, writeFailed } from './file-system.ts';

/** Settings of {@link toDirectory}. */
export interface DirectoryOptions {
  /**
   * What happens to a file that is there with other content. `keep` (default): it stays and the call rejects after all
   * other files were written. `replace`: it is overwritten.
   */
  readonly existing?: 'keep' | 'replace';
}

/** What was done in a directory. */
export interface DirectoryResult {
  readonly outcome: 'saved' | 'cancelled';
  /** Paths of files that are new or were brought up to date. */
  readonly written: readonly string[];
  /** Paths of files that were there with the same content. */
  readonly unchanged: readonly string[];
}

const call = 'toDirectory(files)';

/**
 * Writes files into a directory on disk: a log folder that TensorBoard watches, for example. Without a `directory` the
 * browser asks for one, so call it inside the click. A file that is there already is brought up to date when it holds the
 * beginning of the new one, or is an earlier export of the same that the new one does not fall short of (a run that went
 * on); one with other content is never overwritten unless `existing` is `replace`. Rejects with `export-failed`; a closed dialog is no error.
 */
export async function toDirectory(
  files: ExportFiles,
  directory?: FileSystemDirectoryHandle,
  options: DirectoryOptions = {},
): Promise<DirectoryResult> {
  const written: string[] = [];
  const unchanged: string[] = [];
  const kept: string[] = [];
  const root = directory ?? (await pickDirectory());
  if (root === undefined) return { outcome: 'cancelled', written, unchanged };
  for await (const file of combineFiles(files)) {
    const lists = { written, unchanged, kept };
    lists[await writeFile(root, file, options.existing ?? 'keep')].push(file.path);
  }
  if (kept.length > 0) {
    const names = kept.map((path) => `'${path}'`).join(', ');
    throw new LogError(
      'export-failed',
      `${call}: ${names} already there with other content, left as found; ${written.length} other files were written. Choose an empty folder or pass { existing: 'replace' }.`,
    );
  }
  return { outcome: 'saved', written, unchanged };
}

async function pickDirectory(): Promise<FileSystemDirectoryHandle | undefined> {
  const { showDirectoryPicker } = filePickers();
  if (showDirectoryPicker === undefined) {
    throw new LogError('export-failed', `${call}: this browser cannot open folders. Use download(files, 'runs.zip') instead.`);
  }
  try {
    return await showDirectoryPicker.call(globalThis, { id: 'tabtrain', mode: 'readwrite' });
  } catch (thrown) {
    if (isCancelled(thrown)) return undefined;
    throw writeFailed(thrown, call, '.');
  }
}

async function writeFile(
  root: FileSystemDirectoryHandle,
  file: ExportFile,
  existing: 'keep' | 'replace',
): Promise<'written' | 'unchanged' | 'kept'> {
  try {
    const folders = file.path.split('/');
    const name = folders.pop()!; // split gives at least one part
    let folder = root;
    for (const part of folders) folder = await folder.getDirectoryHandle(part, { create: true });
    const before = await fileIn(folder, name);
    const handle = await folder.getFileHandle(name, { create: true });
    return await writeUnlessKept(handle, file, before, existing);
  } catch (thrown) {
    throw writeFailed(thrown, call, file.path);
  }
}

async function fileIn(folder: FileSystemDirectoryHandle, name: string): Promise<File | undefined> {
  try {
    return await (await folder.getFileHandle(name)).getFile();
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'NotFoundError') return undefined;
    throw thrown;
  }
}

// Writes go to a swap file that takes the place of the old one at close, so old and new are compared while writing.
async function writeUnlessKept(
  handle: FileSystemFileHandle,
  file: ExportFile,
  before: File | undefined,
  existing: 'keep' | 'replace',
): Promise<'written' | 'unchanged' | 'kept'> {
  const writable = await handle.createWritable();
  try {
    let size = 0;
    let isSame = true;
    let mayReplace = existing === 'replace';
    for await (const piece of file.bytes) {
      if (before !== undefined && isSame) {
        isSame = await startsWith(before, size, piece);
        if (!isSame) mayReplace ||= (await file.isEarlier?.(before)) ?? false;
      }
      if (!isSame && !mayReplace) break;
      await writable.write(piece as Uint8Array<ArrayBuffer>); // exporters never make shared buffers
      size += piece.length;
    }
    const isShorter = before !== undefined && size < before.size;
    if (existing === 'keep' && ((!isSame && !mayReplace) || isShorter)) {
      await writable.abort();
      return 'kept';
    }
    if (before !== undefined && isSame && size === before.size) {
      await writable.abort();
      return 'unchanged';
    }
    await writable.close();
    return 'written';
  } catch (thrown) {
    await writable.abort().catch(() => undefined); // the first error is the one to tell
    throw thrown;
  }
}

// True where `piece`, which goes to `offset`, agrees with what is there, as far as there is something.
async function startsWith(before: File, offset: number, piece: Uint8Array): Promise<boolean> {
  const there = new Uint8Array(await before.slice(offset, offset + piece.length).arrayBuffer());
  return there.every((byte, i) => byte === piece[i]);
}
