import { openStore } from 'tabtrain';
import { archive, download, tfevents } from 'tabtrain/export';
import { showPanel, showProgress } from 'tabtrain/panel';
import { connectTrainer } from 'tabtrain/worker';
import { everywhere, paint } from './spirals.js';

// Runs are kept in this browser. The charts show them while they train, and after a reload.
const store = await openStore('spirals');
const trainer = connectTrainer(new Worker(new URL('./train.worker.js', import.meta.url), { type: 'module' }), { store });
showProgress('#progress', trainer);
showPanel('#charts', { store });

const form = document.querySelector('form');
const map = document.querySelector('#map');
paint(map);
trainer.on('epoch', () => void trainer.call('predict', everywhere).then((guesses) => paint(map, guesses)));

form.onsubmit = async (event) => {
  event.preventDefault();
  form.train.disabled = true;
  const config = { neurons: Number(form.neurons.value), lr: Number(form.lr.value) };
  await trainer.fit({ maxEpochs: 60, project: 'spirals', config }).finally(() => (form.train.disabled = false));
};
form.train.disabled = false; // the page was there before the program
form.stop.onclick = () => trainer.stop();

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
