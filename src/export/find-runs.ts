import { LogError } from '../core/errors.ts';
import type { RunInfo } from '../core/run-info.ts';
import { childFact, folderSafe } from '../core/run-name.ts';
import type { MetricStore } from '../store/metric-store.ts';

/** A run and the folder it is exported to, which is also its name in tables. */
export interface RunFolder {
  readonly run: RunInfo;
  /** `[<prefix>/]<project>/<run name>[/<nested run>]`, unique within one export whatever the case. */
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
    found.push({ run, folder: freeFolder(await pathOf(store, run), prefix, taken) });
  }
  return found;
}

/** The folders of a run: of its project and its own, or for a nested run its name in the folder of its parent. */
async function pathOf(store: MetricStore, run: RunInfo, below = 0): Promise<string> {
  const name = run.facts?.[childFact];
  // A chain without end would be a damaged record.
  if (typeof name === 'string' && run.parent !== undefined && below < 16) {
    const parent = await store.run(run.parent);
    if (parent !== undefined) return `${await pathOf(store, parent, below + 1)}/${folderSafe(name)}`;
  }
  return `${folderSafe(run.project)}/${folderSafe(run.name)}`;
}

// Two projects can become one folder: 'a:b' and 'a/b'. Then the names of their runs must keep them apart.
function freeFolder(path: string, prefix: string | undefined, taken: Set<string>): string {
  const stem = `${folderOf(prefix)}${path}`;
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
