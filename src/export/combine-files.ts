import type { ExportFile, ExportFiles } from './export-file.ts';

/** Makes one sequence of files of whatever a sink was given. A path that occurs twice gets `-2`, `-3`, … in its name. */
export async function* combineFiles(files: ExportFiles): AsyncGenerator<ExportFile, void, undefined> {
  const taken = new Set<string>();
  for await (const file of flatten(files)) {
    const path = freePath(file.path, taken);
    taken.add(path.toLowerCase());
    yield path === file.path ? file : { path, bytes: file.bytes };
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

// Windows and macOS do not tell names apart by case.
function freePath(path: string, taken: ReadonlySet<string>): string {
  const [, stem = path, ending = ''] = /^(.*[^/]?)(\.[^./]*)$/.exec(path) ?? [];
  let free = path;
  for (let count = 2; taken.has(free.toLowerCase()); count++) free = `${stem}-${count}${ending}`;
  return free;
}
