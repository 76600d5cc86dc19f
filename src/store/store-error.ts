import { LogError, toLogError } from '../core/errors.ts';

// What browsers call a full disk, besides QuotaExceededError: old Firefox for its quota and for the disk itself, Firefox
// after a failed write until the database is opened anew.
const fullNames = new Set(['QuotaExceededError', 'NS_ERROR_DOM_QUOTA_REACHED', 'NS_ERROR_FILE_NO_DEVICE_SPACE', 'NS_ERROR_FILE_DISK_FULL']);
const fullTexts = /quota|disk.*full|full.*disk|no space|space.*(left|device)|did not allow mutations/i;

/** Turns what the browser threw at a call of the store into one of our errors; one of ours is handed back as it is. */
export function toStoreError(thrown: unknown, call: string): LogError {
  if (thrown instanceof LogError) return thrown;
  const { name, message } = thrown instanceof Error || thrown instanceof DOMException ? thrown : { name: '', message: String(thrown) };
  if (isFull(name, message)) {
    return new LogError(
      'store-full',
      `${call}: the browser refused to store more (${name}: ${message}). Delete runs, or free space on the disk; what is stored can still be exported.`,
      { cause: thrown },
    );
  }
  if (name === 'VersionError') {
    return new LogError(
      'store-blocked',
      `${call}: a newer program has changed this database, whose data is untouched. Reload the page to get that program; what is not stored yet can be exported in a tab that has it.`,
      {
        cause: thrown,
      },
    );
  }
  if (name === 'DataCloneError') {
    return new LogError(
      'bad-options',
      `${call}: ${message}. Keep config and facts to plain data: numbers, strings, booleans, null, lists and maps.`,
      {
        cause: thrown,
      },
    );
  }
  if (name === 'AbortError') {
    return new LogError(
      'store-failed',
      `${call}: the browser broke off the transaction without a reason, often because the disk is full. Free space and try again.`,
      {
        cause: thrown,
      },
    );
  }
  return toLogError(thrown, 'store-failed', call);
}

/** True for the ways in which browsers say that there is no room left. */
export function isFull(name: string, message: string): boolean {
  return fullNames.has(name) || ((name === 'UnknownError' || name === 'InvalidStateError') && fullTexts.test(message));
}

/** True for what a browser throws when there is no room left. */
export function isFullError(thrown: unknown): boolean {
  return toStoreError(thrown, '').code === 'store-full';
}

/** The error of a call on a store that has been closed. */
export function closedError(call: string): LogError {
  return new LogError('store-closed', `${call}: this store has been closed. Open it again with openStore().`);
}

/** The error of a call on a run that is not in the store. */
export function notFoundError(call: string, runId: string): LogError {
  return new LogError(
    'run-not-found',
    `${call}: no run '${runId}' is in this store. It may have been deleted, also by another tab; start a new run.`,
  );
}

/** The error of a chunk that does not continue its run. */
export function wrongSeqError(call: string, seq: number, lastSeq: number): LogError {
  const found =
    seq <= lastSeq
      ? `chunk ${seq} is already stored with other points`
      : seq === lastSeq + 1
        ? 'somebody else has written to this run'
        : `the chunk before ${seq} is not stored`;
  return new LogError(
    'bad-data',
    `${call}: ${found}; the next chunk of this run is ${lastSeq + 1}. Append chunks in order, from one writer that holds the run's lock.`,
  );
}

/** The error of a writer whose run somebody else has continued. */
export function supersededError(call: string, runId: string): LogError {
  return new LogError(
    'run-locked',
    `${call}: run '${runId}' has been continued by another tab or worker, which held this one for dead. Start a new run, or continue this one again when that has ended.`,
  );
}

/** The error of a run whose id is taken. */
export function existsError(runId: string): LogError {
  return new LogError(
    'run-exists',
    `createRun({ id: '${runId}' }): a run with this id is already stored. Leave the id out, or delete that run.`,
  );
}
