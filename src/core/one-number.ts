import { describe, LogError } from './errors.ts';
import type { Warner } from './warnings.ts';
import { sayOfRun } from './core-words.ts';

/** The one number that a metric object gave. Throws `bad-metric` for anything else. */
export function oneNumber(value: unknown, call: () => string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  throw new LogError(
    'bad-metric',
    `${call()}: the metric gave ${describe(value)}, need one number. Take them with await metric.compute() in a hook of the epoch, and log each under a name of its own.`,
  );
}

/** Says that a metric object that was only updated has no value of the step. */
export function warnNoBatchValue(warn: Warner, name: string, call: () => string): void {
  warn(`no-batch-value:${name}`, sayOfRun('no-batch-value', { call: call() }));
}

/** Says that a second metric object came under a name before the first was computed. */
export function warnTwoMetrics(warn: Warner, name: string, call: () => string): void {
  warn(`two-metrics:${name}`, sayOfRun('two-metrics', { call: call() }));
}
