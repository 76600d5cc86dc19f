import { type BinaryCountOptions, CountMetric, type MulticlassCountOptions, type MultilabelCountOptions } from './count-metric.ts';
import { rowsOfFour } from './counts.ts';
import { type Average, sum } from './formulas.ts';
import type { MultidimAverage } from './label-options.ts';
import { at } from './scores.ts';

/** Five numbers, or rows of them: per class (`none`), per sample (`samplewise`), or per sample and class. */
export type StatScoresOf<Av, Multidim> = Av extends 'none'
  ? Multidim extends 'samplewise'
    ? Float64Array[][]
    : Float64Array[]
  : Multidim extends 'samplewise'
    ? Float64Array[]
    : Float64Array;

/** True positives, false positives, true negatives, false negatives, and support (tp + fn). */
export class BinaryStatScores<const Multidim extends MultidimAverage = 'global'> extends CountMetric<StatScoresOf<'micro', Multidim>> {
  constructor(options?: BinaryCountOptions<Multidim>) {
    super('binary', options);
  }

  protected scoreOf(counts: Float64Array): Float64Array {
    return Float64Array.of(...counts, at(counts, 0) + at(counts, 3));
  }
}

abstract class StatScoresMetric<Out> extends CountMetric<Out> {
  protected scoreOf(counts: Float64Array): Float64Array | Float64Array[] {
    const [tp, fp, tn, fn] = rowsOfFour(counts);
    const support = tp.map((hits, c) => hits + at(fn, c));
    const rows = [tp, fp, tn, fn, support];
    if (this.average === 'none') return Array.from(support, (_, c) => Float64Array.from(rows, (row) => at(row, c)));
    // Counts are no ratios: the mean is over all classes.
    const whole = this.average === 'weighted' ? sum(support) : this.average === 'macro' ? support.length : 1;
    return Float64Array.from(rows, (row) => sum(this.average === 'weighted' ? row.map((count, c) => count * at(support, c)) : row) / whole);
  }
}

/** {@link BinaryStatScores} of each class against the others: their sum, their mean over all classes, or all of them. */
export class MulticlassStatScores<
  const Av extends Average = 'macro',
  const Multidim extends MultidimAverage = 'global',
> extends StatScoresMetric<StatScoresOf<Av, Multidim>> {
  constructor(options: MulticlassCountOptions<Av, Multidim>) {
    super('multiclass', options);
  }
}

/** {@link BinaryStatScores} of each label: their sum, their mean, or all of them. */
export class MultilabelStatScores<
  const Av extends Average = 'macro',
  const Multidim extends MultidimAverage = 'global',
> extends StatScoresMetric<StatScoresOf<Av, Multidim>> {
  constructor(options: MultilabelCountOptions<Av, Multidim>) {
    super('multilabel', options);
  }
}
