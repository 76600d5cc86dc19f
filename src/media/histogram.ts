import { describe, LogError } from '../core/errors.ts';
import { takeNumbers } from './numbers.ts';
import { badValue, type RecordBody, type Taken } from './record-body.ts';

/** Buckets of TensorBoard's own histograms. */
const usualBins = 30;
const mostBins = 100_000;

/**
 * Takes numbers to be counted in buckets: so many of equal width (default 30), between given edges, or between those of tensorboardX
 * (`'tensorflow'`). Throws `bad-value` or `bad-options`, quoting `call`.
 */
export function takeHistogram(values: unknown, bins: unknown, call: string): Taken {
  const edges = bins === 'tensorflow' ? tensorflowEdges() : Array.isArray(bins) ? Float64Array.from(bins as readonly number[]) : undefined; // looked at next
  if (edges !== undefined && (edges.length < 2 || !edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > edges[i - 1]!)))) {
    throw new LogError('bad-options', `${call}: bins is [${edges.join(', ')}], need at least two edges that rise.`);
  }
  const count = bins ?? usualBins;
  if (edges === undefined && !(typeof count === 'number' && Number.isSafeInteger(count) && count >= 1 && count <= mostBins)) {
    throw new LogError('bad-options', `${call}: bins is ${describe(bins)}, need how many there are, or a list of edges.`);
  }
  const numbers = takeNumbers(values, call);
  if (numbers.size === 0) throw badValue(call, 'got no values.');
  const encode = async (): Promise<RecordBody> => ({
    data: histogramOf(await numbers.read(), edges ?? (count as number), bins === 'tensorflow'), // a number, as looked at
  });
  return { bytes: numbers.bytes, encode };
}

/** What a record of a histogram holds. All but the last three is about the finite values. */
interface Histogram {
  readonly [name: string]: number | Float64Array;
  /** 0 when there is no finite value. */
  readonly min: number;
  readonly max: number;
  /** How many there are, inside the edges or not. */
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** One more than `counts`; a value belongs to the bucket whose left edge it is, and the last bucket is closed. Empty without a finite value. */
  readonly edges: Float64Array;
  readonly counts: Float64Array;
  readonly nanCount: number;
  readonly infinityCount: number;
  readonly negativeInfinityCount: number;
}

function histogramOf(values: ArrayLike<number>, bins: number | Float64Array, isTrimmed: boolean): Histogram {
  let [min, max, num, sum, sumSquares] = [Infinity, -Infinity, 0, 0, 0];
  let [nanCount, infinityCount, negativeInfinityCount] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value === 0) {
      num += 1;
      sum += value;
      sumSquares += value * value;
      if (value < min) min = value;
      if (value > max) max = value;
    } else if (value === Infinity) infinityCount += 1;
    else if (value === -Infinity) negativeInfinityCount += 1;
    else nanCount += 1;
  }
  const apart = { nanCount, infinityCount, negativeInfinityCount };
  const none = new Float64Array(0);
  if (num === 0) return { min: 0, max: 0, num, sum, sumSquares, edges: none, counts: none, ...apart };
  const buckets = typeof bins === 'number' ? equalBuckets(values, min, max, bins) : givenBuckets(values, bins);
  return { min, max, num, sum, sumSquares, ...(isTrimmed ? trimmed(buckets) : buckets), ...apart };
}

interface Buckets {
  readonly edges: Float64Array;
  readonly counts: Float64Array;
}

// As TensorBoard's summary does it: of equal values all lie in the last bucket, whose edges are equal, too.
function equalBuckets(values: ArrayLike<number>, min: number, max: number, bins: number): Buckets {
  // The range of numbers may be none.
  const scale = max - min === Infinity ? 0.5 : 1;
  const width = (max * scale - min * scale) / bins;
  const counts = new Float64Array(bins);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value !== 0) continue;
    const bucket = width === 0 ? bins - 1 : Math.min(bins - 1, Math.floor((value * scale - min * scale) / width));
    counts[bucket]! += 1;
  }
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => (i === bins ? max : min + (i * width) / scale));
  return { edges, counts };
}

function givenBuckets(values: ArrayLike<number>, edges: Float64Array): Buckets {
  const counts = new Float64Array(edges.length - 1);
  const last = edges[edges.length - 1]!;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(value >= edges[0]! && value <= last)) continue;
    // The last edge that is not larger; that of the very end belongs to the last bucket.
    let [low, high] = [0, edges.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (edges[middle]! <= value) low = middle;
      else high = middle;
    }
    counts[low]! += 1;
  }
  return { edges, counts };
}

// Without the empty buckets at the ends, but for one on the left, as tensorboardX writes them.
function trimmed({ edges, counts }: Buckets): Buckets {
  const first = Math.max(0, counts.findIndex((count) => count > 0) - 1);
  const end = counts.findLastIndex((count) => count > 0) + 1;
  return { edges: edges.slice(first, end + 1), counts: counts.slice(first, end) };
}

/** Zero, and from 1e-12 up to 1e20 edges a tenth apart, of both signs. */
function tensorflowEdges(): Float64Array {
  const positive: number[] = [];
  for (let edge = 1e-12; edge < 1e20; edge *= 1.1) positive.push(edge);
  return Float64Array.from([...positive.toReversed().map((edge) => -edge), 0, ...positive]);
}
