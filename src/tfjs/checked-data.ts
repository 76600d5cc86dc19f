import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { describe, LogError } from '../core/errors.ts';
import { type Batch, type DataSource, tensorData } from './data-source.ts';

/** Data as they are given to a `System`. */
export type SystemData = DataSource | readonly [inputs: tf.Tensor, targets: tf.Tensor];

/** What `train`, `validation` or `test` holds, as a source. Throws `bad-data` for anything but complete data. */
export function toDataSource(data: SystemData, name: 'train' | 'validation' | 'test'): DataSource {
  const call = `new System({ ${name} })`;
  const source = Array.isArray(data) ? fromPair(data, call) : data;
  if (typeof source !== 'object' || source === null || !('batch' in source) || typeof source.batch !== 'function') {
    throw new LogError(
      'bad-data',
      `${call}: got ${describe(data)}, need [inputs, targets] as tensors, or a DataSource such as arrayData(…).`,
    );
  }
  const { size } = source as DataSource; // has a batch function
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new LogError('bad-data', `${call}: there are ${describe(size)} samples, need at least one. Were the data loaded?`);
  }
  return source as DataSource;
}

function fromPair(pair: readonly unknown[], call: string): DataSource {
  const [inputs, targets] = pair;
  if (pair.length !== 2 || !isTensor(inputs) || !isTensor(targets)) {
    throw new LogError('bad-data', `${call}: got [${pair.map(describe).join(', ')}], need [inputs, targets], two tensors.`);
  }
  if (inputs.isDisposed || targets.isDisposed) {
    throw new LogError(
      'bad-data',
      `${call}: the ${inputs.isDisposed ? 'inputs have' : 'targets have'} been disposed. Keep both tensors until training has ended.`,
    );
  }
  if (inputs.rank === 0 || targets.rank === 0 || inputs.shape[0] !== targets.shape[0]) {
    throw new LogError(
      'bad-data',
      `${call}: inputs have shape ${shapeText(inputs.shape)}, targets ${shapeText(targets.shape)}; the first dimension, the samples, must be the same.`,
    );
  }
  return tensorData(inputs, targets);
}

function isTensor(value: unknown): value is tf.Tensor {
  return value instanceof tf.Tensor;
}

/** Makes batches fit the model, or throws `bad-data` that says which shapes do not. */
export class BatchCheck {
  readonly #inputShape: tfl.Shape;
  readonly #outputShape: tfl.Shape;
  readonly #isSparse: boolean;
  readonly #call: string;

  constructor(model: tfl.LayersModel, loss: unknown, name: 'train' | 'validation' | 'test') {
    this.#inputShape = model.inputs[0]?.shape ?? [];
    this.#outputShape = model.outputs[0]?.shape ?? [];
    this.#isSparse = loss === 'sparseCategoricalCrossentropy';
    this.#call = `new System({ ${name} })`;
  }

  /** Targets of one number a sample become a column, as in tfjs's own fit; anything else that does not fit throws. */
  fit(batch: Batch, count: number): Batch {
    const [inputs, targets] = batch;
    if (!isTensor(inputs) || !isTensor(targets)) {
      throw new LogError('bad-data', `${this.#call}: batch() gave ${describe(batch)}, need [inputs, targets], two tensors.`);
    }
    const column = targets.rank === 1 ? tf.reshape(targets, [-1, 1]) : targets;
    if (inputs.shape[0] !== count || column.shape[0] !== count) {
      throw new LogError(
        'bad-data',
        `${this.#call}: asked for ${count} samples, got inputs of shape ${shapeText(inputs.shape)} and targets of shape ${shapeText(targets.shape)}.`,
      );
    }
    if (!matches(inputs.shape, this.#inputShape)) {
      throw new LogError(
        'bad-data',
        `${this.#call}: inputs have shape ${sampleText(inputs)}, the model takes ${shapeText(this.#inputShape)}. Reshape the data, or change the model's inputShape.`,
      );
    }
    const wanted = this.#isSparse ? [...this.#outputShape.slice(0, -1), 1] : this.#outputShape;
    if (!matches(column.shape, wanted)) throw this.#wrongTargets(targets, wanted);
    return column === targets ? batch : [inputs, column];
  }

  #wrongTargets(targets: tf.Tensor, wanted: tfl.Shape): LogError {
    const isClassIndex = !this.#isSparse && (targets.rank === 1 || targets.shape.at(-1) === 1);
    const move = isClassIndex
      ? "For class numbers use the loss 'sparseCategoricalCrossentropy', or tf.oneHot."
      : this.#isSparse
        ? "This loss takes class numbers; for one-hot targets use 'categoricalCrossentropy'."
        : "Reshape the targets, or change the model's last layer.";
    return new LogError(
      'bad-data',
      `${this.#call}: targets have shape ${sampleText(targets)}, the model and its loss need ${shapeText(wanted)}. ${move}`,
    );
  }
}

function matches(shape: readonly number[], wanted: tfl.Shape): boolean {
  if (shape.length !== wanted.length) return false;
  for (let i = 1; i < shape.length; i++) {
    if (wanted[i] != null && wanted[i] !== shape[i]) return false;
  }
  return true;
}

function shapeText(shape: tfl.Shape): string {
  return `[${shape.map((dimension, i) => (i === 0 ? (dimension ?? 'samples') : (dimension ?? 'any'))).join(', ')}]`;
}

/** Without the count, which is that of one batch and not of the data. */
function sampleText(batch: tf.Tensor): string {
  return shapeText([null, ...batch.shape.slice(1)]);
}
