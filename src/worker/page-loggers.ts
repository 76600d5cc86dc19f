import { LogError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { RetryLater } from '../core/retry-later.ts';
import { startTimer, type Timer } from '../core/timer.ts';
import { linkCommands } from './command-link.ts';
import { decodeError } from './error-codec.ts';
import type { LoggerCall, LoggerCommands, PageLogger, SaveReply } from './protocol.ts';

/** Values that are sent at once, without waiting for the next flush. */
const mostWaiting = 4096;
/** Milliseconds between two flushes. */
const flushEveryMs = 100;
/** Values sent and not yet taken by the page, above which flushes wait for it. */
const mostUnanswered = 65_536;
/** Values kept for a page that takes nothing; what comes then is left out. */
const mostKept = 1_000_000;

/** One call without its address. */
type Call = LoggerCall extends infer Each ? (Each extends LoggerCall ? Omit<Each, 'to'> : never) : never;

/**
 * In the worker: stands for the loggers of the page. Calls are collected and sent in order, one message per flush; `save` and
 * `finalize` are answered by the loggers themselves.
 */
export class PageLoggers {
  readonly #link: ReturnType<typeof linkCommands<LoggerCommands>>;
  readonly #timer: Timer;
  #calls: LoggerCall[] = [];
  #waiting = 0;
  #unanswered = 0;
  #isArmed = false;
  #versions: readonly (number | string | undefined)[] = [];
  readonly #failures = new Map<number, Error>();

  constructor(port: MessagePort, timer: Timer = startTimer) {
    this.#link = linkCommands<LoggerCommands>(port);
    this.#timer = timer;
    // Where ports tell of it, nobody waits for a page that is gone.
    port.addEventListener('close', () => this.close());
  }

  /** Loggers for one run; each passes on to the one of the page that is described. */
  make(described: readonly PageLogger[]): Logger[] {
    this.#failures.clear();
    return described.map(({ name, kinds, takesGraphs }, to) => {
      const call = (one: Call, values: number): void => this.#add({ ...one, to }, values);
      const versionOf = (): number | string | undefined => this.#versions[to];
      return {
        name,
        get version() {
          return versionOf();
        },
        start: (run) => call({ verb: 'start', run }, 1),
        // Copies: what is passed in may be used again by its owner before it is sent.
        logMetrics: (metrics, at) => call({ verb: 'logMetrics', metrics: { ...metrics }, at: { ...at } }, Object.keys(metrics).length),
        logHyperparams: (params, metrics) => call({ verb: 'logHyperparams', params, metrics }, 1),
        logRecord: (record) => call({ verb: 'logRecord', record }, 1 + sizeOf(record.data)),
        supports: (kind) => kinds.includes(kind),
        ...(takesGraphs ? { logGraph: (graph) => call({ verb: 'logGraph', graph }, graph.nodes.length) } : {}),
        save: () => this.#ask(to, () => this.#link.send('logger.save()', 'save', to)),
        finalize: (status) => this.#ask(to, () => this.#link.send('logger.finalize()', 'finalize', to, status)),
      } satisfies Logger;
    });
  }

  close(): void {
    this.#calls = [];
    this.#link.close();
  }

  #add(call: LoggerCall, values: number): void {
    if (this.#waiting + this.#unanswered >= mostKept) {
      throw new LogError(
        'logger-threw',
        `connectTrainer({ loggers }): the page has not taken ${mostKept.toLocaleString('en')} values, so further ones are left out of its loggers until it does. The store has them all.`,
      );
    }
    this.#calls.push(call);
    this.#waiting += values;
    if (this.#waiting >= mostWaiting) this.#flush();
    else this.#arm(call.verb === 'start' ? 0 : flushEveryMs);
    this.#throwFailure(call.to);
  }

  #arm(ms: number): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    this.#timer(() => {
      this.#isArmed = false;
      this.#flush();
    }, ms);
  }

  /** Sends what waits, unless the page has not yet taken what it was sent. */
  #flush(isUrgent = false): void {
    if (this.#calls.length === 0 || (!isUrgent && this.#unanswered >= mostUnanswered)) return;
    const [calls, values] = [this.#calls, this.#waiting];
    this.#calls = [];
    this.#waiting = 0;
    this.#unanswered += values;
    void this.#send(calls).finally(() => {
      this.#unanswered -= values;
      this.#flush();
    });
  }

  async #send(calls: readonly LoggerCall[]): Promise<void> {
    try {
      const { failures, versions } = await this.#link.send('logging to the page', 'write', calls);
      this.#versions = versions;
      for (const { to, error } of failures) this.#failures.set(to, decodeError(error));
    } catch (thrown) {
      // Each logger that missed something says so.
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      for (const { to } of calls) this.#failures.set(to, error);
    }
  }

  async #ask(to: number, send: () => Promise<SaveReply>): Promise<void> {
    this.#flush(true);
    const reply = await send();
    if (reply !== undefined) throw new RetryLater(reply.retryAfterMs, reply.message);
    // Answered behind the batches before it, so what failed in them is known.
    this.#throwFailure(to);
  }

  /** By the next call: whoever made the one that failed has gone on. */
  #throwFailure(to: number): void {
    const failure = this.#failures.get(to);
    if (failure === undefined) return;
    this.#failures.delete(to);
    throw failure;
  }
}

/** Numbers and letters in a record, roughly. */
function sizeOf(data: unknown): number {
  if (typeof data === 'string') return data.length / 8;
  if (ArrayBuffer.isView(data)) return data.byteLength / 8;
  if (Array.isArray(data)) return data.reduce<number>((sum, one) => sum + sizeOf(one), 0);
  if (typeof data !== 'object' || data === null) return 1;
  return Object.values(data).reduce<number>((sum, one) => sum + sizeOf(one), 0);
}
