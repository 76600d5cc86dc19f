import { describe, expect, test } from 'vitest';
import * as metrics from '../../../../src/metrics/index.ts';
import type { NumberArray } from '../../../../src/metrics/index.ts';
import { close, type Expected, plain } from './examples.ts';

async function expectValue(metric: unknown, preds: NumberArray, target: NumberArray, expected: Expected): Promise<void> {
  const tried = metric as metrics.Metric<[NumberArray, NumberArray], unknown, object>; // of predictions and targets
  tried.update(preds, target);
  expect(plain(await tried.compute())).toEqual(close(expected));
}

describe('scores of two classes', () => {
  const counts = (options?: metrics.BinaryCountOptions<'global'>): unknown => new metrics.BinaryStatScores(options);

  test('a score on the threshold is label 0', async () => {
    await expectValue(counts(), [0.5, 0.50001], [1, 1], [1, 0, 0, 1, 2]);
    await expectValue(counts({ threshold: 0.25 }), [0.25, 0.375, 0.125], [0, 0, 0], [0, 1, 2, 0, 0]);
    // 0.3 as float32 is more than 0.3, but so is the threshold.
    await expectValue(counts({ threshold: 0.3 }), Float32Array.of(0.3), [1], [0, 0, 0, 1, 1]);
  });

  test('one score outside [0, 1] makes logits of the batch, and of no other batch', async () => {
    const metric = new metrics.BinaryStatScores();
    metric.update([0.2, -3], [1, 0]);
    metric.update([0.2, 0.7], [1, 0]);
    expect(plain(await metric.compute())).toEqual([1, 1, 1, 1, 2]);
  });

  test('fromLogits says what scores are', async () => {
    await expectValue(counts({ fromLogits: true }), [0.2, 0.7], [1, 0], [1, 1, 0, 0, 1]);
    await expectValue(counts({ fromLogits: false }), [1.2, -0.7], [1, 0], [1, 0, 1, 0, 1]);
    // The sigmoid of 2 is 0.88.
    await expectValue(counts({ fromLogits: true, threshold: 0.9 }), [2, 3], [1, 1], [1, 0, 0, 1, 2]);
  });

  test('thresholds at the ends label all or nothing', async () => {
    await expectValue(counts({ threshold: 1 }), [1, 0.99, 40], [1, 1, 1], [0, 0, 0, 3, 3]);
    await expectValue(counts({ threshold: 0 }), [0, 0.01], [1, 1], [1, 0, 0, 1, 2]);
  });

  test('what is left out helps to guess logits in counts, but not in a confusion matrix, as in torchmetrics', async () => {
    await expectValue(counts({ ignoreIndex: -1 }), [0.2, -3], [1, -1], [1, 0, 0, 0, 1]);
    await expectValue(
      new metrics.BinaryConfusionMatrix({ ignoreIndex: -1 }),
      [0.2, -3],
      [1, -1],
      [
        [0, 0],
        [1, 0],
      ],
    );
  });

  test('truth values, integer labels and shapes that hold as much are taken', async () => {
    await expectValue(counts(), [true, false], [true, true], [1, 0, 0, 1, 2]);
    await expectValue(counts({ threshold: 1 }), Uint8Array.of(1, 0), Int32Array.of(1, 0), [1, 0, 1, 0, 1]);
    await expectValue(counts(), { values: Float32Array.of(0.9, 0.1), shape: [2, 1] }, [1, 0], [1, 0, 1, 0, 1]);
    await expectValue(counts(), 0.9, 1, [1, 0, 0, 0, 1]);
    await expectValue(counts(), [], [], [0, 0, 0, 0, 0]);
  });
});

describe('scores of several classes', () => {
  test('of equal scores the first class is predicted', async () => {
    await expectValue(
      new metrics.MulticlassConfusionMatrix({ numClasses: 3 }),
      [
        [0.2, 0.4, 0.4],
        [0.3, 0.3, 0.3],
      ],
      [2, 2],
      [
        [0, 0, 0],
        [0, 0, 0],
        [1, 1, 0],
      ],
    );
  });

  test('classes are the second axis, whatever follows', async () => {
    // One sample, two classes, three places.
    const scores = [
      [
        [0.9, 0.2, 0.4],
        [0.1, 0.8, 0.6],
      ],
    ];
    await expectValue(
      new metrics.MulticlassConfusionMatrix({ numClasses: 2 }),
      scores,
      [[0, 1, 0]],
      [
        [1, 1],
        [0, 1],
      ],
    );
  });

  test('with topK the target is predicted if it is among the best, else the best class is', async () => {
    const scores = [
      [0.5, 0.3, 0.2],
      [0.4, 0.4, 0.2],
      [0.1, 0.3, 0.6],
    ];
    const metric = new metrics.MulticlassStatScores({ numClasses: 3, topK: 2, average: 'none' });
    await expectValue(
      metric,
      scores,
      [1, 2, 0],
      [
        [0, 1, 1, 1, 1],
        [1, 0, 2, 0, 1],
        [0, 1, 1, 1, 1],
      ],
    );
  });

  test('of equal scores the first class is among the best', async () => {
    const metric = new metrics.MulticlassAccuracy({ numClasses: 4, topK: 2, average: 'micro' });
    await expectValue(metric, [[0.25, 0.25, 0.25, 0.25]], [1], 1);
    metric.reset();
    await expectValue(metric, [[0.25, 0.25, 0.25, 0.25]], [2], 0);
  });

  test('an ignored class takes samples away, not its predictions', async () => {
    const metric = new metrics.MulticlassStatScores({ numClasses: 3, ignoreIndex: 0, average: 'none' });
    await expectValue(
      metric,
      [0, 0, 2],
      [0, 1, 2],
      [
        [0, 1, 1, 0, 0],
        [0, 0, 1, 1, 1],
        [1, 0, 1, 0, 1],
      ],
    );
  });

  test('a class predicted where the target is left out may be anything', async () => {
    const metric = new metrics.MulticlassAccuracy({ numClasses: 3, ignoreIndex: -1, average: 'micro' });
    await expectValue(metric, [-1, 1], [-1, 1], 1);
  });
});

describe('samplewise', () => {
  const samplewise = { multidimAverage: 'samplewise' } as const;

  test('two classes', async () => {
    const metric = new metrics.BinaryAccuracy(samplewise);
    metric.update([[0.9, 0.2, 0.4]], [[1, 1, 0]]);
    await expectValue(metric, [[0.9, 0.9, 0.9]], [[1, 0, 0]], [2 / 3, 1 / 3]);
  });

  test('several classes, each of them', async () => {
    const metric = new metrics.MulticlassRecall({ numClasses: 2, average: 'none', ...samplewise });
    await expectValue(
      metric,
      [
        [0, 1, 1],
        [1, 1, 0],
      ],
      [
        [0, 0, 1],
        [1, 1, 1],
      ],
      [
        [0.5, 1],
        [0, 2 / 3],
      ],
    );
  });

  test('labels, weighted by the support within each sample', async () => {
    const metric = new metrics.MultilabelStatScores({ numLabels: 2, average: 'weighted', ...samplewise });
    const preds = [
      [
        [1, 1],
        [0, 1],
      ],
      [
        [1, 0],
        [1, 1],
      ],
    ];
    const target = [
      [
        [1, 1],
        [1, 0],
      ],
      [
        [1, 0],
        [0, 0],
      ],
    ];
    // First sample: 2/3 of [2, 0, 0, 0, 2] and 1/3 of [0, 1, 0, 1, 1].
    await expectValue(metric, preds, target, [
      [4 / 3, 1 / 3, 0, 1 / 3, 5 / 3],
      [1, 0, 1, 0, 1],
    ]);
  });

  test('exact matches of labels at each place', async () => {
    const metric = new metrics.MultilabelExactMatch({ numLabels: 2, ...samplewise });
    // One sample; at the first of two places both labels are right.
    await expectValue(
      metric,
      [
        [
          [1, 0],
          [0, 1],
        ],
      ],
      [
        [
          [1, 1],
          [0, 1],
        ],
      ],
      [0.5],
    );
  });
});
