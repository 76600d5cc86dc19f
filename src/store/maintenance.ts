import { LogError } from '../core/errors.ts';
import { ByteCap } from './byte-cap.ts';
import { type Amount, Compactor, type CompactorOptions } from './compactor.ts';
import { type MaintenanceTurn, MaintenanceTurns, threadTurnLocks, TurnLost, type TurnLocks } from './maintenance-turn.ts';
import { type ContentReferences, isPurgeDue, purgeRun, undoWindowMs } from './purge.ts';
import { Retention, type RetentionPolicy } from './retention.ts';
import type { RunRecord } from './run-record.ts';
import type { StoreContext } from './store-context.ts';
import { closedError, toStoreError } from './store-error.ts';
import { sayOfStore } from './words.ts';

/** What looking after a store needs beside the store. */
export interface MaintenanceParts {
  readonly records: ContentReferences;
  /** Default: everything is kept. */
  readonly retention?: RetentionPolicy | undefined;
  /** Bytes that runs may take, whatever the policy. Default: no limit. */
  readonly maxBytes?: number | undefined;
  readonly compactor?: CompactorOptions | undefined;
  /** Who has a turn. Default: the browser's locks, or within this thread for a store in memory. */
  readonly locks?: TurnLocks | undefined;
}

/** Not at once: a page that has just been opened has its charts to draw. */
const startAfterMs = 2000;
/** Timers may be early by the clock's own measure. */
const timerSlackMs = 50;

const nothing: Amount = { points: 0, bytes: 0, chunks: 0 };

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
  readonly #cap: ByteCap | undefined;
  readonly #turns: MaintenanceTurns;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** What each run has got since it was last looked at. */
  readonly #appended = new Map<string, Amount>();
  /** Runs that have ended here; what is appended to them all the same comes late. */
  readonly #ended = new Set<string>();
  #retaining: Promise<void> | undefined;
  #shift: Shift = newShift();
  #isClosed = false;

  /** Throws `bad-options` for a policy that makes no sense. */
  constructor(context: StoreContext, parts: MaintenanceParts) {
    this.#context = context;
    this.#compactor = new Compactor(context, parts.compactor);
    this.#records = parts.records;
    const { maxBytes, retention } = parts;
    const policy = maxBytes === undefined ? retention : { ...retention, maxBytes: Math.min(maxBytes, retention?.maxBytes ?? maxBytes) };
    this.#retention = policy && new Retention(context, policy);
    this.#cap = maxBytes === undefined ? undefined : new ByteCap(maxBytes, () => this.#measure());
    const { locks = context.kind === 'memory' ? threadTurnLocks : globalThis.navigator?.locks } = parts;
    this.#turns = new MaintenanceTurns(context.backend, context.name, locks);
  }

  /** Looks at the whole database soon, in the background: what was broken off goes on. */
  start(): void {
    // Not put off by calls that come one after the other.
    if (!this.#timers.has('start')) this.#later('start', startAfterMs, () => this.#lookAtAll(false));
  }

  /** A run was made. */
  runMade(runId: string): void {
    this.#appended.delete(runId);
    this.#background(this.#retain());
  }

  /** Something is about to be stored. Rejects with `store-full` when the runs take all that they may. */
  async makeRoom(): Promise<void> {
    await this.#cap?.makeRoom(this.#context.name);
  }

  /** Records were stored. */
  recorded(bytes: number): void {
    this.#cap?.added(bytes);
  }

  /** A chunk was appended. Costs next to nothing. */
  appended(runId: string, bytes: number, points: number): void {
    this.#cap?.added(bytes);
    let before = this.#appended.get(runId) ?? nothing;
    // Asked before the new chunk is added: the newest always stays in the journal.
    if (this.#compactor.isDue(before)) {
      before = nothing;
      this.#background(this.#compact(runId, true));
    }
    this.#appended.set(runId, { bytes: before.bytes + bytes, chunks: before.chunks + 1, points: before.points + points });
    if (this.#ended.has(runId)) this.#background(this.#unsettle(runId));
  }

  /** A run's record says that it has ended. */
  runEnded(runId: string): void {
    this.#appended.delete(runId);
    this.#ended.add(runId);
    this.#background(this.#compact(runId, true));
    this.#background(this.#retain());
  }

  /** A run was marked as deleted. */
  runDeleted(runId: string): void {
    this.#appended.delete(runId);
    this.#ended.delete(runId);
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
    // What fails, e.g. for lack of room, must not keep the rest from making some.
    const tasks = [this.#retain()];
    await Promise.allSettled(tasks);
    const records = await this.#context.backend.read(['runs'], (tx) => tx.getAll('runs'));
    for (const record of records) {
      if (record.deletedAt === undefined) continue;
      if (isNow || isPurgeDue(record, Date.now())) tasks.push(this.#purge(record.id, isNow));
      else this.runDeleted(record.id);
    }
    tasks.push(this.#compactAll(records, isNow));
    await Promise.allSettled(tasks);
    await Promise.all(tasks);
  }

  async #compactAll(records: readonly RunRecord[], isNow: boolean): Promise<void> {
    const left = records.filter(({ deletedAt, isSettled }) => deletedAt === undefined && isSettled !== true);
    const live = isNow ? new Set() : await this.#context.locks.live(left.filter(({ status }) => status === 'running'));
    // A run that is being written is its writer's business: looking into its journal may mean reading all of a unit.
    const due = left.filter(({ id, status }) => status !== 'running' || !live.has(id) || this.#appended.has(id));
    const tasks = due.map(({ id }) => this.#compact(id, false));
    await Promise.allSettled(tasks);
    await Promise.all(tasks);
  }

  // The rule: `isSettled` stays true only of a journal that grows no more. What a writer could store only after its run had ended, e.g.
  // because the disk was full, takes the mark away and has the run looked at again.
  async #unsettle(runId: string): Promise<void> {
    const hasEnded = await this.#context.backend.write(['runs'], async (tx) => {
      const record = await tx.get('runs', runId);
      // Continued since, by whatever store.
      if (record === undefined || record.status === 'running') return false;
      const { isSettled, ...rest } = record;
      if (isSettled === true) await tx.put('runs', rest);
      return true;
    });
    if (hasEnded) this.#later(`compact ${runId}`, startAfterMs, () => this.#compact(runId, false));
    else this.#ended.delete(runId);
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

  async #measure(): Promise<number> {
    await this.#retain();
    return this.#retention?.taken ?? 0;
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
      this.#context.warn(`maintenance:${error.code}`, sayOfStore('maintenance', { error: error.message }));
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
