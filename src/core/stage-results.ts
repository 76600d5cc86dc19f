import { LogError } from './errors.ts';
import type { BatchPlace } from './hook-log.ts';
import type { LoggingHook } from './hook-rules.ts';
import type { ResolvedLogOptions } from './log-options.ts';
import { type DataloaderPlace, differingOption, ResultEntry } from './result-entry.ts';
import type { Warner } from './warnings.ts';
import { sayOfHooks } from './core-words.ts';

/** What callbacks, the progress bar and loggers see of a stage. */
export interface View {
  readonly callback: Readonly<Record<string, number>>;
  readonly progressBar: Readonly<Record<string, number>>;
  readonly logged: Readonly<Record<string, number>>;
}

/** Rows by the loggers they go to; the empty key stands for all of them. */
export type LogRows = ReadonlyMap<string, { readonly metrics: Record<string, number>; readonly only: readonly string[] | undefined }>;

/** Everything that the hooks of one kind of loop have logged. */
export class StageResults {
  readonly #isTraining: boolean;
  readonly #onError: (error: LogError) => void;
  readonly #entries: ResultEntry[] = [];
  readonly #byKey = new Map<string, ResultEntry>();
  readonly #hooks = new Set<LoggingHook>();
  /** Batches seen of each dataloader. */
  readonly #seen: number[] = [];
  #kept = new Map<string, { metrics: Record<string, number>; only: readonly string[] | undefined }>();
  #place: BatchPlace | undefined;
  /** Names of several dataloaders; empty with one. */
  dataloaders: readonly (string | undefined)[] = [];
  dataloader: DataloaderPlace | undefined;
  batch: unknown;
  /** Of the batch under way, once it was looked at. */
  batchSize: number | undefined;

  constructor(isTraining: boolean, onError: (error: LogError) => void) {
    this.#isTraining = isTraining;
    this.#onError = onError;
  }

  startBatch(place: BatchPlace): void {
    this.#place = place;
    this.batch = place.batch;
    this.batchSize = undefined;
    const index = place.dataloaderIdx ?? 0;
    if (this.dataloaders.length === 0) this.dataloader = undefined;
    else if (this.dataloader?.index !== index) {
      this.dataloader = { index, suffix: `/${this.dataloaders[index] ?? `dataloader_idx_${index}`}` };
    }
  }

  endBatch(): void {
    this.batch = undefined;
    this.batchSize = undefined;
  }

  /** Gives the 0-based number of the batch that ends, counted from the beginning of the fit. */
  countBatch(): number {
    const index = this.#place?.dataloaderIdx ?? 0;
    const seen = this.#seen[index] ?? 0;
    this.#seen[index] = seen + 1;
    return seen;
  }

  /** Finds or makes the entry of a name. Throws `bad-options` when it was logged with other options before. */
  entry(hook: LoggingHook, name: string, options: ResolvedLogOptions, call: () => string, warn: Warner): ResultEntry {
    const dataloader = options.addDataloaderIdx ? this.dataloader : undefined;
    const key = dataloader === undefined ? `${hook}.${name}` : `${hook}.${name}.${dataloader.index}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      const difference = differingOption(known.options, options);
      if (difference === undefined) return known;
      throw new LogError(
        'bad-options',
        `${call()}: called with different options before (${difference}). Use the same ones each time, or another name.`,
      );
    }
    const made = new ResultEntry(hook, name, options, dataloader, this.#onError);
    const rival = this.#entries.find((other) => other.hook !== hook && sharesName(other, made));
    if (rival !== undefined) {
      warn(`same-name:${name}`, sayOfHooks('same-name', { call: call(), hook: rival.hook, name }));
    }
    if (/_(?:step|epoch)$/.test(name)) {
      warn(`misnamed:${name}`, sayOfHooks('misnamed', { call: call() }));
    }
    this.#byKey.set(key, made);
    this.#entries.push(made);
    this.#hooks.add(hook);
    return made;
  }

  /** True when something is logged for single steps. */
  get hasStepValues(): boolean {
    return this.#entries.some(({ options }) => options.onStep);
  }

  has(hook: LoggingHook): boolean {
    return this.#hooks.has(hook);
  }

  /** Entries with a value since the last reset, of one dataloader or of none. */
  *valid(dataloader: number | undefined): Generator<ResultEntry> {
    for (const entry of this.#entries) {
      if (!entry.isReset && (!entry.options.addDataloaderIdx || entry.dataloader?.index === dataloader)) yield entry;
    }
  }

  view(isStep: boolean, dataloader: number | undefined): View {
    const callback: Record<string, number> = {};
    const progressBar: Record<string, number> = {};
    const logged: Record<string, number> = {};
    for (const entry of this.valid(dataloader)) {
      const value = entry.value(isStep);
      if (value === undefined) continue;
      const name = isStep ? entry.stepName : entry.epochName;
      if (entry.options.logger !== false) logged[name] = value;
      if (this.#isTraining || !isStep) {
        callback[entry.baseName] = value;
        callback[name] = value;
      }
      if (entry.options.progBar) progressBar[name] = value;
    }
    return { callback, progressBar, logged };
  }

  /** What goes to loggers now. Unless `repeats`, only what was logged since it was last written. */
  rows(isStep: boolean, dataloader: number | undefined, repeats: boolean): LogRows {
    const rows = new Map<string, { metrics: Record<string, number>; only: readonly string[] | undefined }>();
    for (const entry of this.valid(dataloader)) {
      const { logger } = entry.options;
      const value = entry.value(isStep);
      if (value === undefined || logger === false || (isStep && !repeats && !entry.isFresh)) continue;
      if (isStep) entry.isFresh = false;
      const key = logger === true ? '' : logger.join('\n');
      let row = rows.get(key);
      if (row === undefined) rows.set(key, (row = { metrics: {}, only: logger === true ? undefined : logger }));
      row.metrics[isStep ? entry.stepName : entry.epochName] = value;
    }
    return rows;
  }

  /** Keeps the rows of one dataloader until the evaluation ends. */
  keep(dataloader: number | undefined): void {
    for (const [key, row] of this.rows(false, dataloader, true)) {
      const kept = this.#kept.get(key);
      if (kept === undefined) this.#kept.set(key, row);
      // The first dataloader that has a name keeps it.
      else for (const name in row.metrics) kept.metrics[name] ??= row.metrics[name] as number; // one of its own keys
    }
    // What all dataloaders share was logged on a batch of this one: it says nothing of the next one's.
    for (const entry of this.#entries) if (!entry.options.addDataloaderIdx) entry.stepValue = undefined;
  }

  /** The rows of the epoch, those of all dataloaders together. */
  epochRows(): LogRows {
    const rows = this.#kept;
    this.#kept = new Map();
    for (const [key, row] of this.rows(false, undefined, true)) {
      const kept = rows.get(key);
      if (kept === undefined) rows.set(key, row);
      else Object.assign(kept.metrics, row.metrics);
    }
    return rows;
  }

  /** Numbers of one hook start afresh, those of single dataloaders excepted; metric objects go on. */
  resetValues(hook: LoggingHook): void {
    for (const entry of this.#entries)
      if (entry.hook === hook && entry.dataloader === undefined && entry.metric === undefined) entry.reset();
  }

  reset(): void {
    for (const entry of this.#entries) entry.reset();
    this.dataloader = undefined;
    this.endBatch();
  }

  /** Forgets names and options, too. */
  forget(): void {
    this.#entries.length = 0;
    this.#byKey.clear();
    this.#hooks.clear();
    this.#seen.length = 0;
  }
}

function sharesName(a: ResultEntry, b: ResultEntry): boolean {
  return a.baseName === b.baseName || a.stepName === b.stepName || a.epochName === b.epochName;
}
