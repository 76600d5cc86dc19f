import type { LogError } from './errors.ts';
import type { HookLog } from './hook-log.ts';
import type { Metrics, Moment } from './logger.ts';
import type { OverheadMeter } from './overhead-meter.ts';
import type { ReadbackQueue } from './readback-queue.ts';
import type { ResultEntry } from './result-entry.ts';
import type { Warner } from './warnings.ts';

/** A value of a hook on its way through the queue. */
export interface HookValue {
  readonly entry: ResultEntry;
  /** Undefined: the batch value of a metric object, which has no part in the fold. */
  readonly weight: number | undefined;
}

/** What a run lends to the log of its hooks. */
export interface HookLogParts {
  readonly queue: Pick<ReadbackQueue<HookValue>, 'pushMark' | 'pushLazy' | 'drain'>;
  readonly intake: {
    /** Puts a number or tensor into the queue; throws for anything else. */
    enqueue(at: HookValue, value: unknown, call: () => string): void;
    /** True for what would have to be read back. */
    isOnDevice(value: unknown): boolean;
  };
  readonly meter: OverheadMeter;
  readonly write: (metrics: Metrics, at: Moment, only?: readonly string[]) => void;
  /** Completed steps and epochs of the run. */
  readonly at: () => { readonly step: number; readonly epoch: number };
  /** Seconds since the Unix epoch. */
  readonly now: () => number;
  /** Throws `closed-run` when the run has finished. */
  readonly refuseClosed: (call: string) => void;
  readonly onError: (error: LogError) => void;
  readonly warn: Warner;
}

/** The log of hooks, and the way by which values that have been read come back to it. */
export interface AttachedHookLog extends HookLog {
  /** The loop going on is to log exactly what PyTorch Lightning logs. */
  readonly isExact: boolean;
  deliver(at: HookValue, value: number): void;
}

/** Makes the log of a run's hooks: {@link makeHookLog}. */
export type MakeHookLog = (parts: HookLogParts) => AttachedHookLog;
