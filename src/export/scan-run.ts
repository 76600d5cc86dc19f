import { createWarner } from '../core/warnings.ts';
import type { MetricStore, ScalarChunk } from '../store/metric-store.ts';
import { createBreather } from './yield-to-page.ts';

/** What a first look at a run's points found. */
export interface RunScan {
  /** The tags in the order in which they first appeared; a tag's number is its place. */
  readonly tags: readonly string[];
  /** The number of one of these tags. */
  numberOf(tag: string): number;
  /** Points by tag number. */
  readonly counts: readonly number[];
  /** Smallest finite wall time; Infinity when there is none. */
  readonly firstWallTime: number;
  /** The steps of all points that can be written lie in this range; from Infinity to -Infinity when there is none. */
  readonly smallestStep: number;
  readonly largestStep: number;
  /** True at the position (in log order) of points that a later one with the same tag and step replaces, or whose step cannot be written. */
  isLeftOut(position: number): boolean;
  /** Numbers of the tags whose steps go back. */
  readonly unordered: ReadonlySet<number>;
  /** The same chunks again, up to the point where this look ended. */
  chunks(): AsyncIterable<ScalarChunk>;
}

// Runs below this are read from the store once: some 34 bytes a point.
const keptPoints = 500_000;

/**
 * Reads all steps of a run. Memory: the chunks of the first 500,000 points (17 MB), so that most runs are read once, and
 * one bit a point where a step was logged twice in a row. Points whose step is no safe integer are left out, with one
 * warning a tag.
 */
export async function scanRun(store: MetricStore, runId: string): Promise<RunScan> {
  const numbers = new Map<string, number>();
  const counts: number[] = [];
  const lastStep: number[] = [];
  const lastPosition: number[] = [];
  const unordered = new Set<number>();
  const leftOut = createBits();
  const warnOnce = createWarner();
  const kept: ScalarChunk[] = [];
  const breathe = createBreather();
  let firstWallTime = Infinity;
  let smallestStep = Infinity;
  let largestStep = -Infinity;
  let position = 0;
  let throughSeq = -1;
  let keptThroughSeq = -1;

  for await (const chunk of store.chunks(runId)) {
    await breathe();
    throughSeq = chunk.seq;
    if (position + chunk.step.length <= keptPoints) {
      kept.push(chunk);
      keptThroughSeq = chunk.seq;
    }
    const numberOf = chunk.tags.map((tag) => {
      const known = numbers.get(tag);
      if (known !== undefined) return known;
      const number = numbers.size;
      numbers.set(tag, number);
      counts.push(0);
      lastStep.push(-Infinity);
      lastPosition.push(0);
      return number;
    });
    const { tag, step, wallTime } = chunk;
    for (let i = 0; i < step.length; i++, position++) {
      const number = numberOf[tag[i]!]!;
      const now = step[i]!;
      const before = lastStep[number]!;
      if (!Number.isSafeInteger(now)) {
        leftOut.set(position);
        warnOnce(chunk.tags[tag[i]!]!, stepText(runId, chunk.tags[tag[i]!]!, now));
        continue;
      }
      if (!(now > before)) {
        if (now === before) leftOut.set(lastPosition[number]!);
        else if (now < before) unordered.add(number);
      }
      if (wallTime[i]! < firstWallTime && wallTime[i]! > -Infinity) firstWallTime = wallTime[i]!;
      if (now > largestStep) largestStep = now;
      if (now < smallestStep) smallestStep = now;
      lastStep[number] = now;
      lastPosition[number] = position;
      counts[number]! += 1;
    }
  }

  async function* chunks(): AsyncGenerator<ScalarChunk, void, undefined> {
    yield* kept;
    if (keptThroughSeq >= throughSeq) return;
    for await (const chunk of store.chunks(runId, keptThroughSeq + 1)) {
      if (chunk.seq > throughSeq) return;
      yield chunk;
    }
  }

  return {
    tags: [...numbers.keys()],
    numberOf: (tag) => numbers.get(tag)!,
    counts,
    firstWallTime,
    smallestStep,
    largestStep,
    isLeftOut: (at) => leftOut.has(at),
    unordered,
    chunks,
  };
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
