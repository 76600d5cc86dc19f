import { describe, LogError } from '../core/errors.ts';
import { joinPath, type LogFolder } from './log-folder.ts';

/** Where in its folder a logger writes: `<name>/version_<n>/`, as with Lightning's loggers. */
export interface VersionOptions {
  /** The folder of the experiment. Default `lightning_logs`; `''` for none. */
  readonly name?: string;
  /**
   * A number gives `version_<n>`, a text its own folder. What is there already is added to, never deleted: give the version of
   * before to continue a run. Default: the next number that is free, which is settled while the run starts.
   */
  readonly version?: number | string;
}

/** One version's folder, found when it is first needed. */
export interface VersionFolder {
  /** Undefined until it is settled. */
  readonly version: number | string | undefined;
  /** Its path, from the first call on the same. */
  path(): Promise<string>;
}

/** Throws `bad-options` where a program without types gave none. */
export function refuseNoOptions(options: unknown, logger: string): void {
  if (typeof options === 'object' && options !== null) return;
  throw new LogError('bad-options', `new ${logger}(${describe(options)}): need { folder }, such as { folder: opfsFolder() }.`);
}

/** Makes a {@link VersionFolder}. Two that ask at once get two numbers, in tabs too where the browser has Web Locks. */
export function createVersionFolder(folder: LogFolder, options: VersionOptions, logger: string): VersionFolder {
  if (typeof (folder as LogFolder | undefined)?.write !== 'function') {
    throw new LogError(
      'bad-options',
      `new ${logger}({ folder: ${describe(folder)} }): need a folder, such as opfsFolder() or memoryFolder().`,
    );
  }
  const { name = 'lightning_logs' } = options;
  if (typeof name !== 'string') throw new LogError('bad-options', `new ${logger}({ name: ${describe(name)} }): need a text.`);
  let { version } = options;
  if (version !== undefined && typeof version !== 'string' && !(Number.isSafeInteger(version) && version >= 0)) {
    throw new LogError('bad-options', `new ${logger}({ version: ${describe(version)} }): need a whole number from 0 on, or a text.`);
  }
  joinPath(name, String(version)); // a bad path is told at once
  let found: Promise<string> | undefined;

  const pathOf = (which: number | string): string => joinPath(name, typeof which === 'number' ? `version_${which}` : which);
  const allocate = async (): Promise<string> => {
    const taken = (await folder.list(name)).map((entry) => Number(/^version_(\d+)\/$/.exec(entry)?.[1] ?? -1));
    const next = Math.max(-1, ...taken) + 1;
    await folder.makeFolder(pathOf(next));
    version = next;
    return pathOf(next);
  };

  return {
    get version() {
      return version;
    },
    path() {
      if (version !== undefined) return Promise.resolve(pathOf(version));
      found ??= folder.exclusive(allocate).catch((thrown: unknown) => {
        found = undefined; // the next save tries again
        throw thrown;
      });
      return found;
    },
  };
}
