import { LogError } from '../core/errors.ts';

/**
 * Where loggers put their files: {@link opfsFolder}, {@link directoryFolder}, {@link memoryFolder}, or one of your own. Paths are
 * relative, with `/` between folders; folders on the way are made as needed.
 */
export interface LogFolder {
  /** Names of what lies directly in a folder, `''` for the top; those of folders end in `/`. Empty where there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  /** Undefined where there is no such file. */
  read(path: string): Promise<Blob | undefined>;
  /** Puts a whole file there. Whoever reads it meanwhile, or after a crash, finds the old one or the new one. */
  write(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Adds to the end of a file, made if there is none; all of it or nothing. */
  append(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** Runs `act` while no other such call runs on the same place, as far as tabs can agree on that. */
  exclusive<Result>(act: () => Promise<Result>): Promise<Result>;
}

/** A file as `download()` and `toZip()` of `tabtrain/export` take it. */
export interface LoggedFile {
  readonly path: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * All files of a folder, or of one folder in it, for a download: `download(folderFiles(folder), 'logs.zip')`. Save the loggers before,
 * or take it after the run has ended.
 */
export async function* folderFiles(folder: LogFolder, path = ''): AsyncGenerator<LoggedFile, void, undefined> {
  for (const name of await folder.list(path)) {
    const inner = joinPath(path, name);
    if (name.endsWith('/')) yield* folderFiles(folder, inner);
    else yield { path: inner, bytes: { [Symbol.asyncIterator]: () => piecesOf(folder, inner) } };
  }
}

const pieceBytes = 256 * 1024;

async function* piecesOf(folder: LogFolder, path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await folder.read(path);
  if (file === undefined) throw new LogError('export-failed', `folderFiles(): '${path}' is no longer there. List the folder again.`);
  for (let at = 0; at < file.size; at += pieceBytes) yield new Uint8Array(await file.slice(at, at + pieceBytes).arrayBuffer());
}

/** Joins parts of a path; empty ones do not count. */
export function joinPath(...parts: readonly string[]): string {
  return parts.flatMap(foldersOf).join('/');
}

/** The folders of a path. Throws `bad-options` for one that leads out of it. */
export function foldersOf(path: string): string[] {
  const folders = path.split('/').filter((part) => part !== '');
  if (folders.includes('..') || folders.includes('.')) {
    throw new LogError('bad-options', `logger: the path '${path}' holds '.' or '..'. Name folders inside the one you gave.`);
  }
  return folders;
}

/** Makes a function that runs what it is given one after another. */
export function createTurns(): <Result>(act: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const turn = last.then(act);
    last = turn.catch(() => undefined); // told to whoever asked for it
    return turn;
  };
}
