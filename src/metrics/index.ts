/** Metrics with states, as torchmetrics has them: fed batch by batch, merged across threads, computed when asked. */
export { CatMetric, MaxMetric, MeanMetric, MinMetric, SumMetric } from './aggregation/aggregators.ts';
export type { AggregatorOptions, NanStrategy } from './aggregation/nan-strategy.ts';
export * from './classification/index.ts';
export { type Collectable, MetricCollection, type MetricCollectionOptions } from './metric-collection.ts';
export { Metric } from './metric.ts';
export type { AnyMetric, MetricBase, MetricOptions } from './metric-base.ts';
export type { MetricState, MetricStates, StateFold, StateReduction } from './metric-states.ts';
export type { NdArray, NestedNumbers, NumberArray, NumberTypedArray, ShapedTensor, Taken, TakenArgs } from './nd-array.ts';
export * from './regression/index.ts';
export { type BootStrapped, BootStrapper, type BootStrapperOptions } from './wrappers/boot-strapper.ts';
export { type Best, MetricTracker, type MetricTrackerOptions } from './wrappers/metric-tracker.ts';
export { type Mergeable, Running, RunningMean, type RunningOptions, RunningSum } from './wrappers/running.ts';
export { type ClasswiseOptions, ClasswiseWrapper, CompositionalMetric, type MinMax, MinMaxMetric } from './wrappers/wrappers.ts';
