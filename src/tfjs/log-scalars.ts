import type * as tf from '@tensorflow/tfjs-core';
import { giveAway, takeBack } from './engine.ts';

/** Has kept scalars logged, and disposes of those that the run did not take over: gated, refused, or logged without an engine. */
export function logScalars(scalars: readonly tf.Tensor[], log: () => void): void {
  for (const scalar of scalars) giveAway(scalar);
  try {
    log();
  } finally {
    for (const scalar of scalars) takeBack(scalar);
  }
}
