import type { RunInfo, RunStatus } from '../core/run-info.ts';
import type { MetricStore, RunChange } from '../store/metric-store.ts';
import type { CheckedRun } from './check-archive.ts';
import type { RunFile } from './check-run-file.ts';
import { archivedPieces, type Digest, digestOf, isWithin, storedPieces } from './digest.ts';

/**
 * What a run of an archive is to the one of the store from which it, or which from it, came: the same state, an `older-state` of it, of
 * which nothing is missing here, a `newer-state` that holds all of what is here, or else an `other-state`. Or what is here is `incomplete`.
 */
export type Relation = 'there-already' | 'older-state' | 'newer-state' | 'other-state' | 'incomplete';

/** The run of the store that is nearest to one of an archive, and what that is to it. */
export interface Match {
  readonly run: RunInfo;
  readonly relation: Relation;
}

// In which order they are wanted.
const relations: readonly Relation[] = ['there-already', 'older-state', 'newer-state', 'other-state', 'incomplete'];

/** Looks at every run that has the id and the start of one of an archive, or was imported from such a one; reads all it holds, as it is now. */
export async function findMatch(store: MetricStore, there: readonly RunInfo[], run: CheckedRun): Promise<Match | undefined> {
  const { id, made } = run.about;
  const candidates = there.filter((one) => (one.id === id || one.facts?.['import.run'] === id) && one.startedAt === made.startedAt);
  if (candidates.length === 0) return undefined;
  const archived = await digestOf(archivedPieces(run));
  let best: Match | undefined;
  for (const candidate of candidates) {
    // One that cannot be read is kept beside what can.
    const relation = await relationOf(store, candidate, run, archived).catch(() => 'other-state' as const);
    // The last of equals: it was imported last.
    if (best === undefined || relations.indexOf(relation) <= relations.indexOf(best.relation)) best = { run: candidate, relation };
  }
  return best;
}

async function relationOf(store: MetricStore, stored: RunInfo, run: CheckedRun, archived: Digest): Promise<Relation> {
  if (stored.facts?.['import.incomplete'] === true) return 'incomplete';
  const { end, resumes } = run.about;
  const [here, there] = [textsOf(stored.resumes ?? []), textsOf(resumes)];
  const shared = Math.min(here.length, there.length);
  if (here.slice(0, shared).join() !== there.slice(0, shared).join()) return 'other-state';
  const readStored = (limits?: Digest): Promise<Digest> => digestOf(storedPieces(store, stored, run), limits);
  const readArchived = (limits: Digest): Promise<Digest> => digestOf(archivedPieces(run), limits);
  const held = await readStored();
  const isAllHere = there.length === shared && (await isWithin(archived, held, readStored));
  const isAllThere = here.length === shared && (await isWithin(held, archived, readArchived));
  if (isAllHere !== isAllThere) return isAllHere ? 'older-state' : 'newer-state';
  if (!isAllHere) return 'other-state';
  const [mine, theirs] = [
    { ...stored, resumes: stored.resumes ?? [] },
    { ...end, resumes },
  ];
  const [isAfter, isBefore] = [mayFollow(mine, theirs), mayFollow(theirs, mine)];
  if (isAfter) return isBefore ? 'there-already' : 'older-state';
  return isBefore ? 'newer-state' : 'other-state';
}

type State = Pick<RunChange, 'endedAt' | 'failure'> & { readonly status?: RunStatus; readonly resumes: RunFile['resumes'] };

/** Whether a run that holds the same as another may be a later state of it, or the same. */
function mayFollow(later: State, earlier: State): boolean {
  const [before, after] = [endOf(earlier), endOf(later)];
  const isEndKept = before === undefined || before === after;
  return isEndKept && earlier.resumes.every(({ isBroughtBack }, i) => isBroughtBack !== true || later.resumes[i]!.isBroughtBack === true);
}

function endOf({ status = 'running', endedAt, failure }: State): string | undefined {
  return status === 'running' || status === 'interrupted' ? undefined : JSON.stringify([status, endedAt, failure]);
}

function textsOf(resumes: RunFile['resumes']): readonly string[] {
  return resumes.map(({ at, fromStep }) => JSON.stringify([at, fromStep]));
}
