import type { LogError } from '../core/errors.ts';
import { createWarner, type Warner } from '../core/warnings.ts';
import type { ConnectionOptions } from './database.ts';
import { heartbeatLocks } from './heartbeat-locks.ts';
import { Hints } from './hints.ts';
import { IdbBackend } from './idb-backend.ts';
import { JournalStore } from './journal-store.ts';
import { onSuspension } from './lifecycle.ts';
import type { MetricStore } from './metric-store.ts';
import { databaseName } from './schema.ts';
import { toStoreError } from './store-error.ts';
import { webLocks, type WriterLocks } from './writer-locks.ts';

export interface IdbStoreOptions extends ConnectionOptions {
  readonly warn?: Warner;
  /** A stored chunk could not be read and was left out. Default: a warning. */
  readonly onDamage?: ((error: LogError) => void) | undefined;
  /** Default: Web Locks, or heartbeats in a page that is not secure and has none. */
  readonly locks?: WriterLocks;
}

/** Opens a store in IndexedDB. Rejects with `store-blocked`, `store-full` or `store-failed`; the browser's own error is the cause. */
export async function openIdbStore(name: string, options: IdbStoreOptions = {}): Promise<MetricStore> {
  const backend = new IdbBackend(name, options);
  try {
    await backend.open();
  } catch (thrown) {
    throw toStoreError(thrown, `openStore('${name}')`);
  }
  const hints = new Hints(databaseName(name));
  const store: JournalStore = new JournalStore({
    name,
    kind: 'indexeddb',
    backend,
    hints,
    locks: options.locks ?? defaultLocks(name, backend),
    warn: options.warn ?? createWarner(),
    onDamage: options.onDamage,
    onClose() {
      forget();
      hints.close();
    },
  });
  const forget = onSuspension(store);
  return store;
}

function defaultLocks(name: string, backend: IdbBackend): WriterLocks {
  const locks = (navigator as { readonly locks?: LockManager }).locks; // missing where the page is not secure, whatever the types say
  if (locks !== undefined) return webLocks(locks, name);
  return heartbeatLocks({
    getRun: (runId) => backend.getRun(runId),
    async setAlive(runId, aliveAt) {
      await backend.changeRun(runId, (record) => ({ ...record, aliveAt }));
    },
  });
}
