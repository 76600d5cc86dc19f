/** One batch that waits to be sent. */
export interface QueuedBatch {
  /** The whole address it goes to. */
  readonly url: string;
  /** When its sender began, in milliseconds since the Unix epoch. */
  readonly since: number;
  /** Who made it: one logger of one run in one thread. */
  readonly sender: string;
  /** Unique; of one sender, in the order in which they are to be sent. */
  readonly id: string;
  /** When it was queued, in milliseconds since the Unix epoch: the oldest goes first when there is no room. */
  readonly at: number;
  /** Rows, records and what else it holds. */
  readonly items: number;
  /** Length of the body. */
  readonly size: number;
  /** As it is sent. */
  readonly body: string;
}

/** What names a batch in the database; in this order they are sent. What is needed to make room is in it, so that no body is read for that. */
export type QueueKey = [url: string, since: number, sender: string, id: string, at: number, items: number, size: number];

/** Batches that could not be sent, kept beside a store for whoever sends to the same address next. */
export interface Outbox {
  /**
   * Resolves when they are kept, with the number of items that had to go because there is more than `mostBytes`: the oldest. Where
   * the database is open, the browser has them when this returns. Rejects with the browser's error.
   */
  add(batches: readonly QueuedBatch[], mostBytes: number): Promise<number>;
  /** The batches for an address, in the order in which they are to be sent. */
  keys(url: string): Promise<QueueKey[]>;
  /** Undefined when it is no longer there. */
  read(key: QueueKey): Promise<QueuedBatch | undefined>;
  /** Takes one out, and puts others in its place, at once. */
  replace(key: QueueKey, parts?: readonly QueuedBatch[]): Promise<void>;
  /** Closes the database until it is needed again: the page is being frozen. */
  letGo(): void;
}

// One object store needs no library; with one, every page that sends would carry it.
const batchStore = 'batches';
const keyPath = ['url', 'since', 'sender', 'id', 'at', 'items', 'size'];

/** The name of the database. The outbox of a store is beside it, so that sending needs neither the store nor its version. */
export function outboxName(storeName: string): string {
  return `tabtrain-outbox:${storeName}`;
}

/** Deletes the outbox of a store with all that waits in it. */
export async function deleteOutbox(storeName: string): Promise<void> {
  await answered(indexedDB.deleteDatabase(outboxName(storeName)));
}

/** The outbox beside a store. Undefined where the browser has no database for this page. */
export async function openOutbox(storeName: string): Promise<Outbox | undefined> {
  const outbox = new DatabaseOutbox(outboxName(storeName));
  try {
    await outbox.open();
    return outbox;
  } catch {
    // There is none, or it is refused: a sandboxed frame, blocked site data, a private window.
    return undefined;
  }
}

/** The key of a batch. */
export function keyOf({ url, since, sender, id, at, items, size }: Omit<QueuedBatch, 'body'>): QueueKey {
  return [url, since, sender, id, at, items, size];
}

class DatabaseOutbox implements Outbox {
  readonly #name: string;
  #database: IDBDatabase | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  async open(): Promise<IDBDatabase> {
    const opening = indexedDB.open(this.#name, 1);
    opening.addEventListener('upgradeneeded', () => {
      opening.result.createObjectStore(batchStore, { keyPath });
    });
    const database = await answered(opening);
    const forget = (): void => {
      if (this.#database === database) this.#database = undefined;
    };
    // It is being deleted with its store.
    database.addEventListener('versionchange', () => {
      database.close();
      forget();
    });
    database.addEventListener('close', forget);
    this.#database?.close(); // two opened it at once
    this.#database = database;
    return database;
  }

  async add(batches: readonly QueuedBatch[], mostBytes: number): Promise<number> {
    const { store, transaction, over } = this.#begin('readwrite', this.#database ?? (await this.open()));
    for (const batch of batches) store.put(batch);
    // Not by itself after the last answer, for which a page that is closed does not live.
    transaction.commit();
    await over;
    return this.#makeRoom(mostBytes);
  }

  async keys(url: string): Promise<QueueKey[]> {
    const { store } = this.#begin('readonly', this.#database ?? (await this.open()));
    // Arrays come behind all strings and numbers.
    const keys = await answered(store.getAllKeys(IDBKeyRange.bound([url], [url, []])));
    return keys as QueueKey[]; // that is its key path
  }

  async read(key: QueueKey): Promise<QueuedBatch | undefined> {
    const { store } = this.#begin('readonly', this.#database ?? (await this.open()));
    return (await answered(store.get(key))) as QueuedBatch | undefined; // nothing else is put there
  }

  async replace(key: QueueKey, parts: readonly QueuedBatch[] = []): Promise<void> {
    const { store, over } = this.#begin('readwrite', this.#database ?? (await this.open()));
    const request = store.getKey(key);
    request.addEventListener('success', () => {
      // Another tab has sent it, or it was deleted with its store.
      if (request.result === undefined) return;
      store.delete(key);
      for (const part of parts) store.put(part);
    });
    await over;
  }

  letGo(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  async #makeRoom(mostBytes: number): Promise<number> {
    const { store, over } = this.#begin('readwrite', this.#database ?? (await this.open()));
    let dropped = 0;
    const request = store.getAllKeys();
    request.addEventListener('success', () => {
      const keys = request.result as QueueKey[]; // that is its key path
      let bytes = keys.reduce((sum, key) => sum + key[6], 0);
      for (const key of bytes > mostBytes ? keys.toSorted((a, b) => a[4] - b[4]) : []) {
        if (bytes <= mostBytes) return;
        store.delete(key);
        bytes -= key[6];
        dropped += key[5];
      }
    });
    await over;
    return dropped;
  }

  #begin(
    mode: IDBTransactionMode,
    database: IDBDatabase,
  ): { readonly store: IDBObjectStore; readonly transaction: IDBTransaction; readonly over: Promise<void> } {
    const transaction = database.transaction(batchStore, mode);
    const over = new Promise<void>((resolve, reject) => {
      transaction.addEventListener('complete', () => resolve());
      // Nobody aborts it without one.
      transaction.addEventListener('abort', () => reject(transaction.error as DOMException));
    });
    over.catch(() => undefined); // of a reading transaction each request is heard
    return { store: transaction.objectStore(batchStore), transaction, over };
  }
}

function answered<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    // It has one then.
    request.addEventListener('error', () => reject(request.error as DOMException));
  });
}
