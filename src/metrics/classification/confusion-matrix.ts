import {
  ConfusionMetric,
  type ConfusionStates,
  type MulticlassConfusionOptions,
  type MultilabelConfusionOptions,
} from './confusion-metric.ts';
import { oneOf } from './curve-metric.ts';
import { sum } from './formulas.ts';
import type { LabelSettings, ThresholdOptions } from './label-options.ts';
import { at, type Task } from './scores.ts';
import { sayOfConfusion } from '../words.ts';

/** What the cells of a confusion matrix are divided by: the sum of their row (`true`), of their column (`pred`), of all, or nothing. */
export type Normalize = 'none' | 'true' | 'pred' | 'all';

/** For confusion matrices. */
export interface NormalizeOption {
  /** Default `none`. What is divided by zero is 0, with a warning. */
  readonly normalize?: Normalize;
}

abstract class MatrixMetric<Out> extends ConfusionMetric<Out> {
  protected readonly normalize: Normalize;

  constructor(task: Task, options: LabelSettings & NormalizeOption = {}) {
    super(task, options, ['normalize']);
    this.normalize =
      oneOf<Normalize>(options.normalize, ['none', 'true', 'pred', 'all'], 'normalize', `new ${this.constructor.name}()`) ?? 'none';
  }

  /** Rows of a square matrix. */
  protected rowsOf(matrix: Float64Array): Float64Array[] {
    const size = Math.sqrt(matrix.length);
    const rows = Array.from({ length: size }, (_, t) => matrix.slice(t * size, (t + 1) * size));
    const { normalize } = this;
    if (normalize === 'none') return rows;
    const total = sum(matrix);
    const columns = Float64Array.from({ length: size }, (_, p) => rows.reduce((all, row) => all + at(row, p), 0));
    return rows.map((row) => {
      const own = sum(row);
      return row.map((count, p) => this.share(count, normalize === 'true' ? own : normalize === 'pred' ? at(columns, p) : total));
    });
  }

  protected share(count: number, whole: number): number {
    if (whole !== 0) return count / whole;
    this.warn('normalize', sayOfConfusion('normalize'));
    return 0;
  }
}

/** Counts of samples by true label (rows) and predicted label (columns): `[[tn, fp], [fn, tp]]`. */
export class BinaryConfusionMatrix extends MatrixMetric<Float64Array[]> {
  constructor(options?: ThresholdOptions & NormalizeOption) {
    super('binary', options);
  }

  protected computeState({ confusion }: ConfusionStates): Float64Array[] {
    return this.rowsOf(confusion);
  }
}

/** Counts of samples by true class (rows) and predicted class (columns). */
export class MulticlassConfusionMatrix extends MatrixMetric<Float64Array[]> {
  constructor(options: MulticlassConfusionOptions & NormalizeOption) {
    super('multiclass', options);
  }

  protected computeState({ confusion }: ConfusionStates): Float64Array[] {
    return this.rowsOf(confusion);
  }
}

/** {@link BinaryConfusionMatrix} of each label. */
export class MultilabelConfusionMatrix extends MatrixMetric<Float64Array[][]> {
  constructor(options: MultilabelConfusionOptions & NormalizeOption) {
    super('multilabel', options);
  }

  protected computeState({ confusion }: ConfusionStates): Float64Array[][] {
    return Array.from({ length: this.rules.numClasses }, (_, label) => this.rowsOf(confusion.subarray(label * 4, label * 4 + 4)));
  }
}
