import { deleteDB, type IDBPDatabase, openDB } from 'idb';
import { LogError } from '../core/errors.ts';
import { databaseName, schemaVersion, type TrackerSchema } from './schema.ts';
import { closedError } from './store-error.ts';

/**
 * How long another connection may take to let go, in milliseconds. Browsers say `blocked` also while one is only finishing
 * its last transaction.
 */
const patienceMs = 3_000;

export type Database = IDBPDatabase<TrackerSchema>;

export interface ConnectionOptions {
  /** How long another tab may take to let go of the database, in milliseconds. Default 3,000. */
  readonly patienceMs?: number | undefined;
  /** Default: the version this program is made for. */
  readonly version?: number;
}

/**
 * The connection to a store's database. It is let go when a newer program wants to change the database, when the database
 * is deleted, and when the page is frozen; the next call takes it again.
 */
export class Connection {
  readonly #storeName: string;
  readonly #patienceMs: number;
  readonly #version: number;
  #opening: Promise<Database> | undefined;
  #isClosed = false;

  constructor(storeName: string, options: ConnectionOptions = {}) {
    this.#storeName = storeName;
    this.#patienceMs = options.patienceMs ?? patienceMs;
    this.#version = options.version ?? schemaVersion;
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
    const wait = new Patience(`openStore('${this.#storeName}')`, this.#patienceMs);
    const opened = openDB<TrackerSchema>(databaseName(this.#storeName), this.#version, {
      upgrade(database) {
        const runs = database.createObjectStore('runs', { keyPath: 'id' });
        runs.createIndex('project', 'project');
        runs.createIndex('status', 'status');
        runs.createIndex('order', 'order');
        database.createObjectStore('journal', { keyPath: ['runId', 'seq'] });
        database.createObjectStore('tags', { keyPath: ['runId', 'tag'] });
      },
      blocked: () => wait.begin(),
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
    const connected = opened.then((database) => {
      if (wait.isOver) database.close();
      return database;
    });
    return wait.orElse(connected);
  }
}

/** Deletes a store's database. Rejects with `store-blocked` when some tab does not let go of it; then it goes when that tab does. */
export async function deleteDatabase(storeName: string, patience: number = patienceMs): Promise<void> {
  const wait = new Patience(`deleteStore('${storeName}')`, patience);
  await wait.orElse(deleteDB(databaseName(storeName), { blocked: () => wait.begin() }));
}

/** Waits for others to let go of a database, but not for ever. */
class Patience {
  readonly #call: string;
  readonly #ms: number;
  readonly #end: Promise<never>;
  #giveUp: (error: LogError) => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Given up: what comes now comes too late. */
  isOver = false;

  constructor(call: string, ms: number) {
    this.#call = call;
    this.#ms = ms;
    this.#end = new Promise((_, reject) => {
      this.#giveUp = reject;
    });
  }

  begin(): void {
    this.#timer ??= setTimeout(() => {
      this.isOver = true;
      this.#giveUp(
        new LogError(
          'store-blocked',
          `${this.#call}: another tab holds an older version of this database and does not let go. Close that tab and reload.`,
        ),
      );
    }, this.#ms);
  }

  async orElse<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await Promise.race([work, this.#end]);
    } finally {
      clearTimeout(this.#timer);
    }
  }
}
