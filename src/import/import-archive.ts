import { describe, LogError, toLogError } from '../core/errors.ts';
import type { RunInfo } from '../core/run-info.ts';
import { newRunId } from '../core/run-id.ts';
import type { MetricStore } from '../store/metric-store.ts';
import { checkArchive, type CheckedRun } from './check-archive.ts';
import { findMatch, type Match } from './compare-runs.ts';
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
 * their ids where these are free; a run of which the store has everything is left alone, and one in another state kept beside it. `source`
 * becomes the name of the file.
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
  const call = 'importArchive(store, file)';
  if (typeof (store as Partial<MetricStore> | null)?.createRun !== 'function') {
    throw new LogError('bad-options', `${call}: the store is ${describe(store)}, need one such as await openStore().`);
  }
  if (typeof options !== 'object' || options === null) {
    throw new LogError('bad-options', `importArchive(store, file, ${describe(options)}): need options, such as { prefix: 'ada' }.`);
  }
  const { prefix, onProgress } = options;
  if (!(file instanceof Blob)) throw new LogError('bad-file', `${call}: need a File or a Blob, such as an input of type file gives.`);
  if (prefix !== undefined && typeof prefix !== 'string')
    throw new LogError('bad-options', `${call}: the prefix must be a text, or left out.`);
  const source = file.name === undefined || file.name === '' ? undefined : file.name;
  const title = source ?? 'archive.zip';
  const { runs, problems } = await checkArchive(file, (done, total) =>
    onProgress?.({ phase: 'checking', share: done / Math.max(1, total) }),
  );
  if (problems.length > 0) throw new LogError('bad-file', reportOf(title, problems));
  // What another import brings is here, or not, when it is over.
  return inTurn(store, () => storeRuns(store, runs, { ...options, source, title }));
}

/** The last import of this thread into each store. */
const turns = new Map<string, Promise<unknown>>();

/** Imports into one store wait for each other, those of other tabs where browsers let tabs know of each other: not over plain http. */
function inTurn(store: MetricStore, work: () => Promise<ImportReport>): Promise<ImportReport> {
  const locks = store.kind === 'indexeddb' ? (globalThis.navigator as Partial<Navigator> | undefined)?.locks : undefined;
  // A lock resolves with what is done under it, whatever the types of older libraries say.
  if (locks !== undefined) return locks.request(`tabtrain-import:${store.name}`, work) as Promise<ImportReport>;
  const place = `${store.kind} ${store.name}`;
  const turn = (turns.get(place) ?? Promise.resolve()).then(work, work);
  turns.set(place, turn);
  return turn;
}

interface ImportPlan extends ImportOptions {
  readonly source: string | undefined;
  /** What the file is called in sentences. */
  readonly title: string;
}

async function storeRuns(store: MetricStore, runs: readonly CheckedRun[], plan: ImportPlan): Promise<ImportReport> {
  const { prefix, source, title, onProgress } = plan;
  const notes: string[] = [];
  const there = await withoutLeftovers(store, notes);
  const places = await choosePlaces(store, runs, there);
  const total = runs.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const onBytes = (bytes: number): void => onProgress?.({ phase: 'storing', share: Math.min(1, (done += bytes) / Math.max(1, total)) });
  const imported: ImportedRun[] = [];
  for (const run of runs) {
    const { about } = run;
    const known = new Set([...there, ...imported].map(({ id }) => id));
    const arrived = (await store.runs({ archived: 'all' })).filter(({ id }) => !known.has(id));
    // By another tab, over plain http, while this one was busy.
    const late = await findMatch(store, arrived, run);
    if (late !== undefined) places.set(about.id, placeOf(late, places.get(about.id)!.id));
    const { id, isNew, match } = places.get(about.id)!; // one was chosen for each
    if (match !== undefined && !isNew) {
      notes.push(say(match.relation, { name: match.run.name, other: about.name }));
      if (labelsOf(about.made) !== labelsOf(match.run)) notes.push(say('other-notes', { name: match.run.name }));
      imported.push(entryOf(match.run, about.id, false));
      onBytes(run.size);
      continue;
    }
    if (about.lostContents.length > 0) notes.push(say('lost-contents', { count: about.lostContents.length, name: about.name }));
    const { parent } = about.made;
    const as = {
      id,
      name: prefix === undefined || prefix === '' ? about.name : `${prefix}-${about.name}`,
      parent: parent === undefined ? undefined : (places.get(parent)?.id ?? parent),
      source,
    };
    let told = match && { relation: match.relation, other: match.run.name };
    try {
      const stored = await storeRun(store, run, as, onBytes).catch((thrown: unknown) => {
        if (!(thrown instanceof LogError) || (thrown.code !== 'run-exists' && thrown.code !== 'run-locked')) throw thrown;
        // Another tab was quicker by a moment.
        told = { relation: 'incomplete', other: as.name };
        const place = { id: newRunId(), isNew, match };
        places.set(about.id, place);
        return storeRun(store, run, { ...as, id: place.id }, onBytes);
      });
      imported.push(entryOf(stored, about.id, true));
      if (run.oddPoints > 0) notes.push(say('odd-points', { count: run.oddPoints, name: stored.name }));
      if (told !== undefined) notes.push(say(told.relation, { name: stored.name, other: told.other }));
    } catch (thrown) {
      throw brokenOff(title, about.name, imported, thrown);
    }
  }
  const left = new Set((await store.runs({ archived: 'all' })).map(({ id }) => id));
  for (const { id, name, isNew } of imported) if (isNew && !left.has(id)) notes.push(say('let-go', { name }));
  return { runs: imported, notes };
}

/** All runs of the store, those that an import has left unfinished removed. */
async function withoutLeftovers(store: MetricStore, notes: string[]): Promise<readonly RunInfo[]> {
  const there: RunInfo[] = [];
  for (const run of await store.runs({ archived: 'all' })) {
    if (run.facts?.['import.incomplete'] !== true || run.status !== 'interrupted') {
      there.push(run);
      continue;
    }
    await store.deleteRun(run.id);
    notes.push(say('cleaned', { name: run.name }));
  }
  return there;
}

/** Where a run of the archive goes, or is. */
interface Place {
  readonly id: string;
  readonly isNew: boolean;
  readonly match: Match | undefined;
}

/** For each run of the archive, by its id there: the run of the store that has all of it, or a free id. */
async function choosePlaces(store: MetricStore, runs: readonly CheckedRun[], there: readonly RunInfo[]): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  const taken = new Set<string>();
  // Parents first: the id of a nested run begins with that of its parent.
  for (const run of [...runs].sort((a, b) => a.about.id.length - b.about.id.length)) {
    const { id, made } = run.about;
    const match = await findMatch(store, there, run);
    if (match !== undefined && isHeldBy(match)) {
      places.set(id, placeOf(match, id));
      continue;
    }
    const parentId = made.parent === undefined ? undefined : places.get(made.parent)?.id;
    const isNested = parentId !== undefined && id.startsWith(`${made.parent}/`);
    const wanted = isNested ? parentId + id.slice(made.parent!.length) : id;
    const isFree = !taken.has(wanted) && !(await isHeld(store, wanted));
    const place = isFree ? wanted : newRunId();
    taken.add(place);
    places.set(id, { id: place, isNew: true, match });
  }
  return places;
}

/** Where a run goes beside what it matches, or that it is there. `id`: one that is free. */
function placeOf(match: Match, id: string): Place {
  if (isHeldBy(match)) return { id: match.run.id, isNew: false, match };
  return { id: id === match.run.id ? newRunId() : id, isNew: true, match };
}

/** Whether the store has everything that the archive has. */
function isHeldBy({ relation }: Match): boolean {
  return relation === 'there-already' || relation === 'older-state';
}

/** Whether a run has an id, also one that was deleted and can still be had back: a new one of its id would replace it. */
async function isHeld(store: MetricStore, id: string): Promise<boolean> {
  if ((await store.run(id)) !== undefined) return true;
  try {
    // What an import has left unfinished nobody wants back.
    const { facts } = await store.updateRun(id, {});
    return facts?.['import.incomplete'] !== true;
  } catch (thrown) {
    if (thrown instanceof LogError && thrown.code === 'run-not-found') return false;
    throw thrown;
  }
}

function labelsOf({ notes = '', tags = [] }: Pick<RunInfo, 'notes' | 'tags'>): string {
  return JSON.stringify([notes, tags]);
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
