import type { Engine } from './engine.ts';
import { LogError, toLogError } from './errors.ts';
import type { Probe } from './overhead-meter.ts';
import type { ResolvedLogOptions } from './log-options.ts';

/** One logged value on its way: a number at once, or a number once its handle has been read. */
export interface QueuedValue {
  readonly name: string;
  readonly options: ResolvedLogOptions;
  readonly step: number;
  readonly epoch: number;
  /** Seconds since the Unix epoch. */
  readonly wallTime: number;
}

type Entry<Place> =
  | { readonly kind: 'number'; readonly at: Place; readonly value: number }
  | { readonly kind: 'handle'; readonly at: Place; readonly handle: unknown }
  | { readonly kind: 'promise'; readonly at: Place; readonly value: Promise<number> }
  | { readonly kind: 'lazy'; readonly at: Place; readonly read: () => Promise<number> }
  | { readonly kind: 'mark'; readonly reached: () => void };

export interface ReadbackOptions<Place = QueuedValue> {
  readonly engine: Engine | undefined;
  /** Longest time in milliseconds that a handle waits to be read. */
  readonly readEveryMs: number;
  /** Handles kept at most before {@link ReadbackQueue.whenRoom} makes the loop wait. Default 1,024. */
  readonly maxKept?: number;
  /** Gets every value in call order. */
  readonly deliver: (at: Place, value: number) => void;
  /** The call that logged a value, quoted once when it cannot be read: `run.log('loss')`. */
  readonly callOf: (at: Place) => string;
  readonly onError: (error: LogError) => void;
  /** Adds up the time that handing on what a read gave takes. Default: nobody does. */
  readonly probe?: Probe;
  /** Milliseconds, monotonic. Default `performance.now`. */
  readonly now?: () => number;
}

const resolved = Promise.resolve();
/** Timers that are asked to wait longer fire at once. */
const longestTimeoutMs = 2 ** 31 - 1;

/**
 * Keeps logged values in call order while some of them still live on the accelerator, and reads those back in as few
 * device round trips as it can: one for hundreds of scalars, never two in flight. Numbers pass straight through when
 * nothing waits before them.
 */
export class ReadbackQueue<Place = QueuedValue> {
  readonly #engine: Engine | undefined;
  readonly #readEveryMs: number;
  readonly #maxKept: number;
  readonly #readAt: number;
  readonly #deliver: ReadbackOptions<Place>['deliver'];
  readonly #callOf: ReadbackOptions<Place>['callOf'];
  readonly #onError: ReadbackOptions['onError'];
  readonly #probe: Probe | undefined;
  readonly #now: () => number;
  #entries: Entry<Place>[] = [];
  /** Handles in `#entries` and in the read under way. */
  #kept = 0;
  #waiting = 0;
  #oldest = 0;
  #reading: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reads = 0;
  #isPassing = false;
  /** Calls whose values could not be read. */
  readonly #failed = new Set<string>();

  constructor(options: ReadbackOptions<Place>) {
    this.#engine = options.engine;
    this.#readEveryMs = options.readEveryMs;
    this.#maxKept = options.maxKept ?? 1024;
    // A read begins at three quarters, so that the loop can go on logging while it is under way.
    this.#readAt = Math.max(1, Math.floor(this.#maxKept * 0.75));
    this.#deliver = options.deliver;
    this.#callOf = options.callOf;
    this.#probe = options.probe;
    this.#onError = options.onError;
    this.#now = options.now ?? ((): number => performance.now());
  }

  /** Device round trips made so far. */
  get reads(): number {
    return this.#reads;
  }

  /** True when a number would be delivered at once. */
  get isIdle(): boolean {
    return this.#entries.length === 0 && this.#reading === undefined && !this.#isPassing;
  }

  pushNumber(at: Place, value: number): void {
    if (this.isIdle) this.#deliver(at, value);
    else this.#entries.push({ kind: 'number', at, value });
  }

  /** Takes a handle that {@link Engine.retain} gave back. */
  pushHandle(at: Place, handle: unknown): void {
    this.#push({ kind: 'handle', at, handle });
    this.#kept += 1;
    if (this.#kept >= this.#readAt) void this.#read();
  }

  /** Takes a value that reads itself: a tensor logged without an engine. */
  pushPromise(at: Place, value: Promise<number>): void {
    // The queue awaits it later; until then a rejection must not count as unhandled.
    value.catch(() => {});
    this.#push({ kind: 'promise', at, value });
  }

  /** Takes a value that is read when the queue is, such as the batch value of a metric: those of one reading can share a round trip. */
  pushLazy(at: Place, read: () => Promise<number>): void {
    this.#push({ kind: 'lazy', at, read });
    this.#kept += 1;
    if (this.#kept >= this.#readAt) void this.#read();
  }

  /** Calls back once everything pushed before has been delivered. */
  pushMark(reached: () => void): void {
    if (this.isIdle) reached();
    else this.#entries.push({ kind: 'mark', reached });
  }

  /** Resolved at once, except while more handles are kept than the queue may hold. */
  whenRoom(): Promise<void> {
    if (this.#kept < this.#maxKept) return resolved;
    return this.#waitForRoom();
  }

  /** Reads until everything pushed before this call has been delivered. */
  async drain(): Promise<void> {
    let reached = false;
    this.pushMark(() => {
      reached = true;
    });
    while (!reached) await this.#read();
  }

  #push(entry: Entry<Place>): void {
    this.#entries.push(entry);
    const now = this.#now();
    const isFirst = this.#waiting === 0;
    // Counted before a read may take it along.
    this.#waiting += 1;
    if (isFirst) {
      this.#oldest = now;
      this.#arm();
    } else if (now - this.#oldest >= this.#readEveryMs) {
      // Loops that never let a timer run still read in time.
      void this.#read();
    }
  }

  #arm(): void {
    const left = this.#oldest + this.#readEveryMs - this.#now();
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        void this.#read();
      },
      Math.min(Math.max(left, 0), longestTimeoutMs),
    );
  }

  async #waitForRoom(): Promise<void> {
    while (this.#kept >= this.#maxKept) await this.#read();
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined;
      // Passing on can bring more.
      while (this.#waiting === 0 && this.#entries.length > 0) this.#passOn(this.#take(), []);
      if (this.#waiting > 0) this.#arm();
    });
    return this.#reading;
  }

  #take(): Entry<Place>[] {
    const taken = this.#entries;
    this.#entries = [];
    this.#waiting = 0;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    return taken;
  }

  async #readOnce(): Promise<void> {
    const entries = this.#take();
    const handles: unknown[] = [];
    for (const entry of entries) if (entry.kind === 'handle') handles.push(entry.handle);
    const [fromDevice, fromPromises] = await Promise.all([this.#readHandles(handles), this.#readPromises(entries)]);
    for (const entry of entries) if (entry.kind === 'lazy') this.#kept -= 1;
    const from = this.#probe?.enter();
    this.#passOn(entries, fromDevice, fromPromises);
    if (from !== undefined) this.#probe?.leave(from);
  }

  async #readHandles(handles: readonly unknown[]): Promise<ArrayLike<number> | undefined> {
    if (handles.length === 0) return [];
    const engine = this.#engine;
    if (engine === undefined) throw new LogError('internal', 'internal: a handle was queued without an engine.');
    this.#reads += 1;
    try {
      const values = await engine.read(handles);
      if (values.length === handles.length) return values;
      this.#onError(
        new LogError('internal', `internal: engine '${engine.name}' gave ${values.length} values for ${handles.length} handles.`),
      );
    } catch (thrown) {
      this.#onError(
        thrown instanceof LogError
          ? thrown
          : new LogError(
              'read-failed',
              `run.log(): reading ${handles.length} values back from '${engine.name}' failed. They are lost; everything before them is kept.`,
              {
                cause: thrown,
              },
            ),
      );
    } finally {
      this.#kept -= handles.length;
      engine.release(handles);
    }
    return undefined;
  }

  /** The values of promises and what reads itself, in call order; undefined where that failed, which is told once for each name. */
  async #readPromises(entries: readonly Entry<Place>[]): Promise<(number | undefined)[]> {
    const pending: Promise<number | undefined>[] = [];
    for (const entry of entries) {
      if (entry.kind !== 'promise' && entry.kind !== 'lazy') continue;
      const failed = (thrown: unknown): undefined => {
        const call = this.#callOf(entry.at);
        if (!this.#failed.has(call)) this.#onError(toLogError(thrown, 'read-failed', `${call}: reading its value back failed`));
        this.#failed.add(call);
      };
      pending.push((entry.kind === 'lazy' ? entry.read() : entry.value).catch(failed));
    }
    return Promise.all(pending);
  }

  /** Delivers in call order. Values whose read failed are left out: they were reported. */
  #passOn(
    entries: readonly Entry<Place>[],
    fromDevice: ArrayLike<number> | undefined,
    fromPromises: readonly (number | undefined)[] = [],
  ): void {
    let handle = 0;
    let promise = 0;
    this.#isPassing = true;
    for (const entry of entries) {
      let value: number | undefined;
      if (entry.kind === 'number') value = entry.value;
      else if (entry.kind === 'handle') value = fromDevice?.[handle++];
      else if (entry.kind !== 'mark') value = fromPromises[promise++];
      try {
        if (entry.kind === 'mark') entry.reached();
        else if (value !== undefined) this.#deliver(entry.at, value);
      } catch (thrown) {
        // One that cannot be taken must not cost the rest.
        this.#onError(toLogError(thrown, 'internal', entry.kind === 'mark' ? 'run.log()' : this.#callOf(entry.at)));
      }
    }
    this.#isPassing = false;
  }
}
