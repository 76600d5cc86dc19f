import type { NewRecord, RecordKind } from '../core/records.ts';

/** Where the content of a record is: in the record itself when it is small, else under its hash. */
export interface StoredContent {
  /** Media type, e.g. `image/png`; may be empty. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 in hex; where the page is not secure and has no WebCrypto, the same computed by ourselves. */
  readonly hash: string;
  /** Small contents only. */
  readonly inline?: ArrayBuffer;
}

/** A record as a store gives it back. Get at large contents with `store.content(record)`. */
export interface StoredRecord extends Omit<NewRecord, 'content'> {
  readonly runId: string;
  /** Counts up with each record of the run. */
  readonly index: number;
  /** How often the run had been continued when the record was stored: later continuations may supersede it. */
  readonly generation: number;
  readonly content?: StoredContent;
}

/** A large content, kept once. */
export interface ContentRecord {
  readonly hash: string;
  readonly blob: Blob;
}

/** How many records hold a large content. Apart from it, because browsers write a Blob again with every change of its record. */
export interface ReferenceRecord {
  readonly hash: string;
  readonly references: number;
}

/** Which records are wanted. */
export interface RecordQuery {
  readonly kind?: RecordKind;
  /** Needs `kind`. */
  readonly tag?: string;
  /** Records with at least this index. Default 0. */
  readonly fromIndex?: number;
  /** At most this many. Default: all. */
  readonly limit?: number;
  /** Also those that a continuation superseded. Default false. */
  readonly withSuperseded?: boolean;
}
