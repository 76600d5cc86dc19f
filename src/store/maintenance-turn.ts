import { newRunId } from '../core/run-id.ts';
import type { StoreName } from './schema.ts';
import type { Reading, StoreBackend, Writing } from './store-backend.ts';
import { isFullError } from './store-error.ts';

/** Somebody else looks after the database now: nothing more may be written in this turn. */
export class TurnLost extends Error {}

/**
 * The right to look after the database, for a moment. It is checked within each transaction, so that a tab that was frozen and
 * comes back to find its work done by another writes nothing.
 */
export class MaintenanceTurn {
  readonly #backend: StoreBackend;
  readonly #holder: string | undefined;
  readonly #signal: AbortSignal;

  constructor(backend: StoreBackend, holder: string | undefined, signal: AbortSignal) {
    this.#backend = backend;
    this.#holder = holder;
    this.#signal = signal;
  }

  /** Throws when the store has been closed or suspended since. */
  check(): void {
    this.#signal.throwIfAborted();
  }

  async read<Result>(stores: readonly StoreName[], work: (tx: Reading) => Promise<Result>): Promise<Result> {
    this.check();
    return this.#backend.read(stores, work);
  }

  /** Rejects with {@link TurnLost}. */
  async write<Result>(stores: readonly StoreName[], work: (tx: Writing) => Promise<Result>): Promise<Result> {
    this.check();
    return this.#backend.write([...stores, 'meta'], async (tx) => {
      const record = await tx.get('meta', 'maintenance');
      if (record?.holder !== this.#holder) throw new TurnLost('somebody else looks after the database now');
      return work(tx);
    });
  }
}

/** What is needed of Web Locks. */
export interface TurnLocks {
  request(name: string, options: LockOptions, use: () => Promise<unknown>): Promise<unknown>;
}

const ends = new Map<string, Promise<unknown>>();

/** Turns within this thread, one after the other; a store in memory needs no more. */
export const threadTurnLocks: TurnLocks = {
  request(name, { signal }, use) {
    const mine = (ends.get(name) ?? Promise.resolve()).then(() => {
      signal?.throwIfAborted();
      return use();
    });
    const end = mine
      .catch(() => {})
      .finally(() => {
        if (ends.get(name) === end) ends.delete(name);
      });
    ends.set(name, end);
    return mine;
  },
};

/** How often whoever waits for a turn looks whether others get on, and how many looks without any change mean that they do not. */
const waits = { withLock: { everyMs: 15_000, looks: 2 }, withoutLock: { everyMs: 100, looks: 300 } } as const;

/**
 * Gives turns at looking after the database, to one tab or worker at a time. They are told by a Web Lock, which the browser frees
 * with the thread that holds it. Where there is none, or when its holder has got stuck for half a minute (a frozen tab), the name
 * in the database decides.
 */
export class MaintenanceTurns {
  readonly #backend: StoreBackend;
  readonly #lockName: string;
  readonly #locks: TurnLocks | undefined;

  constructor(backend: StoreBackend, storeName: string, locks: TurnLocks | undefined) {
    this.#backend = backend;
    this.#lockName = `tabtrain-maintenance:${storeName}`;
    this.#locks = locks;
  }

  /** Waits for a turn and uses it. When the signal is aborted the turn is free at once, also before `work` has noticed. */
  async take<Result>(signal: AbortSignal, work: (turn: MaintenanceTurn) => Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    const holder = newRunId();
    if (this.#locks !== undefined) {
      return this.#withLock(this.#locks, signal, async () =>
        work(new MaintenanceTurn(this.#backend, await this.#takeOver(holder), signal)),
      );
    }
    await this.#claimInTurn(holder, signal);
    try {
      return await work(new MaintenanceTurn(this.#backend, holder, signal));
    } finally {
      await this.#free(holder).catch(() => {}); // the next one finds it stuck
    }
  }

  async #withLock<Result>(locks: TurnLocks, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    let outcome: Promise<Result> | undefined;
    let isStuck = false;
    let letGo = (): void => {};
    const stopped = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const waiting = new AbortController();
    const stop = (): void => {
      waiting.abort(signal.reason);
      letGo();
    };
    const unwatch = this.#watch(() => {
      isStuck = true;
      waiting.abort();
    });
    const use = (): Promise<unknown> => {
      unwatch();
      outcome = work();
      return Promise.race([stopped, outcome.catch(() => {})]);
    };
    signal.addEventListener('abort', stop);
    try {
      await locks.request(this.#lockName, { signal: waiting.signal }, use);
    } catch (thrown) {
      // Once it has been called, the error can only be that the lock was stolen; the next transaction will find that out.
      if (outcome === undefined && (signal.aborted || !isStuck)) throw thrown;
    } finally {
      unwatch();
      signal.removeEventListener('abort', stop);
    }
    if (outcome === undefined) await locks.request(this.#lockName, { steal: true }, use).catch(() => {});
    signal.throwIfAborted();
    return outcome as unknown as Promise<Result>; // `use` has been called by now
  }

  // Calls back when the name in the database has not changed for too long.
  #watch(onStuck: () => void): () => void {
    const { everyMs, looks } = waits.withLock;
    let last: string | undefined;
    let same = 0;
    const look = async (): Promise<void> => {
      const record = await this.#backend.read(['meta'], (tx) => tx.get('meta', 'maintenance'));
      const holder = record?.holder ?? '';
      same = holder === last ? same + 1 : 1;
      last = holder;
      if (same >= looks) onStuck();
    };
    // A look that fails is made up for by the next.
    const timer = setInterval(() => void look().catch(() => {}), everyMs);
    return () => clearInterval(timer);
  }

  async #claimInTurn(holder: string, signal: AbortSignal): Promise<void> {
    const { everyMs, looks } = waits.withoutLock;
    let last: string | undefined;
    let same = 0;
    for (;;) {
      const mayReplace = same >= looks ? last : undefined;
      const other = await this.#claim(holder, (found) => found === mayReplace);
      if (other === undefined) return;
      same = other === last ? same + 1 : 1;
      last = other;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      signal.throwIfAborted();
    }
  }

  // Where there is no room even for a name, whoever holds the lock goes on without one: deleting needs no room, and the name of the
  // one before must not stay valid.
  async #takeOver(holder: string): Promise<string | undefined> {
    try {
      await this.#claim(holder, () => true);
      return holder;
    } catch (thrown) {
      if (!isFullError(thrown)) throw thrown;
      await this.#backend.write(['meta'], (tx) => tx.delete('meta', 'maintenance'));
      return undefined;
    }
  }

  // Undefined when it worked, else who stands there.
  #claim(holder: string, mayReplace: (other: string) => boolean): Promise<string | undefined> {
    return this.#backend.write(['meta'], async (tx) => {
      const record = await tx.get('meta', 'maintenance');
      if (record !== undefined && !mayReplace(record.holder)) return record.holder;
      await tx.put('meta', { name: 'maintenance', holder });
      return undefined;
    });
  }

  #free(holder: string): Promise<void> {
    return this.#backend.write(['meta'], async (tx) => {
      const record = await tx.get('meta', 'maintenance');
      if (record?.holder === holder) await tx.delete('meta', 'maintenance');
    });
  }
}
