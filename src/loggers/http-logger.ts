import { LogError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { newRunId } from '../core/run-id.ts';
import type { RunInfo } from '../core/run-info.ts';
import type { RequestParts } from '../core/send-request.ts';
import { graphItem, hyperparamsItem, recordItem, rowItem } from './http-batch.ts';
import { Courier, type HttpLoggerOptions, platformParts, readSettings } from './http-courier.ts';
import { HttpSession } from './http-session.ts';

/** A logger that sends to a server. */
export interface HttpLogger extends Logger {
  /** Rows, records and what else was logged and not taken by the server so far. 0: it has everything. */
  readonly unsent: number;
}

/**
 * Sends everything a run logs to a server, as POST requests of JSON: rows, hyperparameters, records with their contents, graphs, the
 * end of the run; nothing else. `docs/recipes/receiver.md` describes the format and has receivers of 30 lines.
 *
 * Each batch has an id and is sent until the server has taken it, so a receiver drops what it has. What cannot be sent waits beside the
 * store and is sent by whoever makes an `httpLogger` for the same address next, after a reload or the next day; see {@link sendQueued}.
 * Nothing waits for the network: neither the training nor `save()`; the end of a run does for at most 8 seconds. One logger may be given
 * to several runs, at the same time too: each is sent as a run of its own.
 *
 * Throws `bad-options` for what is no address of the web, and for one of plain http where the page came over https.
 *
 * ```ts
 * const run = await startRun({ loggers: [httpLogger('https://example.org/log', { headers: { Authorization: `Bearer ${token}` } })] });
 * ```
 */
export function httpLogger(url: string | URL, options: HttpLoggerOptions = {}): HttpLogger {
  return createHttpLogger(url, options, platformParts);
}

/** {@link httpLogger} with a network and a clock of its own. */
export function createHttpLogger(url: string | URL, options: HttpLoggerOptions, parts: RequestParts): HttpLogger {
  const settings = readSettings('httpLogger', url, options);
  const courier = new Courier(settings, parts);
  const sessions = new Set<HttpSession>();
  const forRun = (): HttpLogger => {
    let session: HttpSession | undefined;
    /** Runs that are alive: several where somebody does not know of {@link Logger.forRun}. */
    let runs = 0;
    const begin = (run: RunInfo): HttpSession => {
      for (const one of sessions) if (one.isOver && one.unsent === 0) sessions.delete(one);
      session = new HttpSession(courier, run);
      sessions.add(session);
      return session;
    };
    // Used without a run.
    const here = (): HttpSession => {
      const startedAt = parts.now() / 1000;
      return session ?? begin({ id: newRunId(), project: '', name: 'run', status: 'running', startedAt, config: {} });
    };
    return {
      name: 'http',
      get unsent() {
        let sum = 0;
        for (const one of sessions) sum += one.unsent;
        return sum;
      },
      forRun,
      start(run) {
        if (runs++ === 0) return void begin(run);
        throw new LogError(
          'bad-options',
          `httpLogger: run '${run.name}' begins before the one before it has ended, and is sent as a part of it. Make one httpLogger for each run.`,
        );
      },
      logMetrics: (metrics, at) => here().add(rowItem(metrics, at)),
      logHyperparams: (params, metrics) => here().add(hyperparamsItem(params, metrics)),
      logRecord: (record) => here().addLater(recordItem(record), record.tag),
      supports: (kind) => settings.kinds?.includes(kind) ?? true,
      logGraph: (graph) => here().add(graphItem(graph)),
      save: async () => session?.save(),
      async finalize(status) {
        runs = Math.max(0, runs - 1);
        return runs === 0 ? session?.finalize(status) : session?.save();
      },
    };
  };
  return forRun();
}
