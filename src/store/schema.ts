import type { DBSchema } from 'idb';
import type { ContentRecord, ReferenceRecord, StoredRecord } from './record-types.ts';
import type { RunRecord } from './run-record.ts';

/** One chunk as it was appended. The journal is all that training pays for; everything else can be made from it. */
export interface JournalRecord {
  readonly runId: string;
  readonly seq: number;
  readonly points: number;
  /** What `packChunk` made; it begins with its own version. */
  readonly bytes: ArrayBuffer;
}

/** Bytes of a chunk. None where a record has lost them: that is told when it is read. */
export function bytesIn({ bytes }: Pick<JournalRecord, 'bytes'>): number {
  return bytes instanceof ArrayBuffer ? bytes.byteLength : 0;
}

/** One tag of one run, written when it first occurs. */
export interface TagRecord {
  readonly runId: string;
  readonly tag: string;
  /** Counts up from 0 in the order of first appearance: the number by which the tag goes in journal and packs. */
  readonly order: number;
  /** The first chunk that holds it. */
  readonly firstSeq: number;
}

/** One compacted stretch of a run's journal: which chunks it covers, and where its packs are. */
export interface UnitRecord {
  readonly runId: string;
  /** Number of the first chunk in it; a unit ends where the next one begins. */
  readonly unit: number;
  /** Number of the last chunk in it. */
  readonly throughSeq: number;
  readonly points: number;
  /** Bytes of its packs, its summary and itself. */
  readonly totalBytes: number;
  /** Chunks in this stretch that could not be read; they stay in the journal, untouched. */
  readonly damaged: readonly number[];
  /** What `packUnit` made: the directory of its packs. */
  readonly bytes: ArrayBuffer;
}

/**
 * A few hundred kilobytes of a unit, sorted by tag: points (level 0) or buckets (level 1 and up). It holds several whole
 * tags, the first of which is `firstTag`, or one stretch of a single dense tag.
 */
export interface PackRecord {
  readonly runId: string;
  readonly unit: number;
  readonly level: number;
  readonly firstTag: number;
  readonly stretch: number;
  readonly bytes: ArrayBuffer;
}

/** Count, last value and extremes of every tag in one unit. */
export interface SummaryRecord {
  readonly runId: string;
  readonly unit: number;
  readonly bytes: ArrayBuffer;
}

/** Who looks after the database right now; checked in every transaction of that work, so that a frozen tab cannot come back into it. */
export interface MetaRecord {
  readonly name: 'maintenance';
  /** Random; changes with each holder. */
  readonly holder: string;
}

/** The object stores of version 2. */
export interface TrackerSchema extends DBSchema {
  runs: { key: string; value: RunRecord; indexes: { project: string; status: string; order: number } };
  journal: { key: [runId: string, seq: number]; value: JournalRecord };
  tags: { key: [runId: string, tag: string]; value: TagRecord; indexes: { order: [runId: string, order: number] } };
  units: { key: [runId: string, unit: number]; value: UnitRecord };
  packs: { key: [runId: string, unit: number, level: number, firstTag: number, stretch: number]; value: PackRecord };
  summaries: { key: [runId: string, unit: number]; value: SummaryRecord };
  records: { key: [runId: string, kind: string, tag: string, index: number]; value: StoredRecord };
  contents: { key: string; value: ContentRecord };
  references: { key: string; value: ReferenceRecord };
  meta: { key: string; value: MetaRecord };
}

export type StoreName = 'runs' | 'journal' | 'tags' | 'units' | 'packs' | 'summaries' | 'records' | 'contents' | 'references' | 'meta';

/** For each object store the properties that make its key. */
export const keyPaths: Readonly<Record<StoreName, string | readonly string[]>> = {
  runs: 'id',
  journal: ['runId', 'seq'],
  tags: ['runId', 'tag'],
  units: ['runId', 'unit'],
  packs: ['runId', 'unit', 'level', 'firstTag', 'stretch'],
  summaries: ['runId', 'unit'],
  records: ['runId', 'kind', 'tag', 'index'],
  contents: 'hash',
  references: 'hash',
  meta: 'name',
};

/** An index of an object store. */
export interface IndexPlan {
  readonly store: 'runs' | 'tags';
  readonly name: 'project' | 'status' | 'order';
  readonly keyPath: string | readonly string[];
}

/** For each index its object store, its name and the properties that make its key. */
export const indexes: readonly IndexPlan[] = [
  { store: 'runs', name: 'project', keyPath: 'project' },
  { store: 'runs', name: 'status', keyPath: 'status' },
  { store: 'runs', name: 'order', keyPath: 'order' },
  { store: 'tags', name: 'order', keyPath: ['runId', 'order'] },
];

export const schemaVersion = 2;

/** The name of the database, and of the channel on which its changes are told. */
export function databaseName(storeName: string): string {
  return `tabtrain:${storeName}`;
}
