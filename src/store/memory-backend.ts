import { keyPaths, type StoreName } from './schema.ts';
import { SortedRecords } from './sorted-records.ts';
import { type KeyRange, keysUnder, type Reading, type RecordKey, type RecordOf, type StoreBackend, type Writing } from './store-backend.ts';
import { closedError } from './store-error.ts';

type ObjectStores = { readonly [Name in StoreName]: SortedRecords<RecordOf<Name>> };

interface Turn {
  readonly scope: readonly StoreName[];
  readonly isWriting: boolean;
  readonly ended: Promise<void>;
}

/** What all memory stores of one name share: object stores, and whose turn it is. */
export class MemoryDatabase {
  readonly stores: ObjectStores = {
    runs: new SortedRecords(keyPaths.runs),
    journal: new SortedRecords(keyPaths.journal),
    tags: new SortedRecords(keyPaths.tags),
    units: new SortedRecords(keyPaths.units),
    packs: new SortedRecords(keyPaths.packs),
    summaries: new SortedRecords(keyPaths.summaries),
    records: new SortedRecords(keyPaths.records),
    contents: new SortedRecords(keyPaths.contents),
    references: new SortedRecords(keyPaths.references),
    meta: new SortedRecords(keyPaths.meta),
  };
  readonly #turns = new Set<Turn>();

  /** Runs `work` when every transaction before it that stands in its way has ended: the rule of IndexedDB. */
  async inTurn<Result>(scope: readonly StoreName[], isWriting: boolean, work: () => Promise<Result>): Promise<Result> {
    const before = [...this.#turns].filter((turn) => (isWriting || turn.isWriting) && turn.scope.some((store) => scope.includes(store)));
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const turn = { scope, isWriting, ended };
    this.#turns.add(turn);
    try {
      await Promise.all(before.map((other) => other.ended));
      return await work();
    } finally {
      this.#turns.delete(turn);
      end();
    }
  }

  /** Removes everything. */
  async clear(): Promise<void> {
    const stores = Object.values(this.stores);
    // Every key of the object is the name of an object store.
    await this.inTurn(Object.keys(this.stores) as StoreName[], true, async () => {
      for (const store of stores) store.delete();
    });
  }
}

/** Records in this thread's memory, packed as in the database. */
export class MemoryBackend implements StoreBackend {
  readonly #database: MemoryDatabase;
  #isClosed = false;

  constructor(database: MemoryDatabase = new MemoryDatabase()) {
    this.#database = database;
  }

  async read<Result>(stores: readonly StoreName[], work: (tx: Reading) => Promise<Result>): Promise<Result> {
    return this.#transact(stores, false, work);
  }

  async write<Result>(stores: readonly StoreName[], work: (tx: Writing) => Promise<Result>): Promise<Result> {
    return this.#transact(stores, true, work);
  }

  suspend(): void {}

  close(): void {
    this.#isClosed = true;
  }

  async #transact<Result>(scope: readonly StoreName[], isWriting: boolean, work: (tx: Writing) => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw closedError('memoryStore()');
    return this.#database.inTurn(scope, isWriting, async () => {
      const tx = new MemoryTransaction(this.#database.stores, scope);
      try {
        const result = await work(tx);
        tx.commit();
        return result;
      } catch (thrown) {
        tx.rollBack();
        throw thrown;
      }
    });
  }
}

class MemoryTransaction implements Writing {
  readonly #stores: ObjectStores;
  readonly #scope: readonly StoreName[];
  readonly #undos: (() => void)[] = [];
  #failure: { readonly thrown: unknown } | undefined;
  #isOver = false;

  constructor(stores: ObjectStores, scope: readonly StoreName[]) {
    this.#stores = stores;
    this.#scope = scope;
  }

  /** Throws what a request has failed with, also where nobody cared: that aborts a transaction. */
  commit(): void {
    if (this.#failure !== undefined) throw this.#failure.thrown;
    this.#isOver = true;
  }

  rollBack(): void {
    this.#isOver = true;
    for (const undo of this.#undos.toReversed()) undo();
  }

  async get<Name extends StoreName>(store: Name, key: RecordKey): Promise<RecordOf<Name> | undefined> {
    const record = this.#store(store).get(key);
    return record && copied(store, record);
  }

  async has(store: StoreName, key: RecordKey): Promise<boolean> {
    return this.#store(store).get(key) !== undefined;
  }

  async getAll<Name extends StoreName>(store: Name, range?: KeyRange, most?: number): Promise<readonly RecordOf<Name>[]> {
    return this.#store(store)
      .getAll(range, most)
      .map((record) => copied(store, record));
  }

  async keys(store: StoreName, range: KeyRange, most?: number): Promise<readonly RecordKey[]> {
    return this.#store(store).keys(range, most);
  }

  async lastKey(store: StoreName, range: KeyRange): Promise<RecordKey | undefined> {
    return this.#store(store).lastKey(range);
  }

  async runsOfProject(project: string): Promise<readonly RecordOf<'runs'>[]> {
    return (await this.getAll('runs')).filter((run) => run.project === project);
  }

  async runsOfStatus(status: string): Promise<readonly RecordOf<'runs'>[]> {
    return (await this.getAll('runs')).filter((run) => run.status === status);
  }

  async lastRunOrder(): Promise<number> {
    const runs = this.#store('runs').getAll();
    return runs.reduce((last, run) => Math.max(last, run.order), -1);
  }

  async tagsFrom(runId: string, order: number): Promise<readonly RecordOf<'tags'>[]> {
    const tags = this.#store('tags').getAll(keysUnder(runId));
    return tags.filter((tag) => tag.order >= order).sort((a, b) => a.order - b.order);
  }

  async add<Name extends StoreName>(store: Name, record: RecordOf<Name>): Promise<void> {
    this.#change(() => this.#store(store).put(copied(store, record), true));
  }

  async put<Name extends StoreName>(store: Name, record: RecordOf<Name>): Promise<void> {
    this.#change(() => this.#store(store).put(copied(store, record), false));
  }

  async delete(store: StoreName, key: RecordKey | KeyRange): Promise<void> {
    const range = typeof key === 'object' && 'from' in key ? key : { from: key, to: key };
    this.#change(() => this.#store(store).delete(range));
  }

  #store<Name extends StoreName>(name: Name): ObjectStores[Name] {
    if (this.#isOver) throw new DOMException('The transaction has ended.', 'TransactionInactiveError');
    if (!this.#scope.includes(name)) throw new DOMException(`'${name}' is not in the scope of this transaction.`, 'NotFoundError');
    return this.#stores[name];
  }

  #change(change: () => () => void): void {
    try {
      this.#undos.push(change());
    } catch (thrown) {
      this.#failure ??= { thrown };
      throw thrown;
    }
  }
}

// What users hand in and get back they may change; packed buffers nobody writes into again.
function copied<Value>(store: StoreName, value: Value): Value {
  return store === 'runs' || store === 'records' ? structuredClone(value) : value;
}
