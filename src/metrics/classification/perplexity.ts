import { describe, LogError } from '../../core/errors.ts';
import type { MetricOptions } from '../metric-base.ts';
import { Metric } from '../metric.ts';
import type { NdArray, NumberArray } from '../nd-array.ts';
import { at, logSumExp } from './scores.ts';

/** What {@link Perplexity} can be told. */
export interface PerplexityOptions extends MetricOptions {
  /** Tokens with this target are left out. Default: none. */
  readonly ignoreIndex?: number;
  /** True: softmax is taken over the last axis, also of what looks like probabilities, as in torchmetrics. Default true. */
  readonly fromLogits?: boolean;
}

interface PerplexityStates {
  total: number;
  count: number;
}

/** exp of the mean −ln p(target): scores (batch, length, vocabulary), targets (batch, length). Any number of axes before the last. */
export class Perplexity extends Metric<[preds: NumberArray, target: NumberArray], number, PerplexityStates> {
  override readonly higherIsBetter: boolean = false;
  protected readonly ignoreIndex: number | undefined;
  protected readonly fromLogits: boolean;

  constructor(options: PerplexityOptions = {}) {
    super(options, ['ignoreIndex', 'fromLogits']);
    const { ignoreIndex } = options;
    if (ignoreIndex !== undefined && !Number.isInteger(ignoreIndex))
      throw new LogError('bad-options', `new Perplexity(): ignoreIndex is ${describe(ignoreIndex)}, need a whole number.`);
    this.ignoreIndex = ignoreIndex;
    this.fromLogits = options.fromLogits ?? true;
    this.addState('total', 0, 'sum');
    this.addState('count', 0, 'sum');
  }

  protected updateState(state: PerplexityStates, preds: NdArray, target: NdArray): void {
    const call = this.quote('update');
    const size = preds.shape.at(-1) ?? 0;
    const fits = preds.shape.length === target.shape.length + 1 && target.shape.every((length, i) => length === preds.shape[i]);
    if (!fits)
      throw new LogError(
        'bad-metric',
        `${call}: preds are [${preds.shape.join(', ')}] and target [${target.shape.join(', ')}], need scores [batch, length, vocabulary] and targets [batch, length].`,
      );
    let [total, count] = [0, 0];
    target.values.forEach((token, i) => {
      if (token === this.ignoreIndex) return;
      if (!(token >= 0 && token < size && Number.isInteger(token)))
        throw new LogError(
          'bad-metric',
          `${call}: target holds ${token}, need whole numbers from 0 to ${size - 1}. Leave a value out with ignoreIndex.`,
        );
      const row = preds.values.subarray(i * size, (i + 1) * size);
      total += this.fromLogits ? logSumExp(row) - at(row, token) : -Math.log(at(row, token));
      count++;
    });
    state.total += total;
    state.count += count;
  }

  protected computeState({ total, count }: PerplexityStates): number {
    return Math.exp(total / count);
  }
}
