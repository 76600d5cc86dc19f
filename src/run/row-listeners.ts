import { LogError } from '../core/errors.ts';
import type { Metrics, Moment } from '../core/logger.ts';

type RowListener = (metrics: Metrics, at: Moment) => void;

/** Those who look at each row on its way to the loggers. One that throws is told of and not called again. */
export class RowListeners {
  readonly #listeners = new Set<RowListener>();
  readonly #onError: (error: LogError) => void;

  constructor(onError: (error: LogError) => void) {
    this.#onError = onError;
  }

  /** Gives back its undo. */
  add(listener: RowListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(metrics: Metrics, at: Moment): void {
    for (const listener of this.#listeners) {
      try {
        listener(metrics, at);
      } catch (thrown) {
        this.#listeners.delete(listener);
        const text = thrown instanceof Error ? thrown.message : String(thrown);
        this.#onError(
          new LogError('logger-threw', `run.onRow(): a listener failed: ${text}. It is not called again; everything else goes on.`, {
            cause: thrown,
          }),
        );
      }
    }
  }
}
