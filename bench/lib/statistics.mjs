// The arithmetic behind every figure of the benchmark: medians, and how sure we can be of a ratio.

/** The middle value, or the mean of the two in the middle. NaN for none. */
export function median(values) {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The smallest value that at least `share` of all values do not exceed (nearest rank). NaN for none. */
export function quantile(values, share) {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}

/**
 * A 95 % confidence interval of the median by the percentile bootstrap: the values are drawn again with replacement many
 * times, and the interval holds the middle 95 % of the medians seen. The same input gives the same interval.
 */
export function bootstrapMedian95(values, resamples = 10_000) {
  if (values.length === 0) return [Number.NaN, Number.NaN];
  const random = seededRandom(1);
  const medians = Array.from({ length: resamples }, () => median(values.map(() => values[Math.floor(random() * values.length)])));
  return [quantile(medians, 0.025), quantile(medians, 0.975)];
}

/**
 * How many times `ours` is `theirs`. Round i of one was measured next to round i of the other, so the ratio is taken
 * within each round: what slows the machine down for a while slows both.
 */
export function pairedRatio(ours, theirs) {
  if (ours.length !== theirs.length) throw new Error(`pairedRatio(): ${ours.length} rounds against ${theirs.length}.`);
  const ratios = ours.map((value, round) => value / theirs[round]);
  return { ratio: median(ratios), ci95: bootstrapMedian95(ratios) };
}

/** Uniform in [0, 1), the same sequence for the same seed (mulberry32, public domain, by Tommy Ettinger). */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
