import { nextTask } from '../core/next-task.ts';
import type { MaintenanceTurn } from './maintenance-turn.ts';
import { contentStores } from './record-store.ts';
import type { StoredRecord } from './record-types.ts';
import type { RunRecord } from './run-record.ts';
import type { StoreName } from './schema.ts';
import { keysUnder, type RecordKey, type Writing } from './store-backend.ts';
import { isFullError } from './store-error.ts';

/** How long a deleted run can be restored, in milliseconds. */
export const undoWindowMs = 10_000;

/** Knows what records refer to. */
export interface ContentReferences {
  /** Takes back the references of records that are being removed. Needs a transaction over {@link contentStores}. */
  release(tx: Writing, records: readonly StoredRecord[]): Promise<void>;
}

/** What a run has in each object store, in the order in which it is removed. */
const plainStores = ['journal', 'packs', 'units', 'summaries', 'tags'] as const;
/** So few that no append waits for long. */
const recordsAtOnce = 50;
const transactionsPerTurn = 100;

/** True when a deleted run can no longer be restored. A clock that was set back must not keep it for ever. */
export function isPurgeDue(record: RunRecord, now: number): boolean {
  return record.isPurging === true || (record.deletedAt !== undefined && Math.abs(now - record.deletedAt) >= undoWindowMs);
}

/**
 * Removes some of what a deleted run holds, in small transactions; it goes on from wherever it was broken off. Resolves with true
 * while there is more to do. Nothing happens to a run that is not (or no longer) deleted, or for which `isDue` says no.
 */
export async function purgeRun(
  runId: string,
  turn: MaintenanceTurn,
  contents: ContentReferences,
  isDue: (record: RunRecord) => boolean,
): Promise<boolean> {
  if (!(await beginPurge(runId, turn, isDue))) return false;
  const range = keysUnder(runId);
  let left = transactionsPerTurn;
  const inPieces = async (stores: readonly StoreName[], piece: (tx: Writing) => Promise<number>): Promise<boolean> => {
    for (;;) {
      const removed = await turn.write(stores, piece);
      if (removed < recordsAtOnce) return true;
      if (--left <= 0) return false;
      await nextTask();
    }
  };
  for (const store of plainStores) {
    const isEmpty = await inPieces([store], async (tx) => {
      const keys = await tx.keys(store, range, recordsAtOnce);
      await deleteKeys(tx, store, keys);
      return keys.length;
    });
    if (!isEmpty) return true;
  }
  const isWithoutRecords = await inPieces(['records', ...contentStores], async (tx) => {
    const records = await tx.getAll('records', range, recordsAtOnce);
    await contents.release(tx, records);
    await deleteKeys(
      tx,
      'records',
      records.map(({ kind, tag, index }) => [runId, kind, tag, index]),
    );
    return records.length;
  });
  if (!isWithoutRecords) return true;
  return turn.write(['runs', ...plainStores, 'records'], async (tx) => {
    for (const store of [...plainStores, 'records'] as const) {
      if ((await tx.lastKey(store, range)) !== undefined) return true;
    }
    await tx.delete('runs', runId);
    return false;
  });
}

/** The object stores of a transaction for {@link deleteWithoutRoom}. */
export const storesOfRun: readonly StoreName[] = ['runs', ...plainStores, 'records', ...contentStores];

/**
 * Deletes in one transaction what needs no write beside: a browser that has no room left refuses even the smallest put, and
 * every transaction with one. Records whose contents other runs hold are left, and their run with them; with the room that was made
 * they can be removed as always. Resolves with true when the whole run is gone; otherwise mark it at once: a crash in between leaves
 * a run in sight that has no points, and that can be deleted again.
 */
export async function deleteWithoutRoom(tx: Writing, runId: string): Promise<boolean> {
  const range = keysUnder(runId);
  const records = await tx.getAll('records', range);
  const hashes = records.map(({ content }) => (content?.inline === undefined ? content?.hash : undefined));
  const shared = new Set<string | undefined>();
  for (const hash of new Set(hashes)) {
    if (typeof hash !== 'string') continue; // without a content of its own, or damaged
    const held = await tx.get('references', hash);
    if (held === undefined) continue;
    if (held.references > hashes.filter((other) => other === hash).length) shared.add(hash);
    else for (const store of contentStores) await tx.delete(store, hash);
  }
  for (const store of plainStores) await tx.delete(store, range);
  for (const [i, { kind, tag, index }] of records.entries()) {
    if (!shared.has(hashes[i])) await tx.delete('records', [runId, kind, tag, index]);
  }
  if (shared.size > 0) return false;
  await tx.delete('runs', runId);
  return true;
}

// From here on it cannot be restored. Without its newest chunk no append succeeds: a writer learns that its run is gone.
async function beginPurge(
  runId: string,
  turn: MaintenanceTurn,
  isDue: (record: RunRecord) => boolean,
  mayMakeRoom = true,
): Promise<boolean> {
  const ifDue = async (tx: Writing): Promise<RunRecord | undefined> => {
    const record = await tx.get('runs', runId);
    return record?.deletedAt === undefined || !isDue(record) ? undefined : record;
  };
  try {
    return await turn.write(['runs', 'journal'], async (tx) => {
      const record = await ifDue(tx);
      if (record === undefined || record.isPurging === true) return record !== undefined;
      const newest = await tx.lastKey('journal', keysUnder(runId));
      if (newest !== undefined) await tx.delete('journal', newest);
      await tx.put('runs', { ...record, isPurging: true });
      return true;
    });
  } catch (thrown) {
    if (!mayMakeRoom || !isFullError(thrown)) throw thrown;
    const isGone = await turn.write(storesOfRun, async (tx) => (await ifDue(tx)) === undefined || deleteWithoutRoom(tx, runId));
    return !isGone && beginPurge(runId, turn, isDue, false);
  }
}

/** Deletes records that follow each other. */
export async function deleteKeys(tx: Writing, store: StoreName, keys: readonly RecordKey[]): Promise<void> {
  const [from] = keys;
  const to = keys.at(-1);
  if (from !== undefined && to !== undefined) await tx.delete(store, { from, to });
}
