import { framesAsked } from './count-frames.ts';
import * as tf from '@tensorflow/tfjs';
import { afterEach } from 'vitest';
import type { LogError } from '../../../src/core/errors.ts';
import type { Metrics, Moment } from '../../../src/core/logger.ts';
import type { Run } from '../../../src/run/run.ts';
import { startRun, type StartRunOptions } from '../../../src/run/start-run.ts';

/** A run that keeps its rows here, and what was told. */
export interface WatchedRun {
  readonly run: Run;
  readonly rows: { readonly metrics: Metrics; readonly step: number; readonly epoch: number }[];
  readonly errors: LogError[];
}

export async function watchedRun(options: StartRunOptions = {}): Promise<WatchedRun> {
  const errors: LogError[] = [];
  const run = await startRun({ store: false, onError: (error) => errors.push(error), onWarning: () => {}, ...options });
  const rows: WatchedRun['rows'] = [];
  run.onRow((metrics: Metrics, { step, epoch }: Moment) => void rows.push({ metrics: { ...metrics }, step, epoch }));
  return { run, rows, errors };
}

/** The values of one tag, in the order in which they were written. */
export const valuesOf = (rows: WatchedRun['rows'], tag: string): number[] =>
  rows.flatMap(({ metrics }) => (tag in metrics ? [metrics[tag] ?? NaN] : []));

export const stepsOf = (rows: WatchedRun['rows'], tag: string): number[] =>
  rows.flatMap(({ metrics, step }) => (tag in metrics ? [step] : []));

/** Halves of a plane: 40 points, 4 batches of 10. */
export function makeData(): { readonly x: tf.Tensor; readonly y: tf.Tensor } {
  const x = tf.tensor2d(
    Array.from({ length: 80 }, (_, i) => Math.sin(3 * i)),
    [40, 2],
  );
  return { x, y: tf.tidy(() => tf.cast(tf.greater(tf.sum(x, 1, true), 0), 'float32')) };
}

/** `tick` is called once a batch, in the loss; validation calls it, too. */
export function makeModel(tick: () => void = () => {}): tf.Sequential {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 1, inputShape: [2], activation: 'sigmoid', kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) }),
    ],
  });
  const loss = (target: tf.Tensor, prediction: tf.Tensor): tf.Scalar => {
    tick();
    return tf.losses.logLoss(target, prediction);
  };
  model.compile({ optimizer: tf.train.sgd(0.1), loss, metrics: ['accuracy'] });
  return model;
}

/** Models of a test file, each disposed of with its test. */
export function disposedModels(): () => tf.Sequential {
  const models: tf.Sequential[] = [];
  afterEach(() => {
    for (const model of models.splice(0)) model.dispose();
  });
  return () => {
    const model = makeModel();
    models.push(model);
    return model;
  };
}

export const settings = { epochs: 3, batchSize: 10, shuffle: false, verbose: 0 } as const;

/**
 * Counts the frames that a fit waits for. The clock that yields go by is advanced by 50 ms a batch, so that how often there is one
 * does not depend on how fast this machine is.
 */
export async function framesOf(
  fit: (model: tf.Sequential, x: tf.Tensor, y: tf.Tensor) => Promise<unknown>,
): Promise<{ readonly frames: number; readonly ticks: number }> {
  const { platform } = tf.env();
  const now = platform.now;
  let clock = 0;
  platform.now = () => clock;
  const before = framesAsked();
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 0);
  const { x, y } = makeData();
  const model = makeModel(() => (clock += 50));
  try {
    await fit(model, x, y);
    return { frames: framesAsked() - before, ticks };
  } finally {
    clearInterval(timer);
    platform.now = now;
    tf.dispose([x, y]);
    model.dispose();
  }
}

/** How many times tensors are read one after the other, while `act` goes on. */
export async function readsOf(act: () => Promise<unknown>): Promise<number> {
  const { prototype } = tf.Tensor;
  const { data } = prototype;
  let reads = 0;
  prototype.data = function (this: tf.Tensor) {
    reads += 1;
    return Reflect.apply(data, this, []) as never; // as it was
  };
  try {
    await act();
  } finally {
    prototype.data = data;
  }
  return reads;
}
