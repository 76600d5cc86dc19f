import type { Batch, DataSource } from './data-source.ts';
import { shuffle } from './shuffle.ts';

/** Where samples lie in their source: the positions, or a stretch of it. */
export type Samples = Int32Array | { readonly start: number; readonly count: number };

/** Batches of one epoch that say how many they are. */
export type CountedBatches = Iterable<Samples> & { readonly length: number };

/** Batches in order; the last one may be smaller. */
export function stretches(size: number, count: number): CountedBatches {
  return Object.assign(eachStretch(size, count), { length: Math.ceil(size / count) });
}

/** Batches in random order, each sample once; the last one may be smaller. */
export function shuffled(size: number, count: number, random: () => number): CountedBatches {
  return Object.assign(eachShuffled(size, count, random), { length: Math.ceil(size / count) });
}

function* eachStretch(size: number, count: number): Generator<Samples> {
  for (let start = 0; start < size; start += count) yield { start, count: Math.min(count, size - start) };
}

function* eachShuffled(size: number, count: number, random: () => number): Generator<Samples> {
  const order = Int32Array.from({ length: size }, (_, i) => i);
  shuffle(order, random);
  for (let start = 0; start < size; start += count) yield order.slice(start, start + count);
}

/** Has a source make the tensors of a batch. */
export function takeSamples(source: DataSource, samples: Samples): Batch {
  if (!isStretch(samples)) return source.batch(samples);
  const { start, count } = samples;
  return source.range?.(start, count) ?? source.batch(Int32Array.from({ length: count }, (_, i) => start + i));
}

function isStretch(samples: Samples): samples is { readonly start: number; readonly count: number } {
  return 'start' in samples;
}

/** How many samples a batch has. */
export function countOf(samples: Samples): number {
  return isStretch(samples) ? samples.count : samples.length;
}
