import { describe, LogError } from './errors.ts';

/** The one number that a metric object gave. Throws `bad-metric` for anything else. */
export function oneNumber(value: unknown, call: () => string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  throw new LogError(
    'bad-metric',
    `${call()}: the metric gave ${describe(value)}, need one number. Log its parts under names of their own.`,
  );
}
