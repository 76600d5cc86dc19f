import { describe, LogError } from '../../core/errors.ts';
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
import { areaUnder, meanOfClasses, meanRoc, partialAreaUnder, type RocCurve, rocOf } from './curves.ts';
import { sayOfCurves } from '../words.ts';

abstract class RocMetric<Out> extends CurveMetric<Out> {
  protected rocOf(cuts: CutCounts): RocCurve {
    if (cuts.isExact && cuts.positives === 0) this.warn('no positives', sayOfCurves('no-positives'));
    if (cuts.isExact && cuts.negatives === 0) this.warn('no negatives', sayOfCurves('no-negatives'));
    return rocOf(cuts);
  }

  protected rocs(state: Readonly<CurveStates>): RocCurve[] {
    return this.cuts(state).map((cuts) => this.rocOf(cuts));
  }
}

/** Receiver operating characteristic of two classes: true against false positive rate, by descending threshold. */
export class BinaryROC extends RocMetric<RocCurve> {
  constructor(options: CurveOptions = {}) {
    super('binary', options);
  }

  protected computeState(state: CurveStates): RocCurve {
    return this.rocOf(this.microCuts(state));
  }
}

/** {@link BinaryROC} of each class against the others: one curve per class, or the one that `average` makes of them. */
export class MulticlassROC extends RocMetric<RocCurve[]> {
  /** `average`: default `none`. */
  constructor(options: CurveOptions & MulticlassOption & { readonly average?: CurveAverage }) {
    super('multiclass', options, ['none', 'micro', 'macro']);
  }

  protected computeState(state: CurveStates): RocCurve[] {
    if (this.average === 'micro') return [this.rocOf(this.microCuts(state))];
    const curves = this.rocs(state);
    return this.average === 'macro' ? [meanRoc(curves)] : curves;
  }
}

/** {@link BinaryROC} of each label. */
export class MultilabelROC extends RocMetric<RocCurve[]> {
  constructor(options: CurveOptions & MultilabelOption) {
    super('multilabel', options);
  }

  protected computeState(state: CurveStates): RocCurve[] {
    return this.rocs(state);
  }
}

/** Area under the {@link BinaryROC} curve: how likely a positive sample scores higher than a negative one. 0 if all are of one class. */
export class BinaryAUROC extends RocMetric<number> {
  override readonly higherIsBetter: boolean = true;
  protected readonly maxFpr: number;

  /** `maxFpr`: only the part up to this false positive rate, scaled after McClish (0.5 is guessing). Default 1. */
  constructor(options: CurveOptions & { readonly maxFpr?: number } = {}) {
    super('binary', options, [], ['maxFpr']);
    const { maxFpr = 1 } = options;
    if (!(maxFpr > 0 && maxFpr <= 1))
      throw new LogError('bad-options', `new BinaryAUROC(): maxFpr is ${describe(maxFpr)}, need a number in (0, 1].`);
    this.maxFpr = maxFpr;
  }

  protected computeState(state: CurveStates): number {
    return partialAreaUnder(this.rocOf(this.microCuts(state)), this.maxFpr);
  }
}

abstract class AreaOfClasses<Out> extends RocMetric<Out> {
  override readonly higherIsBetter: boolean = true;

  protected computeState(state: CurveStates): Out {
    return this.areas(state) as Out; // what the average gives is fixed by its type
  }

  protected areas(state: CurveStates): number | Float64Array {
    if (this.average === 'micro') return areaUnder(this.rocOf(this.microCuts(state)));
    const cuts = this.cuts(state);
    const areas = Float64Array.from(cuts, (one) => areaUnder(this.rocOf(one)));
    if (this.average !== 'macro' && this.average !== 'weighted') return areas;
    return meanOfClasses(
      areas,
      this.average,
      Float64Array.from(cuts, ({ positives }) => positives),
    );
  }
}

/** {@link BinaryAUROC} of each class against the others. A class without samples counts as 0, as in torchmetrics. */
export class MulticlassAUROC<const Average extends ClassAverage = 'macro'> extends AreaOfClasses<PerClass<Average>> {
  /** `average`: default `macro`. */
  constructor(options: CurveOptions & MulticlassOption & { readonly average?: Average }) {
    super('multiclass', options, ['macro', 'weighted', 'none']);
  }
}

/** {@link BinaryAUROC} of each label. */
export class MultilabelAUROC<const Average extends LabelAverage = 'macro'> extends AreaOfClasses<PerClass<Average>> {
  /** `average`: default `macro`. */
  constructor(options: CurveOptions & MultilabelOption & { readonly average?: Average }) {
    super('multilabel', options, ['macro', 'micro', 'weighted', 'none']);
  }
}
