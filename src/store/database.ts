import { deleteDB, type IDBPDatabase, openDB } from 'idb';
import { LogError } from '../core/errors.ts';
import { databaseName, schemaVersion, type TrackerSchema } from './schema.ts';
import { closedError } from './store-error.ts';

export type Database = IDBPDatabase<TrackerSchema>;

/**
 * The connection to a store's database. It is let go when a newer program wants to change the database, when the database
 * is deleted, and when the page is frozen; the next call takes it again.
 */
export class Connection {
  readonly #storeName: string;
  #opening: Promise<Database> | undefined;
  #isClosed = false;

  constructor(storeName: string) {
    this.#storeName = storeName;
  }

  /** The open database. Use it before anything else is awaited: it may be let go in between. */
  async open(): Promise<Database> {
    if (this.#isClosed) throw closedError(`openStore('${this.#storeName}')`);
    const opening = (this.#opening ??= this.#connect());
    try {
      return await opening;
    } catch (thrown) {
      if (this.#opening === opening) this.#opening = undefined;
      throw thrown;
    }
  }

  /** Closes the connection once its transactions are done; the next {@link open} makes a new one. */
  letGo(): void {
    const opening = this.#opening;
    this.#opening = undefined;
    opening?.then(
      (database) => database.close(),
      () => {},
    );
  }

  /** Lets go for good. */
  close(): void {
    this.#isClosed = true;
    this.letGo();
  }

  #connect(): Promise<Database> {
    return new Promise((resolve, reject) => {
      let isTooLate = false;
      const opened = openDB<TrackerSchema>(databaseName(this.#storeName), schemaVersion, {
        upgrade(database) {
          const runs = database.createObjectStore('runs', { keyPath: 'id' });
          runs.createIndex('project', 'project');
          runs.createIndex('status', 'status');
          runs.createIndex('order', 'order');
          database.createObjectStore('journal', { keyPath: ['runId', 'seq'] });
          database.createObjectStore('tags', { keyPath: ['runId', 'tag'] });
        },
        blocked: () => {
          isTooLate = true;
          reject(blockedError(`openStore('${this.#storeName}')`));
        },
        // Asked to make way: a later call opens again and finds what the other has left.
        blocking: (_current, _blocked, event) => {
          // The event's target is the connection that is in the way, says the IndexedDB standard.
          (event.target as IDBDatabase).close();
          this.#opening = undefined;
        },
        terminated: () => {
          this.#opening = undefined;
        },
      });
      opened.then((database) => {
        if (isTooLate) database.close();
        else resolve(database);
      }, reject);
    });
  }
}

/** Deletes a store's database. Rejects with `store-blocked` when some tab does not let go of it; then it goes when that tab does. */
export async function deleteDatabase(storeName: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    deleteDB(databaseName(storeName), { blocked: () => reject(blockedError(`deleteStore('${storeName}')`)) }).then(resolve, reject);
  });
}

function blockedError(call: string): LogError {
  return new LogError(
    'store-blocked',
    `${call}: another tab holds an older version of this database and does not let go. Close that tab and reload.`,
  );
}
