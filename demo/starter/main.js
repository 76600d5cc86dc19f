import * as tf from '@tensorflow/tfjs';
import { openStore, Trainer } from 'tabtrain';
import { archive, download, tfevents } from 'tabtrain/export';
import { showPanel, showProgress } from 'tabtrain/panel';
import { arrayData, System } from 'tabtrain/tfjs';
import { data, everywhere, paint } from './spirals.js';

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

// Runs are kept in this browser. The charts show them while they train, and after a reload.
const store = await openStore('spirals');
const trainer = new Trainer({ maxEpochs: 60 });
showProgress('#progress', trainer);
showPanel('#charts', { store });

const form = document.querySelector('form');
const map = document.querySelector('#map');
let network;
paint(map);
trainer.on('epoch', () => void network.predict(everywhere).then((guesses) => paint(map, guesses)));

form.onsubmit = async (event) => {
  event.preventDefault();
  form.train.disabled = true;
  const config = { neurons: Number(form.neurons.value), lr: Number(form.lr.value) };
  network = makeNetwork(config);
  await trainer.fit(network, { store, project: 'spirals', config }).finally(() => (form.train.disabled = false));
};
form.train.disabled = false; // the page was there before the program
form.stop.onclick = () => trainer.control.stop();

// All runs as files. Saving begins inside the click, because the browser asks where to only then.
async function* allRuns(exporter) {
  yield* exporter(
    store,
    (await store.runs()).map(({ id }) => id),
  );
}
document.querySelector('#tensorboard').onclick = () => download(allRuns(tfevents), 'spirals-tensorboard.zip');
document.querySelector('#hand-in').onclick = () =>
  download(allRuns(archive), `${document.querySelector('#name').value || 'anonymous'}.zip`);
