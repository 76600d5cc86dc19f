import { LogError, toLogError } from '../core/errors.ts';
import { nextTask } from '../core/next-task.ts';
import type { NewRecord } from '../core/records.ts';
import { startTimer, type Timer } from '../core/timer.ts';
import type { Warner } from '../core/warnings.ts';
import type { RecordBody } from '../media/record-body.ts';
import type { MetricStore, RunChange } from '../store/metric-store.ts';
import { sayOfRuns } from './words.ts';

/** Something logged that waits to be made into a record. */
export interface QueuedRecord extends Omit<NewRecord, 'data' | 'content'> {
  /** The user's call, for messages. */
  readonly call: string;
  /** About how many bytes it keeps. */
  readonly bytes: number;
  encode(): Promise<RecordBody>;
}

export interface RecordQueueOptions {
  readonly runId: string;
  /** Undefined: records go to the loggers only. */
  readonly store: Pick<MetricStore, 'addRecords' | 'updateRun'> | undefined;
  /** Gets each record in call order, whatever becomes of it in the store. */
  readonly deliver: (record: NewRecord) => void;
  readonly onError: (error: LogError) => void;
  readonly warn: Warner;
  /** Seconds after which even a single record is stored. */
  readonly flushSecs: number;
  /** Bytes kept at most; what comes beyond is not taken. */
  readonly mostBytes: number;
  readonly timer?: Timer;
}

interface Waiting {
  readonly record: NewRecord;
  readonly call: string;
  readonly bytes: number;
}

/** Records that are stored in one transaction, at most. */
const mostTogether = 64;
/** So many bytes are not left waiting for more. */
const flushBytes = 4 * 2 ** 20;
const firstFlushSecs = 0.1;
const firstRetrySecs = 1;
const longestRetrySecs = 30;
const patienceSecs = 10;
/** After these nothing more can be stored. */
const finalCodes: ReadonlySet<string> = new Set(['run-not-found', 'run-locked', 'store-closed']);
/** These are about one of the records. */
const badCodes: ReadonlySet<string> = new Set(['bad-data', 'bad-tag']);
/** What a record weighs beside its content. */
const recordBytes = 256;

/**
 * Makes records of what was logged, one after the other and each in a task of its own, hands them to the loggers, and stores them in
 * call order, many in a transaction. What the store refuses is kept and given to it again.
 */
export class RecordQueue {
  readonly #options: RecordQueueOptions;
  readonly #timer: Timer;
  readonly #entries: QueuedRecord[] = [];
  #ready: Waiting[] = [];
  #change: RunChange | undefined;
  #isAskedFor = false;
  #bytes = 0;
  #pause = firstFlushSecs;
  #retry = firstRetrySecs;
  #flushing: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  #failedWith: string | undefined;
  #isStalled = false;
  #isGone = false;
  readonly #waiting = new Set<() => void>();

  constructor(options: RecordQueueOptions) {
    this.#options = options;
    this.#timer = options.timer ?? startTimer;
  }

  /** Records that are not stored yet. */
  get pending(): number {
    return this.#entries.length + this.#ready.length;
  }

  /** True while something waits for a store that may take it yet. */
  get isWaiting(): boolean {
    return this.pending > 0 || this.#change !== undefined;
  }

  /** Takes a record, or says by a warning that there is no room for it. */
  push(entry: QueuedRecord): void {
    const { mostBytes, warn } = this.#options;
    const { kind, tag, call, bytes } = entry;
    if (this.isWaiting && this.#bytes + bytes + recordBytes > mostBytes) {
      const reason = sayOfRuns(this.#isRefusing ? 'store-refuses' : 'await-step');
      warn(`records-dropped:${kind}:${tag}`, sayOfRuns('records-dropped', { call, most: Math.round(mostBytes / 2 ** 20), reason }));
      return;
    }
    this.#entries.push(entry);
    this.#bytes += bytes + recordBytes;
    this.#arm();
  }

  /**
   * Changes the run's record in the order of the calls, after what was changed before. That a change nobody asked for waits for the
   * store is not told: the points beside it tell.
   */
  change(change: RunChange, isAskedFor = true): void {
    this.#isAskedFor ||= isAskedFor;
    this.#change = merged(this.#change, change);
    this.#arm();
  }

  /** Undefined while there is room, else resolves when there is. A store that refuses holds nobody back. */
  whenRoom(): Promise<void> | undefined {
    return this.#hasRoom ? undefined : this.#until(() => this.#hasRoom);
  }

  /** Resolves when everything taken before is stored, or refused once, or the store does not answer. */
  async save(): Promise<void> {
    // A flush under way has older records; the next takes the rest.
    if (this.#flushing !== undefined) await this.#over(this.#flushing);
    if (this.isWaiting) await this.#over(this.#flush());
  }

  /** Resolves when nothing is left that could be stored. */
  whenSaved(): Promise<void> {
    return this.#until(() => !this.isWaiting);
  }

  get #isRefusing(): boolean {
    return this.#failedWith !== undefined || this.#isStalled;
  }

  get #hasRoom(): boolean {
    return this.#isRefusing || this.#bytes <= this.#options.mostBytes / 4;
  }

  #arm(): void {
    if (this.#flushing !== undefined) return;
    if (this.#bytes >= flushBytes && this.#failedWith === undefined && this.#entries.length > 0) {
      void this.#flush();
      return;
    }
    const seconds = this.#failedWith === undefined ? this.#pause : this.#retry;
    this.#cancel ??= this.#timer(() => {
      // Not for what is tried in between, such as at the end of an epoch.
      this.#retry = Math.min(this.#retry * 2, longestRetrySecs);
      void this.#flush();
    }, seconds * 1000);
  }

  #flush(): Promise<void> {
    this.#flushing ??= this.#flushOnce().finally(() => {
      this.#flushing = undefined;
      this.#wake();
      if (this.isWaiting) this.#arm();
    });
    return this.#flushing;
  }

  async #flushOnce(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#pause = Math.min(this.#pause * 2, this.#options.flushSecs);
    let isRefused = false;
    // Those that come meanwhile are for the next flush.
    for (let left = this.#entries.length; left > 0; left--) {
      await this.#encodeNext();
      if (this.#ready.length >= mostTogether && !isRefused) isRefused = !(await this.#write());
    }
    if (!isRefused) await this.#write();
  }

  async #encodeNext(): Promise<void> {
    // A task of its own: a batch of pictures must not keep a page from drawing.
    await nextTask();
    const { call, bytes, encode, ...about } = this.#entries[0] as QueuedRecord; // counted by the caller
    let body: RecordBody | undefined;
    try {
      body = await encode();
    } catch (thrown) {
      this.#options.onError(toLogError(thrown, 'bad-value', call));
    }
    this.#entries.shift();
    this.#bytes -= bytes + recordBytes;
    if (body === undefined) return;
    const record = { ...about, ...body };
    this.#options.deliver(record);
    if (this.#options.store === undefined || this.#isGone) return;
    const held = recordBytes + (body.content?.size ?? bytes);
    this.#bytes += held;
    this.#ready.push({ record, call, bytes: held });
  }

  /** False when the store refuses. */
  async #write(): Promise<boolean> {
    const { store, runId, onError } = this.#options;
    const change = this.#change;
    this.#change = undefined;
    if (store === undefined || this.#isGone) return true;
    try {
      if (change !== undefined) await this.#answer(store.updateRun(runId, change));
    } catch (thrown) {
      this.#change = merged(change, this.#change);
      return this.#refused(thrown);
    }
    for (let most = mostTogether; this.#ready.length > 0;) {
      const batch = this.#ready.slice(0, most);
      try {
        await this.#answer(
          store.addRecords(
            runId,
            batch.map(({ record }) => record),
          ),
        );
      } catch (thrown) {
        const error = toLogError(thrown, 'store-failed', `storing records of run '${runId}'`);
        if (!badCodes.has(error.code)) return this.#refused(error);
        // One of them is bad: it must not keep the others from being stored.
        most = 1;
        if (batch.length > 1) continue;
        onError(new LogError(error.code, `${batch[0]?.call}: not stored: ${error.message}`, { cause: error }));
      }
      this.#ready.splice(0, batch.length);
      this.#bytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0);
      this.#wake();
    }
    this.#failedWith = undefined;
    this.#isAskedFor = this.#change !== undefined;
    this.#retry = firstRetrySecs;
    return true;
  }

  async #answer<Result>(work: Promise<Result>): Promise<Result> {
    const { runId, warn } = this.#options;
    const cancel = this.#timer(() => {
      this.#isStalled = true;
      this.#wake();
      warn('records-stalled', sayOfRuns('records-stalled', { seconds: patienceSecs, id: runId }));
    }, patienceSecs * 1000);
    try {
      return await work;
    } finally {
      cancel();
      this.#isStalled = false;
    }
  }

  #refused(thrown: unknown): false {
    const { runId, onError } = this.#options;
    const error = toLogError(thrown, 'store-failed', `storing records of run '${runId}'`);
    const isTold = this.#failedWith !== error.code && (this.pending > 0 || this.#isAskedFor);
    if (finalCodes.has(error.code)) {
      this.#isGone = true;
      this.#ready = [];
      this.#change = undefined;
      this.#bytes = this.#entries.reduce((sum, { bytes }) => sum + bytes + recordBytes, 0);
    }
    this.#failedWith = error.code;
    if (isTold) onError(error);
    return false;
  }

  #over(flush: Promise<void>): Promise<void> {
    return this.#until(() => this.#isStalled || this.#flushing !== flush);
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

function merged(before: RunChange | undefined, after: RunChange | undefined): RunChange {
  return { config: { ...before?.config, ...after?.config }, facts: { ...before?.facts, ...after?.facts } };
}
