import * as tf from '@tensorflow/tfjs';
import { openStore, startRun, Trainer } from 'tabtrain';
import { fitCallback } from 'tabtrain/fit';
import { System } from 'tabtrain/tfjs';
import { loadTfjsVis } from '../peers/tfjs-vis.js';
import { type BackendName, startBackend, type Workload, workloads } from './models.ts';

interface Options {
  readonly backend: BackendName;
  readonly workload: keyof typeof workloads;
  /** Steps of one measurement, in one epoch. */
  readonly steps: number;
  /** `tfjs-vis` needs a page of its own: its script holds another copy of TensorFlow.js, which a `System` refuses. */
  readonly sides: 'ours and fit' | 'callback and fit' | 'tfjs-vis';
  readonly rounds: number;
}

/** One way to train `steps` steps. */
type Side = (steps: number) => Promise<void>;

/** Steps per second of each side, round by round, interleaved. */
export type TrainResult = Readonly<Record<string, readonly number[]>>;

export default async function measure({ backend, workload: name, steps, sides: which, rounds }: Options): Promise<TrainResult> {
  await startBackend(backend);
  const workload = workloads[name];
  const data = workload.makeData(steps * workload.batchSize);
  const sides: Record<string, Side> =
    which === 'tfjs-vis'
      ? await makeTfjsVis(workload, data)
      : {
          ours: which === 'callback and fit' ? await makeCallback(workload, data) : await makeOurs(workload, data, backend),
          ...makeFits(workload, data),
        };
  for (const train of Object.values(sides)) await train(Math.min(steps, 20)); // compiles kernels and code
  const rates: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    const names = Object.keys(sides);
    // Each round begins with another side, so that none always comes first.
    for (let i = 0; i < names.length; i++) {
      const side = names[(round + i) % names.length] as string;
      const began = performance.now();
      await sides[side]?.(steps);
      (rates[side] ??= []).push((steps * 1000) / (performance.now() - began));
    }
  }
  return rates;
}

type Data = readonly [tf.Tensor, tf.Tensor];

/** The first samples of the data, enough for `steps` batches. */
function head(data: Data, samples: number): [tf.Tensor, tf.Tensor] {
  return [data[0].slice(0, samples), data[1].slice(0, samples)];
}

/** Declared training: everything is logged by itself, every step, into the database. */
async function makeOurs(workload: Workload, data: Data, backend: BackendName): Promise<Side> {
  const store = await openStore('train-with-logging');
  const { makeModel, makeOptimizer, loss, metrics, batchSize } = workload;
  return async (steps) => {
    const train = head(data, steps * batchSize);
    const system = new System({ model: makeModel, optimizer: makeOptimizer, loss, metrics, train, batchSize, backend });
    const { runId } = await new Trainer({ maxEpochs: 1 }).fit(system, { store, project: 'bench' });
    const tags = await store.tags(runId);
    const logged = tags.filter(({ tag, count }) => tag.endsWith('/step') && count === steps);
    if (logged.length !== 4) throw new Error(`bench: not four values in each of ${steps} steps, but ${JSON.stringify(tags)}.`);
    system.dispose();
    tf.dispose(train);
  };
}

/** A page's own `model.fit`, with each batch logged into the database by one callback. */
async function makeCallback(workload: Workload, data: Data): Promise<Side> {
  const store = await openStore('train-with-logging');
  return async (steps) => {
    const run = await startRun({ store, project: 'bench' });
    await fitBy(workload, data, { callbacks: fitCallback(run, { tf, finish: true }) })(steps);
    const logged = (await store.tags(run.id)).filter(({ tag, count }) => tag.endsWith('/step') && count === steps);
    if (logged.length !== 4) throw new Error(`bench: not four values in each of ${steps} batches, but ${JSON.stringify(logged)}.`);
  };
}

function fitBy(workload: Workload, data: Data, args: tf.ModelFitArgs): Side {
  const { loss, batchSize } = workload;
  return async (steps) => {
    const model = workload.makeModel();
    const optimizer = workload.makeOptimizer();
    model.compile({ optimizer, loss, metrics: [...workload.metrics] });
    const [inputs, targets] = head(data, steps * batchSize);
    await model.fit(inputs, targets, { epochs: 1, batchSize, verbose: 0, ...args });
    model.dispose();
    optimizer.dispose();
    tf.dispose([inputs, targets]);
  };
}

function makeFits(workload: Workload, data: Data): Record<string, Side> {
  const fit = (args: tf.ModelFitArgs): Side => fitBy(workload, data, args);
  let seen = 0;
  const look = (_: number, logs?: tf.Logs): void => {
    seen += logs?.['loss'] ?? 0;
    if (Number.isNaN(seen)) seen = 0;
  };
  return {
    "bare fit, yieldEvery 'never'": fit({ yieldEvery: 'never' }),
    'fit as it comes': fit({}),
    "fit + onBatchEnd, yieldEvery 'never'": fit({ yieldEvery: 'never', callbacks: { onBatchEnd: look } }),
  };
}

async function makeTfjsVis(workload: Workload, data: Data): Promise<Record<string, Side>> {
  const vis = await loadTfjsVis();
  const stage = document.querySelector<HTMLElement>('#stage');
  if (vis === undefined || stage === null) return {};
  const train: Side = (steps) => {
    stage.replaceChildren();
    return fitBy(workload, data, { callbacks: vis.show.fitCallbacks(stage, ['loss'], { callbacks: ['onBatchEnd'] }) })(steps);
  };
  return { 'fit + tfjs-vis, drawing each batch': train };
}
