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
  /** Pieces of work given to the GPU, per step. */
  readonly dispatches: number;
  readonly seconds: number;
}

/** Counts every mapping of a GPU buffer while one epoch is trained: by us, by `fit`, and by `fit` with a callback. */
export default async function measure({ steps, peerSteps }: Options): Promise<Record<string, ReadsResult>> {
  await startBackend('webgpu');
  const maps = countCalls(GPUBuffer.prototype, 'mapAsync');
  const dispatches = countCalls(GPUComputePassEncoder.prototype, 'dispatchWorkgroups');
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
    const before = { maps: maps(), dispatches: dispatches() };
    const began = performance.now();
    await train(length);
    results[side] = {
      steps: length,
      reads: maps() - before.maps,
      dispatches: (dispatches() - before.dispatches) / length,
      seconds: (performance.now() - began) / 1000,
    };
  }
  await store.close();
  return results;
}

/** Counts the calls of a method from now on. */
function countCalls<Name extends string>(prototype: { [Key in Name]: (...args: never[]) => unknown }, name: Name): () => number {
  let calls = 0;
  const method: (...args: never[]) => unknown = prototype[name];
  Object.defineProperty(prototype, name, {
    value(this: unknown, ...args: unknown[]): unknown {
      calls += 1;
      return Reflect.apply(method, this, args);
    },
  });
  return () => calls;
}
