/** Holds one empty folder for each folder that loggers write into, so that all of them can be found again. */
const registry = '.tabtrain-folders';

/** Notes that a folder of the origin-private file system is ours; the top itself never is. */
export async function noteOpfsFolder(root: FileSystemDirectoryHandle, path: string): Promise<void> {
  if (path === '') return;
  const folders = await root.getDirectoryHandle(registry, { create: true });
  await folders.getDirectoryHandle(encodeURIComponent(path), { create: true });
}

/** Removes every folder that was noted, one after the other; `removed` is told each, or with why it is still there. */
export async function clearOpfsFolders(root: FileSystemDirectoryHandle, removed: (path: string, thrown?: unknown) => void): Promise<void> {
  const folders = await unlessMissing(root.getDirectoryHandle(registry));
  if (folders === undefined) return;
  for await (const name of folders.keys()) {
    const path = decodeURIComponent(name);
    try {
      if (await removeFolder(root, path.split('/'))) removed(path);
      await folders.removeEntry(name);
    } catch (thrown) {
      removed(path, thrown);
    }
  }
  // Not while something is still in it.
  await root.removeEntry(registry).catch(() => {});
}

/** False where there is none. Folders on the way to it go when nothing else is in them. */
async function removeFolder(root: FileSystemDirectoryHandle, parts: readonly string[]): Promise<boolean> {
  const above = [root];
  for (const part of parts.slice(0, -1)) {
    const next = await unlessMissing((above.at(-1) ?? root).getDirectoryHandle(part));
    if (next === undefined) return false;
    above.push(next);
  }
  const isThere = await unlessMissing((above.at(-1) ?? root).removeEntry(parts.at(-1) ?? '', { recursive: true }).then(() => true));
  for (let depth = above.length - 1; depth > 0; depth--) await above[depth - 1]?.removeEntry(parts[depth - 1] ?? '').catch(() => {});
  return isThere === true;
}

async function unlessMissing<Found>(looking: Promise<Found>): Promise<Found | undefined> {
  try {
    return await looking;
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'NotFoundError') return undefined;
    throw thrown;
  }
}
