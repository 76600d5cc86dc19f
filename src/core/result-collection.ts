import type { LogError } from './errors.ts';
import type { Metrics, Moment } from './logger.ts';
import type { QueuedValue } from './readback-queue.ts';
import { addToFold, type Fold, foldedValue, startFold } from './reduce.ts';
import type { Warner } from './warnings.ts';
import { sayOfRun } from './core-words.ts';

/** Takes a finished row; `only` names the loggers that it is for. */
export type WriteRow = (metrics: Metrics, at: Moment, only?: readonly string[]) => void;

type Destination = boolean | readonly string[];

interface StepEntry {
  /** As it was logged. */
  readonly name: string;
  value: number;
  readonly logger: Destination;
  /** Logged or changed since it was last written. */
  isDirty: boolean;
  fold: Fold | undefined;
}

interface EpochEntry {
  /** As it was logged. */
  readonly name: string;
  readonly fold: Fold;
  readonly logger: Destination;
}

/** More tags than this in one run are warned about once: usually a step or an id has become part of a name. */
const manyTags = 20_000;
/** A tag logged this often on one step is stuck there. */
const stuckAfter = 100;

/**
 * Turns logged values into rows. Values of one step gather in one row, written when the step is closed: by a value of
 * another step, by `closeStep`, or by `writeOpen` when nothing came for a while. Values of an epoch are folded in
 * float64 until `closeEpoch`.
 */
export class ResultCollection {
  readonly #write: WriteRow;
  readonly #warn: Warner;
  readonly #onError: (error: LogError) => void;
  readonly #open = new Map<string, StepEntry>();
  #epochFolds = new Map<string, EpochEntry>();
  /** Whose reductions have failed. */
  readonly #failed = new Set<string>();
  readonly #tags = new Set<string>();
  readonly #stuck = new Map<string, number>();
  #step: number;
  #epoch: number;
  #wallTime = 0;
  #isDirty = false;

  /** `before` is the last step that is complete, and its epoch. */
  constructor(
    write: WriteRow,
    warn: Warner,
    onError: (error: LogError) => void,
    before: { readonly step: number; readonly epoch: number } = { step: 0, epoch: 0 },
  ) {
    this.#write = write;
    this.#warn = warn;
    this.#onError = onError;
    this.#step = before.step;
    this.#epoch = before.epoch;
  }

  /** True while values wait for the end of their epoch. */
  get hasEpochValues(): boolean {
    return this.#epochFolds.size > 0;
  }

  /** Takes one value that has been read. Values come in call order. */
  add(at: QueuedValue, value: number): void {
    const { options } = at;
    // A value for the epoch alone, such as a validation loss, belongs to the last step, not to the one about to begin.
    const placesStep = options.onStep || options.step !== undefined;
    if (placesStep && (at.step !== this.#step || at.epoch !== this.#epoch)) {
      this.closeStep();
      this.#step = at.step;
      this.#epoch = at.epoch;
    }
    this.#wallTime = at.wallTime;
    if (options.onStep) this.#addToStep(options.onEpoch ? `${at.name}${options.separator}step` : at.name, at, value);
    if (options.onEpoch) this.#addToEpoch(options.onStep ? `${at.name}${options.separator}epoch` : at.name, at, value);
  }

  /** Writes what the open step has gathered since the last write and keeps it open. */
  writeOpen(): void {
    const at = { step: this.#step, epoch: this.#epoch, wallTime: this.#wallTime };
    this.#takeOpen()?.write(this.#write, at);
  }

  #takeOpen(): RowsByLogger | undefined {
    if (!this.#isDirty) return undefined;
    this.#isDirty = false;
    const rows = new RowsByLogger();
    for (const [tag, entry] of this.#open) {
      if (!entry.isDirty) continue;
      entry.isDirty = false;
      if (entry.fold === undefined) rows.add(tag, entry.value, entry.logger);
      else this.#addFolded(rows, tag, entry.name, entry.fold, entry.logger);
    }
    return rows;
  }

  /** Writes a row that somebody else has made, behind what was logged before it. */
  pass(metrics: Metrics, at: Moment, only?: readonly string[]): void {
    this.writeOpen();
    this.#write(metrics, at, only);
  }

  /** Writes the open step and forgets it. `ended` is the step that is complete now, also when nothing was logged on it. */
  closeStep(ended?: number): void {
    const at = { step: this.#step, epoch: this.#epoch, wallTime: this.#wallTime };
    const rows = this.#takeOpen();
    // Before it is written: who hears of the row may log into the next one.
    if (this.#open.size > 0) this.#open.clear();
    if (ended !== undefined) this.#step = ended;
    rows?.write(this.#write, at);
  }

  /**
   * Closes the open step, takes the folded values of the epoch and its last step, and starts afresh. What it gives back writes them,
   * with what metric objects gave for the epoch, as a row at that step.
   */
  closeEpoch(epoch: number, wallTime: number): (computed?: readonly ComputedValue[]) => Metrics {
    this.closeStep();
    const folds = this.#epochFolds;
    this.#epochFolds = new Map();
    const at = { step: this.#step, epoch, wallTime };
    return (computed = []) => {
      const rows = new RowsByLogger();
      for (const [tag, { name, fold, logger }] of folds) this.#addFolded(rows, tag, name, fold, logger);
      for (const { name, value, logger } of computed) rows.add(name, value, logger);
      return rows.write(this.#write, at);
    };
  }

  #addToStep(tag: string, at: QueuedValue, value: number): void {
    this.#isDirty = true;
    const entry = this.#open.get(tag);
    if (entry === undefined) {
      if (!this.#tags.has(tag)) this.#addTag(tag);
      const fold = at.options.isReduced ? startFold(at.options.reduceFx) : undefined;
      if (fold !== undefined) addToFold(fold, value, at.options.batchSize ?? 1);
      this.#open.set(tag, { name: at.name, value, logger: at.options.logger, isDirty: true, fold });
      return;
    }
    entry.isDirty = true;
    if (entry.fold !== undefined) {
      addToFold(entry.fold, value, at.options.batchSize ?? 1);
      return;
    }
    entry.value = value;
    this.#warnRepeated(tag);
  }

  #addToEpoch(tag: string, at: QueuedValue, value: number): void {
    let entry = this.#epochFolds.get(tag);
    if (entry === undefined) {
      if (!this.#tags.has(tag)) this.#addTag(tag);
      entry = { name: at.name, fold: startFold(at.options.reduceFx), logger: at.options.logger };
      this.#epochFolds.set(tag, entry);
    }
    addToFold(entry.fold, value, at.options.batchSize ?? 1);
  }

  /** Folds only now: a reduction of the caller's own looks at all values each time. */
  #addFolded(rows: RowsByLogger, tag: string, name: string, fold: Fold, logger: Destination): void {
    const tell = (error: LogError): void => {
      if (!this.#failed.has(name)) this.#onError(error);
      this.#failed.add(name);
    };
    const value = foldedValue(fold, () => `run.log('${name}')`, tell);
    if (value !== undefined) rows.add(tag, value, logger);
  }

  #addTag(name: string): void {
    this.#tags.add(name);
    if (this.#tags.size === manyTags + 1) {
      this.#warn('many-tags', sayOfRun('many-tags', { most: manyTags, name }));
    }
  }

  #warnRepeated(name: string): void {
    const times = (this.#stuck.get(name) ?? 1) + 1;
    this.#stuck.set(name, times);
    this.#warn(`repeated:${name}`, sayOfRun('repeated', { name, step: this.#step }));
    if (times === stuckAfter) {
      this.#warn(`stuck:${name}`, sayOfRun('stuck', { name, times: stuckAfter, step: this.#step }));
    }
  }
}

/** What a metric object gave for an epoch. */
export interface ComputedValue {
  readonly name: string;
  readonly value: number;
  readonly logger: Destination;
}

/** One row for all loggers, and one for each choice of some. */
class RowsByLogger {
  readonly #all: Record<string, number> = {};
  #isEmpty = true;
  #chosen: Map<string, { readonly metrics: Record<string, number>; readonly only: readonly string[] }> | undefined;

  add(name: string, value: number, logger: Destination): void {
    if (logger === true) {
      this.#all[name] = value;
      this.#isEmpty = false;
    } else if (logger !== false) {
      const key = logger.join('\n');
      const row = (this.#chosen ??= new Map()).get(key);
      if (row === undefined) this.#chosen.set(key, { metrics: { [name]: value }, only: logger });
      else row.metrics[name] = value;
    }
  }

  /** Gives back everything written, by name. */
  write(write: WriteRow, at: Moment): Metrics {
    if (!this.#isEmpty) write(this.#all, at);
    if (this.#chosen === undefined) return this.#all;
    const written = { ...this.#all };
    for (const { metrics, only } of this.#chosen.values()) {
      write(metrics, at, only);
      Object.assign(written, metrics);
    }
    return written;
  }
}
