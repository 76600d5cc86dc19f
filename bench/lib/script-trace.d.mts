import type { Page } from 'playwright';

/** One event of a browser trace; times in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** Of `dur`, the time that the thread was running. */
  readonly tdur?: number;
}

/** Script of one frame, in milliseconds. */
export interface ScriptFrame {
  readonly wall: number;
  readonly cpu: number;
}

export declare function framesOf(events: readonly TraceEvent[]): ScriptFrame[];
export declare function recordScripts(page: Page): Promise<{ stop(): Promise<ScriptFrame[]> }>;
