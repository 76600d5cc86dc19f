/** A stretch of what a run holds, chunks or records, in the order of their numbers. */
export interface Batch<Item> {
  readonly items: readonly Item[];
  /** Where to read on. Equal to where the reading began when there is nothing there yet. */
  readonly next: number;
  /** Differs between a run and another that was made under its id; undefined while there is none. */
  readonly identity?: string;
}

export interface FollowOptions<Item> {
  readonly from: number;
  /** Reads a few from number `from` on; damaged ones are left out and passed over. */
  read(from: number): Promise<Batch<Item>>;
  /** Gets each once, in order. Must not throw. */
  deliver(item: Item): void;
  /** The store could not be read. The next {@link Follower.lookAgain} tries again. */
  failed(thrown: unknown): void;
}

/** Reads a run from its own position on, whenever it is told that there may be more. */
export interface Follower {
  /** There may be more; with `number` only if that one has not been read yet. */
  lookAgain(number?: number): void;
  stop(): void;
}

/**
 * The one way in which live data is read: past and live alike come out of the store, so that nothing is missed or handed
 * over twice however hints, reads and writes interleave. Call {@link Follower.lookAgain} once hints are listened to.
 */
export function createFollower<Item>(options: FollowOptions<Item>): Follower {
  let next = options.from;
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
      if (isStopped || batch.next <= next) return;
      for (const item of batch.items) {
        if (isStopped) return;
        options.deliver(item);
      }
      next = batch.next;
    }
  };
  return {
    lookAgain(number = Infinity) {
      if (isStopped || number < next) return;
      isDue = true;
      if (!isReading) void readOn();
    },
    stop() {
      isStopped = true;
    },
  };
}
