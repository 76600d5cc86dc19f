export { type BackendName, chooseBackend, type ChooseBackendOptions } from './backend.ts';
export type { SystemData } from './checked-data.ts';
export type { LossOrMetric } from './compiled-model.ts';
export { arrayData, type Batch, type DataSource, type PackedArray, tensorData } from './data-source.ts';
export { tfjsDeviceOps } from './device-ops.ts';
export { tfjsEngine } from './engine.ts';
export {
  fitCallback,
  type FitCallback,
  type FitCallbackOptions,
  type FitHandlers,
  type FitValues,
  type PageTensor,
  type PageTf,
} from './fit.ts';
export { modelGraph } from './model-graph.ts';
export type { WeightValues } from './predict.ts';
export type { PredictionMetric, PredictionMetrics, SystemMetric, SystemMetricsOption, SystemMode } from './system-metrics.ts';
export type { SetWasmPaths, WasmOptions, WasmPaths } from './wasm-paths.ts';
export { System, type SystemOptions, type SystemStats } from './system.ts';
