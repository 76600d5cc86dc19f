import { describe, LogError } from './errors.ts';
import type { LoopStage, Metrics } from './logger.ts';
import { nearestName } from './nearest-name.ts';

/** What a training is doing right now. `preparing` = building the model and compiling kernels, until the first step is done. */
export type TrainPhase = 'preparing' | 'training' | 'validating' | 'paused' | 'finished' | 'stopped' | 'failed';

/** The backend a training runs on and why it was taken. */
export interface BackendChoice {
  /** `webgpu`, `webgl`, `wasm` or `cpu`. */
  readonly backend: string;
  /** True when a GPU interface is emulated on the processor. */
  readonly isSoftware: boolean;
  /** One sentence for people: why this one, and why not those before it. */
  readonly reason: string;
}

/** How far a training is. */
export interface TrainProgress {
  readonly phase: TrainPhase;
  /** Completed steps of this training. */
  readonly step: number;
  /** Steps planned in all; undefined when the data do not say their length. */
  readonly totalSteps: number | undefined;
  /** 0-based. */
  readonly epoch: number;
  readonly maxEpochs: number;
  /** Over the last seconds; 0 before the second step. */
  readonly stepsPerSecond: number;
  /** Seconds left, estimated; undefined while unknown. */
  readonly secondsLeft: number | undefined;
  /** What the progress bar shows; missing from trainables with a loop of their own. */
  readonly bar?: BarProgress;
}

/** The loop that is going through batches right now, and the loop around it: a validation within an epoch of training. */
export interface BarProgress {
  readonly stage: LoopStage;
  /** Batches done in this epoch, or of this dataloader. */
  readonly batch: number;
  /** Undefined when the data do not say their length. */
  readonly totalBatches: number | undefined;
  /** 0-based number of the evaluation's dataloader. */
  readonly dataloaderIdx?: number;
  /** Its name, if dataloaders are named. */
  readonly dataloaderName?: string;
  /** Since this epoch of the stage began. */
  readonly elapsedMs: number;
  /** Undefined while unknown. */
  readonly remainingMs: number | undefined;
  /** Batches per second: over the whole epoch in training and predicting, an exponential average (0.3) in evaluations. 0 before the first. */
  readonly itPerSec: number;
  /** Samples per second over the whole epoch; undefined when the size of batches is unknown. */
  readonly samplesPerSec: number | undefined;
  /** What was logged with `progBar: true`, under the names it has then. */
  readonly metrics: Readonly<Record<string, number | string>>;
  /** Versions of the loggers, joined by `_`, texts by their last four characters; undefined without one. */
  readonly version: number | string | undefined;
  /** The training that waits for this evaluation. */
  readonly outer?: { readonly batch: number; readonly totalBatches: number | undefined };
}

/**
 * Everything a training tells while it runs, by name. `progress` and `step` come at most ten times a second; in the page itself the
 * progress comes with each new phase and with the last batch of each epoch and evaluation, too.
 */
export interface TrainEvents {
  /** Newest numbers of a step that have been read back. */
  readonly step: { readonly runId: string; readonly step: number; readonly epoch: number; readonly metrics: Metrics };
  /** Numbers of a whole epoch, validation included. */
  readonly epoch: { readonly runId: string; readonly step: number; readonly epoch: number; readonly metrics: Metrics };
  readonly progress: TrainProgress;
  readonly status: { readonly runId: string; readonly phase: TrainPhase; readonly backend: BackendChoice | undefined };
  /** Something a person should know; training goes on. */
  readonly alert: { readonly title: string; readonly text: string; readonly level: 'info' | 'warn' | 'error' };
  readonly error: { readonly error: LogError };
}

export type TrainEventName = keyof TrainEvents;

/** Sends one event to whoever listens. */
export type EmitTrainEvent = <Name extends TrainEventName>(name: Name, event: TrainEvents[Name]) => void;

// As properties, so that the compiler misses none.
const names: Readonly<Record<TrainEventName, true>> = { step: true, epoch: true, progress: true, status: true, alert: true, error: true };

/** Throws `bad-options` for an event that there is not, or a listener that is no function. `call` is the user's, for the message. */
export function refuseBadListener(name: string, listener: unknown, call: string): void {
  if (!Object.hasOwn(names, name)) {
    const meant = typeof name === 'string' ? nearestName(name, Object.keys(names)) : undefined;
    const hint = meant === undefined ? `There are: ${Object.keys(names).join(', ')}.` : `Did you mean '${meant}'?`;
    throw new LogError('bad-options', `${call}: there is no event ${describe(name)}. ${hint}`);
  }
  if (typeof listener !== 'function')
    throw new LogError('bad-options', `${call}: the listener of '${name}' is ${describe(listener)}, need a function.`);
}
