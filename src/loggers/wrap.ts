import { describe, LogError } from '../core/errors.ts';
import { loggerName } from '../core/logger-fan-out.ts';
import type { Logger, Metrics, Moment } from '../core/logger.ts';
import type { RecordKind } from '../core/records.ts';
import { createLateAnswers } from './late-answers.ts';
import { createRowThrottle } from './row-throttle.ts';

/** True when a logger takes records of a kind. */
export function takes(logger: Logger, kind: RecordKind): boolean {
  return logger.logRecord !== undefined && (logger.supports?.(kind) ?? true);
}

/**
 * A logger that passes everything on to another, with its own `changes`; `again` makes one like it. Throws `bad-options` for what is
 * no logger.
 */
function passingOn(call: string, inner: Logger, again: (inner: Logger) => Logger, changes: Partial<Logger>): Logger {
  if (typeof (inner as Logger | null | undefined)?.logMetrics !== 'function') {
    throw new LogError('bad-options', `${call}(${describe(inner)}, …): need a logger, with logMetrics and logHyperparams.`);
  }
  return {
    name: loggerName(inner),
    get version() {
      return inner.version;
    },
    ...(inner.forRun !== undefined && { forRun: () => again(inner.forRun?.() ?? inner) }),
    start: (run) => inner.start?.(run),
    logMetrics: (metrics, at) => inner.logMetrics(metrics, at),
    logHyperparams: (params, metrics) => inner.logHyperparams(params, metrics),
    logRecord: (record) => inner.logRecord?.(record),
    supports: (kind) => takes(inner, kind),
    // Left out where there is none, for that is how others tell.
    ...(inner.logGraph !== undefined && { logGraph: (graph) => inner.logGraph?.(graph) }),
    save: async () => inner.save?.(),
    finalize: async (status) => inner.finalize?.(status),
    ...changes,
  } satisfies Logger;
}

/**
 * Puts a prefix in front of the name of every number and record that goes to a logger: `prefixed(logger, 'fold1')` makes
 * `fold1-loss` of `loss`, as Lightning's loggers do with their `prefix`. Steps, epochs and hyperparameters stay as they are.
 */
export function prefixed(
  logger: Logger,
  prefix: string,
  options: {
    /** Stands behind the prefix; `/` makes a group of it in TensorBoard and in the panel. Default `-`. */
    readonly separator?: string;
  } = {},
): Logger {
  const start = prefix === '' ? '' : `${prefix}${options.separator ?? '-'}`;
  const renamed = (metrics: Metrics): Metrics => Object.fromEntries(Object.entries(metrics).map(([tag, value]) => [start + tag, value]));
  return passingOn('prefixed', logger, (one) => prefixed(one, prefix, options), {
    logMetrics: (metrics, at) => logger.logMetrics(renamed(metrics), at),
    logHyperparams: (params, metrics) => logger.logHyperparams(params, metrics && renamed(metrics)),
    logRecord: (record) => logger.logRecord?.({ ...record, tag: start + record.tag }),
  });
}

/** Says which numbers and records a logger gets. */
export type TagFilter = (tag: string, at: Pick<Moment, 'step' | 'epoch' | 'wallTime'>) => boolean;

/**
 * Lets only some numbers and records through to a logger: those named, or those the function says yes to. Everything else it is
 * told all the same: hyperparameters, graphs, saving, the end.
 */
export function filtered(logger: Logger, which: readonly string[] | TagFilter): Logger {
  const names = typeof which === 'function' ? undefined : new Set(which);
  const passes: TagFilter = typeof which === 'function' ? which : (tag) => names?.has(tag) === true;
  return passingOn('filtered', logger, (one) => filtered(one, which), {
    logMetrics: (metrics, at) => {
      const passed = Object.entries(metrics).filter(([tag]) => passes(tag, at));
      return passed.length > 0 ? logger.logMetrics(Object.fromEntries(passed), at) : undefined;
    },
    logRecord: (record) => (passes(record.tag, record) ? logger.logRecord?.(record) : undefined),
  });
}

/**
 * Lets each tag through to a logger at most so many times a second, for one that is slow or for people to read. What is dropped:
 * of values of a tag that come faster, all but the newest, which is passed on when it is due, at the latest when the run saves or
 * ends. Values of epochs, those of evaluations too, records and all other verbs are never held back. Goes by the wall times of the rows.
 */
export function throttled(logger: Logger, options: { readonly perSecond: number }): Logger {
  const perSecond: unknown = (options as { readonly perSecond?: unknown } | undefined)?.perSecond; // left out without types
  if (!(typeof perSecond === 'number' && perSecond > 0)) {
    throw new LogError('bad-options', `throttled(logger, { perSecond: ${describe(perSecond)} }): need a number above 0.`);
  }
  const late = createLateAnswers();
  const throttle = createRowThrottle(perSecond, (metrics, at) => late.hear(logger.logMetrics(metrics, at)));
  const settle = async (act: () => Promise<void> | undefined): Promise<void> => {
    throttle.release();
    const [thrown] = await late.errors();
    await act();
    if (thrown !== undefined) throw thrown; // oxlint-disable-line only-throw-error -- as the logger threw it
  };
  return passingOn('throttled', logger, (one) => throttled(one, options), {
    logMetrics: (metrics, at) => throttle.take(metrics, at),
    save: () => settle(() => logger.save?.()),
    finalize: (status) => settle(() => logger.finalize?.(status)),
  });
}
