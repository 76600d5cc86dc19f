import type { LoopSettings } from '../core/loop-settings.ts';
import type { Metrics, ModelGraph, Moment } from '../core/logger.ts';
import type { NewRecord, RecordKind } from '../core/records.ts';
import type { Config, EndStatus, RunInfo } from '../core/run-info.ts';
import type { FitResult } from '../core/trainable.ts';
import type { TrainSettings } from '../core/train-control.ts';
import type { TrainEventName, TrainEvents } from '../core/train-events.ts';
import type { LifecycleEvent } from '../run/lifecycle.ts';
import type { WireError } from './error-codec.ts';
import type { Language } from '../core/words.ts';

/** Raised when a message changes its meaning. Page and worker files may come from different builds of a site. */
export const protocolVersion = 3;

/** Where a worker finds the store: by name, through a port that the page serves, or not at all. */
export type StoreReference =
  | { readonly kind: 'named'; readonly name: string | undefined; readonly maxBytes?: number | undefined }
  | { readonly kind: 'port'; readonly name: string }
  | { readonly kind: 'none' };

/**
 * Said over the worker's own channel, until the ports are handed over. The page knocks because it cannot know whether the
 * worker's script has run yet; the worker answers each knock, and says `ready` unasked when its script has run.
 */
export type Handshake =
  | { readonly tabtrain: 'knock' }
  | { readonly tabtrain: 'ready'; readonly version: number }
  | {
      readonly tabtrain: 'connect';
      /** Names the lock that the worker holds for its life. */
      readonly connectionId: string;
      /** Comlink: the page's commands, the worker's answers. */
      readonly commands: MessagePort;
      /** Plain messages, both ways, never answered. */
      readonly signals: MessagePort;
      /** The page's store, for a worker that cannot open it by name. */
      readonly storePort: MessagePort;
      /** The page's loggers. */
      readonly loggerPort: MessagePort;
      readonly store: StoreReference;
      /** What the page speaks, and so the worker. */
      readonly language?: Language;
    };

/** An event in the form in which it crosses: everything as it is, except the error. */
export type WireEvent =
  | { readonly [Name in Exclude<TrainEventName, 'error'>]: { readonly name: Name; readonly event: TrainEvents[Name] } }[Exclude<
      TrainEventName,
      'error'
    >]
  | { readonly name: 'error'; readonly error: WireError };

/** From the worker, unasked. */
export type WorkerSignal =
  /** `holdsLock`: the worker's end can be seen by asking for its lock. */
  | { readonly type: 'connected'; readonly holdsLock: boolean }
  /** Events in the order in which they happened; `batch` counts up from 1. */
  | { readonly type: 'events'; readonly batch: number; readonly events: readonly WireEvent[] }
  | { readonly type: 'pong' }
  /** A message of the page could not be read here, so some command will never be answered. */
  | { readonly type: 'unreadable' };

/** From the page, unasked. */
export type PageSignal =
  | { readonly type: 'lifecycle'; readonly event: LifecycleEvent }
  | { readonly type: 'ping' }
  /** The page speaks another language from now on. */
  | { readonly type: 'language'; readonly language: Language };

/** One training as it is asked for. */
export interface FitCommand {
  /** Chosen by the page, so that it can name the run whatever becomes of the worker; or that of the run to continue. */
  readonly runId: string;
  readonly isResumed: boolean;
  readonly fromStep: number | undefined;
  readonly project: string | undefined;
  readonly name: string | undefined;
  readonly config: Config;
  readonly maxEpochs: number | undefined;
  readonly loop: LoopSettings;
  /** Those of the page, in its order. */
  readonly loggers: readonly PageLogger[];
}

/** What a worker has to know of a logger that lives in the page. */
export interface PageLogger {
  readonly name: string;
  /** Records it takes. */
  readonly kinds: readonly RecordKind[];
  readonly takesGraphs: boolean;
}

/** One call of a logger in the page; `to` is its place in the list. */
export type LoggerCall = { readonly to: number } & (
  | { readonly verb: 'start'; readonly run: RunInfo }
  | { readonly verb: 'logMetrics'; readonly metrics: Metrics; readonly at: Moment }
  | { readonly verb: 'logHyperparams'; readonly params: Config; readonly metrics: Metrics | undefined }
  | { readonly verb: 'logRecord'; readonly record: NewRecord }
  | { readonly verb: 'logGraph'; readonly graph: ModelGraph }
);

/** What came of a batch of calls. */
export interface LoggerReply {
  /** The first failure of each logger in this run. */
  readonly failures: readonly { readonly to: number; readonly error: WireError }[];
  /** In the order of the loggers. */
  readonly versions: readonly (number | string | undefined)[];
}

/** Undefined when it is done; otherwise the logger asks for another try. */
export type SaveReply = { readonly retryAfterMs: number; readonly message: string } | undefined;

/** What a worker may ask of the page's loggers. Calls are made in the order in which they are sent. */
export interface LoggerCommands {
  write(calls: readonly LoggerCall[]): LoggerReply;
  save(to: number): Promise<SaveReply>;
  finalize(to: number, status: EndStatus): Promise<SaveReply>;
}

/** How a training ended in the worker, and the batch of events to wait for, so that no event comes after the end. */
export type FitReply =
  | { readonly lastBatch: number; readonly result: FitResult }
  | { readonly lastBatch: number; readonly error: WireError };

/** What the page may ask of the worker. Each is answered once, with a value or an error. */
export interface TrainerCommands {
  fit(request: FitCommand): Promise<FitReply>;
  call(name: string, ...args: readonly unknown[]): Promise<unknown>;
  set(settings: TrainSettings): void;
  pause(): void;
  resume(): void;
  step(count: number): void;
  /** Answered when no training is going any more. */
  stop(): Promise<void>;
  /** Ends the connection. A training whose last connection this was is stopped first. */
  disconnect(): Promise<void>;
}
