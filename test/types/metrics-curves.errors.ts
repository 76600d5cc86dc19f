// Each line under `@ts-expect-error` must not compile; the type check fails when one does.
import {
  auroc,
  BinaryAUROC,
  MulticlassAUROC,
  MulticlassHingeLoss,
  MulticlassROC,
  MultilabelAveragePrecision,
  type RocCurve,
} from '../../src/metrics/index.ts';

// What must compile, and what it must be.
export async function inferred(): Promise<void> {
  const mean: number = await new MulticlassAUROC({ numClasses: 3 }).compute();
  const each: Float64Array = await auroc({ task: 'multiclass', numClasses: 3, average: 'none' }).compute();
  const micro: number = await new MultilabelAveragePrecision({ numLabels: 3, average: 'micro', thresholds: null }).compute();
  const curves: RocCurve[] = await new MulticlassROC({ numClasses: 3, thresholds: Float64Array.of(0.2, 0.8) }).compute();
  const losses: Float64Array = await new MulticlassHingeLoss({ numClasses: 3, multiclassMode: 'one-vs-all' }).compute();
  for (const value of [mean, each, micro, curves, losses]) void value;
}

export async function refused(): Promise<void> {
  // @ts-expect-error one number per class is no number
  const each: number = await new MulticlassAUROC({ numClasses: 3, average: 'none' }).compute();
  // @ts-expect-error a micro average is one of labels
  void new MulticlassAUROC({ numClasses: 3, average: 'micro' });
  // @ts-expect-error how many classes?
  void auroc({ task: 'multiclass' });
  // @ts-expect-error only two classes have a false positive rate
  void new MulticlassAUROC({ numClasses: 3, maxFpr: 0.5 });
  // @ts-expect-error thresholds are a number, numbers, or null
  void new BinaryAUROC({ thresholds: 'auto' });
  void each;
}
