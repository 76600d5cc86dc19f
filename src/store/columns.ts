/**
 * How one column of numbers lies in a record: so many bytes a value, counted from `base`. 0 bytes means that every value is
 * `base`; 8 bytes means float64 as they are, and `base` is not used.
 */
export interface ColumnPlan {
  readonly width: ColumnWidth;
  readonly base: number;
}

export type ColumnWidth = 0 | 1 | 2 | 4 | 8;

const raw: ColumnPlan = { width: 8, base: 0 };

/**
 * Finds the narrowest form that gives every value back bit for bit. `perUnit` is how many of the integers stored make one
 * of the column's units: 1 for steps, 1,000 for seconds kept as milliseconds.
 */
export function planColumn(values: Float64Array, perUnit: number): ColumnPlan {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    const whole = perUnit === 1 ? value : Math.round(value * perUnit);
    if (!Number.isSafeInteger(whole) || whole / perUnit !== value || Object.is(value, -0)) return raw;
    if (whole < low) low = whole;
    if (whole > high) high = whole;
  }
  if (values.length === 0) return { width: 0, base: 0 };
  const span = high - low;
  if (span > 0xffff_ffff) return raw;
  return { width: span === 0 ? 0 : span <= 0xff ? 1 : span <= 0xffff ? 2 : 4, base: low };
}

/** Writes a column at `offset`, which must be a multiple of the width. */
export function writeColumn(buffer: ArrayBuffer, offset: number, values: Float64Array, plan: ColumnPlan, perUnit: number): void {
  if (plan.width === 0) return;
  if (plan.width === 8) {
    new Float64Array(buffer, offset, values.length).set(values);
    return;
  }
  const column = integers(buffer, offset, plan.width, values.length);
  const { base } = plan;
  if (perUnit === 1) for (let row = 0; row < values.length; row++) column[row] = (values[row] as number) - base;
  else for (let row = 0; row < values.length; row++) column[row] = Math.round((values[row] as number) * perUnit) - base;
}

/** Reads a column back; with `rows` only those rows, in their order. The result is a copy. */
export function readColumn(
  buffer: ArrayBuffer,
  offset: number,
  count: number,
  plan: ColumnPlan,
  perUnit: number,
  rows?: Uint32Array,
): Float64Array<ArrayBuffer> {
  const length = rows?.length ?? count;
  if (plan.width === 0) return new Float64Array(length).fill(plan.base / perUnit);
  if (plan.width === 8) {
    const column = new Float64Array(buffer, offset, count);
    // The constructor of a typed array copies the numbers of another.
    return rows === undefined ? new Float64Array(column) : Float64Array.from(rows, (row) => column[row] as number);
  }
  const column = integers(buffer, offset, plan.width, count);
  const { base } = plan;
  const values = new Float64Array(length);
  if (rows === undefined) for (let i = 0; i < length; i++) values[i] = (base + (column[i] as number)) / perUnit;
  else for (let i = 0; i < length; i++) values[i] = (base + (column[rows[i] as number] as number)) / perUnit;
  return values;
}

/** The unsigned integers of a column that has some. */
export function integers(buffer: ArrayBuffer, offset: number, width: 1 | 2 | 4, count: number): Uint8Array | Uint16Array | Uint32Array {
  if (width === 1) return new Uint8Array(buffer, offset, count);
  return width === 2 ? new Uint16Array(buffer, offset, count) : new Uint32Array(buffer, offset, count);
}
