import type { Page } from 'playwright';

/** One event of a browser trace; times in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
}

export declare function framesOf(events: readonly TraceEvent[]): number[];
export declare function recordScripts(page: Page): Promise<{ stop(): Promise<number[]> }>;
