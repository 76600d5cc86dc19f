import type * as tfl from '@tensorflow/tfjs-layers';
import type { ModelGraph } from '../core/logger.ts';

/** What is used of the nodes that tfjs draws between layers. */
interface LayerNode {
  readonly inboundLayers: readonly tfl.layers.Layer[];
}

/**
 * A model as a graph of its layers, from its topology: nothing is traced. Inputs are the layers before; attributes tell the shape of the
 * output, the number of weights, and settings that are plain values.
 */
export function modelGraph(model: tfl.LayersModel): ModelGraph {
  const known = new Set<tfl.layers.Layer>(model.layers);
  return {
    name: model.name,
    nodes: model.layers.map((layer) => {
      const nodes = layer.inboundNodes as unknown as readonly LayerNode[]; // tfjs keeps what a layer was called with
      // A layer of another model may be part of this one, too; only this model's layers are nodes here.
      const inputs = new Set(nodes.flatMap(({ inboundLayers }) => inboundLayers).filter((inbound) => known.has(inbound)));
      return {
        name: layer.name,
        op: layer.getClassName(),
        inputs: Array.from(inputs, ({ name }) => name),
        attributes: attributesOf(layer),
      };
    }),
  };
}

function attributesOf(layer: tfl.layers.Layer): Record<string, string> {
  const attributes: Record<string, string> = { weights: String(layer.countParams()) };
  const { outputShape } = layer;
  attributes['output_shape'] = JSON.stringify(outputShape);
  for (const [name, value] of Object.entries(layer.getConfig())) {
    if (name !== 'name' && (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'))
      attributes[name] = String(value);
  }
  return attributes;
}
