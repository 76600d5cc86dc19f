import { deleteDB, type IDBPDatabase, openDB } from 'idb';
import { LogError } from '../core/errors.ts';
import { noteObstacle } from './obstacles.ts';
import { databaseName, indexes, keyPaths, schemaVersion } from './schema.ts';
import { closedError } from './store-error.ts';

/** How long a deletion may take, in milliseconds, before it is told to be blocked. */
const deletePatienceMs = 3_000;
/** How long opening may take, in milliseconds, before somebody is told: with the browser saying that it is blocked, and without. */
const noticeMs = { blocked: 250, silent: 5_000 };

export interface ConnectionOptions {
  /** How long opening may take, in milliseconds. Default: as long as another tab stands in the way. */
  readonly patienceMs?: number | undefined;
  /** Opening takes long, because another tab stands in the way. */
  readonly onWaiting?: (() => void) | undefined;
  /** Default: the version this program is made for. */
  readonly version?: number;
}

/**
 * The connection to a store's database. It is let go when a newer program wants to change the database, when the database
 * is deleted, and when the page is frozen; the next call takes it again.
 */
export class Connection {
  readonly #storeName: string;
  readonly #options: ConnectionOptions;
  #opening: Promise<IDBPDatabase> | undefined;
  #current: IDBPDatabase | undefined;
  #isClosed = false;

  constructor(storeName: string, options: ConnectionOptions = {}) {
    this.#storeName = storeName;
    this.#options = options;
  }

  /** The open database. Use it before anything else is awaited: it may be let go in between. */
  async open(): Promise<IDBPDatabase> {
    if (this.#isClosed) throw closedError(`openStore('${this.#storeName}')`);
    const opening = (this.#opening ??= this.#begin());
    try {
      return await opening;
    } catch (thrown) {
      if (this.#opening === opening) this.#opening = undefined;
      throw thrown;
    }
  }

  /** This database cannot be used any more; the next {@link open} makes a new connection. */
  forget(database: IDBPDatabase): void {
    // Not one that is being opened in its place.
    if (this.#current !== database) return;
    this.#current = undefined;
    this.#opening = undefined;
  }

  /** Closes the connection once its transactions are done; the next {@link open} makes a new one. */
  letGo(): void {
    const opening = this.#opening;
    this.#opening = undefined;
    this.#current = undefined;
    opening?.then(
      (database) => database.close(),
      () => {},
    );
  }

  /** Lets go for good. */
  close(): void {
    this.#isClosed = true;
    noteObstacle(this.#storeName, undefined);
    this.letGo();
  }

  #begin(): Promise<IDBPDatabase> {
    const opening = this.#connect().then((database) => {
      // Not when it was let go while it was being opened: another one may be on its way.
      if (this.#opening === opening) this.#current = database;
      return database;
    });
    return opening;
  }

  async #connect(): Promise<IDBPDatabase> {
    const { patienceMs, onWaiting, version = schemaVersion } = this.#options;
    const name = this.#storeName;
    const wait = new Wait(patienceMs, () => {
      noteObstacle(name, 'waiting');
      onWaiting?.();
    });
    const opened = openDB(databaseName(name), version, {
      upgrade: (database, _from, _to, tx) => {
        for (const [name, keyPath] of Object.entries(keyPaths)) {
          if (!database.objectStoreNames.contains(name)) database.createObjectStore(name, { keyPath: keyPathOf(keyPath) });
        }
        for (const { store, name, keyPath } of indexes) {
          const records = tx.objectStore(store);
          if (!records.indexNames.contains(name)) records.createIndex(name, keyPathOf(keyPath));
        }
      },
      blocked: () => wait.blocked(),
    });
    const usable = opened.then((database) => {
      // Too late: nobody waits for it any more.
      if (wait.isOver) database.close();
      return database;
    });
    const opening = wait.orElse(usable, (ms) =>
      blockedError(
        `openStore('${name}')`,
        `the database could not be opened within ${ms} ms, because another tab holds an older version of it or is deleting it. ` +
          'Close other tabs of this site, then reload; the data is untouched.',
      ),
    );
    const database = await opening.catch((thrown: unknown) => {
      noteObstacle(name, thrown instanceof DOMException && thrown.name === 'VersionError' ? 'newer' : undefined);
      throw thrown;
    });
    noteObstacle(name, undefined);
    // Asked to make way: a later call opens again and finds what the other has left.
    database.addEventListener('versionchange', () => {
      database.close();
      this.forget(database);
    });
    return database;
  }
}

/** Deletes a store's database. Rejects with `store-blocked` when some tab does not let go of it; then it goes when that tab does. */
export async function deleteDatabase(storeName: string, patienceMs: number = deletePatienceMs): Promise<void> {
  const wait = new Wait(patienceMs);
  await wait.orElse(deleteDB(databaseName(storeName)), () =>
    blockedError(
      `deleteStore('${storeName}')`,
      'another tab holds this database and does not let go. Close that tab: the browser deletes it when it can.',
    ),
  );
}

/** Waits for others to let go of a database: tells somebody that it does, and may not wait for ever. */
class Wait {
  readonly #patienceMs: number | undefined;
  readonly #onWaiting: () => void;
  #notice: ReturnType<typeof setTimeout> | undefined;
  /** Given up: what comes now comes too late. */
  isOver = false;

  constructor(patienceMs: number | undefined, onWaiting: () => void = () => {}) {
    this.#patienceMs = patienceMs;
    this.#onWaiting = onWaiting;
  }

  /** Browsers say so also while another connection is only finishing its last transaction. */
  blocked(): void {
    clearTimeout(this.#notice);
    this.#notice = setTimeout(this.#onWaiting, noticeMs.blocked);
  }

  async orElse<Result>(work: Promise<Result>, giveUp: (ms: number) => LogError): Promise<Result> {
    const ms = this.#patienceMs;
    // Behind a deletion that is itself blocked, the browser says nothing.
    this.#notice = setTimeout(this.#onWaiting, noticeMs.silent);
    let limit: ReturnType<typeof setTimeout> | undefined;
    const end = new Promise<never>((_, reject) => {
      if (ms === undefined) return;
      limit = setTimeout(() => {
        this.isOver = true;
        reject(giveUp(ms));
      }, ms);
    });
    try {
      return await Promise.race([work, end]);
    } finally {
      clearTimeout(limit);
      clearTimeout(this.#notice);
    }
  }
}

function blockedError(call: string, text: string): LogError {
  return new LogError('store-blocked', `${call}: ${text}`);
}

// idb's types know no read-only lists.
function keyPathOf(keyPath: string | readonly string[]): string | string[] {
  return typeof keyPath === 'string' ? keyPath : [...keyPath];
}
