import * as tf from '@tensorflow/tfjs-core';
import type { DeviceOps } from '../core/device-ops.ts';
import { describe, LogError } from '../core/errors.ts';
import { isLoggableCollection, isLoggableMetric } from '../core/loggable-metric.ts';
import type { MetricBase } from '../metrics/metric-base.ts';
import type { NumberArray } from '../metrics/nd-array.ts';
import { type LossOrMetric, metricName } from './compiled-model.ts';
import { tfjsDeviceOps } from './device-ops.ts';

/** A metric object of predictions and targets. */
export type PredictionMetric = MetricBase<[preds: NumberArray, target: NumberArray], unknown>;

/** Several metric objects under names: a `MetricCollection`. */
export interface PredictionMetrics {
  readonly isMetricCollection: true;
  items(): readonly (readonly [name: string, metric: PredictionMetric])[];
}

/** A name as in `model.compile`, a function of targets and predictions, or a metric object. */
export type SystemMetric = string | LossOrMetric | PredictionMetric;

/** The metrics of a `System`: a list, a collection, or a record of names. */
export type SystemMetricsOption =
  | readonly (SystemMetric | PredictionMetrics)[]
  | PredictionMetrics
  | Readonly<Record<string, SystemMetric>>;

/** What a `System` is doing. */
export type SystemMode = 'train' | 'val' | 'test';

type Named = readonly [name: string, metric: SystemMetric];

/** The metrics of a system: those that are computed with the loss, and those that count over an epoch. */
export class SystemMetrics {
  /** What the model is compiled with. */
  readonly compiled: readonly (string | LossOrMetric)[];
  /** Under which names that is logged. */
  readonly compiledNames: readonly string[];
  readonly #objects: readonly (readonly [name: string, metric: PredictionMetric])[];
  readonly #areOneHot: boolean;
  readonly #device: DeviceOps = tfjsDeviceOps();
  /** Metric objects of each mode: epochs of training and of validation overlap. */
  readonly #inMode = new Map<SystemMode, Readonly<Record<string, PredictionMetric>>>();

  /** `loss` says whether targets are one-hot. Throws `bad-options` for what is no metric, and for two of one name. */
  constructor(metrics: SystemMetricsOption | undefined, loss: string | LossOrMetric) {
    const named = nameAll(metrics ?? []);
    const names = named.map(([name]) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) {
      throw new LogError('bad-options', `new System({ metrics }): two of them would be logged as '${twice}'. Leave one out, or rename it.`);
    }
    const compiled: [string, string | LossOrMetric][] = [];
    const objects: [string, PredictionMetric][] = [];
    for (const [name, metric] of named) {
      if (isObject(metric)) objects.push([name, metric]);
      else compiled.push([name, metric]);
    }
    this.compiled = compiled.map(([, metric]) => metric);
    this.compiledNames = compiled.map(([name]) => name);
    this.#objects = objects;
    this.#areOneHot = (typeof loss === 'string' ? loss : loss.name) === 'categoricalCrossentropy';
  }

  /**
   * Updates the metric objects by a batch and gives them by name. `withBatchValues`: for values of the batch, too. The predictions' last
   * axis is that of the classes; targets of a categorical loss become class numbers.
   */
  update(
    mode: SystemMode,
    targets: tf.Tensor,
    predictions: tf.Tensor,
    withBatchValues: boolean,
  ): Readonly<Record<string, PredictionMetric>> {
    const metrics = this.#metricsOf(mode);
    const all = Object.values(metrics);
    if (all.length > 0) {
      tf.tidy(() => {
        const [preds, target] = this.#fit(predictions, targets);
        for (const metric of all) {
          if (withBatchValues) void metric.forward(preds, target);
          else metric.update(preds, target);
        }
      });
    }
    return metrics;
  }

  /** Lets go of what an interrupted training has counted. */
  reset(): void {
    for (const metrics of this.#inMode.values()) for (const metric of Object.values(metrics)) metric.reset();
  }

  #metricsOf(mode: SystemMode): Readonly<Record<string, PredictionMetric>> {
    let metrics = this.#inMode.get(mode);
    if (metrics === undefined) {
      metrics = Object.fromEntries(
        this.#objects.map(([name, metric]) => {
          const own = metric.clone();
          own.reset();
          own.device ??= this.#device;
          return [name, own];
        }),
      );
      this.#inMode.set(mode, metrics);
    }
    return metrics;
  }

  #fit(predictions: tf.Tensor, targets: tf.Tensor): [preds: tf.Tensor, target: tf.Tensor] {
    const classes = predictions.shape.at(-1) ?? 1;
    if (predictions.rank > 1 && classes === 1 && targets.size === predictions.size)
      return [tf.reshape(predictions, [-1]), tf.reshape(targets, [-1])];
    if (predictions.rank < 2 || classes < 2) return [predictions, targets];
    const rows = [-1, classes];
    if (this.#areOneHot && targets.size === predictions.size) {
      return [tf.reshape(predictions, rows), tf.reshape(tf.argMax(targets, -1), [-1])];
    }
    if (targets.size * classes === predictions.size) return [tf.reshape(predictions, rows), tf.reshape(targets, [-1])];
    return [predictions, targets];
  }
}

function nameAll(metrics: SystemMetricsOption): readonly Named[] {
  if (isCollection(metrics)) return metrics.items();
  if (Array.isArray(metrics)) return metrics.flatMap((metric: SystemMetric | PredictionMetrics, i): readonly Named[] => nameOne(metric, i));
  if (typeof metrics !== 'object' || metrics === null) return refuse(metrics, "an array, e.g. ['accuracy']");
  return Object.entries(metrics as Readonly<Record<string, SystemMetric>>).map(([name, metric]) => [name, checked(metric)]); // neither a list nor a collection
}

function nameOne(metric: SystemMetric | PredictionMetrics, index: number): readonly Named[] {
  if (isCollection(metric)) return metric.items();
  const one = checked(metric);
  return [[isObject(one) ? one.constructor.name : metricName(one, index), one]];
}

function checked(metric: SystemMetric): SystemMetric {
  const isNamed = typeof metric === 'function' || (typeof metric === 'string' && metric !== '');
  return isNamed || isLoggableMetric(metric) ? metric : refuse(metric, 'names, functions or metric objects');
}

function refuse(value: unknown, need: string): never {
  throw new LogError('bad-options', `new System({ metrics }): got ${describe(value)}, need ${need}.`);
}

function isObject(metric: SystemMetric): metric is PredictionMetric {
  return isLoggableMetric(metric);
}

function isCollection(metrics: SystemMetricsOption | SystemMetric | PredictionMetrics): metrics is PredictionMetrics {
  return isLoggableCollection(metrics);
}
