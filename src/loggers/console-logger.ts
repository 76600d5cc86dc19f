import { describe, LogError } from '../core/errors.ts';
import type { Logger, Metrics, Moment } from '../core/logger.ts';
import type { NewRecord, RecordKind } from '../core/records.ts';
import type { Config, EndStatus, RunInfo } from '../core/run-info.ts';
import { flattenConfig } from '../formats/flatten-config.ts';
import { createRowThrottle, type RowThrottle } from './row-throttle.ts';

/** Settings of a {@link ConsoleLogger}; all are optional. */
export interface ConsoleLoggerOptions {
  /** Gets each line. Default `console.log`. */
  readonly print?: (line: string) => void;
  /**
   * How often each tag is printed at most; in between the newest value is kept, see {@link throttled}. Values of epochs are always
   * printed. Default 2; `Infinity` prints everything.
   */
  readonly perSecond?: number;
  /** Put tags together that begin with the same folder: `train: loss 0.31, lr 0.001 | val: loss 0.29`. Default true. */
  readonly groups?: boolean;
  /** Significant digits of numbers. Default 4. */
  readonly digits?: number;
}

/**
 * Prints what a run logs as lines for people: numbers, hyperparameters, texts, events and alerts.
 *
 * ```text
 * mnist-3 | lr 0.001, layers/0/units 128
 * mnist-3 | step 40, epoch 0 | train: loss/step 0.3122, lr 0.001
 * mnist-3 | end of epoch 0 | train: loss/epoch 0.4106 | val: accuracy 0.9021
 * mnist-3 | finished
 * ```
 */
export class ConsoleLogger implements Logger {
  readonly name = 'console';
  readonly #print: (line: string) => void;
  readonly #throttle: RowThrottle;
  readonly #isGrouped: boolean;
  readonly #digits: number;
  #run = 'run';
  #hparams = '';

  /** Throws `bad-options`. */
  constructor(options: ConsoleLoggerOptions = {}) {
    // oxlint-disable-next-line no-console -- printing is what this logger is asked for
    const { print = (line) => console.log(line), perSecond = 2, groups = true, digits = 4 } = options;
    if (!(typeof perSecond === 'number' && perSecond > 0)) {
      throw new LogError('bad-options', `new ConsoleLogger({ perSecond: ${describe(perSecond)} }): need a number above 0.`);
    }
    if (!(Number.isInteger(digits) && digits >= 1 && digits <= 17)) {
      throw new LogError('bad-options', `new ConsoleLogger({ digits: ${describe(digits)} }): need a whole number from 1 to 17.`);
    }
    this.#print = print;
    this.#throttle = createRowThrottle(perSecond, (metrics, at) => this.#row(metrics, at));
    this.#isGrouped = groups;
    this.#digits = digits;
  }

  start(run: RunInfo): void {
    this.#run = run.name;
  }

  logMetrics(metrics: Metrics, at: Moment): void {
    this.#throttle.take(metrics, at);
  }

  logHyperparams(params: Config): void {
    const text = [...flattenConfig(params)].map(([name, value]) => `${name} ${value}`).join(', ');
    if (text === '' || text === this.#hparams) return;
    this.#hparams = text;
    this.#line(text);
  }

  supports(kind: RecordKind): boolean {
    return kind === 'text' || kind === 'event' || kind === 'alert';
  }

  logRecord({ kind, tag, step, data = {} }: NewRecord): void {
    const { text, level, ...others } = data;
    const parts = [`step ${step}`, level === 'warn' || level === 'error' ? `${level}: ${tag}` : tag];
    if (text !== undefined) parts.push(String(text));
    else if (Object.keys(others).length > 0) parts.push(JSON.stringify(others));
    if (kind === 'alert' || kind === 'event') parts[1] = `* ${parts[1]}`;
    this.#line(...parts);
  }

  save(): Promise<void> {
    this.#throttle.release();
    return Promise.resolve();
  }

  finalize(status: EndStatus): Promise<void> {
    this.#throttle.release();
    this.#line(status);
    return Promise.resolve();
  }

  #row(metrics: Metrics, at: Moment): void {
    const groups = new Map<string, string[]>();
    for (const [tag, value] of Object.entries(metrics)) {
      const slash = this.#isGrouped ? tag.indexOf('/') : -1;
      const group = tag.slice(0, Math.max(0, slash));
      const text = `${tag.slice(slash + 1)} ${this.#number(value)}`;
      const there = groups.get(group);
      if (there === undefined) groups.set(group, [text]);
      else there.push(text);
    }
    const when = at.rhythm === 'epoch' ? `end of epoch ${at.epoch}` : `step ${at.step}, epoch ${at.epoch}`;
    this.#line(when, ...[...groups].map(([group, texts]) => (group === '' ? '' : `${group}: `) + texts.join(', ')));
  }

  #number(value: number): string {
    if (Number.isInteger(value)) return String(value);
    return String(Number(value.toPrecision(this.#digits)));
  }

  #line(...parts: readonly string[]): void {
    this.#print([this.#run, ...parts].join(' | '));
  }
}
