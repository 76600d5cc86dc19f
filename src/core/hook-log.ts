import type { Hook } from './hook-rules.ts';
import type { LoggableCollection } from './loggable-metric.ts';
import type { HookLogOptions } from './log-options.ts';
import type { LoopStage, Metrics } from './logger.ts';

/** Which steps of a training are logged. Values of epochs and of evaluations are always logged. */
export interface GateOptions {
  /**
   * Log the steps 0-based `N - 1`, `2N - 1`, …; 0 logs none. Default 1, with `preset: 'lightning'` 50. Steps are counted over
   * epochs, and with accumulated gradients only those of the optimizer count.
   */
  readonly logEveryNSteps?: number;
  /** `lightning`: exactly the steps that PyTorch Lightning logs, neither the first nor the last besides. Default: none. */
  readonly preset?: 'lightning';
  /** Log the first step too. Default true, with `preset: 'lightning'` false. */
  readonly logFirstStep?: boolean;
  /** Log the last step of each epoch too, when the data say their length. Default true, with `preset: 'lightning'` false. */
  readonly logLastStepOfEpoch?: boolean;
  /** Log a step, too, when so many seconds have passed since the last that was. Default: off. */
  readonly logEverySeconds?: number;
}

/** What is done with values that are not finite. */
export type NanPolicy = 'keep' | 'warn' | 'skip' | 'stop';

/** What one fit, validate or test tells {@link HookLog.begin}. */
export interface HookLogSettings {
  readonly gate?: GateOptions;
  /** Looked at when a batch ends: a requested stop opens the gate. */
  readonly shouldStop?: () => boolean;
  /** Default `warn`. */
  readonly nanPolicy?: NanPolicy;
  /** Asks the loop to stop, for the policy `stop`. */
  readonly requestStop?: (reason: string) => void;
}

/** One batch as a loop begins it. */
export interface BatchPlace {
  /** For the number of samples in it, looked at only when a value needs it. */
  readonly batch: unknown;
  /** 0-based within the epoch, or within the dataloader. */
  readonly batchIdx: number;
  /** 0-based; of evaluations with several. */
  readonly dataloaderIdx?: number;
  /** Known to be the last of the epoch. Default false. */
  readonly isLast?: boolean;
  /** Its gradients are only added up: the optimizer does not step. Default false. */
  readonly isAccumulating?: boolean;
}

/**
 * What the hooks of a loop log, by the rules of PyTorch Lightning's logger connector: values become rows for the loggers, numbers for
 * the progress bar, and numbers for callbacks. Driven by the one loop; the calls below come in the order of the batches.
 */
export interface HookLog {
  /** A fit, validate or test begins: forgets what the one before has left. */
  begin(options?: HookLogSettings): void;
  /** An epoch of training, or an evaluation, begins. `dataloaders`: for each its name, undefined without one. */
  startEpoch(stage: LoopStage, dataloaders?: readonly (string | undefined)[]): void;
  startBatch(place: BatchPlace): void;
  /** After the batch's last hook: updates what callbacks see and writes the row of the batch, if its gate is open. */
  endBatch(): void;
  /** After a hook has thrown: writes what the batch under way has logged, which may tell why. */
  abort(): void;
  /** After the last batch of one of several dataloaders of an evaluation. */
  endDataloader(): Promise<void>;
  /** True when the values of the batch under way are logged as values of a step. */
  readonly isOpen: boolean;
  /** Throws what `run.log` throws, and `bad-options` or `wrong-hook` by the rules of the hook. */
  log(hook: Hook, name: string, value: unknown, options?: HookLogOptions): void;
  logDict(hook: Hook, values: Readonly<Record<string, unknown>> | LoggableCollection, options?: HookLogOptions): void;
  /** Reads what is pending and computes the metric objects, so that {@link HookLog.callbackMetrics} are those of the epoch. */
  settle(): Promise<void>;
  /**
   * After the epoch's last hook: writes the row of the epoch, resets what was folded, and gives the row back by tag. The stage that
   * was going on before an evaluation goes on.
   */
  endEpoch(): Promise<Metrics>;
  /** For callbacks that watch numbers: of an epoch, or of the step while none is over; under base and forked names. */
  readonly callbackMetrics: Metrics;
  readonly progressBarMetrics: Metrics;
  /** The last value of everything that went to the loggers. */
  readonly loggedMetrics: Metrics;
  /** Warns whoever hears the run's warnings, once per key. */
  warn(key: string, text: string): void;
  /** Straight to the loggers, as a row of the step of this moment, and for callbacks: what a monitor of devices or rates logs. */
  write(metrics: Metrics): void;
}
