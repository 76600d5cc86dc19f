/** A column of numbers to be packed. Every number comes back bit for bit, but for the bits within a NaN. */
export interface Column {
  readonly values: Float64Array | Uint32Array;
  /** How many of the whole numbers stored make one of the column's units: 1 (default) for steps, 1,000 for seconds kept as milliseconds. */
  readonly perUnit?: number;
  /** A column of the same length and unit that its numbers are close to: only what lies between them is stored, where both are whole. */
  readonly near?: Float64Array | undefined;
}

/** Whole numbers counted from `base`; whole numbers as differences to the one before; floating point as it is. */
export const forms = { offsets: 0, differences: 1, floats: 2 } as const;

export type ColumnForm = (typeof forms)[keyof typeof forms];

/** Bytes a number. 0: all offsets, or all differences, are the same. */
export type ColumnWidth = 0 | 1 | 2 | 4 | 8;

type Stored = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** How a column lies in a record. */
export interface ColumnPlan {
  readonly form: ColumnForm;
  readonly width: ColumnWidth;
  readonly perUnit: number;
  /** The smallest number of `offsets`, the first of `differences`; in stored units. */
  readonly base: number;
}

/** A column that is ready to be written. */
export interface PlannedColumn extends ColumnPlan {
  readonly rows: number;
  readonly write: (buffer: ArrayBuffer, offset: number) => void;
}

/** A column within a record. */
export interface PackedColumn extends ColumnPlan {
  readonly rows: number;
  readonly buffer: ArrayBuffer;
  /** A multiple of what a number takes. */
  readonly offset: number;
}

/** Some rows of a column: these, in their order, or from one up to another. */
export type Rows = Uint32Array | { readonly from: number; readonly end: number };

/** Finds the narrowest form that gives every number back. */
export function planColumn({ values, perUnit = 1, near }: Column): PlannedColumn {
  const rows = values.length;
  const wholes = wholesOf(values, perUnit, near);
  if (wholes !== undefined) {
    let low = Infinity;
    let high = -Infinity;
    let least = Infinity;
    let most = -Infinity;
    for (let row = 0; row < rows; row++) {
      const whole = wholes[row] as number;
      if (whole < low) low = whole;
      if (whole > high) high = whole;
      if (row === 0) continue;
      const difference = whole - (wholes[row - 1] as number);
      if (difference < least) least = difference;
      if (difference > most) most = difference;
    }
    if (rows === 0) low = high = 0;
    const width = widthOf(high - low);
    const narrow = widthOf(most - least);
    // Sums and differences of numbers that lie within a safe span are exact.
    if (rows > 1 && narrow * rows + 8 < width * rows && high - low <= Number.MAX_SAFE_INTEGER) {
      const write = (buffer: ArrayBuffer, offset: number): void => {
        new Float64Array(buffer, offset, 1)[0] = least;
        const stored = storedNumbers(buffer, offset + 8, forms.differences, narrow, rows);
        for (let row = 1; row < stored.length; row++) stored[row] = (wholes[row] as number) - (wholes[row - 1] as number) - least;
      };
      return { form: forms.differences, width: narrow, perUnit, base: wholes[0] as number, rows, write };
    }
    if (width < 8) {
      const write = (buffer: ArrayBuffer, offset: number): void => {
        const stored = storedNumbers(buffer, offset, forms.offsets, width, rows);
        for (let row = 0; row < stored.length; row++) stored[row] = (wholes[row] as number) - low;
      };
      return { form: forms.offsets, width, perUnit, base: low, rows, write };
    }
  }
  const width = isSingle(values) ? 4 : 8;
  const write = (buffer: ArrayBuffer, offset: number): void => storedNumbers(buffer, offset, forms.floats, width, rows).set(values);
  return { form: forms.floats, width, perUnit, base: 0, rows, write };
}

/** How many bytes a column takes. */
export function columnBytes({ form, width, rows }: ColumnPlan & { readonly rows: number }): number {
  return (form === forms.differences ? 8 : 0) + width * rows;
}

/** Reads a column, or some rows of it. `near` is what it was packed with, in the same rows. The result is a copy. */
export function readColumn(column: PackedColumn, rows?: Rows, near?: Float64Array): Float64Array<ArrayBuffer> {
  const { form, width, perUnit, base } = column;
  const stored = form === forms.differences ? summedUp(column) : storedNumbers(column.buffer, column.offset, form, width, column.rows);
  const read = taken(stored, rows ?? { from: 0, end: column.rows });
  if (form === forms.floats) return read;
  if (near !== undefined)
    for (let row = 0; row < read.length; row++) read[row] = base + (read[row] as number) + Math.round((near[row] as number) * perUnit);
  else if (base !== 0) for (let row = 0; row < read.length; row++) read[row] = base + (read[row] as number);
  if (perUnit !== 1) for (let row = 0; row < read.length; row++) read[row] = (read[row] as number) / perUnit;
  return read;
}

// Undefined when a number is not whole, or not -0's equal: then it takes a float.
function wholesOf(values: Float64Array | Uint32Array, perUnit: number, near?: Float64Array): Float64Array | undefined {
  const origin = near === undefined ? undefined : wholesOf(near, perUnit);
  if (near !== undefined && origin === undefined) return undefined;
  const wholes = new Float64Array(values.length);
  for (let row = 0; row < wholes.length; row++) {
    const value = values[row] as number;
    const whole = Math.round(value * perUnit);
    if (whole / perUnit !== value || !Number.isSafeInteger(whole) || Object.is(value, -0)) return undefined;
    const distance = origin === undefined ? whole : whole - (origin[row] as number);
    if (!Number.isSafeInteger(distance)) return undefined;
    wholes[row] = distance;
  }
  return wholes;
}

// What the hardware of most models computes with.
function isSingle(values: Float64Array | Uint32Array): boolean {
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    if (Math.fround(value) !== value && !Number.isNaN(value)) return false;
  }
  return true;
}

function widthOf(span: number): ColumnWidth {
  return !(span > 0) ? 0 : span <= 0xff ? 1 : span <= 0xffff ? 2 : span <= 0xffff_ffff ? 4 : 8;
}

// Without a byte a number there is nothing to look at: an empty array.
function storedNumbers(buffer: ArrayBuffer, offset: number, form: ColumnForm, width: ColumnWidth, rows: number): Stored {
  if (width <= 1) return new Uint8Array(buffer, offset, width * rows);
  if (width === 8) return new Float64Array(buffer, offset, rows);
  if (width === 2) return new Uint16Array(buffer, offset, rows);
  return form === forms.floats ? new Float32Array(buffer, offset, rows) : new Uint32Array(buffer, offset, rows);
}

function taken(stored: Stored, rows: Rows): Float64Array<ArrayBuffer> {
  if (!(rows instanceof Uint32Array)) {
    const read = new Float64Array(rows.end - rows.from);
    read.set(stored.subarray(rows.from, rows.end));
    return read;
  }
  const read = new Float64Array(rows.length);
  if (stored.length > 0) for (let row = 0; row < rows.length; row++) read[row] = stored[rows[row] as number] as number;
  return read;
}

function summedUp({ buffer, offset, form, width, rows }: PackedColumn): Float64Array {
  const least = new Float64Array(buffer, offset, 1)[0] as number;
  const stored = storedNumbers(buffer, offset + 8, form, width, rows);
  const sums = new Float64Array(rows);
  let sum = 0;
  for (let row = 1; row < rows; row++) {
    sum += least + (stored[row] ?? 0);
    sums[row] = sum;
  }
  return sums;
}
