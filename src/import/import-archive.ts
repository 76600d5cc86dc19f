import { LogError, toLogError } from '../core/errors.ts';
import type { RunInfo } from '../core/run-info.ts';
import { newRunId } from '../core/run-id.ts';
import type { MetricStore } from '../store/metric-store.ts';
import { checkArchive, type CheckedRun } from './check-archive.ts';
import { storeRun } from './store-run.ts';
import { sayOfImport as say } from './words.ts';

/** Settings of {@link importArchive}; all are optional. */
export interface ImportOptions {
  /** Goes in front of the name of each run, as `<prefix>-<name>`: whose runs these are. Default: nothing. */
  readonly prefix?: string;
  /** Hears how far it is: first everything is checked, then it is stored. */
  readonly onProgress?: (progress: ImportProgress) => void;
}

/** How far an import is. */
export interface ImportProgress {
  readonly phase: 'checking' | 'storing';
  /** 0 to 1, of this phase. */
  readonly share: number;
}

/** A run of an archive, in the store. */
export interface ImportedRun {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  /** False for a run that was in the store already: it was left as it is. */
  readonly isNew: boolean;
  /** Its id in the archive. */
  readonly archivedId: string;
}

/** What an import has done. */
export interface ImportReport {
  /** In the order of the archive. */
  readonly runs: readonly ImportedRun[];
  /** What a person should know, in whole sentences. */
  readonly notes: readonly string[];
}

const mostListed = 20;

/**
 * Brings the runs of an archive into a store, with everything they hold. Everything is checked before anything is written. Runs keep
 * their ids where these are free; a run that is in the store in the same state is left alone. `source` becomes the name of the file.
 *
 * Rejects with `bad-file`, and nothing is imported, when the archive is damaged, is none, or was made by a newer program: the message
 * says all that is wrong, as text, never as markup. Rejects with the store's error (`store-full`) when that refuses: the message says
 * which runs are in, and the unfinished one is removed.
 *
 * ```ts
 * const { runs } = await importArchive(store, file, { prefix: 'ada' });
 * ```
 */
export async function importArchive(
  store: MetricStore,
  file: Blob & { readonly name?: string },
  options: ImportOptions = {},
): Promise<ImportReport> {
  const { prefix, onProgress } = options;
  const call = 'importArchive(store, file)';
  if (!(file instanceof Blob)) throw new LogError('bad-file', `${call}: need a File or a Blob, such as an input of type file gives.`);
  if (prefix !== undefined && typeof prefix !== 'string')
    throw new LogError('bad-options', `${call}: the prefix must be a text, or left out.`);
  const source = file.name === undefined || file.name === '' ? undefined : file.name;
  const title = source ?? 'archive.zip';
  const { runs, problems } = await checkArchive(file, (done, total) =>
    onProgress?.({ phase: 'checking', share: done / Math.max(1, total) }),
  );
  if (problems.length > 0) throw new LogError('bad-file', reportOf(title, problems));

  const notes: string[] = [];
  const there = await withoutLeftovers(store, notes);
  const places = await choosePlaces(store, runs, there);
  const total = runs.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const onBytes = (bytes: number): void => onProgress?.({ phase: 'storing', share: Math.min(1, (done += bytes) / Math.max(1, total)) });
  const imported: ImportedRun[] = [];
  for (const run of runs) {
    const { about } = run;
    const place = places.get(about.id)!; // one was chosen for each
    if (typeof place !== 'string') {
      notes.push(say('there-already', { name: place.name }));
      imported.push(entryOf(place, about.id, false));
      onBytes(run.size);
      continue;
    }
    const other = there.find(({ id, facts }) => id === about.id || facts?.['import.run'] === about.id);
    if (other !== undefined && other.startedAt === about.made.startedAt)
      notes.push(say('other-state', { name: about.name, other: other.name }));
    if (about.lostContents.length > 0) notes.push(say('lost-contents', { count: about.lostContents.length, name: about.name }));
    const { parent } = about.made;
    const ofParent = parent === undefined ? undefined : places.get(parent);
    const as = {
      id: place,
      name: prefix === undefined || prefix === '' ? about.name : `${prefix}-${about.name}`,
      parent: typeof ofParent === 'object' ? ofParent.id : (ofParent ?? parent),
      source,
    };
    try {
      imported.push(entryOf(await storeRun(store, run, as, onBytes), about.id, true));
    } catch (thrown) {
      throw brokenOff(title, about.name, imported, thrown);
    }
  }
  return { runs: imported, notes };
}

/** All runs of the store, those that an import has left unfinished removed. */
async function withoutLeftovers(store: MetricStore, notes: string[]): Promise<readonly RunInfo[]> {
  const whole: RunInfo[] = [];
  for (const run of await store.runs({ archived: 'all' })) {
    if (run.facts?.['import.incomplete'] !== true || run.status !== 'interrupted') {
      whole.push(run);
      continue;
    }
    await store.deleteRun(run.id);
    notes.push(say('cleaned', { name: run.name }));
  }
  return whole;
}

/** For each run of the archive, by its id there: the run of the store that it is, or a free id. */
async function choosePlaces(
  store: MetricStore,
  runs: readonly CheckedRun[],
  there: readonly RunInfo[],
): Promise<ReadonlyMap<string, RunInfo | string>> {
  const places = new Map<string, RunInfo | string>();
  const taken = new Set<string>();
  // Parents first: the id of a nested run begins with that of its parent.
  for (const { about, state } of [...runs].sort((a, b) => a.about.id.length - b.about.id.length)) {
    const { id, made } = about;
    const same = there.find(({ id: other, startedAt, facts }) =>
      facts?.['import.run'] === undefined
        ? other === id && startedAt === made.startedAt
        : facts['import.run'] === id && facts['import.state'] === state,
    );
    if (same !== undefined) {
      places.set(id, same);
      continue;
    }
    const parent = made.parent === undefined ? undefined : places.get(made.parent);
    const parentId = typeof parent === 'object' ? parent.id : parent;
    const isNested = parentId !== undefined && id.startsWith(`${made.parent}/`);
    const wanted = isNested ? parentId + id.slice(made.parent!.length) : id;
    const isFree = !taken.has(wanted) && (await store.run(wanted)) === undefined;
    const place = isFree ? wanted : newRunId();
    taken.add(place);
    places.set(id, place);
  }
  return places;
}

function entryOf({ id, name, project }: RunInfo, archivedId: string, isNew: boolean): ImportedRun {
  return { id, name, project, isNew, archivedId };
}

function reportOf(name: string, problems: readonly string[]): string {
  const listed = problems.slice(0, mostListed).map((problem) => `\n- ${problem}`);
  const more = problems.length > mostListed ? `\n- ${say('more', { count: problems.length - mostListed })}` : '';
  return `${say('damaged', { name, count: problems.length })}${listed.join('')}${more}`;
}

function brokenOff(name: string, run: string, imported: readonly ImportedRun[], thrown: unknown): LogError {
  const { code, message } = toLogError(thrown, 'store-failed', 'importArchive(store, file)');
  const news = imported.filter(({ isNew }) => isNew).map((one) => `“${one.name}”`);
  const areIn = news.length === 0 ? say('none-is-in') : say('are-in', { count: news.length, list: news.join(', ') });
  return new LogError(code, `${say('broken-off', { name, run, reason: message })} ${areIn}`, { cause: thrown });
}
