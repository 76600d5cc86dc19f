/** Points in three columns, in log order, to read from: rows `0` to `length - 1` of longer arrays count. */
export interface PointRows {
  readonly length: number;
  readonly step: Float64Array;
  /** Seconds since the Unix epoch. */
  readonly wallTime: Float64Array;
  readonly value: Float64Array;
}

/** Where a column of x values lies and whether it never falls. */
export interface Extent {
  readonly min: number;
  readonly max: number;
  readonly isSorted: boolean;
}

/** Columns that grow at the end. Arrays handed to the constructor are taken over, not copied, until the first append. */
export class PointColumns implements PointRows {
  #length: number;
  #step: Float64Array;
  #wallTime: Float64Array;
  #value: Float64Array;
  #stepExtent: { min: number; max: number; isSorted: boolean } = { min: Infinity, max: -Infinity, isSorted: true };
  #wallExtent: { min: number; max: number; isSorted: boolean } = { min: Infinity, max: -Infinity, isSorted: true };
  #nonFinite = 0;

  constructor(step?: Float64Array, wallTime?: Float64Array, value?: Float64Array) {
    this.#step = step ?? new Float64Array(0);
    this.#wallTime = wallTime ?? new Float64Array(this.#step.length);
    this.#value = value ?? new Float64Array(this.#step.length);
    this.#length = this.#step.length;
    for (let row = 0; row < this.#length; row++) this.#note(row);
  }

  get length(): number {
    return this.#length;
  }

  get step(): Float64Array {
    return this.#step;
  }

  get wallTime(): Float64Array {
    return this.#wallTime;
  }

  get value(): Float64Array {
    return this.#value;
  }

  get stepExtent(): Extent {
    return this.#stepExtent;
  }

  get wallExtent(): Extent {
    return this.#wallExtent;
  }

  /** Values that are NaN or ±Infinity. */
  get nonFinite(): number {
    return this.#nonFinite;
  }

  append(step: number, wallTime: number, value: number): void {
    const row = this.#length;
    if (row === this.#step.length) this.#grow();
    this.#step[row] = step;
    this.#wallTime[row] = wallTime;
    this.#value[row] = value;
    this.#length = row + 1;
    this.#note(row);
  }

  #note(row: number): void {
    const value = this.#value[row] ?? NaN;
    if (value - value !== 0) this.#nonFinite += 1;
    widen(this.#stepExtent, this.#step[row] ?? NaN);
    widen(this.#wallExtent, this.#wallTime[row] ?? NaN);
  }

  #grow(): void {
    const capacity = Math.max(256, this.#step.length * 2);
    this.#step = grown(this.#step, capacity);
    this.#wallTime = grown(this.#wallTime, capacity);
    this.#value = grown(this.#value, capacity);
  }
}

function widen(extent: { min: number; max: number; isSorted: boolean }, x: number): void {
  if (x >= extent.max) extent.max = x;
  else extent.isSorted = false;
  if (x < extent.min) extent.min = x;
}

/** A copy with room for more rows. */
export function grown(column: Float64Array, capacity: number): Float64Array {
  const longer = new Float64Array(capacity);
  longer.set(column);
  return longer;
}
