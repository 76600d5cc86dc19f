import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { System, type SystemOptions, type SystemStats } from '../../../src/tfjs/system.ts';
import type { EvaluationContext, StepContext } from '../../../src/train/contexts.ts';
import type { Callback } from '../../../src/train/hooks.ts';
import { Trainer, type TrainerOptions } from '../../../src/train/trainer.ts';
import { type RowLogger, rowLogger } from './row-logger.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const x = tf.tensor2d(
  Float32Array.from({ length: 24 }, (_, i) => Math.sin(i * 1.7)),
  [8, 3],
);
const y = tf.tensor2d([1, 0, 2, -1, 0.5, 1, 0, 3], [8, 1]);

/** One layer without a bias: its weights are all that changes. */
function linear(): tfl.Sequential {
  const model = tfl.sequential();
  const kernelInitializer = tfl.initializers.glorotUniform({ seed: 3 });
  model.add(tfl.layers.dense({ units: 1, inputShape: [3], useBias: false, kernelInitializer }));
  return model;
}

const declared = { optimizer: () => tf.train.sgd(0.1), loss: 'meanSquaredError', train: [x, y], shuffle: false } as const;

async function weightsAfter(options: Partial<SystemOptions>, trainer: TrainerOptions): Promise<number[]> {
  const system = new System({ model: linear(), ...declared, ...options });
  await new Trainer(trainer).fit(system, { store: false });
  return [...((await system.weights())[0]?.values ?? [])];
}

async function rowsOf(system: System, options: TrainerOptions = {}): Promise<RowLogger> {
  const rows = rowLogger();
  await new Trainer(options).fit(system, { store: false, loggers: [rows] });
  return rows;
}

describe('accumulated gradients', () => {
  test('of equal batches make the steps of one large batch', async () => {
    const large = await weightsAfter({ batchSize: 8 }, { maxEpochs: 5 });
    const summed = await weightsAfter({ batchSize: 2 }, { maxEpochs: 5, accumulateGradBatches: 4 });
    expect(summed).toHaveLength(3);
    summed.forEach((weight, i) => expect(weight).toBeCloseTo(large[i] ?? NaN, 6));
    expect(await weightsAfter({ batchSize: 2 }, { maxEpochs: 5 })).not.toEqual(summed);
  });

  test('of a shorter last sum are applied by their own mean', async () => {
    // Sums of two batches and of one: the same as batches of four, two samples.
    const six = { train: [tf.slice(x, [0, 0], [6, 3]), tf.slice(y, [0, 0], [6, 1])] } as const;
    const summed = await weightsAfter({ ...six, batchSize: 2 }, { accumulateGradBatches: 2 });
    const large = await weightsAfter({ ...six, batchSize: 4 }, {});
    summed.forEach((weight, i) => expect(weight).toBeCloseTo(large[i] ?? NaN, 6));
  });

  test('are logged at the steps of the optimizer, their loss folded over all batches', async () => {
    const rows = await rowsOf(new System({ model: linear(), ...declared, batchSize: 2 }), { accumulateGradBatches: 2, maxEpochs: 2 });
    expect(rows.steps('train/loss/step')).toEqual([0, 1, 2, 3]);
    expect(rows.steps('train/loss/epoch')).toEqual([1, 3]);
  });

  test('leave nothing behind, also when it is stopped in the middle of a sum', async () => {
    const system = new System({ model: linear, ...declared, batchSize: 2 });
    const settled = async (): Promise<number> => {
      const trainer = new Trainer({
        accumulateGradBatches: 4,
        callbacks: [{ onTrainBatchEnd: ({ batchIdx, stop }) => (batchIdx === 1 ? stop() : undefined) }],
      });
      await trainer.fit(system, { store: false });
      return tf.memory().numTensors;
    };
    const before = await settled();
    expect(await settled()).toBe(before);
  });
});

describe('the hooks of a step', () => {
  test('see the gradients by name and may clip them', async () => {
    const seen: unknown[] = [];
    class Clipped extends System {
      override clipGradients(_context: StepContext, gradients: tf.NamedTensorMap): tf.NamedTensorMap {
        return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, tf.zerosLike(gradient)]));
      }
    }
    const callback: Callback = {
      onBeforeOptimizerStep({ log }, gradients: tf.NamedTensorMap) {
        seen.push(Object.values(gradients).map(({ shape }) => shape));
        log('train/grad_norm', tf.norm(Object.values(gradients)[0] as tf.Tensor));
      },
    };
    const model = linear();
    const before = [...model.getWeights()[0]!.dataSync()];
    const rows = await rowsOf(new Clipped({ ...declared, model, batchSize: 4 }), { callbacks: [callback] });
    expect(seen).toEqual([[[3, 1]], [[3, 1]]]);
    expect([...model.getWeights()[0]!.dataSync()]).toEqual(before);
    expect(rows.steps('train/grad_norm')).toEqual([0, 1]);
    for (const norm of rows.values('train/grad_norm')) expect(norm).toBeGreaterThan(0);
  });
});

describe('what a system logs', () => {
  test('can be changed by overriding logStats, and tensors made in it are freed', async () => {
    const modes = new Set<string>();
    class Logging extends System {
      protected override logStats(context: StepContext | EvaluationContext, stats: SystemStats): void {
        super.logStats(context, stats);
        modes.add(stats.mode);
        if (stats.mode === 'train') context.log('train/root_loss', tf.sqrt(stats.loss), { batchSize: stats.batchSize });
      }
    }
    const system = new Logging({ model: linear(), ...declared, validation: [x, y], batchSize: 4 });
    const rows = await rowsOf(system);
    const before = tf.memory().numTensors;
    await rowsOf(system);
    expect(tf.memory().numTensors).toBe(before);
    expect([...modes]).toEqual(['train', 'val']);
    rows.values('train/loss/step').forEach((loss, i) => expect(rows.values('train/root_loss')[i]).toBeCloseTo(Math.sqrt(loss), 6));
  });

  test('without its scalars is nothing, and those are freed', async () => {
    class Silent extends System {
      protected override logStats(): void {}
    }
    const system = new Silent({ model: linear(), ...declared, batchSize: 4 });
    await rowsOf(system);
    const before = tf.memory().numTensors;
    const rows = await rowsOf(system);
    expect(tf.memory().numTensors).toBe(before);
    expect(rows.values('train/loss/step')).toEqual([]);
  });

  test('of a gated step is not kept on the device', async () => {
    const kept: number[] = [];
    const callback: Callback = { onTrainBatchEnd: () => void kept.push(tf.memory().numTensors) };
    class StepOnly extends System {
      protected override logStats(context: StepContext | EvaluationContext, { loss }: SystemStats): void {
        context.log('loss', loss);
      }
    }
    const gated = new StepOnly({ model: linear(), ...declared, batchSize: 1 });
    await rowsOf(gated, { preset: 'lightning', callbacks: [callback] });
    expect(kept).toHaveLength(8);
    expect(new Set(kept).size).toBe(1);
  });

  test('comes of validation and test data as well, by themselves', async () => {
    const system = new System({ model: linear(), ...declared, validation: [x, y], test: [x, y], metrics: ['mse'], batchSize: 4 });
    const trainer = new Trainer();
    const validated = await trainer.validate(system, { store: false });
    expect(Object.keys(validated.metrics)).toEqual(['val/loss/epoch', 'val/metrics/mse/epoch']);
    const tested = await trainer.test(system, { store: false });
    expect(tested.metrics).toEqual({
      'test/loss/epoch': validated.metrics['val/loss/epoch'],
      'test/metrics/mse/epoch': validated.metrics['val/metrics/mse/epoch'],
    });
    const [loss] = await tf.losses.meanSquaredError(y, linear().predict(x) as tf.Tensor).data();
    expect(tested.metrics['test/loss/epoch']).toBeCloseTo(loss ?? NaN, 5);
  });

  test('of the optimizer is written when an epoch begins, whatever the gate says', async () => {
    const rows = await rowsOf(new System({ model: linear(), ...declared, batchSize: 4 }), { maxEpochs: 2, preset: 'lightning' });
    expect([rows.steps('train/lr'), rows.values('train/lr')]).toEqual([
      [0, 2],
      [0.1, 0.1],
    ]);
  });
});
