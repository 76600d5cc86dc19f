import { describe, LogError } from '../core/errors.ts';
import type { Logger, Metrics, ModelGraph, Moment } from '../core/logger.ts';
import type { RecordKind } from '../core/records.ts';
import type { Config, EndStatus, RunInfo } from '../core/run-info.ts';
import { createWarner, type Warner } from '../core/warnings.ts';
import { onLifecycle } from '../run/lifecycle.ts';
import { writeError } from './csv-logger.ts';
import { EventBuffer } from './event-buffer.ts';
import { type EventSink, rollingSink, streamSink } from './event-sink.ts';
import { createHparamsFile, type HparamsFile } from './hparams-file.ts';
import { createTurns, joinPath, type LogFolder } from './log-folder.ts';
import { createVersionFolder, refuseNoOptions, type VersionFolder, type VersionOptions } from './version-folder.ts';
import { sayOfEvents } from './words.ts';

/** Settings of a {@link TensorBoardLogger} that have defaults. */
export interface TensorBoardSettings extends VersionOptions {
  /** A folder inside that of the version, which gets the event files. Default: none. */
  readonly subDir?: string;
  /** Events that wait until they are written. Default 10, as in tensorboardX. */
  readonly maxQueue?: number;
  /** Seconds after which even a single event is written. Default 120, as in tensorboardX. */
  readonly flushSecs?: number;
  /**
   * Seconds between two files of a folder, at least; later in a long run a fiftieth of the time it has gone on. Neither `maxQueue` nor
   * the end of an epoch makes files come faster; the page being hidden and the end of the run do. Default 5.
   */
  readonly rollSecs?: number;
  /** Write `hp_metric` with -1 where hyperparameters come without metrics, as Lightning does. Default false: it is no number of the run. */
  readonly defaultHpMetric?: boolean;
  /** Bring the panel's cards to TensorBoard's custom scalars tab when the run ends. Default true. */
  readonly layout?: boolean;
}

/** Where the events go, and settings. */
export type TensorBoardLoggerOptions = TensorBoardSettings &
  (
    | {
        /** Gets event files in `<name>/version_<n>/`, and `hparams.yaml`. */
        readonly folder: LogFolder;
        readonly stream?: never;
      }
    | {
        /** Gets the bytes of one event file and is closed with the run. */
        readonly stream: WritableStream<Uint8Array>;
        readonly folder?: never;
      }
  );

/** More than this is not held while writing fails, in bytes. */
const mostHeld = 64 * 1024 * 1024;

/**
 * Writes event files while the run goes on, for a TensorBoard that watches them: the same events that `tfevents()` exports later,
 * appended in the order in which they are logged. Values are rounded to float32. A step that is no safe integer cannot be written:
 * those points are left out with one warning a tag.
 *
 * In a folder each write is a new small file, because a file that a browser writes is not there before it is closed; TensorBoard
 * reads them as one run. A stream gets one file; one from `createWritable()` shows nothing on disk before the run has ended.
 *
 * Hyperparameters go to the HPARAMS tab, which keeps those that came before the first events were written.
 *
 * ```ts
 * const folder = directoryFolder(await showDirectoryPicker({ mode: 'readwrite' }));
 * const run = await startRun({ loggers: [new TensorBoardLogger({ folder })] });
 * ```
 */
export class TensorBoardLogger implements Logger {
  readonly name = 'tensorboard';
  readonly #options: TensorBoardSettings;
  readonly #place: VersionFolder | undefined;
  readonly #hparamsFile: HparamsFile | undefined;
  readonly #sink: EventSink;
  readonly #events: EventBuffer;
  readonly #maxQueue: number;
  readonly #flushMs: number;
  readonly #warn: Warner = createWarner();
  readonly #turns: ReturnType<typeof createTurns> = createTurns();
  /** Pieces that were not written yet, oldest first. */
  readonly #unsent: Uint8Array<ArrayBuffer>[] = [];
  #isEnding = false;
  #isClosed = false;
  /** The page is about to go: the next save does not wait. */
  #isUrgent = false;
  /** Why the last attempt failed. */
  #failure: LogError | undefined;
  #isSaving = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerDue = Infinity;
  #forgetLifecycle: (() => void) | undefined;

  /** Throws `bad-options`. */
  constructor(options: TensorBoardLoggerOptions) {
    refuseNoOptions(options, 'TensorBoardLogger');
    const { maxQueue = 10, flushSecs = 120, rollSecs = 5, subDir = '' } = options;
    atLeast('maxQueue', maxQueue, 1);
    atLeast('flushSecs', flushSecs, 0);
    atLeast('rollSecs', rollSecs, 0);
    this.#options = options;
    this.#maxQueue = maxQueue;
    this.#flushMs = flushSecs * 1000;
    if (options.stream !== undefined) {
      if ((options.folder as unknown) !== undefined) {
        throw new LogError('bad-options', 'new TensorBoardLogger({ folder, stream }): they exclude each other. Make a logger for each.');
      }
      this.#sink = streamSink(options.stream);
    } else {
      const place = createVersionFolder(options.folder, options, 'TensorBoardLogger');
      this.#place = place;
      this.#hparamsFile = createHparamsFile(options.folder, place);
      joinPath(subDir); // a bad path is told at once
      this.#sink = rollingSink(options.folder, async () => joinPath(await place.path(), subDir), rollSecs);
    }
    this.#events = new EventBuffer(this.#sink.isRolling, this.#warn);
  }

  get version(): number | string | undefined {
    return this.#place?.version;
  }

  /** Where its files are, in its folder: `lightning_logs/version_0`. Undefined for a stream. */
  async logDir(): Promise<string | undefined> {
    return this.#place?.path();
  }

  start(run: RunInfo): void {
    this.#events.run = run;
    this.#forgetLifecycle = onLifecycle((event) => {
      this.#isUrgent = event !== 'resume'; // the run saves behind this
    });
    void this.logDir().catch(() => undefined); // told by save
  }

  logMetrics(metrics: Metrics, at: Moment): void {
    if (this.#isOver) return;
    this.#refuseTooMuch();
    this.#events.add(metrics, at.step, at.wallTime);
    this.#filled();
  }

  logHyperparams(params: Config, metrics?: Metrics): void {
    if (this.#isOver) return;
    const before = this.#events.hparams;
    const hparams = { ...before, ...params };
    this.#events.hparams = hparams;
    this.#hparamsFile?.add(params);
    if (this.#events.hasHeader && JSON.stringify(before) !== JSON.stringify(hparams))
      this.#warn('late-hparams', sayOfEvents('late-hparams'));
    // Metrics come as a row of the run, too; the tab finds them there.
    if (this.#options.defaultHpMetric !== true || metrics !== undefined || before !== undefined) return;
    this.#events.add({ hp_metric: -1 }, 0);
    this.#filled();
  }

  /** Numbers, hyperparameters and graphs only: all other records are in the store. */
  supports(_kind: RecordKind): boolean {
    return false;
  }

  logGraph(graph: ModelGraph): void {
    if (this.#isOver) return;
    this.#events.addGraph(graph);
    this.#filled();
  }

  /**
   * Resolves when everything logged before is written, or, in a folder that got a file just now, is about to be. Rejects with
   * `export-failed`; what a folder refused is kept for the next time.
   */
  save(): Promise<void> {
    return this.#turns(async () => {
      const restMs = this.#isUrgent ? 0 : this.#sink.restMs();
      this.#isUrgent = false;
      if (restMs === 0) return this.#send();
      if (this.#events.pending > 0) this.#arm(restMs);
      if (this.#failure !== undefined) throw this.#failure;
    });
  }

  finalize(status: EndStatus): Promise<void> {
    return this.#turns(async () => {
      if (this.#isClosed) return;
      this.#forgetLifecycle?.();
      if (!this.#isOver) this.#events.addEnd(status, this.#options.layout !== false);
      this.#isEnding = true;
      await this.#send(true);
    });
  }

  get #isOver(): boolean {
    return this.#isEnding || this.#isBroken;
  }

  // A stream that has failed once takes nothing more.
  get #isBroken(): boolean {
    return !this.#sink.isRolling && this.#failure !== undefined;
  }

  #filled(): void {
    if (this.#events.pending >= this.#maxQueue) void this.#saveSoon();
    else this.#arm(this.#flushMs);
  }

  /** What fails here is kept, and told by the next save of the run. */
  async #saveSoon(): Promise<void> {
    if (this.#isSaving) return;
    this.#isSaving = true;
    await this.save().catch(() => undefined);
    this.#isSaving = false;
    const { pending } = this.#events;
    if (pending === 0) return;
    const isFull = pending >= this.#maxQueue && this.#failure === undefined;
    this.#arm(isFull ? this.#sink.restMs() : this.#flushMs);
  }

  #arm(ms: number): void {
    const due = Date.now() + ms;
    if (due >= this.#timerDue) return;
    clearTimeout(this.#timer);
    this.#timerDue = due;
    this.#timer = setTimeout(() => {
      this.#timerDue = Infinity;
      void this.#saveSoon();
    }, ms);
  }

  async #send(isLast = false): Promise<void> {
    clearTimeout(this.#timer);
    this.#timerDue = Infinity;
    if (this.#isBroken) throw this.#failure!; // that is how it broke
    try {
      await this.#hparamsFile?.write();
      const piece = this.#events.take();
      if (piece !== undefined) this.#unsent.push(piece);
      while (this.#unsent.length > 0) {
        await this.#sink.write(this.#unsent[0]!);
        this.#unsent.shift();
      }
      if (isLast) {
        await this.#sink.close();
        this.#isClosed = true;
      }
      this.#failure = undefined;
    } catch (thrown) {
      this.#failure = writeError('TensorBoardLogger', thrown);
      if (this.#isBroken) {
        this.#events.clear();
        this.#unsent.length = 0;
      }
      throw this.#failure;
    }
  }

  #refuseTooMuch(): void {
    const held = this.#unsent.reduce((sum, bytes) => sum + bytes.length, this.#events.bytes);
    if (held < mostHeld) return;
    throw new LogError(
      'export-failed',
      `TensorBoardLogger: ${mostHeld / 1024 ** 2} MB wait to be written, and nothing is. What is logged until there is room is missing in its files; export the run later.`,
    );
  }
}

function atLeast(option: string, value: number, least: number): void {
  if (typeof value === 'number' && value >= least) return;
  throw new LogError('bad-options', `new TensorBoardLogger({ ${option}: ${describe(value)} }): need a number of at least ${least}.`);
}
