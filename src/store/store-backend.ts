import type { StoreName, TrackerSchema } from './schema.ts';

/** A record of an object store. */
export type RecordOf<Name extends StoreName> = TrackerSchema[Name]['value'];

/** One part of a key. As in IndexedDB, numbers sort before strings, and strings before the empty list, which is used as an end. */
export type KeyPart = string | number | readonly [];

/** A key, or the beginning of one. */
export type RecordKey = string | readonly KeyPart[];

/** Keys from one to another, both included. */
export interface KeyRange {
  readonly from: RecordKey;
  readonly to: RecordKey;
}

/** Every key that begins with these parts. */
export function keysUnder(...parts: readonly (string | number)[]): KeyRange {
  return { from: parts, to: [...parts, []] };
}

/** What can be asked within a transaction. */
export interface Reading {
  get<Name extends StoreName>(store: Name, key: RecordKey): Promise<RecordOf<Name> | undefined>;
  has(store: StoreName, key: RecordKey): Promise<boolean>;
  /** In the order of their keys; at most `most`. Without a range all. */
  getAll<Name extends StoreName>(store: Name, range?: KeyRange, most?: number): Promise<readonly RecordOf<Name>[]>;
  /** Keys alone, in order; at most `most`. */
  keys(store: StoreName, range: KeyRange, most?: number): Promise<readonly RecordKey[]>;
  /** The greatest key in a range. */
  lastKey(store: StoreName, range: KeyRange): Promise<RecordKey | undefined>;
  runsOfProject(project: string): Promise<readonly RecordOf<'runs'>[]>;
  runsOfStatus(status: string): Promise<readonly RecordOf<'runs'>[]>;
  /** The largest `order` of any run; -1 when there is none. */
  lastRunOrder(): Promise<number>;
  /** The tags of a run whose `order` is at least this, in that order. */
  tagsFrom(runId: string, order: number): Promise<readonly RecordOf<'tags'>[]>;
}

/** What can be done within a transaction that writes. */
export interface Writing extends Reading {
  /** Rejects when the key is taken: a `DOMException` called `ConstraintError`. */
  add<Name extends StoreName>(store: Name, record: RecordOf<Name>): Promise<void>;
  put<Name extends StoreName>(store: Name, record: RecordOf<Name>): Promise<void>;
  delete(store: StoreName, key: RecordKey | KeyRange): Promise<void>;
}

/**
 * The place where a store's records are: a database with transactions. In `work` only promises of the transaction may be
 * awaited. A transaction is atomic and isolated, and ends when `work` has: with an error nothing of it is left. Errors may be
 * the platform's own.
 */
export interface StoreBackend {
  read<Result>(stores: readonly StoreName[], work: (tx: Reading) => Promise<Result>): Promise<Result>;
  /** Resolves after the commit. `relaxed` (default): safe against the death of tab and browser; `strict`: also against a power cut. */
  write<Result>(
    stores: readonly StoreName[],
    work: (tx: Writing) => Promise<Result>,
    options?: { readonly durability?: 'relaxed' | 'strict' },
  ): Promise<Result>;
  /** Lets the platform's resources go; the next call takes them again. */
  suspend(): void;
  /** The page is back. */
  resume?(): void;
  close(): void;
}
