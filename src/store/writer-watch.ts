import type { WriterLocks } from './writer-locks.ts';

/** Waits for the writers of runs to go away, so that a run whose tab was killed is noticed at once. */
export class WriterWatch {
  readonly #locks: WriterLocks;
  readonly #onGone: () => void;
  readonly #waits = new Map<string, AbortController>();

  constructor(locks: WriterLocks, onGone: () => void) {
    this.#locks = locks;
    this.#onGone = onGone;
  }

  /** Waits for the writers of exactly these runs. */
  watch(runIds: ReadonlySet<string>): void {
    for (const [runId, ending] of this.#waits) {
      if (runIds.has(runId)) continue;
      ending.abort();
      this.#waits.delete(runId);
    }
    for (const runId of runIds) if (!this.#waits.has(runId)) void this.#wait(runId);
  }

  async #wait(runId: string): Promise<void> {
    const ending = new AbortController();
    this.#waits.set(runId, ending);
    try {
      await this.#locks.whenGone(runId, ending.signal);
    } catch {
      // A document that may not use locks any more is going away; there is nothing to tell.
      return;
    }
    if (ending.signal.aborted) return;
    this.#waits.delete(runId);
    this.#onGone();
  }
}
