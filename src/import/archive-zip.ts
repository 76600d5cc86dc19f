import { unzipRaw, type ZipEntry } from 'unzipit';
import { manifestName } from '../formats/archive/manifest.ts';
import { sayOfImport as say } from './words.ts';

/** A zip, read where it is asked: nothing of it is in memory. */
export interface ArchiveZip {
  /** The folders with an archive in them, each with a `/` behind it; '' for the top. Also one that has lost its manifest, if it is named as we name them. */
  readonly folders: readonly string[];
  /** The entry of exactly this path. Throws an `Error` in words when there is none, or more than one. */
  entry(path: string): ZipEntry;
  /** The content, unpacked. Rejects with an `Error` in words when it is damaged, or not of the size that the zip says. */
  blob(path: string): Promise<Blob>;
}

const lost = /^((?:.*\/)?tabtrain-archive-[0-9a-f]{8}\/)runs\/\d+\/run\.json$/;

/** Lists what is in a zip. Rejects with an `Error` in words when it is none. */
export async function openArchiveZip(file: Blob): Promise<ArchiveZip> {
  let entries: readonly ZipEntry[];
  try {
    ({ entries } = await unzipRaw(file));
  } catch (thrown) {
    throw new Error(say('no-zip'), { cause: thrown });
  }
  const byPath = new Map<string, ZipEntry | 'twice'>();
  for (const entry of entries) byPath.set(entry.name, byPath.has(entry.name) ? 'twice' : entry);
  const entry = (path: string): ZipEntry => {
    const found = byPath.get(path);
    if (found === undefined) throw new Error(say('missing', { path }));
    if (found === 'twice') throw new Error(say('twice', { path }));
    return found;
  };
  const folders = new Set<string>();
  for (const path of byPath.keys()) {
    const folder = path === manifestName || path.endsWith(`/${manifestName}`) ? path.slice(0, -manifestName.length) : lost.exec(path)?.[1];
    if (folder !== undefined) folders.add(folder);
  }
  const blob = async (path: string): Promise<Blob> => {
    const found = entry(path);
    try {
      return await found.blob();
    } catch (thrown) {
      throw new Error(say('not-unpacked', { path }), { cause: thrown });
    }
  };
  return { folders: [...folders], entry, blob };
}
