import { LogError } from './errors.ts';
import { isPromise } from './is-promise.ts';
import type { Logger, Metrics, ModelGraph, Moment } from './logger.ts';
import type { Probe } from './overhead-meter.ts';
import type { NewRecord, RecordKind } from './records.ts';
import { RetryLater } from './retry-later.ts';
import type { Config, EndStatus, RunInfo } from './run-info.ts';
import { isOverIn, startTimer, type Timer } from './timer.ts';
import { createWarner, type Warner } from './warnings.ts';
import { sayOfRun } from './core-words.ts';

/** Milliseconds that `save()` and `finalize()` of one logger are waited for, its retries at the end included. */
export const loggerPatienceMs = 10_000;

/** Milliseconds before another try, at least: a logger that asks for none must not keep the thread busy. */
const leastRetryMs = 100;

/** The name of the logger that writes to the store. */
export const storeLoggerName = 'store';

/** Shown when a logger has no name of its own. */
export function loggerName(logger: Logger): string {
  return logger.name ?? (logger.constructor === Object ? 'logger' : logger.constructor.name);
}

/** A logger and what it is busy with. */
interface Slot {
  readonly logger: Logger;
  readonly name: string;
  /** Those that pick it: its own and those of the loggers it is within. */
  readonly names: readonly string[];
  /** Adds up the time its rows take. */
  readonly probe: Probe | undefined;
  hasFailed: boolean;
  /** The save under way. */
  saving: Promise<void> | undefined;
  /** The one that comes behind it, for what was logged meanwhile. */
  next: Promise<void> | undefined;
  /** It asked for another try, which is to come. */
  retry: { readonly inMs: number; readonly cancel: () => void } | undefined;
  /** Its last answer was not waited for any longer. */
  isLate: boolean;
}

/**
 * Hands everything to several loggers. One that throws is reported once and keeps being called: it stops neither the
 * training nor the others. One that asks for it by {@link RetryLater} is saved again later.
 */
export class LoggerFanOut {
  readonly #slots: readonly Slot[];
  readonly #onError: (error: LogError) => void;
  readonly #warn: Warner;
  readonly #timer: Timer;

  /** @param probeOf Gives what measures the logger of this name. Default: nothing does. */
  constructor(
    loggers: readonly Logger[],
    onError: (error: LogError) => void,
    warn: Warner = createWarner(),
    timer: Timer = startTimer,
    probeOf?: (name: string) => Probe,
  ) {
    this.#slots = takenApart(loggers, []).map(({ logger, names }) => ({
      logger,
      name: loggerName(logger),
      names,
      probe: probeOf?.(loggerName(logger)),
      hasFailed: false,
      saving: undefined,
      next: undefined,
      retry: undefined,
      isLate: false,
    }));
    this.#onError = onError;
    this.#warn = warn;
    this.#timer = timer;
  }

  start(run: RunInfo): void {
    for (const slot of this.#slots) this.#try(slot, 'start', () => slot.logger.start?.(run));
  }

  /** `only`: the names of the loggers that get it; default all. A name that no logger has is warned about once. */
  logMetrics(metrics: Metrics, at: Moment, only?: readonly string[]): void {
    if (only !== undefined) this.#warnUnknown(only);
    for (const slot of this.#slots) {
      if (only !== undefined && !slot.names.some((name) => only.includes(name))) continue;
      const from = slot.probe?.enter();
      try {
        const answer: unknown = slot.logger.logMetrics(metrics, at);
        if (answer !== undefined) this.#hear(slot, 'logMetrics', answer);
        if (from !== undefined) slot.probe?.leave(from);
      } catch (thrown) {
        this.#report(slot, 'logMetrics', thrown);
      }
    }
  }

  logHyperparams(params: Config, metrics?: Metrics): void {
    for (const slot of this.#slots) this.#try(slot, 'logHyperparams', () => slot.logger.logHyperparams?.(params, metrics));
  }

  /** Goes to the loggers that take records of its kind. */
  logRecord(record: NewRecord): void {
    for (const slot of this.#slots) {
      this.#try(slot, 'logRecord', () => {
        if (takes(slot.logger, record.kind)) return slot.logger.logRecord?.(record);
      });
    }
  }

  logGraph(graph: ModelGraph): void {
    for (const slot of this.#slots) this.#try(slot, 'logGraph', () => slot.logger.logGraph?.(graph));
  }

  /** True when one of the loggers takes it; every logger takes scalars and hyperparameters. */
  supports(kind: RecordKind | 'scalar' | 'hyperparams' | 'graph'): boolean {
    return this.#slots.some(({ logger }) => {
      if (kind === 'scalar' || kind === 'hyperparams') return true;
      return kind === 'graph' ? logger.logGraph !== undefined : takes(logger, kind);
    });
  }

  /**
   * Resolves when every logger has saved once, failed, asked for another try, or not answered for {@link loggerPatienceMs}. Another
   * try comes by itself; until then the logger is not asked.
   */
  async save(): Promise<void> {
    await Promise.all(
      this.#slots.map(async (slot) => {
        if (slot.retry === undefined) await this.#patiently(slot, 'save', this.#save(slot));
      }),
    );
  }

  /** Saves again those that asked for it, as long as they are waited for, and calls each logger for the last time. */
  async finalize(status: EndStatus): Promise<void> {
    await Promise.all(this.#slots.map((slot) => this.#finalize(slot, status)));
  }

  async #finalize(slot: Slot, status: EndStatus): Promise<void> {
    const { logger } = slot;
    let left = loggerPatienceMs;
    const insist = async (verb: string, act: () => Promise<unknown>): Promise<void> => {
      for (;;) {
        const asked = await act().then(
          () => undefined,
          (thrown: unknown) => thrown ?? new Error('rejected without a reason'),
        );
        if (asked === undefined) return;
        const inMs = asked instanceof RetryLater ? Math.max(leastRetryMs, asked.afterMs) : Infinity;
        if (inMs > left) return this.#report(slot, verb, asked);
        left -= inMs;
        await this.#pause(inMs);
      }
    };
    const pending = slot.retry;
    if (pending !== undefined) {
      pending.cancel();
      slot.retry = undefined;
      const wait = Math.min(pending.inMs, left);
      left -= wait;
      await this.#pause(wait);
      await this.#patiently(
        slot,
        'save',
        insist('save', async () => logger.save?.()),
      );
    }
    await this.#patiently(
      slot,
      'finalize',
      insist('finalize', async () => logger.finalize?.(status)),
    );
  }

  /** One at a time; what is asked for meanwhile comes behind it, once for all who ask. */
  #save(slot: Slot): Promise<void> {
    if (slot.saving === undefined) {
      slot.saving = this.#saveOnce(slot).finally(() => (slot.saving = undefined));
      return slot.saving;
    }
    slot.next ??= slot.saving.then(() => {
      slot.next = undefined;
      return slot.retry === undefined ? this.#save(slot) : undefined;
    });
    return slot.next;
  }

  async #saveOnce(slot: Slot): Promise<void> {
    try {
      await slot.logger.save?.();
    } catch (thrown) {
      if (!(thrown instanceof RetryLater)) return this.#report(slot, 'save', thrown);
      const again = (): void => {
        slot.retry = undefined;
        void this.#save(slot);
      };
      const inMs = Math.max(leastRetryMs, thrown.afterMs);
      slot.retry = { inMs, cancel: this.#timer(again, inMs) };
    }
  }

  /** A logger that does not answer holds nobody up for ever, and not a second time. The store has a patience of its own. */
  async #patiently(slot: Slot, verb: string, work: Promise<void>): Promise<void> {
    if (slot.name === storeLoggerName) return work;
    if (slot.isLate) return;
    if (await isOverIn(loggerPatienceMs, work, this.#timer)) return;
    slot.isLate = true;
    void work.then(() => (slot.isLate = false));
    this.#warn(`logger-late:${slot.name}`, sayOfRun('logger-late', { name: slot.name, verb, seconds: loggerPatienceMs / 1000 }));
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#timer(resolve, ms));
  }

  #warnUnknown(only: readonly string[]): void {
    for (const name of only) {
      const known = new Set(this.#slots.flatMap(({ names }) => names));
      if (known.has(name)) continue;
      const names = Array.from(known, (one) => `'${one}'`).join(', ') || 'none';
      this.#warn(`no-logger:${name}`, sayOfRun('no-logger', { name, names }));
    }
  }

  #try(slot: Slot, verb: string, act: () => unknown): void {
    try {
      this.#hear(slot, verb, act());
    } catch (thrown) {
      this.#report(slot, verb, thrown);
    }
  }

  /** A verb that somebody wrote as an async function fails later. */
  #hear(slot: Slot, verb: string, answer: unknown): void {
    if (isPromise(answer)) Promise.resolve(answer).catch((thrown: unknown) => this.#report(slot, verb, thrown));
  }

  #report(slot: Slot, verb: string, thrown: unknown): void {
    if (slot.hasFailed) return;
    slot.hasFailed = true;
    this.#onError(loggerFailure(slot.name, verb, thrown));
  }
}

/** The error by which a logger that threw is named; one of ours is handed back as it is. */
export function loggerFailure(name: string, verb: string, thrown: unknown): LogError {
  if (thrown instanceof LogError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new LogError(
    'logger-threw',
    `logger '${name}' failed in ${verb}(): ${text}. Training and the other loggers go on; further failures of this logger are not repeated.`,
    { cause: thrown },
  );
}

function takes(logger: Logger, kind: RecordKind): boolean {
  return logger.logRecord !== undefined && (logger.supports?.(kind) ?? true);
}

function takenApart(
  loggers: readonly Logger[],
  within: readonly string[],
): { readonly logger: Logger; readonly names: readonly string[] }[] {
  return loggers.flatMap((logger) => {
    const names = [loggerName(logger), ...within];
    return logger.loggers === undefined ? [{ logger, names }] : takenApart(logger.loggers, names);
  });
}
