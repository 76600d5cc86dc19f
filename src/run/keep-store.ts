import type { Warner } from '../core/warnings.ts';
import { createSpaceWatch, keepPersistently } from '../store/space.ts';

/** A run is worth keeping once it has gone on for this many milliseconds, or has ended with something stored. */
export const keepAfterMs = 60_000;

/** Looks after the room of the store that a run is written to. */
export interface StoreKeeper {
  /** Something was committed. */
  stored(): void;
  /** The run has ended. */
  ended(): void;
}

/**
 * Warns when the browser's room runs out and, unless `mayAsk` is false, asks the browser once there is something worth keeping
 * not to clear it. In a worker only the first: the page that is connected to it asks.
 */
export function keepStore(warn: Warner, mayAsk: boolean): StoreKeeper {
  const space = createSpaceWatch(warn);
  const startedAt = performance.now();
  let hasStored = false;
  space.look();
  return {
    stored() {
      hasStored = true;
      space.look();
      if (mayAsk && performance.now() - startedAt >= keepAfterMs) void keepPersistently();
    },
    ended() {
      if (mayAsk && hasStored) void keepPersistently();
    },
  };
}
