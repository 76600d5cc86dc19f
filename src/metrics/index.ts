/** Metrics with states, as torchmetrics has them: fed batch by batch, merged across threads, computed when asked. */
export * from './classification/index.ts';
export { Metric } from './metric.ts';
export type { AnyMetric, MetricBase, MetricOptions } from './metric-base.ts';
export type { MetricState, MetricStates, StateFold, StateReduction } from './metric-states.ts';
export type { NdArray, NestedNumbers, NumberArray, NumberTypedArray, ShapedTensor, Taken, TakenArgs } from './nd-array.ts';
