import { loggerFailure, loggerName } from '../core/logger-fan-out.ts';
import { isPromise } from '../core/is-promise.ts';
import type { Logger } from '../core/logger.ts';
import type { RecordKind } from '../core/records.ts';
import { RetryLater } from '../core/retry-later.ts';
import { serveCommands } from './command-link.ts';
import { encodeError, type WireError } from './error-codec.ts';
import type { LoggerCall, LoggerCommands, PageLogger, SaveReply } from './protocol.ts';

// As properties, so that the compiler misses none.
const recordKinds: Readonly<Record<RecordKind, true>> = {
  text: true,
  image: true,
  audio: true,
  histogram: true,
  table: true,
  figure: true,
  event: true,
  alert: true,
  checkpoint: true,
  file: true,
  graph: true,
};

/** Describes the page's loggers for the worker that writes to them. */
export function describeLoggers(loggers: readonly Logger[]): PageLogger[] {
  const kinds = Object.keys(recordKinds) as RecordKind[]; // its keys are just these
  return loggers.map((logger) => ({
    name: loggerName(logger),
    kinds: logger.logRecord === undefined ? [] : kinds.filter((kind) => logger.supports?.(kind) ?? true),
    takesGraphs: logger.logGraph !== undefined,
  }));
}

/**
 * In the page: makes the calls that arrive at a port with loggers that live here. The result ends the service; loggers whose run is
 * not over by then, because the worker is gone, are finalized as `failed`.
 */
export function serveLoggers(port: MessagePort, loggers: readonly Logger[]): () => void {
  const failed = new Set<number>();
  const open = new Set<number>();
  /** Those that nobody has been told of. */
  let failures: { readonly to: number; readonly error: WireError }[] = [];
  const fail = ({ to, verb }: LoggerCall, logger: Logger, thrown: unknown): void => {
    if (failed.has(to)) return;
    failed.add(to);
    failures.push({ to, error: encodeError(loggerFailure(loggerName(logger), verb, thrown)) });
  };

  serveCommands<LoggerCommands>(port, {
    write(calls) {
      for (const call of calls) {
        const logger = loggers[call.to];
        if (logger === undefined) continue;
        if (call.verb === 'start') {
          failed.delete(call.to);
          open.add(call.to);
        }
        try {
          const answer: unknown = make(logger, call);
          // One that somebody wrote as an async function fails later, and is told with the next calls.
          if (isPromise(answer)) Promise.resolve(answer).catch((thrown: unknown) => fail(call, logger, thrown));
        } catch (thrown) {
          fail(call, logger, thrown);
        }
      }
      const told = failures;
      failures = [];
      return { failures: told, versions: loggers.map(({ version }) => version) };
    },
    save: (to) => answer(async () => loggers[to]?.save?.()),
    finalize(to, status) {
      open.delete(to);
      return answer(async () => loggers[to]?.finalize?.(status));
    },
  });

  return () => {
    for (const to of open) void answer(async () => loggers[to]?.finalize?.('failed')).catch(() => {}); // nobody is left to be told
    open.clear();
    port.close();
  };
}

function make(logger: Logger, call: LoggerCall): void {
  switch (call.verb) {
    case 'start':
      return logger.start?.(call.run);
    case 'logMetrics':
      return logger.logMetrics(call.metrics, call.at);
    case 'logHyperparams':
      // A logger written without types may lack it.
      return logger.logHyperparams?.(call.params, call.metrics);
    case 'logRecord':
      return logger.logRecord?.(call.record);
    case 'logGraph':
      return logger.logGraph?.(call.graph);
    default:
      return call satisfies never;
  }
}

async function answer(act: () => Promise<void>): Promise<SaveReply> {
  try {
    await act();
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof RetryLater)) throw thrown;
    return { retryAfterMs: thrown.afterMs, message: thrown.message };
  }
}
