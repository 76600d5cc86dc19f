/** Stands in a list of rows where the line is broken. */
export const gap = 0xffffffff;

/** The part of the x axis that is on screen, and how many pixel columns it has. */
export interface PixelRange {
  readonly from: number;
  readonly to: number;
  /** Whole pixels, at least 1. */
  readonly columns: number;
}

/**
 * Chooses the rows that a line of `range.columns` pixels needs: of each pixel column the first, the smallest, the largest and the last
 * value (so a spike of one point is seen), in log order. Rows whose y is not finite become one {@link gap}. Beyond the
 * range only the neighbours are kept, so that the line runs to the edge. It chooses rows, it never makes any.
 *
 * x may fall, as in a run that was taken up again from an earlier step: the line then goes back, as it was logged. When x jumps to
 * and fro so often that this would cost more than eight points a pixel, rows are sorted by pixel column instead.
 */
export function downsample(x: Float64Array, y: Float64Array, length: number, range: PixelRange): Uint32Array {
  const columns = Math.max(1, Math.floor(range.columns));
  return inLogOrder(x, y, length, range, columns) ?? byColumn(x, y, length, range, columns);
}

// Pixel columns count from 1; 0 is everything left of the range, columns + 1 everything right of it.
function columnOf(x: number, from: number, to: number, scale: number, columns: number): number {
  if (x < from) return 0;
  if (x > to) return columns + 1;
  const column = 1 + Math.floor((x - from) * scale);
  return column > columns ? columns : column;
}

function scaleOf(range: PixelRange, columns: number): number {
  const width = range.to - range.from;
  return width > 0 ? columns / width : 0;
}

function inLogOrder(x: Float64Array, y: Float64Array, length: number, range: PixelRange, columns: number): Uint32Array | undefined {
  const { from, to } = range;
  const scale = scaleOf(range, columns);
  const rows = new Uint32Array(12 * (columns + 2));
  const limit = rows.length - 6;
  let used = 0;
  let current = -1;
  let first = -1;
  let lowest = -1;
  let highest = -1;
  let last = -1;
  let low = Infinity;
  let high = -Infinity;
  let firstGap = -1;
  let lastGap = -1;
  for (let row = 0; row < length; row++) {
    const column = columnOf(x[row] ?? NaN, from, to, scale, columns);
    if (column !== current) {
      if (used > limit) return undefined;
      const isOutside = current === 0 || current === columns + 1;
      used = emit(rows, used, first, isOutside ? first : lowest, isOutside ? last : highest, last, firstGap, lastGap);
      current = column;
      first = lowest = highest = last = firstGap = lastGap = -1;
      low = Infinity;
      high = -Infinity;
    }
    const value = y[row] ?? NaN;
    if (value - value !== 0) {
      if (firstGap < 0) firstGap = row;
      lastGap = row;
      continue;
    }
    if (first < 0) first = row;
    last = row;
    if (value < low) {
      low = value;
      lowest = row;
    }
    if (value > high) {
      high = value;
      highest = row;
    }
  }
  if (used > limit) return undefined;
  const isOutside = current === 0 || current === columns + 1;
  used = emit(rows, used, first, isOutside ? first : lowest, isOutside ? last : highest, last, firstGap, lastGap);
  return rows.slice(0, used);
}

function byColumn(x: Float64Array, y: Float64Array, length: number, range: PixelRange, columns: number): Uint32Array {
  const { from, to } = range;
  const scale = scaleOf(range, columns);
  const picks = new Int32Array(6 * (columns + 2)).fill(-1);
  for (let row = 0; row < length; row++) {
    const at = 6 * columnOf(x[row] ?? NaN, from, to, scale, columns);
    const value = y[row] ?? NaN;
    if (value - value !== 0) {
      if (picks[at + 4] === -1) picks[at + 4] = row;
      picks[at + 5] = row;
      continue;
    }
    if (picks[at] === -1) picks[at] = picks[at + 1] = picks[at + 2] = row;
    picks[at + 3] = row;
    if (value < (y[picks[at + 1] ?? row] ?? NaN)) picks[at + 1] = row;
    if (value > (y[picks[at + 2] ?? row] ?? NaN)) picks[at + 2] = row;
  }
  const rows = new Uint32Array(picks.length);
  let used = 0;
  // Outside the range there is no telling which neighbour the line would come from, so nothing is drawn there.
  for (let column = 1; column <= columns; column++) {
    const at = 6 * column;
    const pick = (offset: number): number => picks[at + offset] ?? -1;
    used = emit(rows, used, pick(0), pick(1), pick(2), pick(3), pick(4), pick(5));
  }
  return rows.slice(0, used);
}

// One pixel column: up to four rows in log order, each once, with the gaps where they fall between them.
function emit(
  rows: Uint32Array,
  used: number,
  first: number,
  lowest: number,
  highest: number,
  last: number,
  firstGap: number,
  lastGap: number,
): number {
  if (first < 0) return lastGap < 0 ? used : addGap(rows, used);
  const second = lowest < highest ? lowest : highest;
  const third = lowest < highest ? highest : lowest;
  if (firstGap >= 0 && firstGap < first) used = addGap(rows, used);
  rows[used++] = first;
  let before = first;
  for (const row of [second, third, last]) {
    if (row === before) continue;
    // With several gaps in one pixel only the last one shows; none is bridged over a visible distance.
    if (lastGap > before && lastGap < row) used = addGap(rows, used);
    else if (firstGap > before && firstGap < row) used = addGap(rows, used);
    rows[used++] = row;
    before = row;
  }
  return lastGap > last ? addGap(rows, used) : used;
}

function addGap(rows: Uint32Array, used: number): number {
  if (used > 0 && rows[used - 1] === gap) return used;
  rows[used] = gap;
  return used + 1;
}
