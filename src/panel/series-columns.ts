import type { Series } from '../store/metric-store.ts';
import { grown, PointColumns, type Extent, type PointRows } from './columns.ts';
import type { XAxis } from './options.ts';
import { smooth, startSmoothing, type SmoothingState } from './smoothing.ts';

/**
 * One tag of one run as the panel holds it: what the store handed over, points logged since, and the smoothed line, which grows with them
 * instead of being computed again.
 */
export class SeriesColumns {
  /** Points that were really logged. Of a bucket these are its first, lowest, highest and last. */
  readonly drawn: PointColumns;
  // What smoothing reads: the drawn points themselves, or bucket means followed by points.
  readonly #input: PointColumns;
  // For the rows that are means, how many numbers each is the mean of; rows beyond count once.
  #counts: Float64Array = new Float64Array(0);
  readonly #hiddenNonFinite: number = 0;
  #smoothing: SmoothingState = startSmoothing(0);
  #smoothed: Float64Array = new Float64Array(0);
  #smoothedLength = 0;

  /** @param series Default: nothing yet. */
  constructor(series?: Series) {
    if (series?.kind === 'points') {
      this.drawn = new PointColumns(series.step, series.wallTime, series.value);
      this.#input = this.drawn;
      return;
    }
    const { drawn, means, counts, hidden } = series ? unfold(series) : nothing();
    this.drawn = drawn;
    this.#input = means;
    this.#counts = counts;
    this.#hiddenNonFinite = hidden;
  }

  /** Where the points lie on an axis; for `relative` before the run's start is taken off. */
  extent(axis: XAxis): Extent {
    return axis === 'step' ? this.drawn.stepExtent : this.drawn.wallExtent;
  }

  /**
   * Where about `points` points before `x` begin, from how densely they lie in the bucket at `x`. It is `x` itself when x goes back
   * somewhere, and undefined when from `x` on there are no buckets, only points.
   */
  startBefore(x: number, axis: XAxis, points: number): number | undefined {
    const counts = this.#counts;
    const ends = axis === 'step' ? this.#input.step : this.#input.wallTime;
    const { min, isSorted } = this.extent(axis);
    const row = isSorted ? counts.findIndex((_, at) => (ends[at] ?? NaN) >= x) : counts.length - 1;
    if (row < 0) return undefined;
    if (!isSorted) return x;
    const width = (ends[row] ?? NaN) - (ends[row - 1] ?? min);
    return x - (points * width) / (counts[row] || Infinity);
  }

  /** Adds those rows of another that are kept. */
  add(other: SeriesColumns, isKept: (step: number, wallTime: number) => boolean): void {
    const input = this.#input;
    const counts = new Float64Array(input.length + other.#input.length).fill(1);
    counts.set(this.#counts.subarray(0, input.length));
    copy(other.drawn, isKept, (step, wallTime, value) => this.drawn.append(step, wallTime, value));
    copy(other.#input, isKept, (step, wallTime, value, row) => {
      counts[input.length] = other.#counts[row] ?? 1;
      input.append(step, wallTime, value);
    });
    this.#counts = counts;
  }

  append(step: number, wallTime: number, value: number): void {
    this.drawn.append(step, wallTime, value);
    if (this.#input !== this.drawn) this.#input.append(step, wallTime, value);
  }

  /** Values that are NaN or ±Infinity and therefore gaps. */
  get nonFinite(): number {
    return this.drawn.nonFinite + this.#hiddenNonFinite;
  }

  /** The smoothed line at this weight. Only rows added since the last call with the same weight are computed. */
  smoothed(weight: number): PointRows & { readonly stepExtent: Extent; readonly wallExtent: Extent } {
    const { length } = this.#input;
    if (weight !== this.#smoothing.weight) {
      this.#smoothing = startSmoothing(weight);
      this.#smoothedLength = 0;
    }
    if (this.#smoothed.length < length) this.#smoothed = grown(this.#smoothed, Math.max(256, length, this.#smoothed.length * 2));
    smooth(this.#input.value, this.#smoothedLength, length, this.#smoothing, this.#smoothed, this.#counts);
    this.#smoothedLength = length;
    const { step, wallTime, stepExtent, wallExtent } = this.#input;
    return { length, step, wallTime, value: this.#smoothed, stepExtent, wallExtent };
  }
}

function copy(
  { length, step, wallTime, value }: PointRows,
  isKept: (step: number, wallTime: number) => boolean,
  to: (step: number, wallTime: number, value: number, row: number) => void,
): void {
  for (let row = 0; row < length; row++) {
    const at = [step[row] ?? NaN, wallTime[row] ?? NaN] as const;
    if (isKept(...at)) to(...at, value[row] ?? NaN, row);
  }
}

interface Unfolded {
  readonly drawn: PointColumns;
  readonly means: PointColumns;
  readonly counts: Float64Array;
  readonly hidden: number;
}

function nothing(): Unfolded {
  return { drawn: new PointColumns(), means: new PointColumns(), counts: new Float64Array(0), hidden: 0 };
}

function unfold(series: Extract<Series, { kind: 'buckets' }>): Unfolded {
  const drawn = new PointColumns();
  const means = new PointColumns();
  const counts = new Float64Array(series.count.length);
  let hidden = 0;
  const at = (column: Float64Array, row: number): number => column[row] ?? NaN;
  for (let row = 0; row < counts.length; row++) {
    const numbers = at(series.count, row) - at(series.nanCount, row);
    counts[row] = numbers;
    means.append(at(series.lastStep, row), at(series.lastWallTime, row), numbers > 0 ? at(series.sum, row) / numbers : NaN);
    if (!(numbers > 0)) {
      drawn.append(at(series.step, row), at(series.wallTime, row), NaN);
      hidden += at(series.count, row) - 1;
      continue;
    }
    hidden += at(series.nanCount, row);
    const points: [step: number, wallTime: number, value: number][] = [
      [at(series.step, row), at(series.wallTime, row), at(series.first, row)],
      [at(series.minStep, row), at(series.minWallTime, row), at(series.min, row)],
      [at(series.maxStep, row), at(series.maxWallTime, row), at(series.max, row)],
      [at(series.lastStep, row), at(series.lastWallTime, row), at(series.last, row)],
    ];
    // First and last may be NaN while others are numbers; a gap is not known to be there, so it is not drawn.
    const known = points.filter(([, , value]) => value - value === 0).sort(([a], [b]) => a - b);
    let before: readonly number[] = [];
    for (const [step, wallTime, value] of known) {
      if (step === before[0] && value === before[1]) continue;
      drawn.append(step, wallTime, value);
      before = [step, value];
    }
    if (known.length === 0) drawn.append(at(series.step, row), at(series.wallTime, row), NaN);
  }
  return { drawn, means, counts, hidden };
}
