import { unzipRaw, type ZipEntry } from 'unzipit';
import { manifestName } from '../formats/archive/manifest.ts';
import { sayOfImport as say } from './words.ts';

/** A zip, read where it is asked: nothing of it is in memory. */
export interface ArchiveZip {
  /** The folders with an archive in them, each with a `/` behind it; '' for the top. */
  readonly folders: readonly string[];
  /** The entry of exactly this path. Throws an `Error` in words when there is none, or more than one. */
  entry(path: string): ZipEntry;
  /** The content, unpacked. Rejects when it is not of the size that the zip says. */
  blob(path: string): Promise<Blob>;
}

/** Lists what is in a zip. Rejects with an `Error` in words when it is none. */
export async function openArchiveZip(file: Blob): Promise<ArchiveZip> {
  let entries: readonly ZipEntry[];
  try {
    ({ entries } = await unzipRaw(file));
  } catch (thrown) {
    throw new Error(say('no-zip', { detail: thrown instanceof Error ? thrown.message : String(thrown) }), { cause: thrown });
  }
  const byPath = new Map<string, ZipEntry | 'twice'>();
  for (const entry of entries) byPath.set(entry.name, byPath.has(entry.name) ? 'twice' : entry);
  const entry = (path: string): ZipEntry => {
    const found = byPath.get(path);
    if (found === undefined) throw new Error(say('missing', { path }));
    if (found === 'twice') throw new Error(say('twice', { path }));
    return found;
  };
  const folders = [...byPath.keys()]
    .filter((path) => path === manifestName || path.endsWith(`/${manifestName}`))
    .map((path) => path.slice(0, -manifestName.length));
  return { folders, entry, blob: async (path) => entry(path).blob() };
}
