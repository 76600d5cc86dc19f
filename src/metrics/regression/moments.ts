/** Numbers kept for each column: mean, sum of squared deviations from it, least, greatest. */
const width = 4;

/** Mean, spread and range of each column of `rows` × `columns` values: {@link meanOf} and the others read it. Two passes. */
export function momentsOf(values: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const moments = new Float64Array(columns * width);
  for (let column = 0; column < columns; column++) {
    let [sum, min, max] = [0, Infinity, -Infinity];
    for (let i = column; i < rows * columns; i += columns) {
      const value = values[i] ?? NaN;
      sum += value;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    // The mean of equal values is that value, whatever their sum is rounded to.
    const mean = rows === 0 ? 0 : min === max ? min : sum / rows;
    let squares = 0;
    for (let i = column; i < rows * columns; i += columns) squares += ((values[i] ?? NaN) - mean) ** 2;
    moments.set([mean, squares, min, max], column * width);
  }
  return moments;
}

/** Folds the moments of `addedRows` rows into those of `rows` by the pairwise update of Chan, Golub and LeVeque (1983). */
export function mergeMoments(into: Float64Array, rows: number, added: Float64Array, addedRows: number): Float64Array {
  if (rows === 0 || into.length === 0) return added.slice();
  if (addedRows === 0 || added.length === 0) return into;
  for (let at = 0; at < into.length; at += width) {
    const delta = (added[at] ?? NaN) - (into[at] ?? NaN);
    const total = rows + addedRows;
    into[at] = (into[at] ?? NaN) + (delta * addedRows) / total;
    into[at + 1] = (into[at + 1] ?? NaN) + (added[at + 1] ?? NaN) + (delta * delta * rows * addedRows) / total;
    into[at + 2] = Math.min(into[at + 2] ?? NaN, added[at + 2] ?? NaN);
    into[at + 3] = Math.max(into[at + 3] ?? NaN, added[at + 3] ?? NaN);
  }
  return into;
}

export function columnsOf(moments: Float64Array): number {
  return moments.length / width;
}

export function meanOf(moments: Float64Array, column: number): number {
  return moments[column * width] ?? NaN;
}

/** The sum of squared deviations from the mean. */
export function squaresOf(moments: Float64Array, column: number): number {
  return moments[column * width + 1] ?? NaN;
}

export function minOf(moments: Float64Array, column: number): number {
  return moments[column * width + 2] ?? NaN;
}

export function maxOf(moments: Float64Array, column: number): number {
  return moments[column * width + 3] ?? NaN;
}

/** True when the spread is none, or no more than what rounding makes of equal values. */
export function isConstant(moments: Float64Array, column: number, rows: number): boolean {
  const [min, max] = [minOf(moments, column), maxOf(moments, column)];
  const rounding = 8 * Number.EPSILON * Math.max(Math.abs(min), Math.abs(max));
  return min === max || squaresOf(moments, column) <= rounding * rounding * rows;
}
