import { Connection, type ConnectionOptions, type Database } from './database.ts';
import type { NewRun } from './metric-store.ts';
import { isSamePack } from './pack.ts';
import { defaultProject, newRunRecord, type RunRecord } from './run-record.ts';
import { type JournalRecord, journalKeys, keysOfRun, type TagRecord } from './schema.ts';
import type { SeriesPlace, StoreBackend } from './store-backend.ts';
import { existsError, notFoundError, wrongSeqError } from './store-error.ts';

// "Relaxed" = in the operating system's hands: safe against the death of tab and browser, not against a power cut.
const relaxed = { durability: 'relaxed' } as const;

/** Records in IndexedDB. */
export class IdbBackend implements StoreBackend {
  readonly #connection: Connection;
  /** The tags that a run is known to have, for runs that are written through this store. */
  readonly #knownTags = new Map<string, Promise<Set<string>>>();

  constructor(storeName: string, options?: ConnectionOptions) {
    this.#connection = new Connection(storeName, options);
  }

  /** Opens the database now, to find out whether it can be. */
  async open(): Promise<void> {
    await this.#connection.open();
  }

  async listRuns(filter: { readonly project?: string | undefined; readonly status?: 'running' }): Promise<readonly RunRecord[]> {
    const database = await this.#connection.open();
    if (filter.project !== undefined) return database.getAllFromIndex('runs', 'project', filter.project);
    if (filter.status !== undefined) return database.getAllFromIndex('runs', 'status', filter.status);
    return database.getAll('runs');
  }

  async getRun(runId: string): Promise<RunRecord | undefined> {
    const database = await this.#connection.open();
    return database.get('runs', runId);
  }

  async addRun(run: NewRun, runId: string): Promise<RunRecord> {
    const database = await this.#connection.open();
    const tx = database.transaction('runs', 'readwrite', relaxed);
    // Looked up and written in one transaction, so that two tabs never choose the same name.
    const newest = tx.store.index('order').openKeyCursor(null, 'prev');
    const others = tx.store.index('project').getAll(run.project ?? defaultProject);
    const [taken, last, siblings] = await Promise.all([tx.store.getKey(runId), newest, others]);
    if (taken !== undefined) throw existsError(runId);
    // The key of the index `order` is a number, says the schema.
    const record = newRunRecord(run, runId, last === null ? 0 : (last.key as number) + 1, siblings);
    await settled(tx.done, tx.store.add(record));
    return record;
  }

  async changeRun(runId: string, change: (record: RunRecord) => RunRecord): Promise<RunRecord | undefined> {
    const database = await this.#connection.open();
    const tx = database.transaction('runs', 'readwrite', relaxed);
    const record = await tx.store.get(runId);
    if (record === undefined) return undefined;
    const changed = change(record);
    await settled(tx.done, tx.store.put(changed));
    return changed;
  }

  async removeRun(runId: string): Promise<boolean> {
    this.#knownTags.delete(runId);
    const database = await this.#connection.open();
    const tx = database.transaction(['runs', 'journal', 'tags'], 'readwrite', relaxed);
    const key = tx.objectStore('runs').getKey(runId);
    await settled(
      tx.done,
      key,
      tx.objectStore('runs').delete(runId),
      tx.objectStore('journal').delete(keysOfRun(runId)),
      tx.objectStore('tags').delete(keysOfRun(runId)),
    );
    return (await key) !== undefined;
  }

  async append(record: JournalRecord, tags: readonly string[]): Promise<void> {
    const { runId, seq } = record;
    for (let attempt = 0; ; attempt++) {
      const [database, known] = await Promise.all([this.#connection.open(), this.#tagsOf(runId, seq)]);
      const fresh = tags.filter((tag) => !known.has(tag));
      const records = fresh.map((tag, index) => ({ runId, tag, order: known.size + index, firstSeq: seq }));
      // Known from now on: a chunk appended meanwhile stands or falls with this one.
      for (const tag of fresh) known.add(tag);
      try {
        if (await appendRecord(database, record, records)) return;
      } catch (thrown) {
        this.#knownTags.delete(runId);
        if (!(thrown instanceof DOMException && thrown.name === 'ConstraintError')) throw thrown;
        // Someone else wrote this chunk or one of its tags. The same chunk is what a writer offers again when the answer got lost.
        if (await this.#isStored(database, record)) return;
        if (attempt === 0) continue;
      }
      this.#knownTags.delete(runId);
      const call = `append(run '${runId}', chunk ${seq})`;
      if ((await database.getKey('runs', runId)) === undefined) throw notFoundError(call, runId);
      throw wrongSeqError(call, seq, await this.lastSeq(runId));
    }
  }

  async readJournal(runId: string, fromSeq: number, throughSeq: number, most: number): Promise<readonly JournalRecord[]> {
    if (fromSeq > throughSeq) return [];
    const database = await this.#connection.open();
    return database.getAll('journal', journalKeys(runId, fromSeq, throughSeq), most);
  }

  async lastSeq(runId: string): Promise<number> {
    const database = await this.#connection.open();
    const last = await database.transaction('journal').store.openKeyCursor(keysOfRun(runId), 'prev');
    return last?.primaryKey[1] ?? -1;
  }

  async listTags(runId: string): Promise<readonly TagRecord[]> {
    const database = await this.#connection.open();
    const records = await database.getAll('tags', keysOfRun(runId));
    return records.sort((a, b) => a.order - b.order);
  }

  async locate(runId: string, tag: string): Promise<SeriesPlace> {
    const database = await this.#connection.open();
    const tx = database.transaction(['runs', 'journal', 'tags']);
    const [run, found, last] = await Promise.all([
      tx.objectStore('runs').get(runId),
      tx.objectStore('tags').get([runId, tag]),
      tx.objectStore('journal').openKeyCursor(keysOfRun(runId), 'prev'),
    ]);
    return { startedAt: run?.startedAt ?? 0, firstSeq: found?.firstSeq, lastSeq: last?.primaryKey[1] ?? -1 };
  }

  suspend(): void {
    this.#connection.letGo();
  }

  close(): void {
    this.#connection.close();
  }

  #tagsOf(runId: string, seq: number): Promise<Set<string>> {
    let known = this.#knownTags.get(runId);
    if (known === undefined) {
      known =
        seq === 0
          ? Promise.resolve(new Set<string>())
          : this.listTags(runId).then((records) => new Set(records.map((record) => record.tag)));
      known.catch(() => this.#knownTags.delete(runId));
      this.#knownTags.set(runId, known);
    }
    return known;
  }

  async #isStored(database: Database, record: JournalRecord): Promise<boolean> {
    const stored = await database.get('journal', [record.runId, record.seq]);
    return stored !== undefined && isSamePack(stored.bytes, record.bytes);
  }
}

/**
 * One chunk, one transaction over exactly the object stores it needs, every request made at once. False when the chunk
 * does not continue a stored run: then nothing was written.
 */
async function appendRecord(database: Database, record: JournalRecord, newTags: readonly TagRecord[]): Promise<boolean> {
  const { runId, seq } = record;
  const scope: ('runs' | 'journal' | 'tags')[] = ['journal'];
  if (newTags.length > 0) scope.push('tags');
  if (seq === 0) scope.push('runs');
  const tx = database.transaction(scope, 'readwrite', relaxed);
  const journal = tx.objectStore('journal');
  // The chunk before is proof that the run is still there and that nothing is missing; for the first it is the run itself.
  const anchor: Promise<unknown> = seq === 0 ? tx.objectStore('runs').getKey(runId) : journal.getKey([runId, seq - 1]);
  let isAnchored = true;
  const checked = anchor.then((key) => {
    if (key !== undefined) return;
    isAnchored = false;
    tx.abort();
  });
  try {
    await settled(tx.done, checked, journal.add(record), ...newTags.map((tag) => tx.objectStore('tags').add(tag)));
  } catch (thrown) {
    if (!isAnchored) return false;
    throw thrown;
  }
  return true;
}

// Waits for the end of the transaction; when it fails, the request's own error is the one to tell, not that of the abort.
async function settled(done: Promise<void>, ...requests: readonly Promise<unknown>[]): Promise<void> {
  try {
    await Promise.all([...requests, done]);
  } catch (thrown) {
    await done.catch(() => {});
    throw thrown;
  }
}
