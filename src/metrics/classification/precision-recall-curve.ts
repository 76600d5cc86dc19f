import type { CutCounts } from './curve-counts.ts';
import {
  type ClassAverage,
  type CurveAverage,
  CurveMetric,
  type CurveOptions,
  type CurveStates,
  type LabelAverage,
  type MulticlassOption,
  type MultilabelOption,
  type PerClass,
} from './curve-metric.ts';
import { averagePrecisionOf, meanOfClasses, meanPrecisionRecall, precisionRecallOf, type PrecisionRecallPoints } from './curves.ts';
import { sayOfCurves } from '../words.ts';

abstract class PrecisionRecallMetric<Out> extends CurveMetric<Out> {
  protected pointsOf(cuts: CutCounts): PrecisionRecallPoints {
    if (!cuts.isExact) return precisionRecallOf(cuts, NaN);
    if (cuts.positives === 0) this.warn('no positives', sayOfCurves(this.rules.task === 'multiclass' ? 'no-recall-of-class' : 'no-recall'));
    return precisionRecallOf(cuts, this.rules.task === 'multiclass' ? NaN : 1);
  }

  protected allPoints(state: Readonly<CurveStates>): PrecisionRecallPoints[] {
    return this.cuts(state).map((cuts) => this.pointsOf(cuts));
  }
}

/**
 * Precision and recall of two classes, by ascending threshold. Without positive samples the exact curve has recall 1 everywhere, the
 * binned one NaN; precision is NaN where nothing reaches a threshold.
 */
export class BinaryPrecisionRecallCurve extends PrecisionRecallMetric<PrecisionRecallPoints> {
  constructor(options: CurveOptions = {}) {
    super('binary', options);
  }

  protected computeState(state: CurveStates): PrecisionRecallPoints {
    return this.pointsOf(this.microCuts(state));
  }
}

/**
 * {@link BinaryPrecisionRecallCurve} of each class against the others: one per class, or the one that `average` makes of them. Recall of
 * a class without samples is NaN.
 */
export class MulticlassPrecisionRecallCurve extends PrecisionRecallMetric<PrecisionRecallPoints[]> {
  /** `average`: default `none`. */
  constructor(options: CurveOptions & MulticlassOption & { readonly average?: CurveAverage }) {
    super('multiclass', options, ['none', 'micro', 'macro']);
  }

  protected computeState(state: CurveStates): PrecisionRecallPoints[] {
    if (this.average === 'micro') return [this.pointsOf(this.microCuts(state))];
    const curves = this.allPoints(state);
    return this.average === 'macro' ? [meanPrecisionRecall(curves)] : curves;
  }
}

/** {@link BinaryPrecisionRecallCurve} of each label. */
export class MultilabelPrecisionRecallCurve extends PrecisionRecallMetric<PrecisionRecallPoints[]> {
  constructor(options: CurveOptions & MultilabelOption) {
    super('multilabel', options);
  }

  protected computeState(state: CurveStates): PrecisionRecallPoints[] {
    return this.allPoints(state);
  }
}

/** Area under the {@link BinaryPrecisionRecallCurve} in steps, Σ (Rᵢ − Rᵢ₊₁) · Pᵢ, without interpolation. */
export class BinaryAveragePrecision extends PrecisionRecallMetric<number> {
  override readonly higherIsBetter: boolean = true;

  constructor(options: CurveOptions = {}) {
    super('binary', options);
  }

  protected computeState(state: CurveStates): number {
    return averagePrecisionOf(this.pointsOf(this.microCuts(state)));
  }
}

abstract class PrecisionOfClasses<Out> extends PrecisionRecallMetric<Out> {
  override readonly higherIsBetter: boolean = true;

  protected computeState(state: CurveStates): Out {
    return this.precisions(state) as Out; // what the average gives is fixed by its type
  }

  protected precisions(state: CurveStates): number | Float64Array {
    if (this.average === 'micro') return averagePrecisionOf(this.pointsOf(this.microCuts(state)));
    const cuts = this.cuts(state);
    const precisions = Float64Array.from(cuts, (one) =>
      one.isExact && one.positives === 0 && this.rules.task === 'multiclass' ? NaN : averagePrecisionOf(this.pointsOf(one)),
    );
    if (this.average !== 'macro' && this.average !== 'weighted') return precisions;
    if (precisions.some(Number.isNaN)) this.warn('no samples', sayOfCurves('no-samples', { average: this.average }));
    return meanOfClasses(
      precisions,
      this.average,
      Float64Array.from(cuts, ({ positives }) => positives),
    );
  }
}

/**
 * {@link BinaryAveragePrecision} of each class against the others. As in torchmetrics a class without samples is NaN and left out of
 * averages with exact curves, and counts as 0 with binned ones.
 */
export class MulticlassAveragePrecision<const Average extends ClassAverage = 'macro'> extends PrecisionOfClasses<PerClass<Average>> {
  /** `average`: default `macro`. */
  constructor(options: CurveOptions & MulticlassOption & { readonly average?: Average }) {
    super('multiclass', options, ['macro', 'weighted', 'none']);
  }
}

/** {@link BinaryAveragePrecision} of each label. */
export class MultilabelAveragePrecision<const Average extends LabelAverage = 'macro'> extends PrecisionOfClasses<PerClass<Average>> {
  /** `average`: default `macro`. */
  constructor(options: CurveOptions & MultilabelOption & { readonly average?: Average }) {
    super('multilabel', options, ['macro', 'micro', 'weighted', 'none']);
  }
}
