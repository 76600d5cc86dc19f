import { LogError } from '../core/errors.ts';
import { createWarner } from '../core/warnings.ts';
import type { MetricStore, ScalarChunk } from '../store/metric-store.ts';
import { inLogOrder } from './log-order.ts';
import { createBreather } from './yield-to-page.ts';

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
   * replaces or whose step cannot be written. Throws `export-failed` when some of them are gone.
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
  /** Places, among the tag's own points, of those that are left out. */
  leftOut: Bits | undefined;
}

// Runs below this are read from the store once: some 40 bytes a point.
const keptPoints = 500_000;

/**
 * Reads all steps of a run. Memory: the points of a run of up to 500,000 (20 MB), so that most runs are read once, and
 * one bit a point of the tags in which a step was logged twice in a row. Points whose step is no safe integer are left out, with
 * one warning a tag. The two looks need not get the points in the same pieces: only the order within each tag counts.
 */
export async function scanRun(store: MetricStore, runId: string): Promise<RunScan> {
  const byName = new Map<string, ScannedTag>();
  const counts: number[] = [];
  const unordered = new Set<number>();
  const warnOnce = createWarner();
  let kept: ScalarChunk[] | undefined = [];
  const breathe = createBreather();
  let firstWallTime = Infinity;
  let smallestStep = Infinity;
  let largestStep = -Infinity;
  let points = 0;

  for await (const chunk of store.chunks(runId)) {
    await breathe();
    points += chunk.step.length;
    if (points > keptPoints) kept = undefined;
    kept?.push(chunk);
    const slots = chunk.tags.map((name) => {
      let slot = byName.get(name);
      if (slot === undefined) {
        slot = { number: byName.size, total: 0, lastStep: -Infinity, lastPosition: 0, leftOut: undefined };
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

  async function* pointsAgain(): AsyncGenerator<ScannedPoints, void, undefined> {
    const positions = new Float64Array(byName.size);
    for await (const chunk of inLogOrder(kept ?? store.chunks(runId))) yield pick(chunk, byName, positions);
    for (const [name, { number, total }] of byName) {
      if (positions[number]! < total) throw changedError(runId, name);
    }
  }

  return { tags: [...byName.keys()], counts, firstWallTime, smallestStep, largestStep, unordered, points: pointsAgain };
}

/** What of a chunk goes into the file. `positions` says how many points of each tag have come, and is brought up to date. */
function pick(
  { tags, tag, step, wallTime, value }: ScalarChunk,
  byName: ReadonlyMap<string, ScannedTag>,
  positions: Float64Array,
): ScannedPoints {
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

function changedError(runId: string, tag: string): LogError {
  return new LogError(
    'export-failed',
    `tfevents(store, ["${runId}"]): points of ${JSON.stringify(tag)} were taken away while the file was made: the run was deleted, or continued from an earlier step. Export it again.`,
  );
}

function stepText(runId: string, tag: string, step: number): string {
  return (
    `tfevents(store, ["${runId}"]): ${JSON.stringify(tag)} has step ${step}; event files hold integers up to ` +
    `${Number.MAX_SAFE_INTEGER} only. Points of this tag with such steps are left out. Export them with csv().`
  );
}

interface Bits {
  set(position: number): void;
  has(position: number): boolean;
}

function createBits(): Bits {
  let words = new Uint32Array(0);
  return {
    set(position) {
      const word = position >>> 5;
      if (word >= words.length) {
        const larger = new Uint32Array(Math.max(word + 1, words.length * 2));
        larger.set(words);
        words = larger;
      }
      words[word]! |= 1 << (position & 31);
    },
    has: (position) => (((words[position >>> 5] ?? 0) >>> (position & 31)) & 1) === 1,
  };
}
