import { milliseconds, type TableSpec } from './column-record.ts';
import type { Rows } from './columns.ts';

/** Points of one tag in columns, in log order. */
export interface PointColumns {
  readonly step: Float64Array;
  readonly epoch: Float64Array;
  readonly wallTime: Float64Array;
  readonly value: Float64Array;
}

/** Points of several tags in columns. Points of a tag are in log order. */
export interface TaggedPoints extends PointColumns {
  /** For each point the number of its tag within the run. */
  readonly tag: Uint32Array;
}

/** Gives the number of a tag within the run; undefined when the run has no such tag. */
export type NumberOf = (tag: string) => number | undefined;

/** A packed chunk that has been looked through and found whole. */
export interface OpenedChunk {
  readonly points: number;
  /** For each point the number of its tag. Throws `bad-data` for a chunk that knows its tags by names, one of which has no number. */
  tags(numberOf: NumberOf): Uint32Array;
  /** All points, or those in some rows. */
  columns(rows?: Rows): PointColumns;
}

/** How the columns of points are packed, wherever there are some. */
export const pointSpec: TableSpec<keyof PointColumns> = { step: {}, epoch: {}, wallTime: { perUnit: milliseconds }, value: {} };
