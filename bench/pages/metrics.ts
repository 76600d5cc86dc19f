import * as tf from '@tensorflow/tfjs';
import { BinaryAUROC, MulticlassConfusionMatrix } from 'tabtrain';
import { startBackend } from './models.ts';

interface Options {
  readonly samples: number;
  /** Samples for sides that would take minutes; their times are scaled. */
  readonly fewSamples: number;
  readonly batch: number;
  readonly classes: number;
}

/** Milliseconds for all samples, by side; and what each side found, to see that they agree. */
export interface MetricsResult {
  readonly confusion: Readonly<Record<string, number>>;
  readonly auroc: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
}

export default async function measure({ samples, fewSamples, batch, classes }: Options): Promise<MetricsResult> {
  await startBackend('wasm');
  const errors: string[] = [];
  const labels = Int32Array.from({ length: samples }, (_, i) => (i * 7919) % classes);
  // Right in about two of three.
  const guesses = labels.map((label, i) => (i % 3 === 0 ? (label + i) % classes : label));
  const all = { warmUp: batch, samples, scale: 1 };
  const few = { warmUp: batch, samples: fewSamples, scale: samples / fewSamples };
  const confusion = await eachSide({
    ours: [all, (count) => confusionOurs(labels.subarray(0, count), guesses, { batch, classes })],
    'array of arrays': [all, (count) => Promise.resolve(confusionOfArrays(labels.subarray(0, count), guesses, classes))],
    'TensorFlow.js, product of one-hot': [few, (count) => confusionOfTensors(labels.subarray(0, count), guesses, { batch, classes })],
  });
  agree(confusion, (matrix) => matrix.join(), errors);

  const targets = Int32Array.from({ length: samples }, (_, i) => (i * 31) & 1);
  const scores = Float32Array.from(targets, (target, i) => ((((i * 7919) % 10_007) / 10_007) * 2 + target) / 3);
  const auroc = await eachSide({
    ours: [all, (count) => aurocOurs(scores.subarray(0, count), targets.subarray(0, count), batch)],
    'sorted array, exact': [all, (count) => Promise.resolve(aurocOfArrays(scores.subarray(0, count), targets))],
    'TensorFlow.js, each score against each threshold': [
      few,
      (count) => aurocOfTensors(scores.subarray(0, count), targets.subarray(0, count), batch),
    ],
  });
  agree(auroc, (area) => area.toFixed(2), errors);
  const times = (sides: Readonly<Record<string, { readonly ms: number }>>): Record<string, number> =>
    Object.fromEntries(Object.entries(sides).map(([name, { ms }]) => [name, ms]));
  return { confusion: times(confusion), auroc: times(auroc), errors };
}

interface Extent {
  readonly warmUp: number;
  readonly samples: number;
  readonly scale: number;
}

interface Seen<Found> {
  readonly ms: number;
  /** Of as many samples as every side has gone through. */
  readonly found: Found;
}

async function eachSide<Found>(
  sides: Readonly<Record<string, readonly [Extent, (samples: number) => Promise<Found>]>>,
): Promise<Record<string, Seen<Found>>> {
  const results: Record<string, Seen<Found>> = {};
  const fewest = Math.min(...Object.values(sides).map(([{ samples }]) => samples));
  for (const [name, [{ warmUp, samples, scale }, act]] of Object.entries(sides)) {
    await act(warmUp); // compiles
    const from = performance.now();
    const last = await act(samples);
    const ms = (performance.now() - from) * scale;
    results[name] = { ms, found: samples === fewest ? last : await act(fewest) };
  }
  return results;
}

function agree<Found>(
  sides: Readonly<Record<string, { readonly found: Found }>>,
  toText: (found: Found) => string,
  errors: string[],
): void {
  const [first, ...others] = Object.entries(sides).map(([name, { found }]) => [name, toText(found)] as const);
  for (const [name, text] of others)
    if (text !== first?.[1]) errors.push(`${name} finds ${text.slice(0, 40)}, ours ${first?.[1].slice(0, 40)}`);
}

interface Sizes {
  readonly batch: number;
  readonly classes: number;
}

async function confusionOurs(labels: Int32Array, guesses: Int32Array, { batch, classes }: Sizes): Promise<number[]> {
  const metric = new MulticlassConfusionMatrix({ numClasses: classes });
  for (let at = 0; at < labels.length; at += batch)
    metric.update(guesses.subarray(at, Math.min(at + batch, labels.length)), labels.subarray(at, at + batch));
  return (await metric.compute()).flatMap((row) => [...row]);
}

function confusionOfArrays(labels: Int32Array, guesses: Int32Array, classes: number): number[] {
  const counts = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (const [i, label] of labels.entries()) {
    const row = counts[label];
    const guess = guesses[i];
    if (row !== undefined && guess !== undefined) row[guess] = (row[guess] ?? 0) + 1;
  }
  return counts.flat();
}

async function confusionOfTensors(labels: Int32Array, guesses: Int32Array, { batch, classes }: Sizes): Promise<number[]> {
  let sum = tf.zeros<tf.Rank.R2>([classes, classes]);
  for (let at = 0; at < labels.length; at += batch) {
    const before = sum;
    sum = tf.tidy(() => {
      // As tf.math.confusionMatrix, whose integers wasm cannot multiply.
      const [label, guess] = [labels, guesses].map((values) =>
        tf.oneHot(tf.tensor1d(values.subarray(at, Math.min(at + batch, labels.length)), 'int32'), classes).toFloat(),
      ) as [tf.Tensor2D, tf.Tensor2D];
      return before.add(label.matMul(guess, true));
    });
    before.dispose();
  }
  const counts = [...(await sum.data())];
  sum.dispose();
  return counts;
}

async function aurocOurs(scores: Float32Array, targets: Int32Array, batch: number): Promise<number> {
  const metric = new BinaryAUROC({ thresholds: 200, fromLogits: false });
  for (let at = 0; at < scores.length; at += batch) metric.update(scores.subarray(at, at + batch), targets.subarray(at, at + batch));
  return metric.compute();
}

/** By ranks: the share of pairs of one and zero that are in the right order. */
function aurocOfArrays(scores: Float32Array, targets: Int32Array): number {
  const order = Array.from(scores, (score, i) => ({ score, target: targets[i] ?? 0 })).sort((a, b) => a.score - b.score);
  let [zeros, pairs, ones] = [0, 0, 0];
  for (let i = 0; i < order.length;) {
    let [tiedOnes, tiedZeros] = [0, 0];
    const { score } = order[i] ?? { score: NaN };
    for (; order[i]?.score === score; i++) {
      if (order[i]?.target === 1) tiedOnes += 1;
      else tiedZeros += 1;
    }
    pairs += tiedOnes * (zeros + tiedZeros / 2);
    zeros += tiedZeros;
    ones += tiedOnes;
  }
  return pairs / (ones * zeros);
}

/** Compares each score with each of 200 thresholds, as binned metrics of tensors do. */
async function aurocOfTensors(scores: Float32Array, targets: Int32Array, batch: number): Promise<number> {
  const thresholds = tf.linspace(0, 1, 200);
  let counts = tf.zeros<tf.Rank.R2>([2, 200]);
  for (let at = 0; at < scores.length; at += batch) {
    const before = counts;
    counts = tf.tidy(() => {
      const score = tf.tensor1d(scores.subarray(at, at + batch)).expandDims<tf.Tensor2D>(1);
      const target = tf.tensor1d(Float32Array.from(targets.subarray(at, at + batch)));
      const isAbove = score.greaterEqual(thresholds.expandDims(0)).toFloat();
      const byTarget = tf.stack([target, tf.sub(1, target)]) as tf.Tensor2D; // two rows
      return before.add(byTarget.matMul(isAbove as tf.Tensor2D));
    });
    before.dispose();
  }
  const values = await counts.data();
  tf.dispose([counts, thresholds]);
  const ones = targets.reduce((sum, target) => sum + target, 0);
  let area = 0;
  for (let k = 0; k < 200; k++) {
    const [from, to] = [k, k + 1].map((i) =>
      i === 200 ? [0, 0] : [(values[i] ?? 0) / ones, (values[200 + i] ?? 0) / (targets.length - ones)],
    ) as [[number, number], [number, number]];
    area += ((from[0] + to[0]) / 2) * (from[1] - to[1]);
  }
  return area;
}
