import type * as tf from '@tensorflow/tfjs-core';
import type { LogOptions } from '../core/log-options.ts';
import type { RunWriter } from '../core/trainable.ts';
import { giveAway, takeBack } from './engine.ts';

/** Gives scalars to the run. What it does not take over, because it has no engine or refused, is disposed of. */
export function logScalars(run: RunWriter, tags: readonly string[], scalars: readonly tf.Tensor[], options: LogOptions): void {
  for (const scalar of scalars) giveAway(scalar);
  try {
    scalars.forEach((scalar, i) => run.log(tags[i] ?? '', scalar, options));
  } finally {
    for (const scalar of scalars) takeBack(scalar);
  }
}
