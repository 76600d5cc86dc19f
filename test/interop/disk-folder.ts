/// <reference types="node" />
import { appendFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createTurns, type LogFolder } from '../../src/loggers/log-folder.ts';

/** A folder on this machine's disk, as a picked directory is for a browser: a file is there when it is whole. */
export function diskFolder(root: string): LogFolder {
  const unlessMissing = async <Value>(value: Promise<Value>): Promise<Value | undefined> =>
    value.catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT') return undefined;
      throw thrown;
    });
  const within = async (path: string): Promise<string> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    return join(root, path);
  };
  return {
    exclusive: createTurns(),
    list: async (path) =>
      ((await unlessMissing(readdir(join(root, path), { withFileTypes: true }))) ?? []).map((entry) =>
        entry.isDirectory() ? `${entry.name}/` : entry.name,
      ),
    read: async (path) => {
      const bytes = await unlessMissing(readFile(join(root, path)));
      return bytes && new Blob([bytes]);
    },
    write: async (path, bytes) => {
      const file = await within(path);
      await writeFile(`${file}.crswap`, bytes);
      await rename(`${file}.crswap`, file);
    },
    append: async (path, bytes) => appendFile(await within(path), bytes),
    makeFolder: async (path) => void (await mkdir(join(root, path), { recursive: true })),
  };
}
