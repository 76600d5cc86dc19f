import type { IDBPDatabase, IDBPObjectStore, IDBPTransaction } from 'idb';
import { Connection, type ConnectionOptions } from './database.ts';
import type { StoreName } from './schema.ts';
import { type KeyRange, keysUnder, type Reading, type RecordKey, type RecordOf, type StoreBackend, type Writing } from './store-backend.ts';

/** How long a page that was told to let go, and not that it is back, waits before it takes its database again. */
const pauseMs = 1000;

/** Records in IndexedDB. */
export class IdbBackend implements StoreBackend {
  readonly #connection: Connection;
  readonly #running = new Set<Transaction>();
  /** Until the page is back. */
  #pause: Promise<void> | undefined;
  #endPause: (() => void) | undefined;
  /** Transactions that a suspension has broken off. */
  readonly #brokenOff = new WeakSet<Transaction>();

  constructor(storeName: string, options?: ConnectionOptions) {
    this.#connection = new Connection(storeName, options);
  }

  /** Opens the database now, to find out whether it can be. */
  async open(): Promise<void> {
    await this.#connection.open();
  }

  read<Result>(stores: readonly StoreName[], work: (tx: Reading) => Promise<Result>): Promise<Result> {
    return this.#transact(() => this.#begin(stores, 'readonly'), true, work);
  }

  write<Result>(
    stores: readonly StoreName[],
    work: (tx: Writing) => Promise<Result>,
    options: { readonly durability?: 'relaxed' | 'strict' } = {},
  ): Promise<Result> {
    return this.#transact(() => this.#begin(stores, 'readwrite', options.durability ?? 'relaxed'), false, work);
  }

  // A frozen page answers to nobody: its transactions would keep every other tab waiting, its connection a newer program. What is
  // broken off, and what is asked for meanwhile, begins when it is back.
  suspend(): void {
    for (const tx of this.#running) {
      if (attempt(() => tx.abort())) this.#brokenOff.add(tx);
    }
    this.#connection.letGo();
    this.#endPause?.();
    const pause = new Promise<void>((resolve) => {
      this.#endPause = resolve;
      // A frozen page has no timers. This is for one that is used on and never told that it is back.
      setTimeout(resolve, pauseMs);
    });
    this.#pause = pause;
    void pause.then(() => {
      if (this.#pause === pause) this.#pause = undefined;
    });
  }

  resume(): void {
    this.#endPause?.();
  }

  close(): void {
    this.#connection.close();
  }

  async #whenBack(): Promise<void> {
    while (this.#pause !== undefined) await this.#pause;
  }

  async #transact<Result>(begin: () => Promise<Transaction>, isReading: boolean, work: (tx: Writing) => Promise<Result>): Promise<Result> {
    for (;;) {
      const tx = await begin();
      this.#running.add(tx);
      try {
        return await settled(tx, isReading, work);
      } catch (thrown) {
        if (!this.#brokenOff.has(tx)) throw thrown;
      } finally {
        // Work may be over before its transaction is: other requests of it may be under way.
        const forget = (): unknown => this.#running.delete(tx);
        tx.done.then(forget, forget);
      }
    }
  }

  async #begin(stores: readonly StoreName[], mode: IDBTransactionMode, durability?: 'relaxed' | 'strict'): Promise<Transaction> {
    const begin = (database: IDBPDatabase): Transaction => {
      const options = durability === undefined ? undefined : { durability };
      // What only reads is given out as `Reading`.
      return database.transaction([...stores], mode as 'readwrite', options);
    };
    await this.#whenBack();
    const database = await this.#connection.open();
    try {
      return begin(database);
    } catch (thrown) {
      if (!(thrown instanceof DOMException && thrown.name === 'InvalidStateError')) throw thrown;
      // The connection was let go, or taken away by the browser, since it was opened.
      this.#connection.forget(database);
      await this.#whenBack();
      return begin(await this.#connection.open());
    }
  }
}

type Transaction = IDBPTransaction<unknown, string[], 'readwrite'>;

/** The result of the work, once its transaction has ended well. */
async function settled<Result>(tx: Transaction, isReading: boolean, work: (tx: Writing) => Promise<Result>): Promise<Result> {
  tx.done.catch(() => {});
  let refusal: DOMException | null | undefined;
  // Heard before the request's own promise is rejected.
  const onError = (event: Event): void => {
    // One damaged record is no reason to read no other; but work that goes on after a write has failed must not be committed.
    if (isReading) event.preventDefault();
    else refusal ??= (event.target as IDBRequest).error; // only requests have this event
  };
  tx.addEventListener('error', onError, true);
  // Not by `tx.done`: it is rejected before the browser has said what the error is.
  const failed = new Promise<DOMException | undefined>((resolve) => {
    tx.addEventListener('complete', () => resolve(undefined));
    tx.addEventListener('abort', () => resolve(tx.error ?? new DOMException('The transaction was aborted.', 'AbortError')));
  });
  let result: Result;
  try {
    result = await work(new IdbTransaction(tx));
    if (refusal) throw refusal;
    if (isReading) return result;
    // Sooner than the browser would by itself, unless it has done so or the transaction was aborted.
    attempt(() => tx.commit());
  } catch (thrown) {
    attempt(() => tx.abort());
    // A request that was broken off knows no reason; the transaction may.
    const reason = refusal ?? (await failed);
    throw isAbort(thrown) && reason !== undefined ? reason : thrown;
  }
  const reason = await failed;
  if (reason !== undefined) throw reason;
  return result;
}

class IdbTransaction implements Writing {
  readonly #tx: Transaction;

  constructor(tx: Transaction) {
    this.#tx = tx;
  }

  async get<Name extends StoreName>(store: Name, key: RecordKey): Promise<RecordOf<Name> | undefined> {
    return this.#store(store).get(keyOf(key));
  }

  async has(store: StoreName, key: RecordKey): Promise<boolean> {
    return (await this.#store(store).getKey(keyOf(key))) !== undefined;
  }

  async getAll<Name extends StoreName>(store: Name, range?: KeyRange, most?: number): Promise<readonly RecordOf<Name>[]> {
    return isEmpty(range, most) ? [] : this.#store(store).getAll(range && boundOf(range), countOf(most));
  }

  async keys(store: StoreName, range: KeyRange, most?: number): Promise<readonly RecordKey[]> {
    // Keys are made of strings and numbers, says the schema.
    return isEmpty(range, most) ? [] : ((await this.#store(store).getAllKeys(boundOf(range), countOf(most))) as RecordKey[]);
  }

  async lastKey(store: StoreName, range: KeyRange): Promise<RecordKey | undefined> {
    if (isEmpty(range)) return undefined;
    const cursor = await this.#store(store).openKeyCursor(boundOf(range), 'prev');
    return cursor?.primaryKey as RecordKey | undefined; // as above
  }

  async runsOfProject(project: string): Promise<readonly RecordOf<'runs'>[]> {
    return this.#store('runs').index('project').getAll(project);
  }

  async runsOfStatus(status: string): Promise<readonly RecordOf<'runs'>[]> {
    return this.#store('runs').index('status').getAll(status);
  }

  async lastRunOrder(): Promise<number> {
    const cursor = await this.#store('runs').index('order').openKeyCursor(null, 'prev');
    return cursor === null ? -1 : Number(cursor.key);
  }

  async tagsFrom(runId: string, order: number): Promise<readonly RecordOf<'tags'>[]> {
    return this.#store('tags')
      .index('order')
      .getAll(boundOf({ ...keysUnder(runId), from: [runId, order] }));
  }

  async add<Name extends StoreName>(store: Name, record: RecordOf<Name>): Promise<void> {
    await this.#store(store).add(record);
  }

  async put<Name extends StoreName>(store: Name, record: RecordOf<Name>): Promise<void> {
    await this.#store(store).put(record);
  }

  async delete(store: StoreName, key: RecordKey | KeyRange): Promise<void> {
    if (typeof key === 'string' || !('from' in key)) await this.#store(store).delete(keyOf(key));
    else if (!isEmpty(key)) await this.#store(store).delete(boundOf(key));
  }

  #store(name: StoreName): IDBPObjectStore<unknown, string[], StoreName, 'readwrite'> {
    return this.#tx.objectStore(name);
  }
}

// The DOM's types know no read-only lists.
function keyOf(key: RecordKey): IDBValidKey {
  return key as IDBValidKey;
}

function boundOf({ from, to }: KeyRange): IDBKeyRange {
  return IDBKeyRange.bound(keyOf(from), keyOf(to));
}

// Neither can be said to IndexedDB: a range that ends before it begins is an error there, and a count of 0 means all.
function isEmpty(range: KeyRange | undefined, most?: number): boolean {
  return most === 0 || (range !== undefined && indexedDB.cmp(keyOf(range.from), keyOf(range.to)) > 0);
}

function countOf(most: number | undefined): number | undefined {
  return most === undefined || most > 0xffff_ffff ? undefined : most;
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError';
}

function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    // The transaction has ended already.
    return false;
  }
}
