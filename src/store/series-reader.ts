import { readTail } from './journal-tail.ts';
import { joinPoints, mostJoinedPoints, tooLargeError } from './join.ts';
import { concatPoints, isPoints, mergeParts, type Part, pointsIn } from './merge-parts.ts';
import type { PointColumns } from './points.ts';
import { pointStores, readSnapshot } from './run-snapshot.ts';
import type { TagRecord } from './schema.ts';
import type { Series, SeriesQuery } from './series-types.ts';
import { boundsOf, checkSeriesQuery, pointsWithin, type Window } from './series.ts';
import type { Reading } from './store-backend.ts';
import type { StoreContext } from './store-context.ts';
import { type PackSource, type TagSlice, tagSlice } from './tag-parts.ts';
import { bucketSize, type PackKey } from './unit-directory.ts';
import { readUnits, type StoredUnit } from './unit-reader.ts';

interface Request {
  readonly call: string;
  readonly tag: string;
  readonly query: SeriesQuery;
  readonly resolve: (series: Series) => void;
  readonly reject: (thrown: unknown) => void;
}

/** What a transaction found of a run, for all tags that were asked for. */
interface Source {
  readonly runId: string;
  readonly startedAt: number;
  readonly throughSeq: number;
  readonly tags: ReadonlyMap<string, TagRecord>;
  readonly units: readonly StoredUnit[];
  /** By number of the tag. */
  readonly tail: ReadonlyMap<number, readonly PointColumns[]>;
  readonly packs: PackSource;
}

/** Reads tags of runs, whole or in part, as points or merged. */
export class SeriesReader {
  readonly #context: StoreContext;
  readonly #waiting = new Map<string, Request[]>();

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Calls for the same run that are made together share one transaction, in which nothing is read twice. */
  async series(runId: string, tag: string, query: SeriesQuery): Promise<Series> {
    const call = `series('${runId}', '${tag}')`;
    checkSeriesQuery(query, call);
    return new Promise((resolve, reject) => {
      const request: Request = { call, tag, query, resolve, reject };
      const waiting = this.#waiting.get(runId);
      if (waiting !== undefined) {
        waiting.push(request);
        return;
      }
      const requests = [request];
      this.#waiting.set(runId, requests);
      void this.#answer(runId, requests);
    });
  }

  async #answer(runId: string, requests: readonly Request[]): Promise<void> {
    const close = (): void => {
      if (this.#waiting.get(runId) === requests) this.#waiting.delete(runId);
    };
    try {
      // Whoever asks before the transaction begins is let in.
      await Promise.resolve();
      await this.#context.backend.read(pointStores, async (tx) => {
        close();
        const source = await this.#open(tx, runId, requests);
        await Promise.all(
          requests.map(async ({ call, tag, query, resolve, reject }) => {
            try {
              resolve(await readSeries(source, call, tag, query));
            } catch (thrown) {
              reject(thrown);
            }
          }),
        );
      });
    } catch (thrown) {
      close();
      for (const { reject } of requests) reject(thrown);
    }
  }

  async #open(tx: Reading, runId: string, requests: readonly Request[]): Promise<Source> {
    const context = this.#context;
    const names = new Set(requests.flatMap(({ tag, query }) => (query.x === undefined ? [tag] : [tag, query.x])));
    const [run, ...found] = await Promise.all([readSnapshot(tx, runId), ...Array.from(names, (tag) => tx.get('tags', [runId, tag]))]);
    const got = new Map<string, Promise<ArrayBuffer | undefined>>();
    const get = (key: PackKey): Promise<ArrayBuffer | undefined> => {
      const name = key.join('/');
      let bytes = got.get(name);
      if (bytes === undefined) got.set(name, (bytes = tx.get('packs', key).then((pack) => pack?.bytes)));
      return bytes;
    };
    const source = { runId, packs: { context, get } };
    const tags = found.filter((tag) => tag !== undefined);
    if (run === undefined) return { ...source, startedAt: 0, throughSeq: -1, tags: new Map(), units: [], tail: new Map() };
    const [units, tail] = await Promise.all([tags.length === 0 ? [] : readUnits(tx, context, run), readTail(tx, context, run, tags)]);
    const { startedAt } = run.record;
    return { ...source, startedAt, throughSeq: run.lastSeq, tags: new Map(tags.map((tag) => [tag.tag, tag])), units, tail };
  }
}

async function readSeries(source: Source, call: string, tag: string, query: SeriesQuery): Promise<Series> {
  const id = { runId: source.runId, tag, throughSeq: source.throughSeq };
  if (query.x !== undefined) {
    const [points, x] = await Promise.all([readForJoin(source, call, tag), readForJoin(source, call, query.x)]);
    return { kind: 'points', ...id, ...joinPoints(points, x, query) };
  }
  const { maxPoints = Infinity } = query;
  const parts = await readParts(source, tag, boundsOf(query, source.startedAt), maxPoints);
  if (countIn(parts) > maxPoints) return { kind: 'buckets', ...id, ...mergeParts(parts, maxPoints) };
  return { kind: 'points', ...id, ...concatPoints(parts.filter(isPoints)) };
}

// Points alone when there are at most `maxPoints`; otherwise buckets where there are some that are fine enough.
async function readParts(source: Source, tag: string, bounds: Window['bounds'], maxPoints: number): Promise<readonly Part[]> {
  const { slices, tail } = slicesOf(source, tag, bounds);
  // Tags with few points in a unit have no buckets there: how many points they have is known once they are read.
  const small = await Promise.all(slices.map(async (slice) => (slice.size === undefined ? slice.read(0) : [])));
  const known = countIn(small.flat()) + countIn(tail);
  const most = slices.reduce((sum, { size }) => sum + (size?.most ?? 0), known);
  const about = slices.reduce((sum, { size }) => sum + (size?.about ?? 0), known);
  let level = most <= maxPoints ? 0 : levelFor(about, maxPoints);
  for (;;) {
    const at = level;
    const listed = await Promise.all(
      slices.map(async (slice, index) => (slice.size === undefined ? (small[index] as readonly Part[]) : slice.read(at))),
    ); // as many slices as before
    const parts = [...listed.flat(), ...tail];
    // Now it is known how many points there are. Too few rows for what was asked, and it is read once more, from a finer level.
    const finer = level === 0 ? 0 : levelFor(countIn(parts), maxPoints);
    if (finer >= level) return parts;
    level = finer;
  }
}

/** The coarsest level that gives at least half as many rows as were asked for; 0 = points. */
function levelFor(points: number, maxPoints: number): number {
  if (points <= maxPoints) return 0;
  let level = 0;
  while (bucketSize(level + 1) * maxPoints <= 2 * points) level += 1;
  return level;
}

async function readForJoin(source: Source, call: string, tag: string): Promise<PointColumns> {
  const { slices, tail } = slicesOf(source, tag, undefined);
  const parts: Part[] = [];
  let count = countIn(tail);
  // One after the other: what is too large is noticed before all of it is in memory.
  for (const slice of slices) {
    const read = await slice.read(0);
    parts.push(...read);
    count += countIn(read);
    if (count > mostJoinedPoints) break;
  }
  if (count > mostJoinedPoints) throw tooLargeError(call, tag);
  return concatPoints([...parts, ...tail].filter(isPoints));
}

function slicesOf(
  source: Source,
  tag: string,
  bounds: Window['bounds'],
): { readonly slices: readonly TagSlice[]; readonly tail: readonly PointColumns[] } {
  const number = source.tags.get(tag)?.order;
  if (number === undefined) return { slices: [], tail: [] };
  const slices = source.units.map((unit) => tagSlice(source.packs, unit, number, bounds)).filter((slice) => slice !== undefined);
  const tail = (source.tail.get(number) ?? []).map((points) => pointsWithin(points, { bounds, cutoff: Infinity }));
  return { slices, tail };
}

function countIn(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + pointsIn(part), 0);
}
