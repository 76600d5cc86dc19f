export { type ClearedDevice, clearDevice } from './clear-device.ts';
export type * from './metric-store.ts';
export { signalSuspension } from './lifecycle.ts';
export { memoryStore } from './memory-store.ts';
export { describePlace, type PlaceKey, type PlaceNote } from './place.ts';
export { defaultStoreName, deleteStore, openStore, type OpenStoreOptions } from './open-store.ts';
