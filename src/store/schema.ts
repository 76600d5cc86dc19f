import type { DBSchema } from 'idb';
import type { RunRecord } from './run-record.ts';

/** One chunk as it was appended. The journal is all that training pays for; everything else can be made from it. */
export interface JournalRecord {
  readonly runId: string;
  readonly seq: number;
  readonly points: number;
  /** What `packChunk` made; it begins with its own version. */
  readonly bytes: ArrayBuffer;
}

/** One tag of one run, written when it first occurs. */
export interface TagRecord {
  readonly runId: string;
  readonly tag: string;
  /** Counts up from 0 in the order of first appearance. */
  readonly order: number;
  /** The first chunk that holds it: a reader of this tag begins there. */
  readonly firstSeq: number;
}

/** The object stores of version 1. */
export interface TrackerSchema extends DBSchema {
  runs: { key: string; value: RunRecord; indexes: { project: string; status: string; order: number } };
  journal: { key: [runId: string, seq: number]; value: JournalRecord };
  tags: { key: [runId: string, tag: string]; value: TagRecord };
}

export const schemaVersion = 1;

/** The name of the database, and of the channel on which its changes are told. */
export function databaseName(storeName: string): string {
  return `tabtrain:${storeName}`;
}

/** Every journal or tag key of a run: in IndexedDB's order a list sorts after every string and number. */
export function keysOfRun(runId: string): IDBKeyRange {
  return IDBKeyRange.bound([runId], [runId, []]);
}

/** The journal keys of a run from one chunk to another, both included. */
export function journalKeys(runId: string, fromSeq: number, throughSeq: number): IDBKeyRange {
  return IDBKeyRange.bound([runId, fromSeq], [runId, throughSeq]);
}
