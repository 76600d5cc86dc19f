import type { EngineSlot } from '../core/engine.ts';
import type { LogError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { RunInfo } from '../core/run-info.ts';
import type { TrainEvents } from '../core/train-events.ts';
import type { Warner } from '../core/warnings.ts';
import type { MetricStore, RunLock } from '../store/metric-store.ts';
import type { StoreLogger } from './store-logger.ts';

/** Everything a run is made of. `startRun` puts it together. */
export interface RunParts {
  /** The run's record as it was begun. Of a run within another: as it was asked for until it is stored, then as it is stored. */
  readonly info: RunInfo;
  readonly store: MetricStore | undefined;
  readonly ownsStore: boolean;
  readonly lock: RunLock | undefined;
  /** Further loggers; the one that writes to the store is `storeLogger`. */
  readonly loggers: readonly Logger[];
  readonly storeLogger: StoreLogger | undefined;
  /** Where it begins: `{ step: 0, epoch: 0 }` for a new run. */
  readonly from: { readonly step: number; readonly epoch: number };
  /** Of a run within another: the step and epoch of that one, which it is never behind. */
  readonly outer?: () => { readonly step: number; readonly epoch: number };
  readonly engine: EngineSlot;
  readonly readEveryMs: number;
  readonly maxQueue: number;
  readonly flushSecs: number;
  readonly onAlert: ((alert: TrainEvents['alert']) => void) | undefined;
  readonly onError: (error: LogError) => void;
  /** Errors nobody has been told of; thrown by `finish()`. */
  readonly untold: readonly LogError[];
  readonly warn: Warner;
}
