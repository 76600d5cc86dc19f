import type { Metrics, Moment } from './logger.ts';
import type { QueuedValue } from './readback-queue.ts';
import { addToFold, type Fold, foldedValue, startFold } from './reduce.ts';
import type { Warner } from './warnings.ts';

interface StepEntry {
  value: number;
  /** Logged or changed since it was last written. */
  isDirty: boolean;
  fold: Fold | undefined;
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
  readonly #write: (metrics: Metrics, at: Moment) => void;
  readonly #warn: Warner;
  readonly #open = new Map<string, StepEntry>();
  readonly #epochFolds = new Map<string, Fold>();
  readonly #tags = new Set<string>();
  readonly #stuck = new Map<string, number>();
  #step: number;
  #epoch: number;
  #wallTime = 0;
  #isDirty = false;

  /** `before` is the last step that is complete, and its epoch. */
  constructor(
    write: (metrics: Metrics, at: Moment) => void,
    warn: Warner,
    before: { readonly step: number; readonly epoch: number } = { step: 0, epoch: 0 },
  ) {
    this.#write = write;
    this.#warn = warn;
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
    if (!this.#isDirty) return;
    this.#isDirty = false;
    const metrics: Record<string, number> = {};
    for (const [name, entry] of this.#open) {
      if (!entry.isDirty) continue;
      entry.isDirty = false;
      metrics[name] = entry.value;
    }
    this.#write(metrics, { step: this.#step, epoch: this.#epoch, wallTime: this.#wallTime });
  }

  /** Writes the open step and forgets it. `ended` is the step that is complete now, also when nothing was logged on it. */
  closeStep(ended?: number): void {
    this.writeOpen();
    if (this.#open.size > 0) this.#open.clear();
    if (ended !== undefined) this.#step = ended;
  }

  /** Closes the open step, writes the folded values of the epoch at its last step, and starts afresh. */
  closeEpoch(epoch: number, wallTime: number): Metrics {
    this.closeStep();
    const metrics: Record<string, number> = {};
    for (const [name, fold] of this.#epochFolds) metrics[name] = foldedValue(fold);
    this.#epochFolds.clear();
    if (Object.keys(metrics).length > 0) this.#write(metrics, { step: this.#step, epoch, wallTime });
    return metrics;
  }

  #addToStep(name: string, at: QueuedValue, value: number): void {
    this.#isDirty = true;
    const entry = this.#open.get(name);
    if (entry === undefined) {
      if (!this.#tags.has(name)) this.#addTag(name);
      const fold = at.options.isReduced ? startFold(at.options.reduceFx) : undefined;
      if (fold !== undefined) addToFold(fold, value, at.options.batchSize);
      this.#open.set(name, { value, isDirty: true, fold });
      return;
    }
    entry.isDirty = true;
    if (entry.fold !== undefined) {
      addToFold(entry.fold, value, at.options.batchSize);
      entry.value = foldedValue(entry.fold);
      return;
    }
    entry.value = value;
    this.#warnRepeated(name);
  }

  #addToEpoch(name: string, at: QueuedValue, value: number): void {
    let fold = this.#epochFolds.get(name);
    if (fold === undefined) {
      if (!this.#tags.has(name)) this.#addTag(name);
      fold = startFold(at.options.reduceFx);
      this.#epochFolds.set(name, fold);
    }
    addToFold(fold, value, at.options.batchSize);
  }

  #addTag(name: string): void {
    this.#tags.add(name);
    if (this.#tags.size === manyTags + 1) {
      this.#warn(
        'many-tags',
        `this run has more than ${manyTags.toLocaleString('en')} tags; '${name}' is the newest. Log what varies as the step or the value, not in the name.`,
      );
    }
  }

  #warnRepeated(name: string): void {
    const times = (this.#stuck.get(name) ?? 1) + 1;
    this.#stuck.set(name, times);
    this.#warn(
      `repeated:${name}`,
      `run.log('${name}'): logged twice on step ${this.#step}; the last value counts. Call run.endStep() after each step, pass { step }, or pass { reduceFx: 'mean' }.`,
    );
    if (times === stuckAfter) {
      this.#warn(
        `stuck:${name}`,
        `run.log('${name}'): logged ${stuckAfter} times on step ${this.#step}, so only the last value of each write is kept. Call run.endStep() after each step, or pass { step }.`,
      );
    }
  }
}
