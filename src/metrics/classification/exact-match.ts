import { Metric } from '../metric.ts';
import type { NdArray, NumberArray } from '../nd-array.ts';
import type { ScoreOf } from './count-metric.ts';
import type { MulticlassOption, MultilabelOption } from './curve-metric.ts';
import { sum } from './formulas.ts';
import {
  labelOptionNames,
  type LabelOptions,
  labelRules,
  type LabelSettings,
  type MultidimAverage,
  type ThresholdOptions,
} from './label-options.ts';
import { type LabelBatch, type LabelRules, toLabels } from './labels.ts';
import { at, type Task } from './scores.ts';

/** For {@link MulticlassExactMatch} and {@link MultilabelExactMatch}. */
export interface ExactMatchOption<Multidim extends MultidimAverage = MultidimAverage> {
  /** Default `global`. */
  readonly multidimAverage?: Multidim;
}

/** What exact matches are counted in. */
export interface ExactMatchStates {
  /** Rows with all elements right. */
  correct?: number;
  total?: number;
  /** `samplewise`: for each batch the share of right rows of every sample. */
  samples?: Float64Array[];
}

abstract class ExactMatchMetric<Out> extends Metric<[preds: NumberArray, target: NumberArray], Out, ExactMatchStates> {
  override readonly higherIsBetter: boolean = true;
  protected readonly rules: LabelRules;
  protected override readonly updateKey: string;

  constructor(task: Task, options: LabelSettings) {
    super(options, [...labelOptionNames(task), 'multidimAverage']);
    this.rules = labelRules(task, options, `new ${this.constructor.name}()`);
    this.updateKey = JSON.stringify(['exact', this.rules]);
    if (this.rules.bySample) {
      this.addState('samples', [], 'cat');
      return;
    }
    this.addState('correct', 0, 'sum');
    this.addState('total', 0, 'sum');
  }

  protected override updateState(state: ExactMatchStates, preds: NdArray, target: NdArray): void {
    const batch = toLabels(preds, target, this.rules, this.quote('update'));
    // Rows of one sample: of several labels each place of the further axes is one.
    const rows = this.rules.task === 'multilabel' ? batch.inner : 1;
    const correct = correctRows(batch, rows);
    if (state.samples !== undefined) {
      state.samples.push(correct.map((count) => count / rows));
      return;
    }
    state.correct = (state.correct ?? 0) + sum(correct);
    state.total = (state.total ?? 0) + batch.samples * rows;
  }

  protected override computeState({ correct = 0, total = 0, samples }: ExactMatchStates): Out {
    const value = samples === undefined ? (total === 0 ? 0 : correct / total) : Float64Array.from(samples.flatMap((batch) => [...batch]));
    return value as Out; // what the options give is fixed by the type
  }
}

/** The share of samples with all their labels right. What is left out counts as right. */
export class MulticlassExactMatch<const Multidim extends MultidimAverage = 'global'> extends ExactMatchMetric<ScoreOf<'micro', Multidim>> {
  constructor(options: LabelOptions & MulticlassOption & ExactMatchOption<Multidim>) {
    super('multiclass', options);
  }
}

/** The share of rows with all labels right. What is left out counts as right. */
export class MultilabelExactMatch<const Multidim extends MultidimAverage = 'global'> extends ExactMatchMetric<ScoreOf<'micro', Multidim>> {
  constructor(options: ThresholdOptions & MultilabelOption & ExactMatchOption<Multidim>) {
    super('multilabel', options);
  }
}

/** For each sample, how many of its rows are right; elements of a row are `rows` apart. */
function correctRows({ preds, target, samples }: LabelBatch, rows: number): Float64Array {
  const perSample = samples === 0 ? 0 : target.length / samples;
  const correct = new Float64Array(samples);
  for (let sample = 0; sample < samples; sample++) {
    for (let row = 0; row < rows; row++) {
      let isRight = true;
      for (let i = sample * perSample + row; i < (sample + 1) * perSample; i += rows)
        isRight &&= at(target, i) < 0 || at(target, i) === at(preds, i);
      correct[sample] = at(correct, sample) + Number(isRight);
    }
  }
  return correct;
}
