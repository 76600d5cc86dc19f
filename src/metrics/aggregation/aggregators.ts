import { concatenate, sizeWarning } from '../list-state.ts';
import { Metric } from '../metric.ts';
import type { NdArray, NumberArray, NumberTypedArray } from '../nd-array.ts';
import { type AggregatorOptions, checkNanStrategy, type NanStrategy, type Weighted, withoutNan } from './nan-strategy.ts';

abstract class Aggregator<Args extends readonly unknown[], Out, States extends object> extends Metric<Args, Out, States> {
  protected readonly nanStrategy: NanStrategy;

  constructor(options: AggregatorOptions = {}) {
    super(options, ['nanStrategy']);
    this.nanStrategy = checkNanStrategy(options.nanStrategy, `new ${this.constructor.name}()`);
  }

  protected numbers(value: NdArray, weight?: NdArray): Weighted {
    return withoutNan(value, weight, this.nanStrategy, this.quote('update'), (text) => this.warn('NaN', text));
  }
}

/** The mean of all values, each with a weight if one is given. Without values NaN. As torchmetrics. */
export class MeanMetric extends Aggregator<[value: NumberArray, weight?: NumberArray], number, { value: number; weight: number }> {
  static override readonly name: string = 'MeanMetric';

  constructor(options?: AggregatorOptions) {
    super(options);
    this.addState('value', 0, 'sum');
    this.addState('weight', 0, 'sum');
  }

  protected updateState(state: { value: number; weight: number }, value: NdArray, weight?: NdArray): void {
    const { values, weights } = this.numbers(value, weight);
    for (let i = 0; i < values.length; i++) {
      const share = weights?.[i] ?? 1;
      state.value += (values[i] ?? NaN) * share;
      state.weight += share;
    }
  }

  protected computeState(state: { value: number; weight: number }): number {
    return state.value / state.weight;
  }
}

abstract class OneNumber extends Aggregator<[value: NumberArray], number, { value: number }> {
  protected abstract fold(before: number, value: number): number;

  protected updateState(state: { value: number }, value: NdArray): void {
    const { values } = this.numbers(value);
    for (let i = 0; i < values.length; i++) state.value = this.fold(state.value, values[i] ?? NaN);
  }

  protected computeState(state: { value: number }): number {
    return state.value;
  }
}

/** The sum of all values; without any 0. As torchmetrics. */
export class SumMetric extends OneNumber {
  static override readonly name: string = 'SumMetric';

  constructor(options?: AggregatorOptions) {
    super(options);
    this.addState('value', 0, 'sum');
  }

  protected fold(before: number, value: number): number {
    return before + value;
  }
}

/** The least of all values; without any infinity. As torchmetrics. */
export class MinMetric extends OneNumber {
  static override readonly name: string = 'MinMetric';

  constructor(options?: AggregatorOptions) {
    super(options);
    this.addState('value', Infinity, 'min');
  }

  protected fold(before: number, value: number): number {
    return Math.min(before, value);
  }
}

/** The greatest of all values; without any -infinity. As torchmetrics. */
export class MaxMetric extends OneNumber {
  static override readonly name: string = 'MaxMetric';

  constructor(options?: AggregatorOptions) {
    super(options);
    this.addState('value', -Infinity, 'max');
  }

  protected fold(before: number, value: number): number {
    return Math.max(before, value);
  }
}

/** All values, one behind the other. Keeps them all: 8 bytes a value. As torchmetrics. */
export class CatMetric extends Aggregator<[value: NumberArray], Float64Array, { value: NumberTypedArray[] }> {
  static override readonly name: string = 'CatMetric';

  constructor(options?: AggregatorOptions) {
    super(options);
    this.addState('value', [], 'cat');
  }

  protected updateState(state: { value: NumberTypedArray[] }, value: NdArray): void {
    const { values } = this.numbers(value);
    if (values.length > 0) state.value.push(Float64Array.from(values));
    const large = sizeWarning(state.value);
    if (large !== undefined) this.warn('size', large);
  }

  protected computeState(state: { value: NumberTypedArray[] }): Float64Array {
    return concatenate(state.value);
  }
}
