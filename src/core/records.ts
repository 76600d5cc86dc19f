import type { Json } from './run-info.ts';

/** The kinds of things beside numbers that a run can hold. */
export type RecordKind =
  | 'text'
  | 'image'
  | 'audio'
  | 'histogram'
  | 'table'
  | 'figure'
  | 'event'
  | 'alert'
  | 'graph'
  | 'checkpoint'
  | 'file';

/** What a record says about itself: plain data, small. Columns of numbers may be typed arrays. */
export interface RecordData {
  readonly [name: string]: Json | Float64Array | Float32Array | Uint32Array | Int32Array | Uint8Array;
}

/**
 * One thing beside numbers, as it is given to a store: a text, an image, a histogram, a checkpoint … at one moment of a run.
 * What is large, such as the bytes of a PNG, goes into `content`.
 */
export interface NewRecord {
  readonly kind: RecordKind;
  /** What it belongs to, as with numbers: `val/confusion`. */
  readonly tag: string;
  readonly step: number;
  readonly epoch: number;
  /** Seconds since the Unix epoch. */
  readonly wallTime: number;
  /** E.g. `{ text: '…' }`, or `{ width: 28, height: 28 }`. Default: nothing. */
  readonly data?: RecordData;
  /** E.g. the PNG of an image. Kept once however often the same bytes are given. */
  readonly content?: Blob;
}
