import type { ExportFile, ExportFiles } from './export-file.ts';
import { nameKey } from './find-runs.ts';

/**
 * Makes one sequence of files of whatever a sink was given. A path that occurs twice gets `-2`, `-3`, … in its name. So does
 * the folder of a run that another run has already, as when two stores hold a run of one name: in one folder TensorBoard
 * would draw them as one curve.
 */
export async function* combineFiles(files: ExportFiles): AsyncGenerator<ExportFile, void, undefined> {
  const taken = new Set<string>();
  const folders = new Set<string>();
  for await (const file of flatten(files)) {
    const path = freePath(pathInFreeFolder(file, folders), taken);
    taken.add(nameKey(path));
    yield path === file.path ? file : { ...file, path };
  }
}

async function* flatten(files: ExportFiles): AsyncGenerator<ExportFile, void, undefined> {
  if (Symbol.asyncIterator in files) {
    yield* files;
    return;
  }
  for (const entry of files) {
    if (Symbol.asyncIterator in entry) yield* entry;
    else yield entry;
  }
}

function pathInFreeFolder({ path, folder }: ExportFile, folders: Set<string>): string {
  if (folder === undefined) return path;
  let free = folder;
  for (let count = 2; folders.has(nameKey(free)); count++) free = `${folder}-${count}`;
  folders.add(nameKey(free));
  return `${free}${path.slice(folder.length)}`;
}

/** The path, or the next one like it that is free: `a/x-2.csv`. `taken` holds paths as `nameKey` gives them. */
export function freePath(path: string, taken: ReadonlySet<string>): string {
  const [, stem = path, ending = ''] = /^(.*[^/]?)(\.[^./]*)$/.exec(path) ?? [];
  let free = path;
  for (let count = 2; taken.has(nameKey(free)); count++) free = `${stem}-${count}${ending}`;
  return free;
}
