import type { GateOptions } from './hook-log.ts';
import { describe, LogError } from './errors.ts';

/**
 * Decides which steps are logged: those with `(step + 1) % logEveryNSteps == 0`, any while a stop is requested, and unless the preset
 * `lightning` says otherwise the first one and the last one of each epoch.
 */
export class LogGate {
  /** 0: none. */
  readonly everyNSteps: number;
  readonly #first: boolean;
  readonly #last: boolean;
  readonly #everySeconds: number;
  /** Values that were logged once are written again with each row until their epoch ends, as Lightning does. */
  readonly repeats: boolean;
  #isFresh = true;
  #openedAt = -Infinity;

  /** Throws `bad-options`. */
  constructor(options: GateOptions = {}) {
    const isLightning = options.preset === 'lightning';
    if (options.preset !== undefined && !isLightning) refuse('preset', options.preset, "'lightning', or leave it out");
    const { logEveryNSteps = isLightning ? 50 : 1, logEverySeconds = Infinity } = options;
    if (!Number.isSafeInteger(logEveryNSteps) || logEveryNSteps < 0) {
      refuse('logEveryNSteps', logEveryNSteps, 'a whole number: 1 logs every step, 0 none');
    }
    if (!(logEverySeconds > 0)) refuse('logEverySeconds', logEverySeconds, 'seconds above 0');
    this.everyNSteps = logEveryNSteps;
    this.#first = options.logFirstStep ?? !isLightning;
    this.#last = options.logLastStepOfEpoch ?? !isLightning;
    this.#everySeconds = logEverySeconds;
    this.repeats = isLightning;
  }

  /** For a batch of training. `step` counts the optimizer's steps before it, `now` is in seconds. */
  opens(
    step: number,
    batch: { readonly isLast?: boolean | undefined; readonly isAccumulating?: boolean | undefined },
    now: number,
  ): boolean {
    // Lightning writes nothing while it accumulates, even when asked to stop.
    if (this.everyNSteps === 0 || batch.isAccumulating === true) return false;
    const isFirst = this.#isFresh;
    this.#isFresh = false;
    if (isFirst) this.#openedAt = now;
    const isOpen =
      (step + 1) % this.everyNSteps === 0 ||
      (isFirst && this.#first) ||
      (batch.isLast === true && this.#last) ||
      now - this.#openedAt >= this.#everySeconds;
    if (isOpen) this.#openedAt = now;
    return isOpen;
  }

  /** For what watches evaluations: `count` is 1 for the first batch. Their values need no gate. */
  opensEvaluation(count: number): boolean {
    return this.everyNSteps !== 0 && count % this.everyNSteps === 0;
  }

  /** A requested stop opens it. */
  get mayOpen(): boolean {
    return this.everyNSteps !== 0;
  }
}

function refuse(name: string, value: unknown, need: string): never {
  throw new LogError('bad-options', `new Trainer({ ${name}: ${describe(value)} }): need ${need}.`);
}
