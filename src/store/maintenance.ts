import { LogError } from '../core/errors.ts';
import { Compactor, type CompactorOptions } from './compactor.ts';
import { type MaintenanceTurn, MaintenanceTurns, threadTurnLocks, TurnLost, type TurnLocks } from './maintenance-turn.ts';
import { type ContentReferences, isPurgeDue, purgeRun, undoWindowMs } from './purge.ts';
import { Retention, type RetentionPolicy } from './retention.ts';
import type { RunRecord } from './run-record.ts';
import type { StoreContext } from './store-context.ts';
import { closedError, toStoreError } from './store-error.ts';

/** What looking after a store needs beside the store. */
export interface MaintenanceParts {
  readonly records: ContentReferences;
  /** Default: everything is kept. */
  readonly retention?: RetentionPolicy | undefined;
  readonly compactor?: CompactorOptions | undefined;
  /** Who has a turn. Default: the browser's locks, or within this thread for a store in memory. */
  readonly locks?: TurnLocks | undefined;
}

/** Not at once: a page that has just been opened has its charts to draw. */
const startAfterMs = 2000;
/** Timers may be early by the clock's own measure. */
const timerSlackMs = 50;

/** One piece of work, done step by step; each step in a turn of its own, so that other tabs get theirs. */
interface Task {
  readonly step: (turn: MaintenanceTurn) => Promise<boolean>;
  readonly done: Promise<void>;
  readonly settle: (failure?: { readonly thrown: unknown }) => void;
  /** Goes before the others. */
  isUrgent: boolean;
  /** Asked for again while it was at work. */
  isDueAgain: boolean;
}

/** Tasks up to the next suspension. */
interface Shift {
  readonly ending: AbortController;
  readonly tasks: Map<string, Task>;
  isAtWork: boolean;
}

/**
 * Looks after a database in the background: compacts journals, removes deleted runs, keeps to the retention policy. Whatever
 * goes wrong is told once as a warning and never reaches the training.
 */
export class Maintenance {
  readonly #context: StoreContext;
  readonly #compactor: Compactor;
  readonly #records: ContentReferences;
  readonly #retention: Retention | undefined;
  readonly #turns: MaintenanceTurns;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** What each run has got since it was last looked at. */
  readonly #appended = new Map<string, { bytes: number; chunks: number }>();
  #retaining: Promise<void> | undefined;
  #shift: Shift = newShift();
  #isClosed = false;

  /** Throws `bad-options` for a policy that makes no sense. */
  constructor(context: StoreContext, parts: MaintenanceParts) {
    this.#context = context;
    this.#compactor = new Compactor(context, parts.compactor);
    this.#records = parts.records;
    this.#retention = parts.retention && new Retention(context, parts.retention);
    const { locks = context.kind === 'memory' ? threadTurnLocks : globalThis.navigator?.locks } = parts;
    this.#turns = new MaintenanceTurns(context.backend, context.name, locks);
  }

  /** Looks at the whole database soon, in the background: what was broken off goes on. */
  start(): void {
    // Nothing in memory is older than the thread.
    if (this.#context.kind === 'memory') return;
    this.#later('start', startAfterMs, () => this.#lookAtAll(false));
  }

  /** A run was made. */
  runMade(runId: string): void {
    this.#appended.delete(runId);
    this.#background(this.#retain());
  }

  /** A chunk was appended. Costs next to nothing. */
  appended(runId: string, bytes: number): void {
    const found = this.#appended.get(runId) ?? { bytes: 0, chunks: 0 };
    // Asked before the new chunk is added: the newest always stays in the journal.
    if (this.#compactor.isDue(found.bytes, found.chunks)) {
      found.bytes = found.chunks = 0;
      this.#background(this.#compact(runId, true));
    }
    found.bytes += bytes;
    found.chunks += 1;
    this.#appended.set(runId, found);
  }

  /** A run's record says that it has ended. */
  runEnded(runId: string): void {
    this.#appended.delete(runId);
    this.#background(this.#compact(runId, true));
    this.#background(this.#retain());
  }

  /** A run was marked as deleted. */
  runDeleted(runId: string): void {
    this.#appended.delete(runId);
    this.#later(`purge ${runId}`, undoWindowMs + timerSlackMs, () => this.#purge(runId, false));
  }

  /** Removes a deleted run now, before its id is used again. Does nothing to a run that is not deleted. */
  purgeNow(runId: string): Promise<void> {
    return this.#purge(runId, true);
  }

  /** Does all that is due, and removes deleted runs at once. */
  maintain(): Promise<void> {
    return this.#lookAtAll(true);
  }

  /** Stops before the next transaction and lets others have their turn; calls take it up again. */
  suspend(): void {
    this.#stop(new LogError('store-failed', `store '${this.#context.name}': the page was put aside. Call again when it is back.`));
  }

  resume(): void {
    this.start();
  }

  close(): void {
    this.#isClosed = true;
    this.#stop(closedError('maintain()'));
  }

  #stop(reason: LogError): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    const { ending, tasks } = this.#shift;
    this.#shift = newShift();
    ending.abort(reason);
    for (const task of tasks.values()) task.settle({ thrown: reason });
  }

  async #lookAtAll(isNow: boolean): Promise<void> {
    await this.#retain();
    const records = await this.#context.backend.read(['runs'], (tx) => tx.getAll('runs'));
    const tasks: Promise<void>[] = [];
    for (const record of records) {
      const { id, deletedAt, isSettled } = record;
      if (deletedAt === undefined) {
        if (isSettled !== true) tasks.push(this.#compact(id, false));
      } else if (isNow || isPurgeDue(record, Date.now())) tasks.push(this.#purge(id, isNow));
      else this.runDeleted(id);
    }
    // What fails, e.g. for lack of room, must not keep the rest from making some.
    await Promise.allSettled(tasks);
    await Promise.all(tasks);
  }

  // One after the other: each sees what the one before has marked.
  #retain(): Promise<void> {
    const retention = this.#retention;
    if (retention === undefined) return Promise.resolve();
    const apply = async (): Promise<void> => {
      const deleted = await retention.apply();
      for (const runId of deleted) this.runDeleted(runId);
      if (deleted.length > 0) this.#context.hints.announceRuns();
    };
    this.#retaining = (this.#retaining ?? Promise.resolve()).then(apply, apply);
    return this.#retaining;
  }

  #compact(runId: string, isUrgent: boolean): Promise<void> {
    return this.#do(`compact ${runId}`, isUrgent, (turn) => this.#compactor.compact(runId, turn));
  }

  #purge(runId: string, isNow: boolean): Promise<void> {
    const isDue = (record: RunRecord): boolean => isNow || isPurgeDue(record, Date.now());
    // Two tasks: one that has to wait for the end of the undo window must not stand in for one that need not.
    return this.#do(`purge ${runId} ${isNow}`, isNow, (turn) => purgeRun(runId, turn, this.#records, isDue));
  }

  #do(name: string, isUrgent: boolean, step: Task['step']): Promise<void> {
    if (this.#isClosed) return Promise.reject(closedError('maintain()'));
    const shift = this.#shift;
    let task = shift.tasks.get(name);
    if (task === undefined) {
      task = newTask(step);
      shift.tasks.set(name, task);
    } else task.isDueAgain = true;
    task.isUrgent ||= isUrgent;
    if (!shift.isAtWork) void this.#work(shift);
    return task.done;
  }

  async #work(shift: Shift): Promise<void> {
    shift.isAtWork = true;
    const { tasks } = shift;
    const { signal } = shift.ending;
    while (tasks.size > 0 && !signal.aborted) {
      const entries = [...tasks];
      const [name, task] = entries.find(([, { isUrgent }]) => isUrgent) ?? (entries[0] as (typeof entries)[0]); // there is one
      task.isDueAgain = false;
      // To the end of the line.
      tasks.delete(name);
      tasks.set(name, task);
      let failure: { readonly thrown: unknown } | undefined;
      try {
        if ((await this.#turns.take(signal, task.step)) || task.isDueAgain) continue;
      } catch (thrown) {
        if (thrown instanceof TurnLost) continue;
        failure = { thrown };
      }
      tasks.delete(name);
      task.settle(failure);
    }
    shift.isAtWork = false;
  }

  #later(name: string, afterMs: number, work: () => Promise<void>): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timers.get(name));
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      this.#background(work());
    }, afterMs);
    this.#timers.set(name, timer);
  }

  #background(work: Promise<void>): void {
    const { signal } = this.#shift.ending;
    work.catch((thrown: unknown) => {
      if (signal.aborted || this.#isClosed) return;
      const error = toStoreError(thrown, `looking after store '${this.#context.name}'`);
      this.#context.warn(
        `maintenance:${error.code}`,
        `${error.message} Runs are stored and can be read all the same; it is tried again later.`,
      );
    });
  }
}

function newShift(): Shift {
  return { ending: new AbortController(), tasks: new Map(), isAtWork: false };
}

function newTask(step: Task['step']): Task {
  let settle: Task['settle'] = () => {};
  const done = new Promise<void>((resolve, reject) => {
    settle = (failure) => {
      if (failure === undefined) resolve();
      // What was thrown is handed on as it is.
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors
      else reject(failure.thrown);
    };
  });
  // Told to whoever waits; nobody may.
  done.catch(() => {});
  return { step, done, settle, isUrgent: false, isDueAgain: false };
}
