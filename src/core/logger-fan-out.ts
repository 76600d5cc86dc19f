import { LogError } from './errors.ts';
import type { Logger, Metrics, Moment } from './logger.ts';
import type { Config, EndStatus, RunInfo } from './run-info.ts';

/** Shown when a logger has no name of its own. */
export function loggerName(logger: Logger): string {
  return logger.name ?? (logger.constructor === Object ? 'logger' : logger.constructor.name);
}

/**
 * Hands everything to several loggers. One that throws is reported once and keeps being called: it stops neither the
 * training nor the others.
 */
export class LoggerFanOut {
  readonly #loggers: readonly Logger[];
  readonly #onError: (error: LogError) => void;
  readonly #reported = new Set<Logger>();

  constructor(loggers: readonly Logger[], onError: (error: LogError) => void) {
    this.#loggers = loggers;
    this.#onError = onError;
  }

  start(run: RunInfo): void {
    for (const logger of this.#loggers) this.#try(logger, 'start', () => logger.start?.(run));
  }

  logMetrics(metrics: Metrics, at: Moment): void {
    for (const logger of this.#loggers) {
      try {
        logger.logMetrics(metrics, at);
      } catch (thrown) {
        this.#report(logger, 'logMetrics', thrown);
      }
    }
  }

  logHyperparams(params: Config): void {
    for (const logger of this.#loggers) this.#try(logger, 'logHyperparams', () => logger.logHyperparams?.(params));
  }

  async save(): Promise<void> {
    await Promise.all(this.#loggers.map((logger) => this.#tryAsync(logger, 'save', async () => logger.save?.())));
  }

  async finalize(status: EndStatus): Promise<void> {
    await Promise.all(this.#loggers.map((logger) => this.#tryAsync(logger, 'finalize', async () => logger.finalize?.(status))));
  }

  #try(logger: Logger, verb: string, act: () => void): void {
    try {
      act();
    } catch (thrown) {
      this.#report(logger, verb, thrown);
    }
  }

  async #tryAsync(logger: Logger, verb: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (thrown) {
      this.#report(logger, verb, thrown);
    }
  }

  #report(logger: Logger, verb: string, thrown: unknown): void {
    if (this.#reported.has(logger)) return;
    this.#reported.add(logger);
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    this.#onError(
      thrown instanceof LogError
        ? thrown
        : new LogError(
            'logger-threw',
            `logger '${loggerName(logger)}' failed in ${verb}(): ${text}. Training and the other loggers go on; further failures of this logger are not repeated.`,
            {
              cause: thrown,
            },
          ),
    );
  }
}
