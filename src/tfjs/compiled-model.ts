import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, LogError } from '../core/errors.ts';
import type { TrainingStepContext } from '../train/contexts.ts';
import type { Batch } from './data-source.ts';
import { twoCopies } from './two-copies.ts';

/** A loss or metric: targets and predictions in, a value per sample or one value out. */
export type LossOrMetric = (targets: tf.Tensor, predictions: tf.Tensor) => tf.Tensor;

/** Sees the predictions of a step while they last. */
export type Watch = (targets: tf.Tensor, predictions: tf.Tensor) => void;

/** What a model is compiled with. */
export interface CompileOptions {
  readonly optimizer: tf.Optimizer | string | (() => tf.Optimizer);
  readonly loss: string | LossOrMetric;
  readonly metrics: readonly (string | LossOrMetric)[];
}

/** The part of a step's context that a gradient step needs. */
export type GradientHooks = Pick<TrainingStepContext, 'gradientStep' | 'isAccumulating'>;

/** A model with one input and one output, ready for steps. */
export interface CompiledModel {
  readonly model: tfl.LayersModel;
  readonly optimizer: tf.Optimizer;
  /** The optimizer was made here and is disposed of with the model. */
  readonly ownsOptimizer: boolean;
  /**
   * One step: forward once, gradients, update by the hooks' gradient step. While gradients are only added up they are kept, and the
   * step that updates applies their mean. Gives the loss, then the metrics, as kept float32 scalars.
   */
  trainOn(batch: Batch, hooks: GradientHooks, watch?: Watch): tf.Tensor[];
  /** Lets go of gradients that were added up and not applied. */
  forgetGradients(): void;
  /** Forward only, without training behaviour. Gives the loss, then the metrics, as kept float32 scalars. */
  evaluateOn(batch: Batch, watch?: Watch): tf.Tensor[];
  /** Makes the step's computation but for the update, to see which kernels it needs. Leaves no trace in the model. */
  rehearse(batch: Batch): void;
}

/** Compiles a model. Throws `bad-model` for what cannot be trained as declared, `two-copies` for another copy's objects. */
export function compileModel(model: tfl.LayersModel, options: CompileOptions): CompiledModel {
  refuseBadModel(model);
  const ownsOptimizer = typeof options.optimizer !== 'object';
  const given = typeof options.optimizer === 'function' ? options.optimizer() : options.optimizer;
  if (typeof given === 'object' && !(given instanceof tf.Optimizer)) {
    if ('applyGradients' in (given as object)) throw twoCopies('new System({ optimizer })');
    throw new LogError(
      'bad-model',
      `new System({ optimizer }): got ${describe(given)}, need an optimizer such as tf.train.adam(1e-3), or its name.`,
    );
  }
  const before = innerOf(model)?.optimizer;
  try {
    // tfjs resolves names and chooses the kind of accuracy; its functions are then the very ones that fit would use.
    model.compile({ optimizer: given, loss: options.loss, metrics: [...options.metrics] });
  } catch (thrown) {
    const made = typeof given === 'object' ? given : innerOf(model)?.optimizer;
    if (ownsOptimizer && made !== before) made?.dispose();
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    throw new LogError('bad-model', `new System({ optimizer, loss, metrics }): ${text}. Check the names.`, { cause: thrown });
  }
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable); // what a LayerVariable reads is its variable
  if (variables.length === 0) {
    if (ownsOptimizer) model.optimizer.dispose();
    throw new LogError('bad-model', 'new System({ model }): no layer of the model is trainable. Set trainable = true on at least one.');
  }
  return new StepMaker(model, variables, ownsOptimizer, options);
}

function refuseBadModel(model: tfl.LayersModel): void {
  if (!(model instanceof tfl.LayersModel)) {
    if (typeof model === 'object' && model !== null && 'trainableWeights' in model) throw twoCopies('new System({ model })');
    throw new LogError('bad-model', `new System({ model }): got ${describe(model)}, need a tf.LayersModel, or a function that makes one.`);
  }
  if (model instanceof tfl.Sequential && model.layers.length === 0) {
    throw new LogError('bad-model', 'new System({ model }): the model has no layers. Add some; the first needs an inputShape.');
  }
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw new LogError(
      'bad-model',
      `new System({ model }): the model has ${model.inputs.length} inputs and ${model.outputs.length} outputs, System trains one of each. Write a TrainModule for it.`,
    );
  }
}

/** A Sequential computes through a model within, which it makes when it is compiled. */
function innerOf(model: tfl.LayersModel): tfl.LayersModel | undefined {
  return model instanceof tfl.Sequential ? (model as unknown as { readonly model?: tfl.LayersModel }).model : model; // private in the types
}

/** The name under which a metric is logged. */
export function metricName(metric: string | LossOrMetric, index: number): string {
  if (typeof metric === 'string') return metric === 'acc' ? 'accuracy' : metric;
  return metric.name === '' ? `metric_${index + 1}` : metric.name;
}

class StepMaker implements CompiledModel {
  readonly model: tfl.LayersModel;
  /** The model may be compiled again, by another system or by its owner; this one stays ours. */
  readonly optimizer: tf.Optimizer;
  readonly ownsOptimizer: boolean;
  readonly #inner: tfl.LayersModel;
  readonly #variables: readonly tf.Variable[];
  readonly #loss: LossOrMetric;
  readonly #metrics: readonly LossOrMetric[];
  readonly #hasRegularizers: boolean;
  /** Gradients of batches that have made no update yet. */
  #sums: tf.NamedTensorMap = {};
  #summed = 0;

  constructor(model: tfl.LayersModel, variables: readonly tf.Variable[], ownsOptimizer: boolean, options: CompileOptions) {
    this.model = model;
    this.optimizer = model.optimizer;
    this.ownsOptimizer = ownsOptimizer;
    this.#variables = variables;
    this.#inner = innerOf(model) ?? model;
    const loss = this.#inner.lossFunctions[0] as LossOrMetric; // one output, so compile made one
    this.#loss = checked(loss, options.loss, 'loss');
    this.#metrics = this.#inner.metricsTensors.map(([metric], i) => checked(metric, options.metrics[i], 'metrics'));
    this.#hasRegularizers = tf.tidy(() => this.#inner.calculateLosses().length > 0);
  }

  trainOn([inputs, targets]: Batch, { gradientStep, isAccumulating }: GradientHooks, watch?: Watch): tf.Tensor[] {
    let predictions: tf.Tensor | undefined;
    try {
      return tf.tidy(() => {
        let loss: tf.Tensor | undefined;
        gradientStep(
          () => {
            const { value, grads } = gradientsOf(() => {
              // Kept, because the scope of the gradient would dispose of it before the metrics have seen it.
              predictions = tf.keep(this.#forward(inputs, true));
              return this.#lossOf(targets, predictions);
            }, this.#variables);
            loss = value;
            return isAccumulating ? this.#addUp(grads) : this.#meanWith(grads);
          },
          (gradients) => this.optimizer.applyGradients(gradients),
        );
        if (predictions !== undefined) watch?.(targets, predictions);
        return this.#scalars(loss as unknown as tf.Tensor, targets, predictions); // the checker does not see that the gradients were made
      });
    } finally {
      predictions?.dispose();
    }
  }

  forgetGradients(): void {
    tf.dispose(this.#sums);
    this.#sums = {};
    this.#summed = 0;
  }

  /** Keeps the sum; gives back the gradients of this batch. */
  #addUp(gradients: tf.NamedTensorMap): tf.NamedTensorMap {
    const before = this.#sums;
    this.#sums = {};
    for (const [name, gradient] of Object.entries(gradients)) {
      const sum = before[name];
      this.#sums[name] = tf.keep(sum === undefined ? tf.clone(gradient) : tf.add(sum, gradient));
    }
    tf.dispose(before);
    this.#summed += 1;
    return gradients;
  }

  /** The mean over the batches added up and this one. */
  #meanWith(gradients: tf.NamedTensorMap): tf.NamedTensorMap {
    if (this.#summed === 0) return gradients;
    const count = this.#summed + 1;
    const means: tf.NamedTensorMap = {};
    for (const [name, gradient] of Object.entries(gradients)) {
      const sum = this.#sums[name];
      means[name] = tf.div(sum === undefined ? gradient : tf.add(sum, gradient), count);
    }
    this.forgetGradients();
    return means;
  }

  evaluateOn([inputs, targets]: Batch, watch?: Watch): tf.Tensor[] {
    return tf.tidy(() => {
      const predictions = this.#forward(inputs, false);
      watch?.(targets, predictions);
      // Without weight penalties, as in tfjs's own evaluation: they say nothing about the data.
      return this.#scalars(mean(this.#loss(targets, predictions)), targets, predictions);
    });
  }

  rehearse([inputs, targets]: Batch): void {
    const moving = this.model.nonTrainableWeights;
    // Layers such as batch normalization change these in every forward pass that trains.
    const before = moving.map((weight) => tf.clone(weight.read()));
    try {
      gradientsOf(() => this.#lossOf(targets, this.#forward(inputs, true)), this.#variables);
      tf.dispose(this.evaluateOn([inputs, targets]));
    } finally {
      moving.forEach((weight, i) => weight.write(before[i] as tf.Tensor)); // one for each
    }
  }

  #forward(inputs: tf.Tensor, training: boolean): tf.Tensor {
    const output = this.#inner.call(inputs, { training });
    return Array.isArray(output) ? (output[0] as tf.Tensor) : output; // one output
  }

  #lossOf(targets: tf.Tensor, predictions: tf.Tensor): tf.Scalar {
    const loss = mean(this.#loss(targets, predictions));
    if (!this.#hasRegularizers) return loss;
    return this.#inner.calculateLosses().reduce<tf.Scalar>((sum, penalty) => tf.add(sum, penalty), loss);
  }

  /** The metrics come from the predictions of the step itself: no second forward pass. */
  #scalars(loss: tf.Tensor, targets: tf.Tensor, predictions: tf.Tensor | undefined): tf.Tensor[] {
    const scalars = [loss];
    if (predictions !== undefined) {
      for (const metric of this.#metrics) {
        const value = mean(metric(targets, predictions));
        scalars.push(value.dtype === 'float32' ? value : tf.cast(value, 'float32'));
      }
    }
    // Only now: should a metric throw, nothing kept is left behind.
    return scalars.map((scalar) => tf.keep(scalar));
  }
}

/** A function of the caller's may give something else than a tensor, or a tensor that it keeps. */
function checked(compute: LossOrMetric, given: string | LossOrMetric | undefined, name: 'loss' | 'metrics'): LossOrMetric {
  if (typeof given !== 'function') return compute;
  return (targets, predictions) => {
    const values: unknown = compute(targets, predictions);
    if (values instanceof tf.Tensor) return values.rank === 0 ? tf.clone(values) : values;
    throw new LogError(
      'bad-model',
      `new System({ ${name} }): the function${given.name === '' ? '' : ` '${given.name}'`} gave ${describe(values)}, need a tensor.`,
    );
  };
}

/** `tf.variableGrads`, but for what it leaves behind when `loss` throws: tensors kept for the way back. */
function gradientsOf(loss: () => tf.Scalar, variables: readonly tf.Variable[]): ReturnType<typeof tf.variableGrads> {
  try {
    return tf.variableGrads(loss, variables as tf.Variable[]); // tfjs does not change the list
  } catch (thrown) {
    const { activeTape, gradientDepth } = tf.engine().state;
    if (gradientDepth === 0) for (const { saved } of activeTape ?? []) tf.dispose(saved ?? []);
    throw thrown;
  }
}

function mean(values: tf.Tensor): tf.Scalar {
  return values.rank === 0 ? (values as tf.Scalar) : tf.mean(values);
}
