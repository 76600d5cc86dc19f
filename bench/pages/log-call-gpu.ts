/// <reference types="@webgpu/types" />
import * as tf from '@tensorflow/tfjs';
import { openStore, startRun } from 'tabtrain';
import { tfjsEngine } from 'tabtrain/tfjs';
import { startBackend } from './models.ts';

interface Options {
  /** Scalars to log. */
  readonly calls: number;
  /** Calls between two reads: fewer than are kept at most. */
  readonly block: number;
}

export interface GpuCallResult {
  /** Microseconds per `log()` of a scalar on the GPU. */
  readonly ofScalar: number;
  /** The same of a number. */
  readonly ofNumber: number;
  /** Mappings of a GPU buffer within the calls. */
  readonly readsInCalls: number;
  /** And for all of them together, in between. */
  readonly readsInAll: number;
}

/** What logging a scalar that lies on the GPU costs the thread that calls, without waiting for it. */
export default async function measure({ calls, block }: Options): Promise<GpuCallResult> {
  await startBackend('webgpu');
  let reads = 0;
  const map = GPUBuffer.prototype.mapAsync;
  GPUBuffer.prototype.mapAsync = function (...args) {
    reads += 1;
    return map.apply(this, args);
  };
  const store = await openStore('log-call-gpu');
  const scalar = tf.tidy(() => tf.square(tf.scalar(3)));
  const time = async (count: number, value: tf.Tensor | number): Promise<[microseconds: number, readsInCalls: number]> => {
    const run = await startRun({ store, project: 'log-call', engine: tfjsEngine(), readEveryMs: 10_000 });
    let milliseconds = 0;
    let readsInCalls = 0;
    for (let done = 0; done < count; done += block) {
      const before = reads;
      const from = performance.now();
      for (let i = 0; i < block; i++) {
        run.log('loss', value);
        void run.endStep();
      }
      milliseconds += performance.now() - from;
      readsInCalls += reads - before;
      await run.flush();
    }
    await run.finish();
    await store.deleteRun(run.id);
    return [(milliseconds * 1000) / count, readsInCalls];
  };
  await time(4 * block, scalar); // compiles
  const before = reads;
  const [ofScalar, readsInCalls] = await time(calls, scalar);
  const readsInAll = reads - before;
  const [ofNumber] = await time(calls, 1);
  scalar.dispose();
  await store.close();
  return { ofScalar, ofNumber, readsInCalls, readsInAll };
}
