// Each line under `@ts-expect-error` must not compile; the type check fails when one does.
import * as tf from '@tensorflow/tfjs';
import { startRun } from '../../src/index.ts';
import { fitCallback } from '../../src/tfjs/fit.ts';

const run = await startRun();
const model = tf.sequential();
const x = tf.zeros([4, 1]);
class Mine extends tf.Callback {}

// What must compile: alone, and in lists with everything that TensorFlow.js takes, in any order.
await model.fit(x, x, { callbacks: fitCallback(run) });
await model.fit(x, x, { callbacks: [fitCallback(run, { tf }), { onEpochEnd: (epoch: number) => void epoch }] });
await model.fit(x, x, { callbacks: [tf.callbacks.earlyStopping(), fitCallback(run, { tf }), new Mine()] });
await model.fit(x, x, { callbacks: [fitCallback(run, { tf }), new tf.CustomCallback({})] });
await model.fitDataset(tf.data.array([{ xs: x, ys: x }]), { epochs: 1, callbacks: fitCallback(run, { tf }) });
await model.fit(x, x, { callbacks: { ...fitCallback(run, { tf }), onEpochEnd: async () => {} } });
fitCallback(run, { tf, also: { onEpochEnd: (epoch, logs) => console.log(epoch.toFixed(), logs?.['val_loss']?.toFixed(3)) } });
fitCallback(run, { tf, also: [tf.callbacks.earlyStopping(), new Mine(), { onBatchEnd: async () => {} }] });
fitCallback(run, { updateFreq: 'batch', histogramFreq: 1, finish: true, names: 'keras' });
fitCallback(run, { updateFreq: 10 });

// @ts-expect-error -- a run is needed
fitCallback();
// @ts-expect-error -- and not its name
fitCallback('run');
// @ts-expect-error -- not all of TensorFlow.js
fitCallback(run, { tf: { tidy: tf.tidy } });
// @ts-expect-error -- no such rhythm
fitCallback(run, { updateFreq: 'step' });
// @ts-expect-error -- no such names
fitCallback(run, { names: 'pytorch' });
// @ts-expect-error -- a callback, not a function
fitCallback(run, { also: () => {} });
// @ts-expect-error -- epochs are numbers
fitCallback(run, { also: { onEpochEnd: (epoch: string) => epoch } });
// @ts-expect-error -- no such option
fitCallback(run, { logdir: './logs' });
// @ts-expect-error -- what it gives is for TensorFlow.js: it has no handlers to call or to wrap
fitCallback(run).onBatchEnd(0);
