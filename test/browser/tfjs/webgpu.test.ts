import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Metrics } from '../../../src/core/logger.ts';
import type { TrainPhase } from '../../../src/core/train-events.ts';
import { startRun } from '../../../src/run/start-run.ts';
import { tfjsEngine } from '../../../src/tfjs/engine.ts';
import { System, type SystemOptions } from '../../../src/tfjs/system.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { countMaps } from './count-maps.ts';

// The adapter of these tests is software and slow, so models are tiny; counts do not depend on it.

beforeAll(async () => {
  expect(await tf.setBackend('webgpu'), 'these tests need a WebGPU adapter').toBe(true);
});

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

/** 10 samples in batches of 4, 4 and a ragged 2. */
function regression(options: Partial<SystemOptions> = {}): System {
  const inputs = Array.from({ length: 20 }, (_, i) => Math.sin(i));
  const targets = Array.from({ length: 10 }, (_, i) => (inputs[2 * i] ?? 0) * (inputs[2 * i + 1] ?? 0));
  return new System({
    model: () => {
      const seeded = (seed: number) => tfl.initializers.glorotUniform({ seed });
      return tfl.sequential({
        layers: [
          tfl.layers.dense({ inputShape: [2], units: 16, activation: 'tanh', kernelInitializer: seeded(1) }),
          tfl.layers.dense({ units: 1, kernelInitializer: seeded(2) }),
        ],
      });
    },
    optimizer: () => tf.train.sgd(0.1),
    loss: 'meanSquaredError',
    metrics: ['mae'],
    train: [tf.tensor2d(inputs, [10, 2]), tf.tensor2d(targets, [10, 1])],
    batchSize: 4,
    seed: 1,
    backend: 'webgpu',
    ...options,
  });
}

/** Reads at epoch ends only, so that counts do not depend on the clock. */
const noTimedReads = { store: false, readEveryMs: 1e9 } as const;

function gpuBytes(): number {
  // tfjs's WebGPU backend adds this; it counts buffers that wait for their next use too.
  return (tf.memory() as unknown as { readonly numBytesAllocatedInGPU: number }).numBytesAllocatedInGPU;
}

describe('training on WebGPU', () => {
  test('learns, says that the adapter is software, and prepares until the first step is done', async () => {
    const losses: number[] = [];
    const statuses: { phase: TrainPhase; isSoftware: boolean | undefined }[] = [];
    const facts: unknown[] = [];
    const trainer = new Trainer({ maxEpochs: 8 });
    trainer.on('status', ({ phase, backend }) => statuses.push({ phase, isSoftware: backend?.isSoftware }));
    trainer.on('epoch', ({ metrics }) => losses.push(metrics['train/loss/epoch'] ?? NaN));
    const system = regression();
    const run = await startRun({ ...noTimedReads, engine: system.engine });
    await trainer.fit(system, { run });
    facts.push(run.info.facts);
    await run.finish();
    expect(losses).toHaveLength(8);
    expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
    expect(statuses.map(({ phase }) => phase)).toEqual(['preparing', 'preparing', 'training', 'finished']);
    expect(statuses.map(({ isSoftware }) => isSoftware)).toEqual([undefined, true, true, true]);
    expect(facts).toEqual([
      {
        backend: 'webgpu',
        'backend.software': true,
        'backend.reason': 'webgpu: it was asked for; this one is drawn in software.',
        'run.epochs': run.epoch,
      },
    ]);
    system.dispose();
  });

  test('gives the numbers of the cpu backend', async () => {
    const epochs: Metrics[][] = [];
    for (const backend of ['webgpu', 'cpu'] as const) {
      const seen: Metrics[] = [];
      const system = regression({ backend });
      await new Trainer({ maxEpochs: 2, on: { epoch: ({ metrics }) => seen.push(metrics) } }).fit(system, noTimedReads);
      epochs.push(seen);
      system.dispose();
    }
    await tf.setBackend('webgpu');
    const [onGpu = [], onCpu = []] = epochs;
    expect(onGpu).toHaveLength(2);
    onGpu.forEach((metrics, i) => {
      for (const tag of ['train/loss/epoch', 'train/metrics/mae/epoch']) expect(metrics[tag]).toBeCloseTo(onCpu[i]?.[tag] ?? NaN, 4);
    });
  });

  test('reads the device once an epoch, however many steps and values it has', async () => {
    const system = regression({ batchSize: 1, validation: [tf.zeros([3, 2]), tf.zeros([3, 1])] });
    await new Trainer().fit(system, noTimedReads);
    const maps = countMaps();
    undo.push(maps.stop);
    const counts: number[] = [];
    const { step } = await new Trainer({ maxEpochs: 3, on: { epoch: () => counts.push(maps.count) } }).fit(system, noTimedReads);
    expect(step).toBe(30);
    expect(counts).toEqual([1, 2, 3]);
    expect(maps.count).toBe(3);
    system.dispose();
  });

  test('leaves no tensor and no GPU byte behind, ragged batches and validation included', async () => {
    // tfjs takes a freed buffer again only once its commands are submitted. Submitting each at once makes the number of
    // buffers a matter of the steps alone, not of the clock.
    const batchSize = tf.env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE');
    tf.env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', 1);
    undo.push(() => tf.env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', batchSize));
    const system = regression({ validation: [tf.zeros([6, 2]), tf.zeros([6, 1])], optimizer: () => tf.train.adam(0.01) });
    const tensors: number[] = [];
    const bytes: number[] = [];
    const trainer = new Trainer({ maxEpochs: 6 });
    trainer.on('epoch', () => {
      tensors.push(tf.memory().numTensors);
      bytes.push(gpuBytes());
    });
    await trainer.fit(system, noTimedReads);
    expect(new Set(tensors.slice(1)).size, `tensors at epoch ends: ${tensors.join(', ')}`).toBe(1);
    expect(new Set(bytes.slice(1)).size, `GPU bytes at epoch ends: ${bytes.join(', ')}`).toBe(1);
    system.dispose();
  });

  test('asks for no animation frame, which would stop it in a hidden tab', async () => {
    const { requestAnimationFrame } = globalThis;
    undo.push(() => (globalThis.requestAnimationFrame = requestAnimationFrame));
    let asked = 0;
    globalThis.requestAnimationFrame = (callback) => {
      asked += 1;
      return requestAnimationFrame(callback);
    };
    const system = regression();
    await new Trainer({ maxEpochs: 2 }).fit(system, noTimedReads);
    expect(asked).toBe(0);
    system.dispose();
  });

  test('lets timers fire while it trains', async () => {
    let fired = 0;
    let firedWhileTraining = 0;
    const timer = setInterval(() => (fired += 1), 1);
    undo.push(() => clearInterval(timer));
    const system = regression();
    await new Trainer({ maxEpochs: 4, on: { epoch: () => (firedWhileTraining = fired) } }).fit(system, noTimedReads);
    expect(firedWhileTraining).toBeGreaterThan(0);
    system.dispose();
  });
});

describe('the engine', () => {
  test('reads hundreds of scalars in one round trip, in order', async () => {
    const engine = tfjsEngine();
    // Large enough, and read once, so that what is computed from it lies on the GPU.
    const large = tf.range(0, 2000, 1, 'float32');
    await tf.add(large, 0).data();
    const kept = tf.tidy(() => Array.from({ length: 300 }, (_, i) => engine.retain(tf.slice(large, [i * 5], [1]), 'run.log')));
    const before = tf.memory().numTensors;
    const maps = countMaps();
    undo.push(maps.stop);
    expect([...(await engine.read(kept))]).toEqual(Array.from({ length: 300 }, (_, i) => i * 5));
    expect(maps.count).toBe(1);
    engine.release(kept);
    expect(tf.memory().numTensors).toBe(before - 300);
    large.dispose();
  });

  /** Made by a kernel of the GPU, so that its number lies there. */
  async function onGpu(): Promise<tf.Tensor> {
    const large = tf.range(0, 2000, 1, 'float32');
    await tf.add(large, 0).data();
    return large;
  }

  test.each(['tidy', 'variableGrads'])("a read that begins within the caller's %s outlives it", async (scope) => {
    const engine = tfjsEngine();
    const large = await onGpu();
    const weight = tf.variable(tf.scalar(2));
    let kept: tf.Tensor[] = [];
    let read: Promise<Float64Array> | undefined;
    const log = (): tf.Scalar => {
      const value = tf.mul(tf.sum(tf.slice(large, [3], [1])), weight) as tf.Scalar; // the sum of all is a scalar
      kept = [engine.retain(value, 'run.log'), engine.retain(value, 'run.log')];
      read = engine.read(kept);
      return value;
    };
    if (scope === 'tidy') tf.tidy(log);
    else tf.dispose(Object.values(tf.variableGrads(log, [weight]).grads));
    expect([...((await read) ?? [])]).toEqual([6, 6]);
    engine.release(kept);
    tf.dispose([large, weight]);
  });

  test('values are read where they lie, also when another backend has become active', async () => {
    const engine = tfjsEngine();
    const large = await onGpu();
    const kept = [5, 6].map((start) => engine.retain(tf.slice(large, [start], [1]), 'run.log'));
    try {
      await tf.setBackend('cpu');
      kept.splice(1, 0, engine.retain(tf.scalar(0.5), 'run.log'));
      expect([...(await engine.read(kept))]).toEqual([5, 0.5, 6]);
    } finally {
      await tf.setBackend('webgpu');
    }
    kept.push(engine.retain(tf.slice(large, [7], [1]), 'run.log'));
    expect([...(await engine.read(kept))]).toEqual([5, 0.5, 6, 7]);
    engine.release(kept);
    large.dispose();
  });
});

describe('a lost device', () => {
  function loseDevice(): void {
    // Public at run time; WebGPU is not in this project's DOM types.
    (tf.backend() as unknown as { readonly device: { destroy(): void } }).device.destroy();
  }

  test('ends the training with a typed error, keeps what was logged, and the next one gets a fresh device', async () => {
    const logged: Metrics[] = [];
    const logger = {
      logMetrics: (metrics: Metrics) => void logged.push({ ...metrics }),
      logHyperparams: () => {},
      finalize: async (status: string) => void (ended = status),
    };
    let ended = '';
    const system = regression();
    const trainer = new Trainer({ maxEpochs: 50 });
    trainer.on('epoch', ({ epoch }) => epoch === 1 && loseDevice());
    const failed = trainer.fit(system, { ...noTimedReads, loggers: [logger], onError: () => {} });
    await expect(failed).rejects.toMatchObject({ code: 'device-lost', message: expect.stringContaining('kept') });
    expect(ended).toBe('failed');
    expect(logged.filter((metrics) => 'train/loss/epoch' in metrics)).toHaveLength(2);

    const next = regression();
    expect(await new Trainer({ maxEpochs: 2 }).fit(next, noTimedReads)).toMatchObject({ status: 'finished', step: 6 });
    next.dispose();
  });

  test('fails a read that is pending', async () => {
    const engine = tfjsEngine();
    const large = tf.range(0, 2000, 1, 'float32');
    const kept = [engine.retain(tf.sum(large), 'run.log')];
    const read = engine.read(kept);
    loseDevice();
    await expect(read).rejects.toMatchObject({ code: 'device-lost' });
    await expect(engine.read(kept)).rejects.toMatchObject({ code: 'device-lost' });
  });
});
