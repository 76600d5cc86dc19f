import type { Series } from '../store/metric-store.ts';
import { grown, PointColumns, type Extent, type PointRows } from './columns.ts';
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
  readonly #counts: Float64Array | undefined;
  readonly #hiddenNonFinite: number;
  #smoothing: SmoothingState = startSmoothing(0);
  #smoothed: Float64Array = new Float64Array(0);
  #smoothedLength = 0;

  constructor(series: Series) {
    if (series.kind === 'points') {
      this.drawn = new PointColumns(series.step, series.wallTime, series.value);
      this.#input = this.drawn;
      this.#counts = undefined;
      this.#hiddenNonFinite = 0;
      return;
    }
    const { drawn, means, counts, hidden } = unfold(series);
    this.drawn = drawn;
    this.#input = means;
    this.#counts = counts;
    this.#hiddenNonFinite = hidden;
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

interface Unfolded {
  readonly drawn: PointColumns;
  readonly means: PointColumns;
  readonly counts: Float64Array;
  readonly hidden: number;
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
