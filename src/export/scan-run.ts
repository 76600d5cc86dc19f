import type { RunInfo } from '../core/run-info.ts';
import { createWarner } from '../core/warnings.ts';
import type { MetricStore, ScalarChunk } from '../store/metric-store.ts';
import { type Bits, createBits } from './bits.ts';
import { changedError } from './find-runs.ts';
import { inLogOrder } from './log-order.ts';
import { createBreather } from '../core/yield-to-page.ts';

/** Points that go into an event file, as columns. */
export interface ScannedPoints {
  /** Tag numbers of the scan. */
  readonly tag: Uint32Array;
  readonly step: Float64Array;
  readonly wallTime: Float64Array;
  readonly value: Float64Array;
}

/** What a first look at a run's points found. */
export interface RunScan {
  /** The run as it was before its points were looked at. */
  readonly run: RunInfo;
  /** The tags in the order in which they first appeared; a tag's number is its place. */
  readonly tags: readonly string[];
  /** How many points of each tag can be written, by tag number. */
  readonly counts: readonly number[];
  /** Smallest finite wall time; Infinity when there is none. */
  readonly firstWallTime: number;
  /** The steps of all points that can be written lie in this range; from Infinity to -Infinity when there is none. */
  readonly smallestStep: number;
  readonly largestStep: number;
  /** Numbers of the tags whose steps go back. */
  readonly unordered: ReadonlySet<number>;
  /**
   * The same points again, each tag up to where this look ended, without those that a later one with the same tag and step
   * replaces or whose step cannot be written. Throws `export-failed` when some of them are gone, or others have taken their places.
   */
  points(): AsyncIterable<ScannedPoints>;
}

/** One tag, on the first look. */
interface ScannedTag {
  readonly number: number;
  /** All points, with those that are left out. */
  total: number;
  lastStep: number;
  lastPosition: number;
  /** Of the last point of all. */
  lastWallTime: number;
  /** Places, among the tag's own points, of those that are left out. */
  leftOut: Bits | undefined;
}

// Runs below this are read from the store once: some 40 bytes a point.
const keptPoints = 500_000;

/**
 * Reads all steps of a run. Memory: the points of a run of up to 500,000 (20 MB), so that most runs are read once, and
 * one bit a point of the tags in which a step was logged twice in a row. Points whose step is no safe integer are left out, with
 * one warning a tag. The two looks need not get the points in the same pieces: only the order within each tag counts. Throws
 * `export-failed` when there is no such run any more.
 */
export async function scanRun(store: MetricStore, runId: string): Promise<RunScan> {
  const run = await store.run(runId);
  if (run === undefined) throw changedError('tfevents', runId);
  const byName = new Map<string, ScannedTag>();
  const counts: number[] = [];
  const unordered = new Set<number>();
  const warnOnce = createWarner();
  let kept: ScalarChunk[] | undefined = [];
  const breathe = createBreather();
  let firstWallTime = Infinity;
  let smallestStep = Infinity;
  let largestStep = -Infinity;
  let furthestStep = -Infinity;
  let points = 0;

  for await (const chunk of store.chunks(runId)) {
    await breathe();
    points += chunk.step.length;
    if (points > keptPoints) kept = undefined;
    kept?.push(chunk);
    const slots = chunk.tags.map((name) => {
      let slot = byName.get(name);
      if (slot === undefined) {
        slot = { number: byName.size, total: 0, lastStep: -Infinity, lastPosition: 0, lastWallTime: 0, leftOut: undefined };
        byName.set(name, slot);
        counts.push(0);
      }
      return slot;
    });
    const { tag, step, wallTime } = chunk;
    for (let i = 0; i < step.length; i++) {
      const slot = slots[tag[i]!]!;
      const position = slot.total++;
      const now = step[i]!;
      slot.lastWallTime = wallTime[i]!;
      if (now > furthestStep) furthestStep = now;
      if (!Number.isSafeInteger(now)) {
        (slot.leftOut ??= createBits()).set(position);
        warnOnce(chunk.tags[tag[i]!]!, stepText(runId, chunk.tags[tag[i]!]!, now));
        continue;
      }
      if (now === slot.lastStep) (slot.leftOut ??= createBits()).set(slot.lastPosition);
      else if (now < slot.lastStep) unordered.add(slot.number);
      if (wallTime[i]! < firstWallTime && wallTime[i]! > -Infinity) firstWallTime = wallTime[i]!;
      if (now > largestStep) largestStep = now;
      if (now < smallestStep) smallestStep = now;
      slot.lastStep = now;
      slot.lastPosition = position;
      counts[slot.number]! += 1;
    }
  }

  // A store knows nothing of a run that was deleted before it was asked for points.
  if (points === 0 && (await store.run(runId)) === undefined) throw changedError('tfevents', runId);

  // What a store gives is settled by its first chunk, so that from there on the run's record can only be newer.
  const chunksAgain = async function* (): AsyncGenerator<ScalarChunk, void, undefined> {
    let isSame = false;
    for await (const chunk of store.chunks(runId)) {
      isSame ||= hasSamePast(run, await store.run(runId), furthestStep);
      if (!isSame) throw changedError('tfevents', runId);
      yield chunk;
    }
  };

  async function* pointsAgain(): AsyncGenerator<ScannedPoints, void, undefined> {
    const positions = new Float64Array(byName.size);
    for await (const chunk of inLogOrder(kept ?? chunksAgain())) {
      const picked = pick(chunk, byName, positions);
      if (picked === undefined) throw changedError('tfevents', runId);
      yield picked;
    }
    for (const { number, total } of byName.values()) if (positions[number]! < total) throw changedError('tfevents', runId);
  }

  return { run, tags: [...byName.keys()], counts, firstWallTime, smallestStep, largestStep, unordered, points: pointsAgain };
}

/**
 * True when what was superseded of a run before still is, and nothing else up to `furthestStep`. `now` is the run as it is later, or a
 * run that was made under its id after it was deleted.
 */
function hasSamePast({ startedAt, resumes = [] }: RunInfo, now: RunInfo | undefined, furthestStep: number): boolean {
  if (now?.startedAt !== startedAt) return false;
  const { resumes: later = [] } = now;
  const added = later.slice(resumes.length);
  return (
    JSON.stringify(later.slice(0, resumes.length)) === JSON.stringify(resumes) &&
    added.every(({ fromStep = Infinity }) => fromStep > furthestStep)
  );
}

/**
 * What of a chunk goes into the file; undefined when the points are others than before. `positions` says how many points of each tag
 * have come, and is brought up to date.
 */
function pick(
  { tags, tag, step, wallTime, value }: ScalarChunk,
  byName: ReadonlyMap<string, ScannedTag>,
  positions: Float64Array,
): ScannedPoints | undefined {
  const slots = tags.map((name) => byName.get(name));
  const picked = {
    tag: new Uint32Array(tag.length),
    step: new Float64Array(tag.length),
    wallTime: new Float64Array(tag.length),
    value: new Float64Array(tag.length),
  };
  let length = 0;
  for (let i = 0; i < tag.length; i++) {
    const slot = slots[tag[i]!];
    if (slot === undefined) continue;
    const position = positions[slot.number]!++;
    if (position + 1 === slot.total && !Object.is(wallTime[i], slot.lastWallTime)) return undefined;
    if (position >= slot.total || slot.leftOut?.has(position) === true) continue;
    picked.tag[length] = slot.number;
    picked.step[length] = step[i]!;
    picked.wallTime[length] = wallTime[i]!;
    picked.value[length] = value[i]!;
    length += 1;
  }
  if (length === tag.length) return picked;
  return {
    tag: picked.tag.subarray(0, length),
    step: picked.step.subarray(0, length),
    wallTime: picked.wallTime.subarray(0, length),
    value: picked.value.subarray(0, length),
  };
}

function stepText(runId: string, tag: string, step: number): string {
  return (
    `tfevents(store, ["${runId}"]): ${JSON.stringify(tag)} has step ${step}; event files hold integers up to ` +
    `${Number.MAX_SAFE_INTEGER} only. Points of this tag with such steps are left out. Export them with csv().`
  );
}
