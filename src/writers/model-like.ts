import type { TensorLike } from '../core/tensor-like.ts';

/** What a model of TensorFlow.js gives to whoever saves it. */
export interface SavedModel {
  readonly modelTopology?: unknown;
  readonly weightSpecs?: readonly unknown[];
  readonly weightData?: ArrayBuffer | readonly ArrayBuffer[];
}

/** A weight of a layer. */
interface WeightLike {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  read?(): TensorLike;
}

/** A `tf.LayersModel`, as far as it is needed here; this library has no need of TensorFlow.js for it. */
export interface ModelLike {
  readonly name?: string;
  readonly layers?: readonly unknown[];
  readonly weights?: readonly WeightLike[];
  save?(handler: { save(artifacts: SavedModel): Promise<unknown> }): Promise<unknown>;
}

/** True for a model that can be saved. */
export function isModelLike(value: unknown): value is ModelLike & { save: NonNullable<ModelLike['save']> } {
  return typeof value === 'object' && value !== null && 'save' in value && typeof value.save === 'function';
}

/** A model as the two files that `tf.loadLayersModel` reads: `model.json`, which names `weights.bin`. */
export async function modelFiles(
  model: ModelLike & { save: NonNullable<ModelLike['save']> },
  name: string,
): Promise<{ json: string; weights: Blob }> {
  let saved: SavedModel = {};
  await model.save({
    save: (artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } });
    },
  });
  const { modelTopology, weightSpecs = [], weightData = [] } = saved;
  const weights = new Blob(weightData instanceof ArrayBuffer ? [weightData] : [...weightData], { type: 'application/octet-stream' });
  const json = JSON.stringify({
    format: 'layers-model',
    generatedBy: 'tabtrain',
    modelTopology,
    weightsManifest: [{ paths: [`${name}.weights.bin`], weights: weightSpecs }],
  });
  return { json, weights };
}

/**
 * Floating-point operations of one sample's way forward: two for each multiplication of a kernel, at each place it is applied to. Layers
 * without a kernel count nothing. Undefined when the model does not show its layers.
 */
export function countFlops(model: ModelLike): number | undefined {
  const { layers } = model;
  if (!Array.isArray(layers)) return undefined;
  let flops = 0;
  for (const layer of layers as readonly LayerLike[]) {
    const kernel = layer.kernel ?? layer.depthwiseKernel;
    if (kernel === undefined || kernel === null) continue;
    const { outputShape } = layer;
    if (!Array.isArray(outputShape)) continue;
    // The last dimension is that of the kernel's outputs; those between are places.
    flops += 2 * product(kernel.shape) * product(outputShape.slice(1, -1));
  }
  return flops;
}

interface LayerLike {
  readonly kernel?: WeightLike | null;
  readonly depthwiseKernel?: WeightLike | null;
  readonly outputShape?: readonly (number | null)[];
}

function product(shape: readonly (number | null)[]): number {
  return shape.reduce<number>((all, size) => all * (size ?? 1), 1);
}
