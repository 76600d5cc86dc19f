import * as tf from '@tensorflow/tfjs';
import { arrayData, System } from 'tabtrain/tfjs';
import { exposeTrainer } from 'tabtrain/worker';
import { data } from './spirals.js';

// The network, made anew for each training with the settings of the form. Two numbers in, two probabilities out.
function makeNetwork({ neurons, lr }) {
  const { dense } = tf.layers;
  const layers = () => [
    dense({ units: neurons, activation: 'relu', inputShape: [2] }),
    dense({ units: neurons, activation: 'relu' }),
    dense({ units: 2, activation: 'softmax' }),
  ];
  return new System({
    model: () => tf.sequential({ layers: layers() }),
    optimizer: () => tf.train.adam(lr),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    train: arrayData({ values: data.points, shape: [2] }, { values: data.arms, shape: [] }),
    backend: 'cpu', // the quickest for a network this small; leave the line out for a larger one
  });
}

exposeTrainer(makeNetwork, { calls: { predict: (network, points) => network.predict(points) } });
