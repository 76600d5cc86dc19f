import { sayOfRun } from './core-words.ts';
import { formatNumber } from './words.ts';
/*
 * How a run uses it:
 *
 *   const meter = new OverheadMeter({ warn });
 *   log(…)      { const from = meter.calls.enter(); …; meter.calls.leave(from); }   also logDict, hooks.log, hooks.endBatch, endStep
 *   a read came { const from = meter.bulk.enter(); …; meter.bulk.leave(from); }     also idle writes, the sync part of flush and endEpoch
 *   each value  { meter.values += 1; } and for a handle of the GPU also { meter.scalars += 1; }
 *   endStep()   { const ms = meter.stepDone(); if (ms !== undefined) this.log(loggingTag, ms, …); }
 *   endEpoch()  { const ms = meter.epochDone(); … the same }
 *   fan-out     { new LoggerFanOut(loggers, onError, warn, timer, (name) => meter.part(name)) }
 *   run.overhead: meter.overhead
 *
 * A call that throws between enter and leave is simply not counted.
 */

/** The tag under which the run of a loop logs how many milliseconds of a step go to logging. */
export const loggingTag = 'tabtrain/logging_ms';

/** What logging has cost a run so far, on its own thread. */
export interface RunOverhead {
  /** Milliseconds in all: calls, rows given to loggers, flushes. Estimated from samples. */
  readonly loggingMs: number;
  /** Of the time since the first step began, 0…1; 0 before the first step is done. */
  readonly share: number;
}

/** Calls between two that are measured: a prime, so that no rhythm of the caller's can hide from it. */
const every = 61;
/** Values of {@link loggingTag} are at least so far apart. */
const reportEveryMs = 1000;
/** The time that a warning looks back on. */
const warnAfterMs = 5000;
/** The share of the time of a step from which on logging is warned about. */
const mostShare = 0.05;
/** How many causes a warning names. */
const mostCauses = 3;

/** Adds up the time spent in one kind of call. Looking at the clock costs as much as a call does, so most calls are not measured. */
export class Probe {
  readonly #every: number;
  readonly #now: () => number;
  #left: number;
  #ms = 0;

  /** @param every Calls of which one is measured and counts for all. Default: each call. */
  constructor(now: () => number, every = 1) {
    this.#now = now;
    this.#every = every;
    this.#left = every;
  }

  /** Before a call. Gives what {@link leave} needs: -1 when this call is not measured. */
  enter(): number {
    if (--this.#left > 0) return -1;
    this.#left = this.#every;
    return this.#now();
  }

  /** After it. */
  leave(from: number): void {
    if (from >= 0) this.#ms += (this.#now() - from) * this.#every;
  }

  /** Milliseconds in all calls so far, estimated. */
  get ms(): number {
    return this.#ms;
  }
}

/** Where a stretch of time began. */
interface Mark {
  readonly at: number;
  readonly ms: number;
  readonly steps: number;
  readonly values: number;
  readonly scalars: number;
  readonly parts: ReadonlyMap<string, number>;
}

export interface OverheadOptions {
  /** Told once, when logging takes more than 5 % of the time. */
  readonly warn: (key: string, text: string) => void;
  /** Milliseconds, monotonic. Default `performance.now`. */
  readonly now?: () => number;
}

/** Measures which share of the time of a training goes to logging. */
export class OverheadMeter {
  /** Around what happens in every step. Must not be nested. */
  readonly calls: Probe;
  /** Around what happens now and then and takes long, outside of {@link calls}. */
  readonly bulk: Probe;
  /** Values logged. */
  values = 0;
  /** Those of them that are read back from the GPU. */
  scalars = 0;
  readonly #now: () => number;
  readonly #warn: OverheadOptions['warn'];
  readonly #parts = new Map<string, Probe>();
  #steps = 0;
  #startedAt: number | undefined;
  #reported: Mark | undefined;
  #watched: Mark | undefined;
  #hasWarned = false;

  constructor({ warn, now = (): number => performance.now() }: OverheadOptions) {
    this.#warn = warn;
    this.#now = now;
    this.calls = new Probe(now, every);
    this.bulk = new Probe(now);
  }

  /** The probe of one logger, for the causes only: what it measures lies within the other two. */
  part(logger: string): Probe {
    let probe = this.#parts.get(logger);
    if (probe === undefined) this.#parts.set(logger, (probe = new Probe(this.#now, every)));
    return probe;
  }

  get overhead(): RunOverhead {
    const loggingMs = this.calls.ms + this.bulk.ms;
    const elapsed = this.#startedAt === undefined ? 0 : this.#now() - this.#startedAt;
    return { loggingMs, share: elapsed > 0 ? Math.min(1, loggingMs / elapsed) : 0 };
  }

  /** A step is over. Now and then it gives the milliseconds of logging per step since the last time, to be logged. */
  stepDone(): number | undefined {
    this.#steps += 1;
    const now = this.#now();
    // The first step compiles kernels and is no measure.
    if (this.#startedAt === undefined) {
      this.#startedAt = now;
      this.#reported = this.#watched = this.#mark(now);
      return undefined;
    }
    if (this.#watched !== undefined && now - this.#watched.at >= warnAfterMs) this.#watch(this.#watched, now);
    return this.#report(now);
  }

  /** An epoch is over: as {@link stepDone}, of the steps since the last time. */
  epochDone(): number | undefined {
    return this.#report(this.#now());
  }

  #report(now: number): number | undefined {
    const since = this.#reported;
    if (since === undefined || now - since.at < reportEveryMs || this.#steps === since.steps) return undefined;
    const mark = (this.#reported = this.#mark(now));
    return (mark.ms - since.ms) / (mark.steps - since.steps);
  }

  #mark(at: number): Mark {
    const parts = new Map([...this.#parts].map(([name, { ms }]) => [name, ms]));
    return { at, ms: this.calls.ms + this.bulk.ms, steps: this.#steps, values: this.values, scalars: this.scalars, parts };
  }

  #watch(since: Mark, now: number): void {
    if (this.#hasWarned) {
      this.#watched = undefined;
      return;
    }
    const mark = (this.#watched = this.#mark(now));
    const ms = mark.ms - since.ms;
    const share = ms / (now - since.at);
    if (share <= mostShare) return;
    this.#hasWarned = true;
    const steps = mark.steps - since.steps;
    const perStep = (count: number): string => formatNumber(count / steps, { minimumSignificantDigits: 2, maximumSignificantDigits: 2 });
    let inLoggers = 0;
    const causes: [number, string][] = [];
    for (const [name, total] of mark.parts) {
      const spent = total - (since.parts.get(name) ?? 0);
      inLoggers += spent;
      if (spent > 0) causes.push([spent, sayOfRun('overhead-logger', { name, ms: perStep(spent) })]);
    }
    const [values, scalars] = [mark.values - since.values, mark.scalars - since.scalars];
    const own = Math.max(0, ms - inLoggers);
    // Reading a scalar back costs several times what a number costs; the two share one clock.
    const ofScalars = values === 0 ? 0 : (own * 4 * scalars) / (values + 3 * scalars);
    if (scalars > 0) causes.push([ofScalars, sayOfRun('overhead-scalars', { count: perStep(scalars) })]);
    if (values > scalars) causes.push([own - ofScalars, sayOfRun('overhead-numbers', { count: perStep(values - scalars) })]);
    causes.sort(([a], [b]) => b - a);
    const named = causes.slice(0, mostCauses).map(([, text]) => text);
    this.#warn(
      'overhead',
      sayOfRun('overhead', {
        share: Math.round(share * 100),
        own: perStep(ms),
        all: perStep(now - since.at),
        causes: named.length === 0 ? '' : sayOfRun('overhead-causes', { causes: named.join('; ') }),
      }),
    );
  }
}
