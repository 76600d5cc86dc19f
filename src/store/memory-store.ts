import { createWarner } from '../core/warnings.ts';
import { Hints } from './hints.ts';
import type { IdbStoreOptions } from './idb-store.ts';
import { JournalStore } from './journal-store.ts';
import { MemoryBackend, MemoryDatabase } from './memory-backend.ts';
import type { MetricStore } from './metric-store.ts';
import { threadLocks, type WriterLocks } from './writer-locks.ts';

interface SharedMemory {
  readonly database: MemoryDatabase;
  readonly hints: Hints;
  readonly locks: WriterLocks;
}

// By name and for as long as the thread lives: whoever asks for a name meets the same runs, as with a database.
const memories = new Map<string, SharedMemory>();

/**
 * A store in this thread's memory, gone with the page. All stores of one name in one thread hold the same runs; closing one
 * leaves them to the others. Default name `tabtrain`.
 */
export function memoryStore(name = 'tabtrain'): MetricStore {
  return openMemoryStore(name);
}

/** What can be chosen about a store in memory, as about one in IndexedDB. */
export type MemoryStoreOptions = Pick<IdbStoreOptions, 'warn' | 'onDamage' | 'retention' | 'maxBytes' | 'maintenance'>;

/** {@link memoryStore} with options. */
export function openMemoryStore(name: string, options: MemoryStoreOptions = {}): MetricStore {
  const { warn = createWarner(), ...rest } = options;
  const memory = memories.get(name) ?? newMemory();
  memories.set(name, memory);
  const { hints, locks } = memory;
  return new JournalStore({ ...rest, name, kind: 'memory', backend: new MemoryBackend(memory.database), hints, locks, warn });
}

/** Names of the stores in this thread's memory. */
export function memoryNames(): readonly string[] {
  return [...memories.keys()];
}

/** Deletes what the memory stores of this name hold. */
export async function deleteMemory(name: string): Promise<void> {
  const memory = memories.get(name);
  if (memory === undefined) return;
  await memory.database.clear();
  memory.hints.announceRuns();
}

function newMemory(): SharedMemory {
  return { database: new MemoryDatabase(), hints: new Hints(), locks: threadLocks() };
}
