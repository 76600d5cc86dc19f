import type { MetricStore } from 'tabtrain';
import { importArchive } from 'tabtrain/import';
import { cleanName, nameFromFile, personOf, setPerson } from './people.ts';

/** A file, and the person it stands for. */
export interface Handed {
  readonly file: File;
  readonly person: string;
}

/** What became of one file. */
export interface Taken {
  readonly file: string;
  readonly newRuns: number;
  readonly knownRuns: number;
  readonly notes: readonly string[];
  /** Why nothing of it was taken. */
  readonly error?: unknown;
}

interface Found {
  readonly file: File;
  readonly folder: string | undefined;
}

/** The zip files of a drop, those in folders too. Call it inside the event: the browser forgets what was dropped. */
export async function handedIn(dropped: DataTransfer): Promise<readonly Handed[]> {
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const files = [...dropped.files];
  const found = entries.length === 0 ? files.map((file) => ({ file, folder: undefined })) : await inOrder(entries, undefined);
  return namePeople(found.filter(({ file }) => /\.zip$/i.test(file.name)));
}

/**
 * Whose file each is: that of its name, `ada` for `ada.zip`. Where several are named alike, as when a learning platform gives one
 * folder for each person, that of its folder.
 */
export function namePeople(found: readonly Found[]): readonly Handed[] {
  const counts = new Map<string, number>();
  for (const { file } of found) counts.set(file.name, (counts.get(file.name) ?? 0) + 1);
  return found.map(({ file, folder }) => ({
    file,
    person: folder !== undefined && counts.get(file.name)! > 1 ? cleanName(folder) : nameFromFile(file.name),
  }));
}

async function inOrder(entries: readonly FileSystemEntry[], folder: string | undefined): Promise<Found[]> {
  const found: Found[] = [];
  for (const entry of entries) {
    if (entry instanceof FileSystemDirectoryEntry) found.push(...(await inOrder(await listFolder(entry), entry.name)));
    else if (entry instanceof FileSystemFileEntry) {
      found.push({ file: await new Promise<File>((resolve, reject) => entry.file(resolve, reject)), folder });
    }
  }
  return found;
}

async function listFolder(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/** Takes one file into the store: all of it, or nothing. Does not reject. */
export async function takeIn(store: MetricStore, { file, person }: Handed): Promise<Taken> {
  try {
    const { runs, notes } = await importArchive(store, file, { prefix: person });
    for (const { id, name, isNew } of runs) {
      if (!isNew) continue;
      const run = await store.run(id);
      if (run === undefined) continue;
      // From the archive of a whole class: it says whose run it is, and has the name in front.
      if (personOf(run) === undefined) await setPerson(store, id, person);
      else if (name.startsWith(`${person}-`)) await store.updateRun(id, { name: name.slice(person.length + 1) });
    }
    const newRuns = runs.filter(({ isNew }) => isNew).length;
    return { file: file.name, newRuns, knownRuns: runs.length - newRuns, notes };
  } catch (error) {
    return { file: file.name, newRuns: 0, knownRuns: 0, notes: [], error };
  }
}
