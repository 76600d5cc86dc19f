import type { LogError } from '../core/errors.ts';
import type { Warner } from '../core/warnings.ts';
import type { Hints } from './hints.ts';
import type { StoreBackend } from './store-backend.ts';
import type { WriterLocks } from './writer-locks.ts';

/** What the parts of a store share. */
export interface StoreContext {
  readonly name: string;
  readonly kind: 'indexeddb' | 'memory';
  readonly backend: StoreBackend;
  readonly hints: Hints;
  readonly locks: WriterLocks;
  readonly warn: Warner;
  /** Something stored could not be read and was left out. Told once per place, e.g. `chunk 7 of run 'a'`. */
  readonly onDamage: (error: LogError, place: string) => void;
}
