import { LogError } from '../core/errors.ts';
import type { RunInfo } from '../core/run-info.ts';
import { folderSafe } from '../core/run-name.ts';
import type { MetricStore } from '../store/metric-store.ts';

/** A run and the folder it is exported to, which is also its name in tables. */
export interface RunFolder {
  readonly run: RunInfo;
  /** `[<prefix>/]<project>/<run name>`, unique within one export whatever the case. */
  readonly folder: string;
}

/**
 * Looks the runs up, each once. `prefix` goes in front of every folder. Throws `run-not-found` before anything is
 * exported; `call` is the user's call, for the message.
 */
export async function findRuns(
  store: MetricStore,
  runIds: readonly string[],
  prefix: string | undefined,
  call: string,
): Promise<RunFolder[]> {
  const found: RunFolder[] = [];
  const taken = new Set<string>();
  for (const id of new Set(runIds)) {
    const run = await store.run(id);
    if (run === undefined) {
      throw new LogError(
        'run-not-found',
        `${call}(store, [${JSON.stringify(id)}]): no run with this id in store "${store.name}". See store.runs() for the runs there are.`,
      );
    }
    found.push({ run, folder: freeFolder(run, prefix, taken) });
  }
  return found;
}

// Two projects can become one folder: 'a:b' and 'a/b'. Then the names of their runs must keep them apart.
function freeFolder(run: RunInfo, prefix: string | undefined, taken: Set<string>): string {
  const above = `${folderOf(prefix)}${folderSafe(run.project)}`;
  const stem = `${above}/${folderSafe(run.name)}`;
  let folder = stem;
  for (let count = 2; taken.has(nameKey(folder)); count++) folder = `${stem}-${count}`;
  taken.add(nameKey(folder));
  return folder;
}

/** Equal for paths that some system takes for one: Windows and macOS ignore case, macOS also how accents are composed. */
export function nameKey(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** A prefix as folders with a `/` behind them; empty for none. */
export function folderOf(prefix: string | undefined): string {
  const parts = (prefix ?? '').split('/').filter((part) => part.trim() !== '');
  return parts.map((part) => `${folderSafe(part)}/`).join('');
}

/** The error of a run that was deleted after {@link findRuns} found it, or has lost points. `call` is the user's call. */
export function changedError(call: string, runId: string): LogError {
  return new LogError(
    'export-failed',
    `${call}(store, [${JSON.stringify(runId)}]): points were taken away while the file was made: the run was deleted, or continued from an earlier step. Export it again.`,
  );
}
