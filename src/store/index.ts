export type * from './metric-store.ts';
export { signalSuspension } from './lifecycle.ts';
export { memoryStore } from './memory-store.ts';
export { defaultStoreName, deleteStore, openStore, type OpenStoreOptions } from './open-store.ts';
