import type { LogError } from '../core/errors.ts';
import { createWarner, type Warner } from '../core/warnings.ts';
import type { CompactorOptions } from './compactor.ts';
import type { ConnectionOptions } from './database.ts';
import { heartbeatLocks } from './heartbeat-locks.ts';
import { Hints } from './hints.ts';
import { IdbBackend } from './idb-backend.ts';
import { JournalStore } from './journal-store.ts';
import { onSuspension } from './lifecycle.ts';
import type { MetricStore } from './metric-store.ts';
import type { RetentionPolicy } from './retention.ts';
import { databaseName } from './schema.ts';
import { toStoreError } from './store-error.ts';
import { webLocks, type WriterLocks } from './writer-locks.ts';
import { sayOfStore } from './words.ts';

export interface IdbStoreOptions extends Pick<ConnectionOptions, 'patienceMs'> {
  readonly warn?: Warner;
  /** Something stored could not be read and was left out. Default: a warning. */
  readonly onDamage?: ((error: LogError) => void) | undefined;
  readonly retention?: RetentionPolicy | undefined;
  readonly maxBytes?: number | undefined;
  /** Default: Web Locks, or heartbeats in a page that is not secure and has none. */
  readonly locks?: WriterLocks;
  /** Sizes at which the journal is compacted; smaller ones in tests. */
  readonly maintenance?: CompactorOptions;
}

/** Opens a store in IndexedDB. Rejects with `store-blocked`, `store-full` or `store-failed`; the browser's own error is the cause. */
export async function openIdbStore(name: string, options: IdbStoreOptions = {}): Promise<MetricStore> {
  const { patienceMs, warn = createWarner(), onDamage, retention, maintenance } = options;
  const backend = new IdbBackend(name, {
    patienceMs,
    onWaiting: () => warn(`waiting:${name}`, sayOfStore('waiting', { name })),
  });
  const hints = new Hints(databaseName(name));
  const close = (): void => {
    forget();
    hints.close();
    backend.close();
  };
  let forget = (): void => {};
  try {
    await backend.open();
    const store = new JournalStore({
      name,
      kind: 'indexeddb',
      backend,
      hints,
      locks: options.locks ?? defaultLocks(name, backend),
      warn,
      onDamage,
      retention,
      maxBytes: options.maxBytes,
      maintenance,
      onClose: close,
    });
    forget = onSuspension(store);
    return store;
  } catch (thrown) {
    close();
    throw toStoreError(thrown, `openStore('${name}')`);
  }
}

function defaultLocks(name: string, backend: IdbBackend): WriterLocks {
  const locks = (navigator as { readonly locks?: LockManager }).locks; // missing where the page is not secure, whatever the types say
  if (locks !== undefined) return webLocks(locks, name);
  return heartbeatLocks({
    getRun: (runId) => backend.read(['runs'], (tx) => tx.get('runs', runId)),
    setAlive: (runId, aliveAt, isMine) =>
      backend.write(['runs'], async (tx) => {
        const record = await tx.get('runs', runId);
        if (record === undefined) return true;
        if (!isMine(record)) return false;
        await tx.put('runs', { ...record, aliveAt });
        return true;
      }),
  });
}
