/// <reference types="@webgpu/types" />
import * as tf from '@tensorflow/tfjs';
import { openStore, Trainer } from 'tabtrain';
import { System } from 'tabtrain/tfjs';
import { startBackend, workloads } from './models.ts';

interface Options {
  readonly steps: number;
  readonly peerSteps: number;
}

export interface ReadsResult {
  readonly steps: number;
  readonly reads: number;
  readonly seconds: number;
}

/** Counts every mapping of a GPU buffer while one epoch is trained: by us, by `fit`, and by `fit` with a callback. */
export default async function measure({ steps, peerSteps }: Options): Promise<Record<string, ReadsResult>> {
  await startBackend('webgpu');
  const count = countMaps();
  const { makeModel, makeOptimizer, makeData, loss, metrics, batchSize } = workloads.tiny;
  const store = await openStore('device-reads');

  const ours = async (length: number): Promise<void> => {
    const train = makeData(length * batchSize);
    const system = new System({ model: makeModel, optimizer: makeOptimizer, loss, metrics, train, batchSize, backend: 'webgpu' });
    await new Trainer({ maxEpochs: 1 }).fit(system, { store, project: 'device-reads' });
    system.dispose();
    tf.dispose(train);
  };
  const fit = async (length: number, args: tf.ModelFitArgs): Promise<void> => {
    const [inputs, targets] = makeData(length * batchSize);
    const model = makeModel();
    model.compile({ optimizer: makeOptimizer(), loss, metrics: [...metrics] });
    await model.fit(inputs, targets, { epochs: 1, batchSize, verbose: 0, yieldEvery: 'never', ...args });
    model.dispose();
    tf.dispose([inputs, targets]);
  };
  const sides: Record<string, [number, (length: number) => Promise<void>]> = {
    ours: [steps, ours],
    "bare fit, yieldEvery 'never'": [peerSteps, (length) => fit(length, {})],
    'fit + onBatchEnd': [peerSteps, (length) => fit(length, { callbacks: { onBatchEnd: () => {} } })],
  };
  const results: Record<string, ReadsResult> = {};
  for (const [side, [length, train]] of Object.entries(sides)) {
    await train(5); // compiles
    const before = count();
    const began = performance.now();
    await train(length);
    results[side] = { steps: length, reads: count() - before, seconds: (performance.now() - began) / 1000 };
  }
  await store.close();
  return results;
}

function countMaps(): () => number {
  let maps = 0;
  const { mapAsync } = GPUBuffer.prototype;
  GPUBuffer.prototype.mapAsync = function (this: GPUBuffer, ...args: Parameters<typeof mapAsync>) {
    maps += 1;
    return mapAsync.apply(this, args);
  };
  return () => maps;
}
