/** What an exponential moving average carries from row to row. */
export interface SmoothingState {
  /** 0 (off) to below 1. */
  readonly weight: number;
  /** The average so far, corrected for its start. */
  average: number;
  /** `weight` to the power of the points seen: what is still missing to a full average. */
  missing: number;
}

/** An average that has seen nothing yet. */
export function startSmoothing(weight: number): SmoothingState {
  return { weight, average: 0, missing: 1 };
}

/**
 * Smooths rows `from` to `to - 1` of `values` into `smoothed`, carrying on where `state` stands: TensorBoard's moving average
 * with the correction for its start (debiased EMA). Values that are not finite are skipped and become NaN, a gap. A row that stands
 * for several points counts as many times as `counts` says (rows beyond its end count once).
 */
export function smooth(
  values: Float64Array,
  from: number,
  to: number,
  state: SmoothingState,
  smoothed: Float64Array,
  counts?: Float64Array,
): void {
  const { weight } = state;
  let { average, missing } = state;
  for (let row = from; row < to; row++) {
    const value = values[row] ?? NaN;
    if (value - value !== 0) {
      smoothed[row] = NaN;
      continue;
    }
    const count = counts?.[row] ?? 1;
    const kept = count === 1 ? weight : weight ** count;
    missing *= kept;
    // The corrected average moved by its share, which is exact where a value repeats: a constant stays a constant to the last digit.
    const share = (1 - kept) / (1 - missing);
    average += value * share - average * share;
    smoothed[row] = average;
  }
  state.average = average;
  state.missing = missing;
}
