import type { ScalarChunk } from './metric-store.ts';

/** A stretch of a run's chunks, in order. */
export interface ChunkBatch {
  readonly chunks: readonly ScalarChunk[];
  /** Where to read on. Equal to where the reading began when there is nothing there yet. */
  readonly nextSeq: number;
  /** Differs between a run and another that was made under its id; undefined while there is none. */
  readonly identity?: string;
}

export interface FollowOptions {
  readonly fromSeq: number;
  /** Reads a few chunks from `fromSeq` on; damaged ones are left out and passed over. */
  read(fromSeq: number): Promise<ChunkBatch>;
  /** Gets each chunk once, in order. Must not throw. */
  deliver(chunk: ScalarChunk): void;
  /** The store could not be read. The next {@link Follower.lookAgain} tries again. */
  failed(thrown: unknown): void;
}

/** Reads a run from its own position on, whenever it is told that there may be more. */
export interface Follower {
  /** There may be more; with `seq` only if that chunk has not been read yet. */
  lookAgain(seq?: number): void;
  stop(): void;
}

/**
 * The one way in which live data is read: past and live alike come out of the store, so that no chunk is missed or handed
 * over twice however hints, reads and writes interleave. Call {@link Follower.lookAgain} once hints are listened to.
 */
export function createFollower(options: FollowOptions): Follower {
  let next = options.fromSeq;
  let identity: string | undefined;
  let isDue = false;
  let isReading = false;
  let isStopped = false;

  const readOn = async (): Promise<void> => {
    isReading = true;
    try {
      while (isDue && !isStopped) {
        isDue = false;
        await readToEnd();
      }
    } catch (thrown) {
      if (!isStopped) options.failed(thrown);
    } finally {
      isReading = false;
    }
  };
  const readToEnd = async (): Promise<void> => {
    for (;;) {
      const batch = await options.read(next);
      const isAnother = identity !== undefined && batch.identity !== undefined && batch.identity !== identity;
      identity = batch.identity ?? identity;
      if (isAnother) {
        // The run was deleted for good and made again: all of it is new.
        next = 0;
        continue;
      }
      if (isStopped || batch.nextSeq <= next) return;
      for (const chunk of batch.chunks) {
        if (isStopped) return;
        options.deliver(chunk);
      }
      next = batch.nextSeq;
    }
  };
  return {
    lookAgain(seq = Infinity) {
      if (isStopped || seq < next) return;
      isDue = true;
      if (!isReading) void readOn();
    },
    stop() {
      isStopped = true;
    },
  };
}
