import { LogError, toLogError } from '../core/errors.ts';
import type { EndStatus, RunInfo } from '../core/run-info.ts';
import type { RunChange } from '../store/metric-store.ts';
import type { RecordWriter } from './record-writer.ts';
import type { RunParts } from './run-parts.ts';

/** How a run ends. */
export type RunEnd = RunChange & { readonly status: EndStatus };

/** Longest pause in seconds between two attempts to note the end of a run. */
const longestPauseSecs = 30;
/** Refusals that may pass. */
const passingCodes: ReadonlySet<string> = new Set(['store-full', 'store-failed', 'store-blocked']);

/** Notes the end of a run in its store, now or when there is room for it, and lets go of what the run holds. */
export class RunEnding {
  readonly #parts: RunParts;
  readonly #records: () => Pick<RecordWriter, 'isWaiting' | 'whenSaved'>;
  readonly #info: () => RunInfo;
  readonly #setInfo: (info: RunInfo) => void;

  constructor(
    parts: RunParts,
    records: () => Pick<RecordWriter, 'isWaiting' | 'whenSaved'>,
    info: () => RunInfo,
    setInfo: (info: RunInfo) => void,
  ) {
    this.#parts = parts;
    this.#records = records;
    this.#info = info;
    this.#setInfo = setInfo;
  }

  /** One after the other. What one throws is told, and the rest done all the same. */
  async doAll(acts: readonly (() => Promise<void>)[]): Promise<void> {
    for (const act of acts) {
      try {
        await act();
      } catch (thrown) {
        this.#parts.onError(toLogError(thrown, 'internal', 'run.finish()'));
      }
    }
  }

  /** Gives back the end, if that or anything else waits for the store. */
  async note(end: RunEnd): Promise<RunEnd | undefined> {
    const { storeLogger } = this.#parts;
    const isWaiting = storeLogger?.isWaiting === true || this.#records().isWaiting;
    // A store that does not answer would not answer this either. That it refuses is no news where it has refused points.
    const isNoted = storeLogger?.isStalled !== true && (await this.#write(end, !isWaiting));
    return isNoted && !isWaiting ? undefined : end;
  }

  /** Goes on until the store has had room for everything, and for the end of the run. */
  async catchUp(end: RunEnd): Promise<void> {
    await this.#parts.storeLogger?.whenSaved();
    await this.#records().whenSaved();
    for (let pause = 1; !(await this.#write(end, false)); pause = Math.min(2 * pause, longestPauseSecs)) {
      await new Promise((resolve) => setTimeout(resolve, pause * 1000));
    }
  }

  async close(): Promise<void> {
    const { store, lock, ownsStore } = this.#parts;
    lock?.release();
    if (ownsStore) await store?.close();
  }

  /** Throws the errors that nobody was there to hear. */
  throwUntold(): void {
    const { untold } = this.#parts;
    if (untold.length === 1) throw untold[0] as LogError; // the length was just looked at
    if (untold.length > 1) {
      throw new LogError(
        (untold[0] as LogError).code,
        `run.finish(): ${untold.length} errors were met while '${this.#info().name}' was running. The list is the cause.`,
        { cause: new AggregateError(untold) },
      );
    }
  }

  /** False when it could not be noted yet. */
  async #write(end: RunEnd, isNews: boolean): Promise<boolean> {
    const { store, storeLogger, onError, info } = this.#parts;
    const known = this.#info();
    if (known.status === end.status || storeLogger?.isSuperseded === true) return true;
    try {
      const stored = await store?.run(info.id);
      if ((stored?.resumes?.length ?? 0) > (info.resumes?.length ?? 0)) {
        throw new LogError(
          'run-locked',
          `run.finish(): run '${info.id}' has been continued by another tab or worker, whose end it is to note.`,
        );
      }
      this.#setInfo(store === undefined ? { ...this.#info(), ...end } : await store.updateRun(info.id, end));
      return true;
    } catch (thrown) {
      const error = toLogError(thrown, 'store-failed', `run.finish(): the end of run '${info.id}' could not be stored`);
      if (error.code === 'run-not-found') return true;
      const mayPass = passingCodes.has(error.code);
      if (isNews || !mayPass) onError(error);
      return !mayPass;
    }
  }
}
