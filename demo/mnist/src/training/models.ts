import { layers, sequential, type Sequential } from '@tensorflow/tfjs-layers';
import type { NetworkName } from './network-choice.ts';

/**
 * Builds an untrained network that takes 28 × 28 × 1 and gives ten probabilities.
 *
 * - `mlp`: 784-128-10, 101,770 weights. Each step is two matrix products, which every backend does well.
 * - `cnn`: 5×5×8 and 3×3×16 convolutions, each halved by pooling, then a dense layer. Fewer weights, better, and far more work.
 */
export function buildNetwork(name: NetworkName): Sequential {
  const network = sequential({ name });
  if (name === 'mlp') {
    network.add(layers.flatten({ inputShape: [28, 28, 1] }));
    network.add(layers.dense({ units: 128, activation: 'relu', kernelInitializer: 'heNormal' }));
  } else {
    network.add(layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 5, activation: 'relu', kernelInitializer: 'heNormal' }));
    network.add(layers.maxPooling2d({ poolSize: 2 }));
    network.add(layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu', kernelInitializer: 'heNormal' }));
    network.add(layers.maxPooling2d({ poolSize: 2 }));
    network.add(layers.flatten());
    network.add(layers.dense({ units: 64, activation: 'relu', kernelInitializer: 'heNormal' }));
  }
  network.add(layers.dense({ units: 10, activation: 'softmax' }));
  return network;
}
