import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { ConfigText } from '../core/config-text.ts';
import { describe, LogError } from '../core/errors.ts';
import type { Json } from '../core/run-info.ts';
import type { BackendName } from './backend.ts';
import type { SystemData } from './checked-data.ts';
import type { LossOrMetric } from './compiled-model.ts';
import type { SystemMetricsOption } from './system-metrics.ts';
import type { WasmOptions } from './wasm-paths.ts';

/** A training, declared. */
export interface SystemOptions extends WasmOptions {
  /**
   * The model, or a function that makes it. With a function the backend can still be chosen; the model is then the
   * system's own and disposed of with it. It needs one input and one output.
   */
  readonly model: tfl.LayersModel | (() => tfl.LayersModel);
  /** An optimizer, a function that makes one (called once the backend is chosen), or its name: `'adam'`, `'sgd'` … */
  readonly optimizer: tf.Optimizer | string | (() => tf.Optimizer);
  /** A name as in `model.compile`, or a function of targets and predictions. */
  readonly loss: string | LossOrMetric;
  /**
   * Names as in `model.compile`, functions, and metric objects such as `new MulticlassF1Score({ numClasses: 10 })`, which count on the
   * device: a list (objects are named by their classes), a record of names, or a `MetricCollection`. The epoch's value of names and
   * functions is the mean over the batches, that of objects is computed from all samples. Objects are cloned for each of training,
   * validation and test, and get the predictions with the classes as their last axis. Default none.
   */
  readonly metrics?: SystemMetricsOption;
  /** Two tensors, or a `DataSource`. Not disposed of. */
  readonly train: SystemData;
  /** Validated on after each epoch. Default: no validation. */
  readonly validation?: SystemData;
  /** What `trainer.test()` goes through. Default: none. */
  readonly test?: SystemData;
  /** Samples per step; the last batch of an epoch may be smaller. Default 32. */
  readonly batchSize?: number;
  /** Draw a new order each epoch. Default true. */
  readonly shuffle?: boolean;
  /** Repeats the order of the samples. The initial weights and dropout have seeds of their own. Default: random. */
  readonly seed?: number;
  /** Set on the optimizer before the first step. Default: the optimizer's own. */
  readonly learningRate?: number;
  /** Default: `auto` when `model` is a function, else the active backend. See `chooseBackend`. */
  readonly backend?: BackendName | 'auto';
  /** Further entries of the run's config. Default: none. */
  readonly hyperparameters?: Readonly<Record<string, Json>>;
  /** The text that the options were read from; kept with the run. */
  readonly configText?: ConfigText;
}

/** Begins a message about an option of a system: where it stands, and what was found there. */
export type OptionText = (name: string, value: unknown) => string;

/** Throws `bad-options` for what can be seen without the model. */
export function refuseBadOptions(
  options: SystemOptions,
  where: OptionText = (name, value) => `new System({ ${name} }): got ${describe(value)}`,
): void {
  const refuse = (name: keyof SystemOptions, need: string): never => {
    throw new LogError('bad-options', `${where(name, options[name])}, need ${need}.`);
  };
  const { batchSize = 32, learningRate, shuffle = true } = options;
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) refuse('batchSize', 'a whole number of at least 1');
  if (learningRate !== undefined && !isLearningRate(learningRate)) refuse('learningRate', 'a number of at least 0, e.g. 1e-3');
  if (typeof shuffle !== 'boolean') refuse('shuffle', 'true or false');
  refuseBadFunctions(options, refuse);
}

/** Refuses a loss or an optimizer that are not even of the right kind. */
function refuseBadFunctions(
  { optimizer, loss }: { readonly [Name in 'optimizer' | 'loss']?: unknown },
  refuse: (name: 'optimizer' | 'loss', need: string) => never,
): void {
  const isNamed = (value: unknown): boolean => typeof value === 'function' || (typeof value === 'string' && value !== '');
  if (!isNamed(optimizer) && (typeof optimizer !== 'object' || optimizer === null)) {
    refuse('optimizer', "an optimizer such as tf.train.adam(1e-3), or its name, e.g. 'adam'");
  }
  if (!isNamed(loss)) refuse('loss', "a name, e.g. 'meanSquaredError', or a function");
}

/** True for two tensors. */
export function isPair(data: SystemData): data is readonly [tf.Tensor, tf.Tensor] {
  return Array.isArray(data);
}

/** True for a rate that an optimizer can take. */
export function isLearningRate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}
