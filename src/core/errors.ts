/** What went wrong, as a closed set a program can switch on. */
export type LogErrorCode =
  /** A value that is not one number: a string, a tensor of many values, a disposed tensor. */
  | 'bad-value'
  /** A tag that cannot be stored: empty, or not a string. */
  | 'bad-tag'
  /** Options that contradict each other or hold a value out of range. */
  | 'bad-options'
  /** A value logged from a hook that may not log, or from outside the loop. */
  | 'wrong-hook'
  /** A metric object that cannot do what it is asked: wrong shapes, states of another kind, no data. */
  | 'bad-metric'
  /** A call on a run that has finished. */
  | 'closed-run'
  /** Another tab, worker or call is writing this run right now, or has continued it. */
  | 'run-locked'
  /** A run with this id is already in the store. */
  | 'run-exists'
  /** No run with this id is in the store. */
  | 'run-not-found'
  /** The store refused a write for lack of space. */
  | 'store-full'
  /** The store failed for any other reason; `cause` holds the browser's error. */
  | 'store-failed'
  /** A newer or older program, or another tab, stands in the way of the database. */
  | 'store-blocked'
  /** A query that would need more memory than it is worth. */
  | 'query-too-large'
  /** A call on a store that has been closed. */
  | 'store-closed'
  /** A logger threw; its name is in the message, its error is the `cause`. */
  | 'logger-threw'
  /** Reading values back from the accelerator failed. */
  | 'read-failed'
  /** The GPU device was lost; the run keeps what was logged. */
  | 'device-lost'
  /** Two copies of an engine library are loaded in one page. */
  | 'two-copies'
  /** No backend can train this model here. */
  | 'no-backend'
  /** A package that this call needs is not installed. */
  | 'missing-peer'
  /** Training data is missing, truncated or of the wrong shape. */
  | 'bad-data'
  /** A model that the trainer cannot train as declared. */
  | 'bad-model'
  /** The worker ended, was terminated or could not start. */
  | 'worker-died'
  /** A call for a worker that is not in the right state for it. */
  | 'worker-state'
  /** A second fit of a trainer or model that is training right now. */
  | 'already-training'
  /** Something thrown in the worker that is not one of our errors. */
  | 'training-failed'
  /** A file could not be written where the user asked for it. */
  | 'export-failed'
  /** A file that cannot be imported: damaged, of another kind, or made by a newer program. The message says what was found. */
  | 'bad-file'
  /** A bug of ours. */
  | 'internal';

/**
 * The one error class of this library. The message quotes the call, says what was found, and says the next move;
 * `code` is for programs. An error of the platform that lies behind it is the `cause`.
 */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Wraps anything thrown so that callers can rely on a {@link LogError}; one of ours is handed back as it is. */
export function toLogError(thrown: unknown, code: LogErrorCode, call: string): LogError {
  if (thrown instanceof LogError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new LogError(code, `${call}: ${text}`, { cause: thrown });
}

/** Describes a value found where another was expected, in words for an error message. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  if (typeof value === 'string') return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `an array of ${value.length} values`;
  if (ArrayBuffer.isView(value))
    return `a ${value.constructor.name} of ${(value as unknown as { length?: number }).length ?? value.byteLength} values`;
  if (typeof value === 'object') return `an object (${value.constructor?.name ?? 'without a class'})`;
  return `the ${typeof value} ${String(value)}`;
}
