import type { LogError } from './errors.ts';
import type { Metrics } from './logger.ts';

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
}

/** Everything a training tells while it runs, by name. `progress` and `step` come at most ten times a second. */
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
