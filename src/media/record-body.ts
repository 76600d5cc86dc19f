import { LogError } from '../core/errors.ts';
import type { NewRecord } from '../core/records.ts';

/** What a record holds, without its tag and moment. */
export type RecordBody = Pick<NewRecord, 'data' | 'content'>;

/**
 * Something a user has logged, looked at and copied, so that the caller may change or dispose of the original, and not yet made into
 * what is stored.
 */
export interface Taken {
  /** About how many bytes it keeps in memory. */
  readonly bytes: number;
  /** Called once. Rejects with a `LogError` when it cannot be read. */
  encode(): Promise<RecordBody>;
}

/** Tells the user once that values were changed to fit. */
export type WarnOfMedia = (what: string, text: string) => void;

/** The error of something that cannot be logged. */
export function badValue(call: string, text: string, cause?: unknown): LogError {
  return new LogError('bad-value', `${call}: ${text}`, { cause });
}
