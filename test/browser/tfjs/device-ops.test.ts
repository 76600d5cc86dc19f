import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plainWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DeviceBinOptions, DeviceCountOptions, DeviceState } from '../../../src/core/device-ops.ts';
import { countConfusion, countStatScores } from '../../../src/metrics/classification/counts.ts';
import {
  BinaryAUROC,
  BinaryF1Score,
  MulticlassAUROC,
  MulticlassCohenKappa,
  MulticlassF1Score,
} from '../../../src/metrics/classification/index.ts';
import { countBins, histogramSize } from '../../../src/metrics/classification/curve-counts.ts';
import { toLabels } from '../../../src/metrics/classification/labels.ts';
import { takeScores } from '../../../src/metrics/classification/scores.ts';
import { evenlySpaced } from '../../../src/metrics/classification/thresholds.ts';
import { System } from '../../../src/tfjs/system.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { tfjsDeviceOps } from '../../../src/tfjs/device-ops.ts';
import { countMaps } from './count-maps.ts';

// The browser of these tests draws WebGPU and WebGL in software; counts do not depend on it.

beforeAll(() =>
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plainWasm,
    'tfjs-backend-wasm-simd.wasm': simdWasm,
    'tfjs-backend-wasm-threaded-simd.wasm': threadedWasm,
  }),
);

/** One batch as a program would have it: rows of scores or classes, and targets. */
interface Batch {
  readonly options: DeviceCountOptions & { readonly fromLogits: boolean | undefined };
  readonly preds: Float32Array;
  readonly predsShape: number[];
  readonly target: Float32Array;
  readonly targetShape: number[];
}

/** What a GPU may take for 0 is 0 here. */
const noSubnormal = (value: number): number => (Math.abs(value) < 2 ** -126 ? 0 : value);
/** Scores with many ties and many on thresholds, logits and probabilities. */
const score = fc.oneof(
  fc.integer({ min: 0, max: 10 }).map((tenths) => Math.fround(tenths / 10)),
  fc.float({ min: 0, max: 1, noNaN: true }).map(noSubnormal),
);
const logit = fc.oneof(score, fc.float({ min: -20, max: 20, noNaN: true }).map(noSubnormal));

const batches: fc.Arbitrary<Batch> = fc
  .record({
    task: fc.constantFrom('binary', 'multiclass', 'multilabel'),
    numClasses: fc.integer({ min: 2, max: 5 }),
    rest: fc.constantFrom([], [2], [2, 3]),
    samples: fc.integer({ min: 1, max: 9 }),
    isLogits: fc.boolean(),
    hasClasses: fc.boolean(),
    ignoreIndex: fc.constantFrom(undefined, undefined, -1, 0, 1),
    threshold: fc.constantFrom(0.5, 0.3, 0.7),
    topK: fc.integer({ min: 1, max: 3 }),
    fromLogits: fc.constantFrom(undefined, undefined, false, true),
  })
  .chain(({ task, numClasses, rest, samples, isLogits, hasClasses, ignoreIndex, threshold, topK, fromLogits }) => {
    const areClasses = task === 'multiclass' && hasClasses;
    const classes = task === 'binary' ? [] : [numClasses];
    const predsShape = [samples, ...(areClasses ? [] : classes), ...rest];
    const targetShape = [samples, ...(task === 'multilabel' ? classes : []), ...rest];
    const top = task === 'multiclass' ? numClasses - 1 : 1;
    const label = fc.integer({ min: ignoreIndex === -1 ? -1 : 0, max: top });
    const array = (one: fc.Arbitrary<number>, shape: number[]): fc.Arbitrary<Float32Array> => {
      const size = shape.reduce((product, length) => product * length, 1);
      return fc.array(one, { minLength: size, maxLength: size }).map((values) => Float32Array.from(values));
    };
    const preds = array(areClasses ? fc.integer({ min: 0, max: top }) : isLogits ? logit : score, predsShape);
    return fc.record({
      options: fc.constant({
        task,
        numClasses: task === 'binary' ? 1 : numClasses,
        ignoreIndex,
        threshold,
        topK: areClasses || task !== 'multiclass' ? 1 : Math.min(topK, numClasses),
        fromLogits,
      }),
      preds,
      predsShape: fc.constant(predsShape),
      target: array(label, targetShape),
      targetShape: fc.constant(targetShape),
    });
  });

const rulesOf = ({ options }: Batch) => ({
  ...options,
  ignoreIndex: options.ignoreIndex,
  fromLogits: options.fromLogits,
  threshold: options.threshold ?? 0.5,
  topK: options.topK ?? 1,
  bySample: false,
  guessFromIgnored: true,
});

/** Labels of the twin on the processor. Classes come as whole numbers there. */
function labelsOf(batch: Batch): ReturnType<typeof toLabels> {
  const areClasses = batch.options.task === 'multiclass' && batch.predsShape.length === batch.targetShape.length;
  const preds = { values: areClasses ? Int32Array.from(batch.preds) : batch.preds, shape: batch.predsShape };
  return toLabels(preds, { values: batch.target, shape: batch.targetShape }, rulesOf(batch), 'test');
}

function twin(batch: Batch): { confusion: number[]; statScores: number[] } {
  const { task, numClasses } = batch.options;
  const confusion = new Float64Array(task === 'multiclass' ? numClasses ** 2 : numClasses * 4);
  const counts = new Float64Array(4 * numClasses);
  countConfusion(confusion, labelsOf(batch), task, numClasses);
  countStatScores(counts, labelsOf(batch), task, numClasses);
  return { confusion: [...confusion], statScores: [...counts] };
}

function twinBins(batch: Batch, thresholds: Float32Array): number[] {
  const { task, numClasses } = batch.options;
  const bins = new Float64Array(histogramSize(numClasses, thresholds));
  const target = { values: batch.target, shape: batch.targetShape };
  countBins(
    bins,
    takeScores({ values: batch.preds, shape: batch.predsShape }, target, rulesOf(batch), 'test'),
    task,
    numClasses,
    thresholds,
  );
  return [...bins];
}

const ops = tfjsDeviceOps();

async function valuesOf(state: DeviceState | undefined): Promise<number[]> {
  if (state === undefined) throw new Error('it was not counted on the device');
  const reading = ops.read([state]);
  ops.release(state);
  return [...((await reading)[0] ?? [])];
}

describe.each([
  ['cpu', 150],
  ['wasm', 60],
  ['webgl', 15],
  ['webgpu', 40],
] as const)('on %s', (backend, numRuns) => {
  let before = 0;
  beforeEach(async () => {
    expect(await tf.setBackend(backend), `these tests need ${backend}`).toBe(true);
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors, 'tensors left behind').toBe(before));

  test('counts are those of the twins on the processor', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.constantFrom(evenlySpaced(7), Float32Array.of(0.1, 0.1, 0.5, 0.9)), async (batch, thresholds) => {
        const { options } = batch;
        const preds = tf.tensor(batch.preds, batch.predsShape);
        const target = tf.tensor(batch.target, batch.targetShape, 'int32');
        const expected = twin(batch);
        const [confusion, statScores] = [valuesOf(ops.confusion(preds, target, options)), valuesOf(ops.statScores(preds, target, options))];
        // Softmax rounds as each device does it; all else is whole numbers and comparisons.
        const isScored = batch.predsShape.length !== batch.targetShape.length;
        const isExact =
          options.task !== 'multiclass' ||
          (isScored && (options.fromLogits === false || batch.preds.every((value) => value >= 0 && value <= 1)));
        const binOptions: DeviceBinOptions = {
          ...options,
          fromLogits: options.task === 'multiclass' ? false : options.fromLogits,
          thresholds,
        };
        const bins = isExact ? valuesOf(ops.binnedCounts(preds, target, binOptions)) : undefined;
        tf.dispose([preds, target]);
        if (options.topK === 1) expect(await confusion).toEqual(expected.confusion);
        else await confusion;
        expect(await statScores).toEqual(expected.statScores);
        if (bins !== undefined)
          expect(await bins).toEqual(twinBins({ ...batch, options: { ...options, fromLogits: binOptions.fromLogits } }, thresholds));
      }),
      { numRuns, seed: 1 },
    );
  });

  test('whole numbers stay whole beyond what float32 holds', async () => {
    const options = { task: 'binary', numClasses: 1, fromLogits: false } as const;
    const count = (samples: number): DeviceState => {
      const [preds, target] = [tf.zeros([samples]), tf.zeros([samples])];
      const state = ops.confusion(preds, target, options);
      tf.dispose([preds, target]);
      if (state === undefined) throw new Error('it was not counted on the device');
      return state;
    };
    let state = count(1_000_000);
    for (let i = 0; i < 6; i++) state = ops.add(state, ops.copy(state));
    // At 64 million float32 counts in steps of four.
    for (let i = 0; i < 3; i++) state = ops.add(state, count(1));
    expect(await valuesOf(state)).toEqual([64_000_003, 0, 0, 0]);
  });

  test('sums of errors', async () => {
    const preds = tf.tensor1d([1.5, 1.5, 3.5, 5]);
    const target = tf.tensor1d([1, 2, 3, 4]);
    let state = ops.errorSums(preds, target);
    for (let i = 0; i < 4 && state !== undefined; i++) {
      const more = ops.errorSums(preds, target);
      if (more !== undefined) state = ops.add(state, more);
    }
    tf.dispose([preds, target]);
    expect(await valuesOf(state)).toEqual([20, 8.75, 12.5]);
  });

  test('a label that is no class rejects the reading of its own state only', async () => {
    const [wrong, right, preds] = [tf.tensor1d([0, 3]), tf.tensor1d([0, 2]), tf.tensor1d([0, 1])];
    const options = { task: 'multiclass', numClasses: 3 } as const;
    const [bad, good] = [valuesOf(ops.confusion(preds, wrong, options)), valuesOf(ops.confusion(preds, right, options))];
    tf.dispose([wrong, right, preds]);
    await expect(bad).rejects.toMatchObject({
      code: 'bad-metric',
      message: expect.stringContaining('1 targets or predicted labels are no class'),
    });
    expect(await good).toEqual([1, 0, 0, 0, 0, 0, 0, 1, 0]);
  });

  test('shapes that do not fit are left to the metric', () => {
    const [a, b] = [tf.zeros([3]), tf.zeros([4])];
    expect(ops.confusion(a, b, { task: 'binary', numClasses: 1 })).toBeUndefined();
    expect(ops.errorSums(a, b)).toBeUndefined();
    tf.dispose([a, b]);
  });

  test('what a tidy counts outlives it', async () => {
    let state: DeviceState | undefined;
    tf.tidy(() => {
      state = ops.confusion(tf.tensor1d([0.2, 0.8]), tf.tensor1d([0, 1]), { task: 'binary', numClasses: 1 });
    });
    expect(await valuesOf(state)).toEqual([1, 0, 0, 1]);
  });
});

describe('on WebGPU', () => {
  const undo: (() => void)[] = [];
  beforeEach(async () => void (await tf.setBackend('webgpu')));
  afterEach(() => {
    for (const one of undo.splice(0)) one();
  });

  test('counting reads nothing; all states that are asked for in one turn are one reading', async () => {
    const large = tf.range(0, 3000, 1, 'float32');
    const scores = tf.div(large, 3000);
    // Read once, so that what is computed from them lies on the GPU.
    const array = await scores.data<'float32'>();
    const target = tf.cast(tf.greater(scores, 0.4), 'float32');
    const maps = countMaps();
    undo.push(maps.stop);
    const options = { task: 'binary', numClasses: 1, fromLogits: undefined } as const;
    const metrics = Array.from({ length: 8 }, (_, i) =>
      i % 2 === 0 ? new BinaryAUROC({ device: ops }) : new BinaryF1Score({ device: ops }),
    );
    for (let step = 0; step < 5; step++) for (const metric of metrics) metric.update(scores, target);
    let state = ops.confusion(scores, target, options);
    for (let step = 0; step < 5; step++) {
      const more = ops.confusion(scores, target, options);
      if (state !== undefined && more !== undefined) state = ops.add(state, more);
    }
    tf.dispose([large, scores, target]);
    expect(maps.count).toBe(0);
    const [values, ...computed] = await Promise.all([valuesOf(state), ...metrics.map((metric) => metric.compute())]);
    expect(maps.count).toBe(1);
    // 0 … 1200 are at most 0.4, 0 … 1500 at most 0.5.
    expect(values).toEqual([1201 * 6, 0, 300 * 6, 1499 * 6]);
    const twins = [new BinaryAUROC(), new BinaryF1Score()];
    for (const one of twins)
      one.update(
        array,
        array.map((score) => Number(score > Math.fround(0.4))),
      );
    expect(computed.slice(0, 2)).toEqual(await Promise.all(twins.map((one) => one.compute())));
  });

  test('a System with metric objects reads a few times an epoch, however many steps and metrics it has', async () => {
    const inputs = tf.tensor2d(
      Float32Array.from({ length: 36 }, (_, i) => Math.sin(i)),
      [12, 3],
    );
    const targets = tf.tensor1d(Float32Array.from({ length: 12 }, (_, i) => i % 3));
    const metrics = {
      f1: new MulticlassF1Score({ numClasses: 3 }),
      auroc: new MulticlassAUROC({ numClasses: 3 }),
      kappa: new MulticlassCohenKappa({ numClasses: 3 }),
    };
    const system = new System({
      model: () => tfl.sequential({ layers: [tfl.layers.dense({ inputShape: [3], units: 3, activation: 'softmax' })] }),
      optimizer: 'sgd',
      loss: 'sparseCategoricalCrossentropy',
      metrics,
      train: [inputs, targets],
      validation: [inputs, targets],
      batchSize: 4,
      backend: 'webgpu',
    });
    const options = { store: false, readEveryMs: 1e9 } as const;
    await new Trainer().fit(system, options);
    const before = tf.memory().numTensors;
    const maps = countMaps();
    undo.push(maps.stop);
    const rows: Record<string, number>[] = [];
    await new Trainer({ maxEpochs: 3 }).fit(system, {
      ...options,
      loggers: [{ logMetrics: (row) => void rows.push({ ...row }), logHyperparams: () => {} }],
    });
    // Each epoch: the scalars, the values of all batches, the values of the validation, those of the epoch.
    expect(maps.count).toBe(3 * 4);
    expect(rows.filter((row) => 'train/metrics/auroc/step' in row)).toHaveLength(9);
    expect(rows.filter((row) => 'train/metrics/kappa/epoch' in row)).toHaveLength(3);
    expect(rows.filter((row) => 'val/metrics/f1/epoch' in row)).toHaveLength(3);
    expect(tf.memory().numTensors).toBe(before);
    system.dispose();
    tf.dispose([inputs, targets]);
  });
});
