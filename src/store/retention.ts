import { describe, LogError } from '../core/errors.ts';
import { journalBatches } from './journal-batches.ts';
import { deleteWithoutRoom, storesOfRun } from './purge.ts';
import { byAge, identityOf, isSound, type RunRecord } from './run-record.ts';
import { bytesIn } from './schema.ts';
import { keysUnder, type Reading, type RecordKey } from './store-backend.ts';
import type { StoreContext } from './store-context.ts';
import { isFullError } from './store-error.ts';

/**
 * Which runs a store lets go of by itself. The oldest ended runs go first; they can be restored for ten seconds, as after
 * `deleteRun()`, unless there is no room to note that. Starred runs, runs that are being written and the newest run always stay.
 */
export interface RetentionPolicy {
  /** Keep the newest so many runs; starred ones do not count. Default: all. */
  readonly keepRuns?: number;
  /** Bytes that all runs together may take in our own count. Default: no limit. */
  readonly maxBytes?: number;
}

/** Applies a {@link RetentionPolicy}. */
export class Retention {
  readonly #context: StoreContext;
  readonly #policy: RetentionPolicy;
  /** What ended and compacted runs were found to take, which changes no more. */
  readonly #known = new Map<string, { readonly state: string; readonly bytes: number }>();

  #taken = 0;

  /** Throws `bad-options`. */
  constructor(context: StoreContext, policy: RetentionPolicy) {
    for (const name of ['keepRuns', 'maxBytes'] as const) {
      const value = policy[name];
      if (value !== undefined && !(value >= 0)) {
        throw new LogError(
          'bad-options',
          `openStore({ retention: { ${name} } }): ${describe(value)}, need a number from 0 up, or leave it out.`,
        );
      }
    }
    this.#context = context;
    this.#policy = policy;
  }

  /** Bytes that the runs take which {@link apply} has left; known where the policy limits them. */
  get taken(): number {
    return this.#taken;
  }

  /** Marks runs as deleted. Resolves with their ids. */
  async apply(): Promise<readonly string[]> {
    const { keepRuns = Infinity, maxBytes = Infinity } = this.#policy;
    const { backend, locks } = this.#context;
    const all = await backend.read(['runs'], (tx) => tx.getAll('runs'));
    const records = all.filter((record) => record.deletedAt === undefined && isSound(record)).sort(byAge);
    const live = await locks.live(records.filter((record) => record.status === 'running'));
    const removable = records.slice(0, -1).filter((record) => record.isStarred !== true && !live.has(record.id));
    const countable = records.filter((record) => record.isStarred !== true).length;
    const tooMany = Math.max(0, countable - keepRuns);
    // Of the oldest `tooMany` runs those that may go: a younger one never goes in place of one that has to stay.
    const oldest = new Set(records.filter((record) => record.isStarred !== true).slice(0, tooMany));
    const chosen = new Set(removable.filter((record) => oldest.has(record)));
    if (maxBytes !== Infinity) {
      const ids = new Set(records.map(({ id }) => id));
      for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
      const sizes = new Map<RunRecord, number>();
      for (const record of records) if (!chosen.has(record)) sizes.set(record, await this.#bytesOf(record));
      let total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
      for (const record of removable) {
        if (total <= maxBytes) break;
        total -= sizes.get(record) ?? 0;
        chosen.add(record);
      }
      this.#taken = total;
    }
    return this.#letGo([...chosen]);
  }

  async #letGo(records: readonly RunRecord[]): Promise<readonly string[]> {
    const [oldest, ...others] = records;
    if (oldest === undefined) return [];
    try {
      return await this.#markDeleted(records);
    } catch (thrown) {
      if (!isFullError(thrown)) throw thrown;
    }
    // The oldest goes for good, and makes room to mark the others.
    const isGone = await this.#context.backend.write(
      storesOfRun,
      async (tx) => (await removable(tx, oldest)) === undefined || deleteWithoutRoom(tx, oldest.id),
    );
    if (!isGone) await this.#markDeleted([oldest], true);
    return [oldest.id, ...(await this.#letGo(others))];
  }

  #markDeleted(records: readonly RunRecord[], isEmptied = false): Promise<readonly string[]> {
    return this.#context.backend.write(['runs'], async (tx) => {
      const marked: string[] = [];
      for (const record of records) {
        const now = await removable(tx, record);
        if (now === undefined) continue;
        await tx.put('runs', { ...now, deletedAt: Date.now(), ...(isEmptied ? { isPurging: true } : {}) });
        marked.push(record.id);
      }
      return marked;
    });
  }

  async #bytesOf(record: RunRecord): Promise<number> {
    const { id, compactedTo, nextIndex, isSettled } = record;
    const { backend } = this.#context;
    // The last chunk is part of it: points may have been stored after the run had ended.
    const last = await backend.read(['journal'], (tx) => tx.lastKey('journal', keysUnder(id)));
    const state = JSON.stringify([identityOf(record), compactedTo, last, nextIndex]);
    const known = this.#known.get(id);
    if (known?.state === state) return known.bytes;
    const units = await backend.read(['units'], (tx) => tx.getAll('units', keysUnder(id)));
    let bytes = units.reduce((sum, unit) => sum + unit.totalBytes, 0) + (await this.#recordBytes(id));
    for await (const chunks of journalBatches(backend, id, 0)) {
      for (const chunk of chunks) bytes += bytesIn(chunk);
    }
    if (isSettled === true) this.#known.set(id, { state, bytes });
    return bytes;
  }

  async #recordBytes(runId: string): Promise<number> {
    const atOnce = 100;
    let sum = 0;
    const { to, from: start } = keysUnder(runId);
    for (let from: RecordKey = start; ;) {
      const range = { from, to };
      const records = await this.#context.backend.read(['records'], (tx) => tx.getAll('records', range, atOnce));
      for (const { content, data = {} } of records) {
        sum += content?.size ?? 0;
        for (const part of Object.values(data)) sum += ArrayBuffer.isView(part) ? part.byteLength : JSON.stringify(part).length;
      }
      const last = records.at(-1);
      if (last === undefined || records.length < atOnce) return sum;
      from = [runId, last.kind, last.tag, last.index + 0.5];
    }
  }
}

// Undefined when it was starred, continued or deleted since it was looked at.
async function removable(tx: Reading, record: RunRecord): Promise<RunRecord | undefined> {
  const now = await tx.get('runs', record.id);
  if (now === undefined || now.deletedAt !== undefined || now.isStarred === true || now.status !== record.status) return undefined;
  return now.resumes?.length === record.resumes?.length ? now : undefined;
}
