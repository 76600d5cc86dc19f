import { loggerName } from '../core/logger-fan-out.ts';
import type { Logger, Metrics, ModelGraph, Moment } from '../core/logger.ts';
import type { NewRecord, RecordKind } from '../core/records.ts';
import { RetryLater } from '../core/retry-later.ts';
import type { Config, EndStatus, RunInfo } from '../core/run-info.ts';
import { createLateAnswers, type LateAnswers } from './late-answers.ts';
import { takes } from './wrap.ts';

/**
 * Several loggers as one, under one name: what it is given goes to all of them. A run calls each by itself, so that `{ logger: [name] }`
 * picks all by the name of the collection and one by its own. Within a wrapper, one that throws does not stop the others; its
 * error is thrown when all have been called, an `AggregateError` when there are several.
 *
 * ```ts
 * const local = new LoggerCollection([new CSVLogger({ folder }), new TensorBoardLogger({ folder })], { name: 'local' });
 * ```
 */
export class LoggerCollection implements Logger {
  readonly name: string;
  readonly logGraph?: (graph: ModelGraph) => void;
  readonly loggers: readonly Logger[];
  readonly #ended = new Set<Logger>();
  readonly #late: LateAnswers = createLateAnswers();

  /** `name`: the one by which `{ logger: [name] }` picks it. Default `collection`. */
  constructor(loggers: readonly Logger[], options: { readonly name?: string } = {}) {
    this.name = options.name ?? 'collection';
    this.loggers = [...loggers];
    // Only there where one of them has it, for that is how others tell.
    if (loggers.some((logger) => logger.logGraph !== undefined)) {
      this.logGraph = (graph) => this.#each((logger) => logger.logGraph?.(graph));
    }
  }

  /** Of the first that has one. */
  get version(): number | string | undefined {
    return this.loggers.find(({ version }) => version !== undefined)?.version;
  }

  /** Their names, in order. */
  get names(): readonly string[] {
    return this.loggers.map(loggerName);
  }

  forRun(): LoggerCollection {
    return new LoggerCollection(
      this.loggers.map((logger) => logger.forRun?.() ?? logger),
      this,
    );
  }

  start(run: RunInfo): void {
    this.#ended.clear();
    this.#each((logger) => logger.start?.(run));
  }

  logMetrics(metrics: Metrics, at: Moment): void {
    this.#each((logger) => logger.logMetrics(metrics, at));
  }

  logHyperparams(params: Config, metrics?: Metrics): void {
    this.#each((logger) => logger.logHyperparams(params, metrics));
  }

  logRecord(record: NewRecord): void {
    this.#each((logger) => (takes(logger, record.kind) ? logger.logRecord?.(record) : undefined));
  }

  supports(kind: RecordKind): boolean {
    return this.loggers.some((logger) => takes(logger, kind));
  }

  async save(): Promise<void> {
    await this.#all(async (logger) => logger.save?.());
  }

  async finalize(status: EndStatus): Promise<void> {
    await this.#all(async (logger) => {
      // Another may have asked for another try.
      if (this.#ended.has(logger)) return;
      await logger.finalize?.(status);
      this.#ended.add(logger);
    });
  }

  #each(act: (logger: Logger) => unknown): void {
    const errors: unknown[] = [];
    for (const logger of this.loggers) {
      try {
        this.#late.hear(act(logger), (thrown) => named(logger, thrown));
      } catch (thrown) {
        errors.push(named(logger, thrown));
      }
    }
    throwAll(errors);
  }

  async #all(act: (logger: Logger) => Promise<void>): Promise<void> {
    const results = await Promise.allSettled(this.loggers.map(act));
    const errors = results.flatMap((result, i) => (result.status === 'rejected' ? [named(this.loggers[i]!, result.reason)] : []));
    throwAll([...(await this.#late.errors()), ...errors]);
  }
}

// What it asks for has to stay what it is.
function named(logger: Logger, thrown: unknown): unknown {
  if (thrown instanceof RetryLater) return thrown;
  return new Error(`${loggerName(logger)}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, { cause: thrown });
}

function throwAll(errors: readonly unknown[]): void {
  // An error is told first: what asks for another try asks again by itself.
  const real = errors.filter((error) => !(error instanceof RetryLater));
  if (real.length > 1) throw new AggregateError(real, real.map((error) => (error as Error).message).join('; ')); // made by named()
  const [first] = real.length > 0 ? real : errors;
  if (first !== undefined) throw first as Error; // made by named(), or a RetryLater
}
