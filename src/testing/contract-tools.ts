import type { MetricStore, ScalarChunk } from '../store/metric-store.ts';
import { chunkOf } from './chunks.ts';

/** A promise that one store keeps. */
export interface Check {
  readonly name: string;
  readonly check: (store: MetricStore) => Promise<void>;
}

/** A promise that two stores of one name keep together. */
export interface TwoStoreCheck {
  readonly name: string;
  readonly check: (store: MetricStore, other: MetricStore) => Promise<void>;
}

/** When the runs of the suite start, in seconds since the Unix epoch. */
export const startedAt = 1_700_000_000;

/** What a listener was called with, and a way to wait for it. */
export class Arrivals<Item> {
  readonly all: Item[] = [];
  #waiting: (() => void)[] = [];

  add(item: Item): void {
    this.all.push(item);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  async atLeast(count: number): Promise<void> {
    while (this.all.length < count) await new Promise<void>((wake) => this.#waiting.push(wake));
  }
}

/** A chunk of one point. */
export function onePoint(runId: string, seq: number, tag = 'x'): ScalarChunk {
  return chunkOf(runId, seq, [{ tag, value: seq, step: seq }]);
}

/** All chunks of an iteration. */
export async function collect(chunks: AsyncIterable<ScalarChunk>): Promise<readonly ScalarChunk[]> {
  const all: ScalarChunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

/** The sequence numbers of chunks. */
export function seqs(chunks: readonly ScalarChunk[]): readonly number[] {
  return chunks.map((chunk) => chunk.seq);
}

/** The ids of runs. */
export async function ids(runs: Promise<readonly { readonly id: string }[]>): Promise<readonly string[]> {
  return (await runs).map((run) => run.id);
}

/** Waits until a run has a status. A lock may be let go in another process; the store says so through watchRuns. */
export async function untilStatus(store: MetricStore, runId: string, status: string): Promise<void> {
  const changes = new Arrivals<string>();
  const undo = store.watchRuns(() => changes.add('changed'));
  try {
    for (let seen = 1; (await store.run(runId))?.status !== status; seen++) await changes.atLeast(seen);
  } finally {
    undo();
  }
}
