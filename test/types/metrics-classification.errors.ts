// Each line under `@ts-expect-error` must not compile; the type check fails when one does.
import {
  accuracy,
  type Average,
  BinaryAccuracy,
  MulticlassAccuracy,
  MulticlassConfusionMatrix,
  MultilabelF1Score,
} from '../../src/metrics/index.ts';

declare const average: Average;

// What must compile, and what it must be.
export async function inferred(): Promise<void> {
  const one: number = await new MulticlassAccuracy({ numClasses: 3 }).compute();
  const each: Float64Array = await new MulticlassAccuracy({ numClasses: 3, average: 'none' }).compute();
  const ofSamples: Float64Array = await new BinaryAccuracy({ multidimAverage: 'samplewise' }).compute();
  const rows: Float64Array[] = await new MultilabelF1Score({ numLabels: 3, average: 'none', multidimAverage: 'samplewise' }).compute();
  const asked: number | Float64Array = await new MulticlassAccuracy({ numClasses: 3, average }).compute();
  const micro: number = await accuracy({ task: 'multiclass', numClasses: 3 }).compute();
  const matrix: Float64Array[] = await new MulticlassConfusionMatrix({ numClasses: 3 }).compute();
  const kept: BinaryAccuracy = new BinaryAccuracy({ threshold: 0.3 });
  for (const value of [one, each, ofSamples, rows, asked, micro, matrix, kept]) void value;
}

export async function refused(): Promise<void> {
  // @ts-expect-error one number per class is no number
  const each: number = await new MulticlassAccuracy({ numClasses: 3, average: 'none' }).compute();
  // @ts-expect-error an average that is not known may give either
  const asked: number = await new MulticlassAccuracy({ numClasses: 3, average }).compute();
  // @ts-expect-error how many classes there are must be said
  void new MulticlassAccuracy({ average: 'macro' });
  // @ts-expect-error labels are not classes
  void new MultilabelF1Score({ numClasses: 3 });
  // @ts-expect-error there is no such average
  void new MulticlassAccuracy({ numClasses: 3, average: 'mean' });
  // @ts-expect-error two classes are not averaged
  void new BinaryAccuracy({ average: 'macro' });
  // @ts-expect-error several classes have no threshold
  void new MulticlassAccuracy({ numClasses: 3, threshold: 0.5 });
  // @ts-expect-error the task says what must be given
  void accuracy({ task: 'multilabel', numClasses: 3 });
  // @ts-expect-error there is no such task
  void accuracy({ task: 'regression' });
  void [each, asked];
}
